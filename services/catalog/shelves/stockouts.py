"""This is where it is kept how long a SKU could not be ordered, day by day: a day without stock is no day without demand.

Two collections. `turns` holds every word that a SKU went or came back, once. `stockouts` holds what follows from it, for
whoever forecasts or reviews:

    {_id: "MUG-01|2026-11-22", sku: "MUG-01", day: "2026-11-22", seconds: 3600, open: false}

`seconds` of that UTC day (at most 86,400) in which it could not be ordered; a day without a row had none. Read days before
today: of today only what has ended is counted, and `open` says that the SKU is out as we speak. What was before the first
word about a SKU is not counted, for it was never on the shelf. Indexes: (sku, day) and (day, sku).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shop.catalog.v1.events_pb2 import AvailabilityChanged

from services.catalog.store import Table
from services.kit.clock import Clock, parse_time
from services.kit.events import Told

DAY_S = 86_400
_LONGEST_DAYS = 400
_AT_ONCE = 200


@dataclass
class Turn:
    """A SKU went or came back. The id is `sku|at`."""

    id: str
    sku: str
    at: datetime
    in_stock: bool
    version: int = 0


@dataclass
class StockoutDay:
    """How long a SKU could not be ordered on a day. The id is `sku|day`."""

    id: str
    sku: str
    day: str
    seconds: int
    open: bool = False  # out at this very moment; of the latest day only
    version: int = 0


class Stockouts:
    """Keeps turns and counts the days that follow from them."""

    def __init__(self, turns: Table[Turn], days: Table[StockoutDay], clock: Clock) -> None:
        self._turns, self._days, self._clock = turns, days, clock

    async def on_availability_changed(self, events: Sequence[tuple[AvailabilityChanged, Told]]) -> None:
        """Turns are noted once, in whatever order they come, and their days counted anew."""
        turns = {turn.id: turn for event, told in events if (turn := _turn(event, told))}
        await self._turns.write_each([self._turns.putting(turn) for turn in turns.values()])
        firsts: dict[str, datetime] = {}
        for turn in turns.values():
            firsts[turn.sku] = min(turn.at, firsts.get(turn.sku, turn.at))
        for sku, at in firsts.items():
            await self._count(sku, at.date())

    async def roll(self) -> None:
        """Carries what is out over midnight, once a day each."""
        today = self._clock.now().date().isoformat()
        while stale := await self._days.find({"open": True, "day": {"$lt": today}}, [("day", 1)], _AT_ONCE):
            for day in stale:
                await self._count(day.sku, date.fromisoformat(day.day))

    async def seconds_out(self, skus: Sequence[str], since: date, until: date) -> dict[str, int]:
        """Seconds out from `since` to before `until`, by SKU; those that never were are left out."""
        where = {"sku": {"$in": list(skus)}, "day": {"$gte": since.isoformat(), "$lt": until.isoformat()}}
        total = {"_id": "$sku", "seconds": {"$sum": "$seconds"}}
        return {
            row["_id"]: row["seconds"] for row in await self._days.aggregate([{"$match": where}, {"$group": total}])
        }

    async def _count(self, sku: str, since: date) -> None:
        today = self._clock.now().date()
        since = max(since, today - timedelta(days=_LONGEST_DAYS))
        start = datetime(since.year, since.month, since.day, tzinfo=UTC)
        before = await self._turns.find({"sku": sku, "at": {"$lt": start}}, [("at", -1)], 1)
        turns = await self._turns.find({"sku": sku, "at": {"$gte": start}}, [("at", 1)], 100_000)
        out = bool(before) and not before[0].in_stock
        days = outages(out, [(turn.at, turn.in_stock) for turn in turns], since, today)
        kept = {day: {"sku": sku, "day": day, "seconds": seconds, "open": still} for day, seconds, still in days}
        bad = {day: fields for day, fields in kept.items() if fields["seconds"] or fields["open"]}
        await self._days.write_each([self._days.setting(f"{sku}|{day}", fields) for day, fields in bad.items()])
        good = {day: fields for day, fields in kept.items() if day not in bad}  # a late word may have mended them
        await self._days.touch([({"_id": f"{sku}|{day}"}, {"$set": fields}) for day, fields in good.items()])


def outages(out: bool, turns: Iterable[tuple[datetime, bool]], since: date, today: date) -> list[tuple[str, int, bool]]:
    """(day, seconds out, still out) for each day from `since` to today. `out`: whether it was when `since` began.

    Today has seconds only for what has ended; no day but today is still out.
    """
    seconds: dict[date, float] = {since + timedelta(days=n): 0.0 for n in range(max(0, (today - since).days) + 1)}
    start = datetime(since.year, since.month, since.day, tzinfo=UTC) if out else None
    for at, in_stock in turns:
        if in_stock and start:
            _spread(seconds, start, at)
            start = None
        elif not in_stock and not start:
            start = at
    if start:
        _spread(seconds, start, datetime(today.year, today.month, today.day, tzinfo=UTC))
    return [(day.isoformat(), round(spent), bool(start) and day == today) for day, spent in sorted(seconds.items())]


def _spread(seconds: dict[date, float], start: datetime, end: datetime) -> None:
    while start < end:
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
        if start.date() in seconds:
            seconds[start.date()] += (min(end, midnight) - start).total_seconds()
        start = midnight


def _turn(event: AvailabilityChanged, told: Told) -> Turn | None:
    at = parse_time(event.at or told.at)
    return Turn(f"{event.sku}|{at.isoformat(timespec='milliseconds')}", event.sku, at, event.in_stock) if at else None
