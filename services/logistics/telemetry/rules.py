"""This is where staff say what parcels must not suffer: bounds, fences, silence."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, VersionMismatch
from services.kit.store import Store
from services.logistics.remembered import Remembered
from services.logistics.words import is_code, is_text

TEMPERATURE, HUMIDITY, SHOCK, GEOFENCE, SILENCE = "temperature", "humidity", "shock", "geofence", "silence"
KINDS = (TEMPERATURE, HUMIDITY, SHOCK, GEOFENCE, SILENCE)
_MOST, _MOST_NAMED, _MOST_CORNERS, _TRIES = 500, 100, 50, 5


@dataclass
class Rule:
    """What must hold. It begins beyond `low`/`high` and is over once `settle_s` were spent at least `margin` within.

    `low` and `high` are °C, % or g; a fence is a circle (middle and `radius_m`) or the polygon of `corners` (latitude and
    longitude each), which nothing leaves (`keep_in`) or enters; silence is `high` seconds without a word. It applies to
    parcels with one of `skus`, to `targets`, or to all when neither is named.
    """

    id: str
    kind: str
    low: float | None = None
    high: float | None = None
    margin: float = 0.0
    settle_s: int = 0
    middle: list[float] = field(default_factory=list)
    radius_m: float = 0.0
    corners: list[list[float]] = field(default_factory=list)
    keep_in: bool = True
    skus: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    active: bool = True
    version: int = 0

    def applies(self, target: str, skus: Iterable[str]) -> bool:
        """Whether it is about this."""
        if not self.active:
            return False
        return (not self.skus and not self.targets) or target in self.targets or not set(self.skus).isdisjoint(skus)


class InvalidRule(Invalid):
    """Not a rule as it is described."""


def checked(rule: Rule) -> Rule:
    """The rule. Refuses with `InvalidRule`."""
    bounds = (rule.low is not None) + (rule.high is not None)
    ordered = rule.low is None or rule.high is None or rule.low + 2 * rule.margin <= rule.high
    fenced = (len(rule.middle) == 2 and rule.radius_m > 0) != (3 <= len(rule.corners) <= _MOST_CORNERS)
    wrong = {
        "/id": is_code(rule.id) or "1 to 32 letters, digits, - or _",
        "/kind": rule.kind in KINDS or f"one of {', '.join(KINDS)}",
        "/high": _bounded(rule, bounds, ordered) or "bounds in order, with room for the margin",
        "/middle": rule.kind != GEOFENCE or fenced or "a circle, or 3 to 50 corners",
        "/corners": all(_is_place(one) for one in [*rule.corners, *([rule.middle] if rule.middle else [])])
        or "latitude and longitude each",
        "/margin": 0 <= rule.margin <= 1e6 or "not below zero",
        "/settle_s": 0 <= rule.settle_s <= 86_400 or "0 to 86400 seconds",
        "/skus": (len(rule.skus) <= _MOST_NAMED and all(is_text(one, 64, 1) for one in rule.skus)) or "at most 100",
        "/targets": (len(rule.targets) <= _MOST_NAMED and all(is_text(one, 100, 1) for one in rule.targets))
        or "at most 100",
    }
    errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
    if errors:
        raise InvalidRule("this is no rule", errors=errors)
    return rule


def _bounded(rule: Rule, bounds: int, ordered: bool) -> bool:
    if rule.kind in (SHOCK, SILENCE):
        return rule.high is not None and rule.high > 0 and rule.low is None
    return rule.kind == GEOFENCE or (bounds > 0 and ordered)


def _is_place(at: list[float]) -> bool:
    return len(at) == 2 and -90 <= at[0] <= 90 and -180 <= at[1] <= 180


class Rules:
    """The rules, in memory a little while: every reading is held against them."""

    def __init__(self, kept: Store[Rule]) -> None:
        self._kept, self._known = kept, Remembered(self._read)
        self.forget = self._known.forget

    async def _read(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in await self._kept.find({}, limit=_MOST)}

    async def all(self) -> list[Rule]:
        """Every rule, by id."""
        return list((await self._known.get()).values())

    async def put(self, rule: Rule) -> Rule:
        """Makes or changes one. Refuses with `InvalidRule`."""
        checked(rule)
        for _ in range(_TRIES):
            before = await self._kept.get(rule.id)
            try:
                rule.version = before.version if before else 0
                kept = await (self._kept.save(rule) if before else self._kept.insert(rule))
            except (AlreadyExists, VersionMismatch):
                continue
            self.forget()
            return kept
        raise Conflict("this rule keeps changing")
