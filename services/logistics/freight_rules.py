"""This is where a freight template is looked over before it is kept. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING

from services.kit.errors import FieldError

from .words import is_code, is_country, is_text

if TYPE_CHECKING:
    from .tariffs import FreeRule, Template, Zone

_MOST_ZONES = 200
_MOST_RULES = 50
_MOST_PLACES = 300
_MOST_NAMED = 200
_MOST_MINOR = 10**12
_MOST_UNITS = 10**9
_MOST_DAYS = 365
_MOST_DIVISOR = 100_000
WEIGHT, PIECE, VOLUME = "weight", "piece", "volume"
BY = (WEIGHT, PIECE, VOLUME)


def problems(template: Template, carriers: Container[str]) -> list[FieldError]:
    """All that is wrong with it, each with its pointer."""
    wrong = {
        "/id": is_code(template.id) or "1 to 32 letters, digits, - or _",
        "/title": is_text(template.title, 100, 1) or "1 to 100 printable characters",
        "/by": template.by in BY or "weight, piece or volume",
        "/carrier": template.carrier in carriers or "no carrier of this shop",
        "/currency": _is_currency(template.currency) or "one ISO 4217 code for all prices of all zones",
        "/zones": 1 <= len(template.zones) <= _MOST_ZONES or f"1 to {_MOST_ZONES} zones",
        "/divisor": _is_divisor(template) or f"0 to {_MOST_DIVISOR}, and only by weight",
        "/free_rules": len(template.free_rules) <= _MOST_RULES or f"at most {_MOST_RULES} rules",
        "/categories": _are_words(template.categories) or f"at most {_MOST_NAMED} categories",
        "/except_categories": _are_words(template.except_categories) or f"at most {_MOST_NAMED} categories",
        "/warehouses": (len(template.warehouses) <= _MOST_NAMED and all(map(is_code, template.warehouses)))
        or f"at most {_MOST_NAMED} codes of warehouses",
    }
    errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
    for index, zone in enumerate(template.zones[:_MOST_ZONES]):
        errors += [FieldError(f"/zones/{index}{pointer}", said) for pointer, said in _zone_problems(zone)]
    for index, rule in enumerate(template.free_rules[:_MOST_RULES]):
        errors += [FieldError(f"/free_rules/{index}{pointer}", said) for pointer, said in _rule_problems(rule)]
    return errors


def _is_currency(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


def _is_divisor(template: Template) -> bool:
    return template.divisor == 0 or (template.by == WEIGHT and 1 <= template.divisor <= _MOST_DIVISOR)


def _are_words(names: list[str]) -> bool:
    return len(names) <= _MOST_NAMED and all(is_text(name, 64, 1) for name in names)


def _places(countries: list[str], **provinces: list[str]) -> Iterator[tuple[str, str]]:
    if len(countries) > _MOST_PLACES or not all(map(is_country, countries)):
        yield "/countries", "ISO 3166-1 alpha-2 codes"
    for name, places in provinces.items():
        if len(places) > _MOST_PLACES or not all(is_text(place, 64, 1) for place in places):
            yield f"/{name}", "names of at most 64 printable characters"


def _bounded(
    thing: Zone | FreeRule, names: Iterable[str], least: int, most: int, unit: str
) -> Iterator[tuple[str, str]]:
    for name in names:
        if not least <= getattr(thing, name) <= most:
            yield f"/{name}", f"{least} to {most}{unit}"


def _zone_problems(zone: Zone) -> Iterator[tuple[str, str]]:
    yield from _places(zone.countries, provinces=zone.provinces)
    yield from _bounded(zone, ("first_units", "step_units"), 1, _MOST_UNITS, "")
    yield from _bounded(zone, ("first_price", "step_price", "free_from"), 0, _MOST_MINOR, " minor units")
    if not 0 <= zone.min_days <= zone.max_days <= _MOST_DAYS:
        yield "/max_days", f"min_days <= max_days <= {_MOST_DAYS}"


def _rule_problems(rule: FreeRule) -> Iterator[tuple[str, str]]:
    yield from _places(rule.countries, provinces=rule.provinces, except_provinces=rule.except_provinces)
    yield from _bounded(rule, ("from_minor",), 0, _MOST_MINOR, " minor units")
    yield from _bounded(rule, ("from_pieces", "up_to_weight_g"), 0, _MOST_UNITS, "")
    if not is_text(rule.title, 100, 1):
        yield "/title", "1 to 100 printable characters"
    if not (rule.from_minor or rule.from_pieces):
        yield "/from_amount", "an amount or a number of pieces from which it is free"
