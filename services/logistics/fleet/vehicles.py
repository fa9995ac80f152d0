"""This is where vehicles and their riders are kept: what they carry, from which depot, in which shift."""

import re
from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, VersionMismatch
from services.kit.store import Store
from services.logistics.warehouses import Warehouses
from services.logistics.words import is_code, is_text

KINDS = ("van", "trike", "scooter", "bicycle", "on_foot")
MOST_GRAMS, MOST_PIECES, MOST_VEHICLES = 5_000_000, 1_000, 100
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


@dataclass
class Vehicle:
    """One that brings parcels; `id` is its code. It begins and ends at its depot, a warehouse, between `shift_from` and
    `shift_until` (HH:MM, the shop's time). `rider` is a staff id."""

    id: str
    title: str
    kind: str
    depot: str
    rider: str
    capacity_g: int
    capacity_pieces: int
    shift_from: str = "09:00"
    shift_until: str = "21:00"
    active: bool = True
    version: int = 0


class InvalidVehicle(Invalid):
    """Not a vehicle as it is described."""


def seconds_of(time: str) -> int:
    """Seconds since midnight of an HH:MM."""
    hours, minutes = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _faults(one: Vehicle) -> dict[str, str]:
    ordered = _TIME.fullmatch(one.shift_from) and _TIME.fullmatch(one.shift_until) and one.shift_from < one.shift_until
    checks = {
        "/code": (is_code(one.id), "1 to 32 letters, digits, - or _"),
        "/title": (is_text(one.title, 100, 1), "1 to 100 printable characters"),
        "/kind": (one.kind in KINDS, f"one of {', '.join(KINDS)}"),
        "/rider": (is_text(one.rider, 64), "a staff id"),
        "/capacity_g": (1 <= one.capacity_g <= MOST_GRAMS, f"1 to {MOST_GRAMS} grams"),
        "/capacity_pieces": (1 <= one.capacity_pieces <= MOST_PIECES, f"1 to {MOST_PIECES} pieces"),
        "/shift_until": (bool(ordered), "HH:MM, later than shift_from"),
    }
    return {pointer: said for pointer, (right, said) in checks.items() if not right}


class Vehicles:
    """The fleet."""

    def __init__(self, kept: Store[Vehicle], warehouses: Warehouses, clock: Clock) -> None:
        self._kept, self._warehouses, self._clock = kept, warehouses, clock

    async def put(self, one: Vehicle, if_version: int = 0) -> Vehicle:
        """Makes or changes one. Refuses with `InvalidVehicle`, and with `VersionMismatch` when `if_version` is not its."""
        faults = _faults(one)
        if one.depot not in await self._warehouses.all():
            faults["/depot"] = "the code of a warehouse"
        if faults:
            raise InvalidVehicle("this is no vehicle", errors=[FieldError(*fault) for fault in faults.items()])
        before = await self._kept.get(one.id)
        if if_version and (before is None or before.version != if_version):
            raise VersionMismatch("it has changed since it was read")
        try:
            if before is None:
                return await self._kept.insert(one)
            one.version = before.version
            return await self._kept.save(one)
        except AlreadyExists as quicker:
            raise Conflict("this vehicle was made just now") from quicker

    async def page(self, depot: str, limit: int, cursor: str) -> tuple[list[Vehicle], str]:
        """A page, by code."""
        return await self._kept.page({"depot": depot} if depot else {}, limit, cursor, newest_first=False)

    async def ready(self, depot: str) -> list[Vehicle]:
        """Those of a depot that can be sent: active, with a rider."""
        every = await self._kept.find({"depot": depot}, limit=MOST_VEHICLES)
        return [one for one in every if one.active and one.rider]
