"""This is where readings come in, up to a hundred at once from a device: repeated ones are dropped, late ones kept."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid

from .devices import Device, DeviceKeyWrong, Devices
from .judging import Reading
from .tracks import Tracks

MOST_AT_ONCE = 100
_AHEAD, _BEHIND = timedelta(minutes=5), timedelta(days=30)
_MOST_SEQ = 2**53
_RANGES = {
    "temperature_c": (-150.0, 200.0),
    "humidity": (0.0, 100.0),
    "shock_g": (0.0, 10_000.0),
    "latitude": (-90.0, 90.0),
    "longitude": (-180.0, 180.0),
}
Keep = Callable[[Sequence[Reading]], Awaitable[set[str]]]
"""Keeps readings, all in one write; answers the ids of those that were there already."""


class Outcome(StrEnum):
    """What became of a reading."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Said:
    """What a device says; `at` is None when it says no time."""

    seq: int
    at: datetime | None
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one device sends, and the secret that shows that it is it."""

    device: str
    secret: str
    readings: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it, and why it was refused."""

    outcome: Outcome
    detail: str = ""


class TooManyReadings(Invalid):
    """None, or more than a hundred at once."""


class Readings:
    """Takes readings in. First the tracks, then the readings: what a kill leaves undone the device sends again."""

    def __init__(self, devices: Devices, tracks: Tracks, keep: Keep, clock: Clock) -> None:
        self._devices, self._tracks, self._keep, self._clock = devices, tracks, keep, clock

    async def record(self, batch: Batch) -> list[Answer]:
        """An answer each, in order. Refuses with `DeviceKeyWrong`, `TooManyReadings`."""
        if not 1 <= len(batch.readings) <= MOST_AT_ONCE:
            raise TooManyReadings("1 to 100 at once", errors=[FieldError("/readings", "must be 1 to 100")])
        (answers,) = await self.take([batch])
        if answers is None:
            raise DeviceKeyWrong("no device of ours shows that secret")
        return answers

    async def take(self, batches: Sequence[Batch]) -> list[list[Answer] | None]:
        """What became of each batch; None where its sender is no device of ours."""
        now = self._clock.now()
        senders = await self._devices.known([(batch.device, batch.secret) for batch in batches])
        good: dict[str, Reading] = {}
        answers: list[list[Answer] | None] = []
        ids: dict[tuple[int, int], str] = {}
        for number, (batch, sender) in enumerate(zip(batches, senders, strict=True)):
            if sender is None:
                answers.append(None)
                continue
            answers.append(rows := [_first_look(said, sender, now) for said in batch.readings])
            for index, said in enumerate(batch.readings):
                key = f"{sender.id}|{said.seq}"
                if key not in good and rows[index].outcome is Outcome.ACCEPTED:
                    good[key], ids[number, index] = _reading(key, said, sender, now), key
        await self._followed(good.values())
        there = await self._keep(list(good.values())) if good else set()
        for number, told in enumerate(answers):
            for index, row in enumerate(told or []):
                mine = ids.get((number, index))
                if told and row.outcome is Outcome.ACCEPTED and (mine is None or mine in there):
                    told[index] = Answer(Outcome.DUPLICATE)
        return answers

    async def _followed(self, readings: Iterable[Reading]) -> None:
        by_target: dict[str, list[Reading]] = defaultdict(list)
        for reading in readings:
            by_target[reading.target].append(reading)
        await asyncio.gather(*(self._tracks.follow(target, some) for target, some in by_target.items()))


def _reading(key: str, said: Said, device: Device, now: datetime) -> Reading:
    reading = Reading(key, device.id, device.target, said.seq, said.at or now, now)
    for name, value in said.values.items():
        setattr(reading, name, value)
    return reading


def _first_look(said: Said, device: Device, now: datetime) -> Answer:
    faults = [
        f"/{name} must be {low} to {high}"
        for name, (low, high) in _RANGES.items()
        if name in said.values and not low <= said.values[name] <= high
    ]
    if said.at is None or not now - _BEHIND <= said.at <= now + _AHEAD:
        faults.append("/at must be a time of the last 30 days")
    if not 0 <= said.seq <= _MOST_SEQ:
        faults.append("/seq must be 0 to 2^53")
    if not said.values or set(said.values) - _RANGES.keys():
        faults.append("/ must say something that is measured")
    if not device.target:
        faults.append("/device travels with nothing: bind it first")
    return Answer(Outcome.REFUSED, "; ".join(faults)) if faults else Answer(Outcome.ACCEPTED)
