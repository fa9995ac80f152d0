"""This is where shelves say how much lies on them: the last word of each is compared with the books, and people are told.

A reading never changes stock. It is ordered by its own time and number, so that a repeated or late one changes nothing.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.catalog.fields import MAX_UNITS, Faults
from services.catalog.notices import Notices
from services.catalog.settings import CatalogSettings
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotSignedIn
from services.kit.store import decode_cursor, encode_cursor

from .proposals import Proposals

_MOST = 500
_MOST_SEQ = 2**53
_AHEAD = timedelta(minutes=5)  # a device's clock may run so far ahead of ours
_AT_ONCE = 100


class Outcome(StrEnum):
    """What became of a reading."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"  # it is here already
    STALE = "stale"  # a later one is
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Said:
    """What a shelf says; `at` is None when it says no time."""

    device: str
    warehouse: str
    sku: str
    units: int
    at: datetime | None
    seq: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it, and why it was refused."""

    outcome: Outcome
    detail: str = ""


@dataclass
class ShelfReading:
    """The last reading of a shelf; the id is `warehouse|sku`. `expected` is what the books said when it came in."""

    id: str
    warehouse: str
    sku: str
    device: str
    units: int
    at: datetime
    seq: int
    received_at: datetime
    expected: int
    differs_since: datetime | None = None
    told: bool = False
    version: int = 0


class DeviceKeyWrong(NotSignedIn):
    """No device of ours shows that key."""


class Readings:
    """Keeps the last reading of each shelf, and tells of those that differ from the books for long."""

    def __init__(
        self,
        readings: Table[ShelfReading],
        skus: Table[Sku],
        proposals: Proposals,
        notices: Notices,
        settings: CatalogSettings,
        clock: Clock,
    ) -> None:
        self._readings, self._skus, self._proposals, self._notices = readings, skus, proposals, notices
        self._settings, self._clock = settings, clock

    async def record(self, said: Sequence[Said], device_key: str, by: str) -> list[Answer]:
        """As `take`, from whoever shows the key, or from staff. Refuses with DEVICE_KEY_WRONG."""
        if not by and not hmac.compare_digest(device_key.encode(), self._settings.device_key.encode()):
            raise DeviceKeyWrong("no device of ours shows that key")
        if not 1 <= len(said) <= _MOST:
            raise Invalid("no readings, or too many", errors=[FieldError("/readings", f"must be 1 to {_MOST}")])
        return await self.take(said)

    async def take(self, said: Sequence[Said]) -> list[Answer]:
        """An answer each, in order."""
        now = self._clock.now()
        faults = [_faults(each, now) for each in said]
        good = [each for each, fault in zip(said, faults, strict=True) if not fault]
        books = await self._skus.by_keys(sorted({each.sku for each in good}), {"on_hand": 1}) if good else {}
        kept = await self._readings.get_many(sorted({_key(each) for each in good})) if good else {}
        new, changed, answers = dict[str, ShelfReading](), dict[str, ShelfReading](), list[Answer]()
        for each, fault in zip(said, faults, strict=True):
            key = _key(each)
            before = changed.get(key) or new.get(key) or kept.get(key)
            if fault or each.sku not in books or each.at is None:
                answers.append(Answer(Outcome.REFUSED, fault or "there is no such SKU"))
                continue
            answers.append(Answer(_outcome(each, each.at, before)))
            if answers[-1].outcome is Outcome.ACCEPTED:
                expected = books[each.sku]["on_hand"].get(each.warehouse, 0)
                (changed if key in kept else new)[key] = self._after(each, each.at, before, expected, now)
        await self._readings.write_each([self._readings.putting(reading) for reading in new.values()])
        await self._readings.touch([_update(reading) for reading in changed.values()])
        return answers

    def _after(
        self, said: Said, at: datetime, before: ShelfReading | None, expected: int, now: datetime
    ) -> ShelfReading:
        reading = ShelfReading(
            _key(said), said.warehouse, said.sku, said.device, said.units, at, said.seq, now, expected
        )
        slack = max(self._settings.shelf_tolerance_units, expected * self._settings.shelf_tolerance_percent // 100)
        if abs(said.units - expected) <= slack:
            return reading
        if before and before.differs_since:
            return replace(reading, differs_since=before.differs_since, told=before.told)
        return replace(reading, differs_since=now)

    async def tell(self) -> None:
        """Tells of shelves that have differed from the books for too long, once a time, and has them counted."""
        since = self._clock.now() - timedelta(seconds=self._settings.shelf_patience_s)
        due = {"told": False, "differs_since": {"$lte": since}}
        while found := await self._readings.find(due, [("differs_since", 1)], _AT_ONCE):
            for shelf in found:
                place, sku = shelf.warehouse, shelf.sku
                await self._notices.raise_once(
                    f"{shelf.id}|{shelf.differs_since}",
                    "shelf_mismatch",
                    sku,
                    f"The shelf of {sku} in {place} says {shelf.units}, the books said {shelf.expected}: count it",
                    f"{place} 仓 {sku} 货架读数 {shelf.units}，账面 {shelf.expected}：请盘点",
                )
                await self._proposals.differs(place, sku)
            await self._readings.touch(
                [({"_id": each.id, "differs_since": each.differs_since}, {"$set": {"told": True}}) for each in found]
            )

    async def page(self, warehouse: str, sku: str, limit: int, cursor: str) -> tuple[list[ShelfReading], str]:
        """The last reading of each shelf by warehouse and SKU, and where the next page starts."""
        size = min(limit or 20, 100)
        where: dict[str, Any] = {"_id": {"$gt": decode_cursor(cursor, 1)[0] if cursor else ""}}
        where |= {name: value for name, value in (("warehouse", warehouse), ("sku", sku)) if value}
        items = await self._readings.find(where, [("_id", 1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""


def _key(said: Said) -> str:
    return f"{said.warehouse}|{said.sku}"


def _outcome(said: Said, at: datetime, before: ShelfReading | None) -> Outcome:
    if before is None:
        return Outcome.ACCEPTED
    if (said.device, said.seq) == (before.device, before.seq):
        return Outcome.DUPLICATE
    return Outcome.ACCEPTED if (at, said.seq) > (before.at, before.seq) else Outcome.STALE


def _update(reading: ShelfReading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only over what is older: another replica may have taken in a later one meanwhile."""
    names = ("device", "units", "at", "seq", "received_at", "expected", "differs_since", "told")
    older = [{"at": {"$lt": reading.at}}, {"at": reading.at, "seq": {"$lt": reading.seq}}]
    return {"_id": reading.id, "$or": older}, {"$set": {name: getattr(reading, name) for name in names}}


def _faults(said: Said, now: datetime) -> str:
    faults = Faults()
    faults.id("/device", said.device)
    faults.sku("/sku", said.sku)
    faults.warehouse("/warehouse", said.warehouse)
    faults.number("/units", said.units, 0, MAX_UNITS)
    faults.number("/seq", said.seq, 0, _MOST_SEQ)
    if said.at is None:
        faults.add("/at", "must be an RFC 3339 time with a zone")
    elif said.at > now + _AHEAD:
        faults.add("/at", "must not be in the future")
    return "; ".join(f"{fault.pointer} {fault.message}" for fault in faults.errors)
