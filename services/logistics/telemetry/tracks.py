"""This is where what a parcel or vehicle went through is followed: its last place, its way in outline, its alerts.

A track is one document. What a reading changes about it, and the alerts that begin or end by it, are one write.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, NotFound, VersionMismatch
from services.kit.ids import new_id
from services.kit.store import Store
from services.logistics.shipments import CANCELLED, DELIVERED, Shipment

from .devices import SHIPMENT
from .judging import Episode, Reading, judge
from .rules import SILENCE, Rule, Rules
from .told import condition_alert

MOST_POINTS = 200
_MOST_DEVICES, _TRIES, _AT_ONCE = 10, 20, 200


@dataclass
class Point:
    """Where it was and how warm."""

    at: datetime
    latitude: float | None
    longitude: float | None
    temperature_c: float | None


@dataclass
class Heard:
    """The last of a device."""

    at: datetime
    seq: int


@dataclass
class Track:
    """Of what `id` names: `shipment:shp_…` or `vehicle:…`. Episodes are the open alerts, by rule."""

    id: str
    order_id: str = ""
    warehouse: str = ""
    carrier: str = ""
    skus: list[str] = field(default_factory=list)
    last: dict[str, Heard] = field(default_factory=dict)
    latest: Reading | None = None
    points: list[Point] = field(default_factory=list)
    episodes: dict[str, Episode] = field(default_factory=dict)
    silent_at: datetime | None = None  # when silence is too long
    version: int = 0


class TrackNotFound(NotFound):
    """No device ever travelled with it."""


class Tracks:
    """The tracks."""

    def __init__(self, kept: Store[Track], parcels: Store[Shipment], rules: Rules, clock: Clock) -> None:
        self._kept, self._parcels, self._rules, self._clock = kept, parcels, rules, clock

    async def get(self, target: str) -> Track:
        """One. Refuses with `TrackNotFound`."""
        if found := await self._kept.get(target):
            return found
        raise TrackNotFound("no device travelled with it")

    async def follow(self, target: str, readings: Sequence[Reading]) -> None:
        """Takes in what is newer than what each device said last; told again it changes nothing."""
        rules = await self._rules.all()
        for _ in range(_TRIES):
            track = await self._kept.get(target) or await self._made(target)
            fresh = _fresh(track, readings)
            if not fresh:
                return
            events = _taken_in(track, fresh, [rule for rule in rules if rule.applies(target, track.skus)])
            write = self._kept.save if track.version else self._kept.insert
            try:
                await write(track, *events)
                return
            except (AlreadyExists, VersionMismatch):
                continue  # another device of it was quicker
        raise Conflict("this track keeps changing")

    async def _made(self, target: str) -> Track:
        kind, _, key = target.partition(":")
        parcel = await self._parcels.get(key) if kind == SHIPMENT else None
        if parcel is None:
            return Track(target)
        skus = sorted({line.sku for line in parcel.lines})
        return Track(target, parcel.order_id, parcel.warehouse, parcel.carrier, skus)

    async def strike(self) -> int:
        """A chore: begins an alert where nothing was heard for too long; how many. What has arrived may be silent."""
        now, begun = self._clock.now(), 0
        rules = {rule.id: rule for rule in await self._rules.all() if rule.kind == SILENCE}
        for track in await self._kept.find({"silent_at": {"$lte": now}}, sort=[("silent_at", 1)], limit=_AT_ONCE):
            begun += await self._silent(track, [one for one in rules.values() if one.applies(track.id, track.skus)])
        return begun

    async def _silent(self, track: Track, rules: Sequence[Rule]) -> bool:
        now, since, track.silent_at = self._clock.now(), track.silent_at, None
        parcel = await self._parcels.get(track.id.partition(":")[2]) if track.order_id else None
        events: list[Message] = []
        if since and track.latest and not (parcel and parcel.state in (DELIVERED, CANCELLED)):
            passed = (now - track.latest.received_at).total_seconds()
            waiting = [rule for rule in rules if rule.id not in track.episodes]
            for rule in [one for one in waiting if passed >= (one.high or 0)]:
                episode = Episode(new_id("alr"), track.latest.device, now, passed)
                track.episodes[rule.id] = episode
                events.append(condition_alert(track, rule, episode))
            track.silent_at = _silent_at(track, rules)
        try:
            await self._kept.save(track, *events)
        except VersionMismatch:
            return False  # something was heard of it just now, or another replica has told
        return bool(events)


def _fresh(track: Track, readings: Sequence[Reading]) -> list[Reading]:
    fresh, last = list[Reading](), dict(track.last)
    for one in sorted(readings, key=lambda reading: (reading.at, reading.seq)):
        before = last.get(one.device)
        if before is None or (one.at, one.seq) > (before.at, before.seq):
            last[one.device] = Heard(one.at, one.seq)
            fresh.append(one)
    return fresh


def _taken_in(track: Track, fresh: Sequence[Reading], rules: Sequence[Rule]) -> list[Message]:
    """What the readings make of the track; answers the alerts they begin and end."""
    events: list[Message] = []
    for reading in fresh:
        track.last[reading.device] = Heard(reading.at, reading.seq)
        track.latest = reading
        track.points.append(Point(reading.at, reading.latitude, reading.longitude, reading.temperature_c))
        for rule in rules:
            if event := _judged(track, rule, reading):
                events.append(event)
    track.points = outline(track.points)
    newest = sorted(track.last.items(), key=lambda item: item[1].at)[-_MOST_DEVICES:]
    track.last = dict(newest)
    track.silent_at = _silent_at(track, [rule for rule in rules if rule.kind == SILENCE])
    return events


def _judged(track: Track, rule: Rule, reading: Reading) -> Message | None:
    before = track.episodes.get(rule.id)
    if rule.kind == SILENCE:
        after, over = before, before is not None
    else:
        after, over = judge(rule, before, reading, new_id("alr"))
    if after and over:
        del track.episodes[rule.id]
        return condition_alert(track, rule, after, max(reading.at, after.opened_at))
    if after:
        track.episodes[rule.id] = after
    return condition_alert(track, rule, after) if after and before is None else None


def _silent_at(track: Track, rules: Iterable[Rule]) -> datetime | None:
    spans = [rule.high for rule in rules if rule.high and rule.id not in track.episodes]
    return track.latest.received_at + timedelta(seconds=min(spans)) if spans and track.latest else None


def outline(points: Sequence[Point]) -> list[Point]:
    """At most `MOST_POINTS`: every second of the older ones goes, the ends stay."""
    kept = sorted(points, key=lambda point: point.at)
    while len(kept) > MOST_POINTS:
        kept = [*kept[:-1:2], kept[-1]]
    return kept
