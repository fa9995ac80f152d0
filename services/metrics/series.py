"""This is where a KPI gets its values: its measures' cells, put together grain by grain."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound

from .days import Calendar, InvalidRange, Span
from .facts import Fact
from .kpis import KPIS, Kpi
from .measures import NAMES, Ask, Buyers, Cell, Cells, Distinct, Measure, OnShelf, Sum, Visits
from .shelf import ShelfHistory

MOST_POINTS = 1000
_IN_MONEY = {"order_paid", "refund_issued", "checkout_refused", "order_cancelled"}


class KpiNotFound(NotFound):
    """No KPI has this name."""


class InvalidDimension(Invalid):
    """The KPI cannot be asked by this."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value; `known` is False where there is nothing to divide by. Money is in minor units of `currency`."""

    at: datetime
    key: str
    value: float
    currency: str
    known: bool


class Source(Protocol):
    """Where measures are taken."""

    async def sums(self, measure: Sum, ask: Ask) -> Cells: ...

    async def distinct(self, measure: Distinct, ask: Ask) -> Cells: ...

    async def visits(self, measure: Visits, ask: Ask) -> Cells: ...

    async def orders_of_customers(self, span: Span) -> list[tuple[str, datetime]]: ...

    async def shelf_until(self, last: date) -> list[Fact]: ...


class Reading:
    """One reading of several KPIs: what two of them are made of is measured once."""

    def __init__(self, source: Source, calendar: Calendar, now: datetime) -> None:
        self._source, self._calendar, self._now = source, calendar, now
        self._taken: dict[object, asyncio.Task[Cells]] = {}
        self._histories: dict[date, asyncio.Task[ShelfHistory]] = {}

    async def cells(self, measure: Measure, ask: Ask) -> Cells:
        """The cells of a measure, without what of the question it does not know."""
        in_money = isinstance(measure, Sum) and measure.type in _IN_MONEY and ask.per_currency
        ask = replace(ask, by=ask.by if ask.by in measure.dimensions() else "", per_currency=in_money)
        key = (repr(measure), ask)
        if key not in self._taken:
            self._taken[key] = asyncio.create_task(self._measured(measure, ask))
        return await self._taken[key]

    async def _measured(self, measure: Measure, ask: Ask) -> Cells:
        if isinstance(measure, Sum):
            return await self._source.sums(measure, ask)
        if isinstance(measure, Distinct):
            return await self._source.distinct(measure, ask)
        if isinstance(measure, Visits):
            return await self._source.visits(measure, ask)
        buckets = self._calendar.buckets(ask.span, ask.grain)
        if isinstance(measure, OnShelf):
            return await self._on_shelf(measure, ask, buckets)
        # One day more than the window: it need not begin at midnight.
        rows = await self._source.orders_of_customers(ask.span.before(measure.window_days + 1))
        if measure.what == "customers":
            return _buyers(measure, rows, buckets)
        gaps = _gaps(rows, measure.window_days)
        cells: dict[Cell, float] = defaultdict(float)
        for at, gap in gaps:
            if at >= self._calendar.start(ask.span.first):
                bucket = self._calendar.bucket(at, ask.grain, ask.span)
                cells[bucket, "", ""] += gap if measure.what == "gaps" else 1
        return cells

    async def _on_shelf(self, measure: OnShelf, ask: Ask, buckets: Iterable[tuple[datetime, datetime]]) -> Cells:
        last = ask.span.last
        if last not in self._histories:
            self._histories[last] = asyncio.create_task(self._history(last))
        history = await self._histories[last]
        take, first = getattr(history, measure.what), self._calendar.start(ask.span.first)
        # What has not been yet is neither on sale nor gone.
        return {(at, "", ""): take(max(at, first), min(end, self._now)) for at, end in buckets}

    async def _history(self, last: date) -> ShelfHistory:
        return ShelfHistory(await self._source.shelf_until(last))


def _buyers(
    measure: Buyers, rows: Sequence[tuple[str, datetime]], buckets: Iterable[tuple[datetime, datetime]]
) -> Cells:
    """Customers with enough orders in the window that ends with each bucket; the window slides once over the orders."""
    cells: dict[Cell, float] = {}
    inside: deque[tuple[str, datetime]] = deque()
    orders: Counter[str] = Counter()
    enough, position = 0, 0
    for at, end in buckets:
        while position < len(rows) and rows[position][1] < end:
            inside.append(rows[position])
            orders[rows[position][0]] += 1
            enough += orders[rows[position][0]] == measure.orders
            position += 1
        while inside and inside[0][1] < end - timedelta(measure.window_days):
            customer, _ = inside.popleft()
            enough -= orders[customer] == measure.orders
            orders[customer] -= 1
        cells[at, "", ""] = enough
    return cells


def _gaps(rows: Iterable[tuple[str, datetime]], most_days: int) -> list[tuple[datetime, float]]:
    """(when, seconds since that customer's order before) for each order that has one."""
    last: dict[str, datetime] = {}
    found = []
    for customer, at in rows:
        if customer in last and at - last[customer] <= timedelta(most_days):
            found.append((at, (at - last[customer]).total_seconds()))
        last[customer] = at
    return found


class Series:
    """Answers with the values of KPIs. `currency` is the one money has where there is none yet."""

    def __init__(self, source: Source, calendar: Calendar, clock: Clock, currency: str) -> None:
        self._source, self._calendar, self._clock, self._currency = source, calendar, clock, currency

    def today(self) -> date:
        """The shop's day."""
        return self._calendar.day(self._clock.now())

    async def of(self, name: str, span: Span, grain: str, by: str) -> tuple[Kpi, list[Point]]:
        """A KPI over time. Refuses with `KpiNotFound`, `InvalidDimension`, `InvalidRange`."""
        kpi = KPIS.get(name)
        if kpi is None:
            raise KpiNotFound("no KPI has this name")
        if by and by not in kpi.dimensions():
            can = ", ".join(known for known in NAMES if known in kpi.dimensions()) or "nothing"
            raise InvalidDimension(
                f"{kpi.name} can be asked by {can}", errors=[FieldError("/by", "is not one of them")], can=can
            )
        if len(self._calendar.buckets(span, grain)) > MOST_POINTS:
            raise InvalidRange(
                f"more than {MOST_POINTS} points", errors=[FieldError("/grain", "is too fine for the range")]
            )
        return kpi, await self._points(kpi, Ask(span, grain, by, kpi.per_currency), self._reading())

    async def all_of(self, span: Span) -> list[tuple[Kpi, list[Point]]]:
        """Every KPI over a span as a whole."""
        reading = self._reading()
        asks = [(kpi, Ask(span, "total", "", kpi.per_currency)) for kpi in KPIS.values()]
        points = await asyncio.gather(*(self._points(kpi, ask, reading) for kpi, ask in asks))
        return list(zip(KPIS.values(), points, strict=True))

    def _reading(self) -> Reading:
        return Reading(self._source, self._calendar, self._clock.now())

    async def _points(self, kpi: Kpi, ask: Ask, reading: Reading) -> list[Point]:
        parts = [part for part in (kpi.value, kpi.minus, kpi.over) if part is not None]
        taken = dict(zip(map(repr, parts), await asyncio.gather(*(reading.cells(p, ask) for p in parts)), strict=True))
        wide = [(part, taken[repr(part)]) for part in parts]
        currencies = sorted({cell[2] for _, cells in wide for cell in cells if cell[2]}) if ask.per_currency else [""]
        currencies = currencies or [self._currency]
        keyed = bool(ask.by) or (isinstance(kpi.value, Distinct) and kpi.value.by_stage)
        buckets = self._calendar.buckets(ask.span, ask.grain)
        keys = _keys(wide, ask.by, keyed, most=max(1, MOST_POINTS // (len(buckets) * len(currencies))))

        def number(part: Measure | None, at: datetime, key: str, currency: str) -> float:
            if part is None:
                return 0.0
            known_key = key if not ask.by or ask.by in part.dimensions() else ""
            known_currency = currency if isinstance(part, Sum) and part.type in _IN_MONEY else ""
            return taken[repr(part)].get((at, known_key, known_currency), 0)

        points = []
        for at, _ in buckets:
            row = []
            for key in keys:
                for currency in currencies:
                    value = number(kpi.value, at, key, currency) - number(kpi.minus, at, key, currency)
                    over = number(kpi.over, at, key, currency) if kpi.over else 1
                    row.append(Point(at, key, value / over if over else 0.0, currency, bool(over)))
            row.sort(key=lambda point: (-point.value, point.key, point.currency))
            points += row
        return points[:MOST_POINTS]


def _keys(wide: Sequence[tuple[Measure, Cells]], by: str, keyed: bool, most: int) -> list[str]:
    """The values of the dimension there are, those with most to them first."""
    if not keyed:
        return [""]
    weights: Counter[str] = Counter()
    for part, cells in wide:
        if not by or by in part.dimensions():
            for (_, key, _), value in cells.items():
                weights[key] += abs(value)  # type: ignore[assignment]
    return sorted(weights, key=lambda key: (-weights[key], key))[:most]
