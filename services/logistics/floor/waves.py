"""This is where parcels that wait are made into a wave of pick lists, the urgent ones first (O04).

A parcel is in one wave: its own word says in which, set by one conditional write. A wave that broke off while it was made is
finished by whoever finds it: what it had claimed is listed, each parcel once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.store import Change, Store
from services.logistics.messages.told import wave_released
from services.logistics.numbering import shipment_id
from services.logistics.shipments import PLANNED, Shipment
from services.logistics.words import is_code, is_id

from .bins import Bins
from .picklists import PickList, lines_of

MAKING, OPEN = "making", "open"
MOST_PARCELS, MOST_A_LIST = 500, 100
_BROKEN_OFF = timedelta(seconds=30)
_UNSET = {"$in": ["", None]}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parcels. Empty and 0 are: any. `most_priority` 2 takes those of priority 1 and 2."""

    warehouse: str
    carrier: str = ""
    most_priority: int = 0
    ship_by_before: datetime | None = None
    most: int = 100
    a_list: int = 20


@dataclass
class Wave:
    """Parcels that are picked together; `candidates` may have been claimed for it."""

    id: str
    warehouse: str
    by: str
    created_at: datetime
    a_list: int
    candidates: list[str] = field(default_factory=list)
    state: str = MAKING
    parcels: int = 0
    units: int = 0
    lists: int = 0
    version: int = 0


class InvalidWave(Invalid):
    """No wave can be so."""


class NothingToPick(WrongState):
    """No parcel waits that fits."""


class WaveNotFound(NotFound):
    """There is no such wave."""


class Waves:
    """Makes waves."""

    def __init__(
        self, kept: Store[Shipment], waves: Store[Wave], lists: Store[PickList], bins: Bins, clock: Clock
    ) -> None:
        self._kept, self._waves, self._lists, self._bins, self._clock = kept, waves, lists, bins, clock

    async def make(self, wanted: Wanted, by: str) -> Wave:
        """A wave of those that wait and fit. Refuses with `InvalidWave`, `NothingToPick`."""
        _check(wanted)
        found = await self._kept.find(_fitting(wanted), (("priority", 1), ("ship_by", 1), ("_id", 1)), wanted.most)
        free = await self._unheld(found)
        if not free:
            raise NothingToPick("no parcel waits that fits")
        candidates = [one.id for one in free]
        wave = Wave(new_id("wav"), wanted.warehouse, by, self._clock.now(), wanted.a_list, candidates)
        return await self._finish(await self._waves.insert(wave))

    async def get(self, key: str) -> tuple[Wave, list[PickList]]:
        """One, with its lists. Refuses with `WaveNotFound`."""
        wave = await self._waves.get(key) if is_id(key) else None
        if wave is None:
            raise WaveNotFound("there is no such wave")
        return wave, await self._lists_of(wave)

    async def page(self, limit: int, cursor: str) -> tuple[list[Wave], str]:
        """A page, newest first."""
        return await self._waves.page({}, limit, cursor)

    async def finish_broken(self) -> None:
        """Finishes what broke off while it was made; a chore."""
        before = self._clock.now() - _BROKEN_OFF
        for wave in await self._waves.find({"state": MAKING, "created_at": {"$lt": before}}, limit=20):
            await self._finish(wave)

    async def _unheld(self, found: Sequence[Shipment]) -> list[Shipment]:
        """Without parcels whose order's first parcel says that it is held."""
        firsts = {one.id: shipment_id(one.order_id, 1) for one in found if one.part > 1}
        anchors = await self._kept.get_many(list(set(firsts.values()))) if firsts else {}
        held = {key for key, first in firsts.items() if first in anchors and anchors[first].held}
        return [one for one in found if one.id not in held]

    async def _finish(self, wave: Wave) -> Wave:
        claims = [
            Change({"_id": key, "state": PLANNED, "wave": _UNSET}, {"$set": {"wave": wave.id}})
            for key in wave.candidates
        ]
        await self._kept.change_many(claims)  # another wave, a stop or a hold may have been quicker for some
        known = await self._kept.get_many(wave.candidates)
        mine = [known[key] for key in wave.candidates if known[key].wave == wave.id and known[key].state == PLANNED]
        while left := await self._unlisted(wave, mine):
            await self._list(wave, left)
        lists = await self._lists_of(wave)
        said: dict[str, Any] = {
            "state": OPEN,
            "lists": len(lists),
            "parcels": sum(len(one.shipments) for one in lists),
            "units": sum(line.quantity for one in lists for line in one.lines),
        }
        for name, value in said.items():
            setattr(wave, name, value)
        where = {"_id": wave.id, "state": MAKING}
        event = wave_released(wave, self._clock.now())
        return await self._waves.change(where, {"$set": said}, event) or (await self.get(wave.id))[0]

    async def _unlisted(self, wave: Wave, mine: Sequence[Shipment]) -> list[Shipment]:
        listed = {key for one in await self._lists_of(wave) for key in one.shipments}
        return [one for one in mine if one.id not in listed]

    async def _list(self, wave: Wave, parcels: Sequence[Shipment]) -> None:
        places = await self._bins.of(wave.warehouse, sorted({line.sku for one in parcels for line in one.lines}))
        there = len(await self._lists_of(wave))
        for number, start in enumerate(range(0, len(parcels), wave.a_list), there):
            some = parcels[start : start + wave.a_list]
            ids, lines = [one.id for one in some], lines_of(some, places)
            key = f"pck_{wave.id.removeprefix('wav_')}_{number:03d}"
            try:
                await self._lists.insert(PickList(key, wave.id, wave.warehouse, self._clock.now(), ids, lines))
            except AlreadyExists:
                return  # somebody else finishes it too: see what is listed now

    async def _lists_of(self, wave: Wave) -> list[PickList]:
        return await self._lists.find({"wave": wave.id}, limit=MOST_PARCELS)


def _fitting(wanted: Wanted) -> dict[str, Any]:
    where: dict[str, Any] = {
        "state": PLANNED,
        "warehouse": wanted.warehouse,
        "wave": _UNSET,
        "trouble": _UNSET,
        "held": {"$ne": True},
    }
    if wanted.carrier:
        where["carrier"] = wanted.carrier
    if wanted.most_priority:
        where["priority"] = {"$lte": wanted.most_priority}
    if wanted.ship_by_before:
        where["ship_by"] = {"$lt": wanted.ship_by_before}
    return where


def _check(wanted: Wanted) -> None:
    wrong = {
        "/warehouse": is_code(wanted.warehouse),
        "/carrier": not wanted.carrier or is_code(wanted.carrier),
        "/most_priority": 0 <= wanted.most_priority <= 9,
        "/most": 1 <= wanted.most <= MOST_PARCELS,
        "/a_list": 1 <= wanted.a_list <= MOST_A_LIST,
    }
    if errors := [FieldError(pointer, "not of a wave") for pointer, fine in wrong.items() if not fine]:
        raise InvalidWave("no wave can be so", errors=errors)
