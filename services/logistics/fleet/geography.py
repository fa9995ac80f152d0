"""This is where it is known where a place lies and how far it is to another. Pure, and with no network."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.logistics.regions import Region, city, district, province

EARTH_M = 6_371_000
CIRCUITY = 1.4  # the way by road is so much longer than the line through the air; in cities 1.2 to 1.6
EXACT, DISTRICT, CITY = "exact", "district", "city"
_DATA = Path(__file__).parent / "centroids.csv"
_MOST_LAT, _MOST_LNG = 90, 180


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees, WGS 84."""

    lat: float
    lng: float


def is_position(lat: float, lng: float) -> bool:
    """Whether it lies on the earth at all."""
    return abs(lat) <= _MOST_LAT and abs(lng) <= _MOST_LNG


@cache
def _centres() -> dict[tuple[str, str, str], Position]:
    rows = (row for row in _DATA.read_text("utf-8").splitlines() if not row.startswith("#"))
    return {
        (province(row["province"]), city(row["city"]), district(row["district"])): Position(
            float(row["lat"]), float(row["lng"])
        )
        for row in csv.DictReader(rows)
    }


def placed(region: Region) -> tuple[Position, str] | None:
    """The centre of its district, else of its city, and which; None where nobody knows."""
    if region.country != "CN":
        return None
    place = province(region.province), city(region.city)
    if region.district and (there := _centres().get((*place, district(region.district)))):
        return there, DISTRICT
    there = _centres().get((*place, ""))
    return (there, CITY) if there else None


def metres(one: Position, other: Position) -> int:
    """By road: the great circle (haversine) × `CIRCUITY`."""
    a, b = math.radians(one.lat), math.radians(other.lat)
    across = math.radians(other.lng - one.lng)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return round(2 * EARTH_M * math.asin(min(1.0, math.sqrt(half))) * CIRCUITY)


def ways(places: Sequence[Position], km_h: float) -> tuple[list[list[int]], list[list[int]]]:
    """Metres and seconds from each place to each at this average speed."""
    far = [[metres(one, other) for other in places] for one in places]
    return far, [[math.ceil(way * 3.6 / km_h) for way in row] for row in far]
