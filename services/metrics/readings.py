"""This is where the measures of several KPIs are taken at once: those over the same facts in one pass over them."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from .days import Calendar, Span
from .facts import Fact
from .measures import Ask, Buyers, Cell, Cells, Distinct, Measure, OnShelf, Sum, Visits
from .shelf import ShelfHistory

_IN_MONEY = {"order_paid", "refund_issued", "checkout_refused", "order_cancelled"}


def in_money(measure: Measure) -> bool:
    """Whether a measure can tell currencies apart."""
    return isinstance(measure, Sum) and measure.type in _IN_MONEY


class Source(Protocol):
    """Where measures are taken. Each answers the cells of each measure; all are of one type (and one field)."""

    async def sums(self, measures: Sequence[Sum], ask: Ask) -> list[Cells]: ...

    async def distinct(self, measures: Sequence[Distinct], ask: Ask) -> list[Cells]: ...

    async def visits(self, measures: Sequence[Visits], ask: Ask) -> list[Cells]: ...

    async def orders_of_customers(self, span: Span) -> list[tuple[str, datetime]]: ...

    async def shelf_until(self, last: date) -> list[Fact]: ...


class Reading:
    """One reading: `take` what is wanted, then look at its `cells`."""

    def __init__(self, source: Source, calendar: Calendar, now: datetime) -> None:
        self._source, self._calendar, self._now = source, calendar, now
        self._cells: dict[tuple[Measure, Ask], Cells] = {}

    async def take(self, wanted: Iterable[tuple[Measure, Ask]]) -> None:
        """Takes every measure, each once."""
        families: dict[Any, dict[Measure, None]] = defaultdict(dict)
        for measure, ask in wanted:
            known = _known(measure, ask)
            families[(*_family(measure, known), known)][measure] = None
        await asyncio.gather(*(self._take(list(same), key[-1]) for key, same in families.items()))

    def cells(self, measure: Measure, ask: Ask) -> Cells:
        """The cells of a measure that was taken."""
        return self._cells[measure, _known(measure, ask)]

    async def _take(self, measures: list[Any], ask: Ask) -> None:
        if isinstance(measures[0], Sum):
            found = await self._source.sums(measures, ask)
        elif isinstance(measures[0], Distinct):
            found = await self._source.distinct(measures, ask)
        elif isinstance(measures[0], Visits):
            found = await self._source.visits(measures, ask)
        elif isinstance(measures[0], OnShelf):
            found = await self._on_shelf(measures, ask)
        else:
            found = await self._of_customers(measures, ask)
        for measure, cells in zip(measures, found, strict=True):
            self._cells[measure, ask] = cells

    async def _on_shelf(self, measures: Sequence[OnShelf], ask: Ask) -> list[Cells]:
        history, first = (
            ShelfHistory(await self._source.shelf_until(ask.span.last)),
            self._calendar.start(ask.span.first),
        )
        # What has not been yet is neither on sale nor gone.
        cuts = [(at, max(at, first), min(end, self._now)) for at, end in self._calendar.buckets(ask.span, ask.grain)]
        return [
            {(at, "", ""): getattr(history, measure.what)(start, end) for at, start, end in cuts}
            for measure in measures
        ]

    async def _of_customers(self, measures: Sequence[Buyers], ask: Ask) -> list[Cells]:
        # One day more than the window: it need not begin at midnight.
        rows = await self._source.orders_of_customers(ask.span.before(measures[0].window_days + 1))
        buckets = self._calendar.buckets(ask.span, ask.grain)
        return [
            _buyers(measure, rows, buckets) if measure.what == "customers" else self._gaps(measure, rows, ask)
            for measure in measures
        ]

    def _gaps(self, measure: Buyers, rows: Iterable[tuple[str, datetime]], ask: Ask) -> Cells:
        cells: dict[Cell, float] = defaultdict(float)
        for at, gap in _gaps(rows, measure.window_days):
            if at >= self._calendar.start(ask.span.first):
                bucket = self._calendar.bucket(at, ask.grain, ask.span)
                cells[bucket, "", ""] += gap if measure.what == "gaps" else 1
        return cells


def _known(measure: Measure, ask: Ask) -> Ask:
    """The question without what of it the measure does not know."""
    by = ask.by if ask.by in measure.dimensions() else ""
    return replace(ask, by=by, per_currency=ask.per_currency and in_money(measure))


def _family(measure: Measure, ask: Ask) -> tuple[object, ...]:
    """What can be taken in one pass has the same family."""
    if isinstance(measure, Sum):
        return Sum, measure.type, bool(measure.field) and ask.by == "product"
    if isinstance(measure, Distinct):
        return Distinct, measure.type, measure.field
    return type(measure), measure.window_days if isinstance(measure, Buyers) else 0


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
