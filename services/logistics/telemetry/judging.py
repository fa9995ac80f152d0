"""This is where a reading is held against the rules: an alert begins once, and ends once it has been quiet. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .rules import GEOFENCE, HUMIDITY, SHOCK, TEMPERATURE, Rule

_EARTH_M = 6_371_000
CALM, EDGE, BREACH = "calm", "edge", "breach"


@dataclass
class Reading:
    """What a device said: °C, percent, g (the worst since the last), degrees; None for what it does not measure."""

    id: str
    device: str
    target: str
    seq: int
    at: datetime
    received_at: datetime
    temperature_c: float | None = None
    humidity: float | None = None
    shock_g: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    version: int = 1


@dataclass
class Episode:
    """An alert that lasts: since when, and since when it has been quiet."""

    alert_id: str
    device: str
    opened_at: datetime
    value: float
    calm_since: datetime | None = None


def measure(rule: Rule, reading: Reading) -> tuple[str, float] | None:
    """How it stands with the rule, and what was measured; None when the reading says nothing of it."""
    if rule.kind == GEOFENCE:
        return _fenced(rule, reading)
    named = {TEMPERATURE: reading.temperature_c, HUMIDITY: reading.humidity, SHOCK: reading.shock_g}
    value = named.get(rule.kind)
    if value is None:
        return None
    low = -math.inf if rule.low is None else rule.low
    high = math.inf if rule.high is None else rule.high
    if not low <= value <= high:
        return BREACH, value
    return (CALM if low + rule.margin <= value <= high - rule.margin else EDGE), value


def judge(rule: Rule, before: Episode | None, reading: Reading, alert_id: str) -> tuple[Episode | None, bool]:
    """The episode after this reading, and whether it has just ended (then it is answered as it was)."""
    measured = measure(rule, reading)
    if measured is None:
        return before, False
    stands, value = measured
    if before is None:
        return (Episode(alert_id, reading.device, reading.at, value) if stands == BREACH else None), False
    if stands != CALM:
        before.calm_since = None
        return before, False
    before.calm_since = before.calm_since or reading.at
    return before, reading.at - before.calm_since >= timedelta(seconds=rule.settle_s)


def _fenced(rule: Rule, reading: Reading) -> tuple[str, float] | None:
    if reading.latitude is None or reading.longitude is None:
        return None
    here = (reading.latitude, reading.longitude)
    if rule.corners:
        inside = within(here, rule.corners)
        return (CALM if inside == rule.keep_in else BREACH), float(inside)
    away = metres(here, (rule.middle[0], rule.middle[1]))
    beyond = away - rule.radius_m if rule.keep_in else rule.radius_m - away
    return (BREACH if beyond > 0 else CALM if beyond <= -rule.margin else EDGE), away


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """How far apart two places are, on a round earth."""
    lat1, lon1, lat2, lon2 = (math.radians(degrees) for degrees in (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def within(here: tuple[float, float], corners: Sequence[Sequence[float]]) -> bool:
    """Whether a place lies in a polygon: a ray to the east crosses its sides an odd number of times."""
    y, x = here
    inside = False
    for (y1, x1), (y2, x2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
