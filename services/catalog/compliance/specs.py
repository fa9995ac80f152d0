"""This is where a spec table is held against what its category asks for: names, values, units, ranges. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from services.catalog.content import Attribute
from services.catalog.gates import Finding

from .folding import fold

_NUMBER = re.compile(r"\s*([-+]?[0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([^\d\s]{0,20})\s*")
_UNIT = re.compile(r"[^\d\s]{1,20}")
# What is measured, and how many of the smallest one is.
_MEASURES: dict[str, tuple[str, Decimal]] = {
    unit: (measure, Decimal(times))
    for measure, units in {
        "length": {"mm": "1", "cm": "10", "m": "1000", "毫米": "1", "厘米": "10", "米": "1000"},
        "weight": {"mg": "0.001", "g": "1", "kg": "1000", "毫克": "0.001", "克": "1", "千克": "1000", "公斤": "1000"},
        "volume": {"ml": "1", "l": "1000", "毫升": "1", "升": "1000"},
        "power": {"w": "1", "kw": "1000", "瓦": "1", "千瓦": "1000"},
        "charge": {"mah": "1", "ah": "1000", "毫安时": "1", "安时": "1000"},
        "time": {"s": "1", "min": "60", "h": "3600", "秒": "1", "分钟": "60", "小时": "3600"},
    }.items()
    for unit, times in units.items()
}


class SpecKind(StrEnum):
    """What a value may be."""

    TEXT = "text"
    CHOICE = "choice"  # one of `values`
    NUMBER = "number"  # with one of `units`, within `least` and `most` of the first unit


@dataclass
class Rule:
    """What one line of the spec table must be. `also`: other names it goes by (材质 for material)."""

    name: str
    kind: SpecKind = SpecKind.TEXT
    required: bool = False
    values: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    least: float | None = None
    most: float | None = None
    also: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The name in its plain form."""
        return fold(self.name).text

    @property
    def keys(self) -> set[str]:
        """All names it goes by, in their plain form."""
        return {fold(name).text for name in (self.name, *self.also)}


def is_unit(text: str) -> bool:
    """Whether values may be measured in it."""
    return _UNIT.fullmatch(text) is not None


def held_against(rules: Iterable[Rule], attributes: Sequence[Attribute]) -> Iterator[Finding]:
    """What a spec table lacks or says wrongly."""
    named = {fold(attribute.name).text: i for i, attribute in reversed(list(enumerate(attributes)))}
    for rule in rules:
        at = next((named[key] for key in rule.keys if key in named), None)
        if at is not None and attributes[at].value.strip():
            yield from _wrong(rule, attributes[at].value, f"/attributes/{at}/value")
        elif rule.required:
            yield Finding(
                "SPEC_MISSING",
                "/attributes",
                f'the spec table must say "{rule.name}"',
                f"参数表缺少“{rule.name}”",
                suggestion=_example(rule),
            )


def _wrong(rule: Rule, value: str, pointer: str) -> Iterator[Finding]:
    if rule.kind is SpecKind.CHOICE and fold(value).text not in {fold(each).text for each in rule.values}:
        choice = ", ".join(rule.values[:20])
        yield Finding(
            "SPEC_INVALID",
            pointer,
            f'"{rule.name}" must be one of: {choice}',
            f"“{rule.name}”必须是以下之一：{choice}",
            suggestion=_example(rule),
            text=value,
        )
    if rule.kind is SpecKind.NUMBER and not _fits(rule, value):
        yield Finding(
            "SPEC_INVALID",
            pointer,
            f'"{rule.name}" must be a number{_bounds(rule, " from {}", " to {}")}',
            f"“{rule.name}”必须是数字{_bounds(rule, '，不小于 {}', '，不大于 {}')}",
            suggestion=_example(rule),
            text=value,
        )


def _fits(rule: Rule, value: str) -> bool:
    found = _NUMBER.fullmatch(value)
    if not found:
        return False
    number, unit = Decimal(found[1]), found[2].casefold()
    units = [each.casefold() for each in rule.units]
    if unit not in (units or [""]):
        return False
    if unit and unit != units[0]:
        measure, first = _MEASURES.get(unit), _MEASURES.get(units[0])
        if measure is None or first is None or measure[0] != first[0]:
            return True  # nobody knows how many of the first unit that is
        number = number * measure[1] / first[1]
    least, most = (None if bound is None else Decimal(str(bound)) for bound in (rule.least, rule.most))
    return (least is None or number >= least) and (most is None or number <= most)


def _bounds(rule: Rule, least: str, most: str) -> str:
    unit = f" {rule.units[0]}" if rule.units else ""
    return "".join(
        form.format(f"{bound:g}{unit}") for form, bound in ((least, rule.least), (most, rule.most)) if bound is not None
    ) or (f" ({', '.join(rule.units)})" if rule.units else "")


def _example(rule: Rule) -> str:
    if rule.kind is SpecKind.CHOICE:
        return rule.values[0]
    if rule.kind is SpecKind.NUMBER:
        number = rule.least if rule.least is not None else rule.most if rule.most is not None else 1
        return f"{number:g} {rule.units[0]}" if rule.units else f"{number:g}"
    return ""
