"""This is where a KPI gets its values: its measures' cells, put together grain by grain."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound

from .days import Calendar, InvalidRange, Span
from .kpis import KPIS, Kpi
from .measures import NAMES, Ask, Cells, Distinct, Measure
from .readings import Reading, Source, in_money

MOST_POINTS = 1000


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
        ask = Ask(span, grain, by, kpi.per_currency)
        return kpi, self._points(kpi, ask, await self._read({kpi: ask}))

    async def all_of(self, span: Span) -> list[tuple[Kpi, list[Point]]]:
        """Every KPI over a span as a whole."""
        asks = {kpi: Ask(span, "total", "", kpi.per_currency) for kpi in KPIS.values()}
        reading = await self._read(asks)
        return [(kpi, self._points(kpi, ask, reading)) for kpi, ask in asks.items()]

    async def _read(self, asks: Mapping[Kpi, Ask]) -> Reading:
        reading = Reading(self._source, self._calendar, self._clock.now())
        await reading.take([(part, ask) for kpi, ask in asks.items() for part in kpi.parts()])
        return reading

    def _points(self, kpi: Kpi, ask: Ask, reading: Reading) -> list[Point]:
        wide = [(part, reading.cells(part, ask)) for part in kpi.parts()]
        currencies = sorted({cell[2] for _, cells in wide for cell in cells if cell[2]}) if ask.per_currency else [""]
        currencies = currencies or [self._currency]
        buckets = self._calendar.buckets(ask.span, ask.grain)
        keyed = bool(ask.by) or (isinstance(kpi.value, Distinct) and kpi.value.by_stage)
        keys = _keys(wide, ask.by, most=max(1, MOST_POINTS // (len(buckets) * len(currencies)))) if keyed else [""]

        def number(part: Measure | None, at: datetime, key: str, currency: str) -> float:
            if part is None:
                return 0.0
            known_key = key if not ask.by or ask.by in part.dimensions() else ""
            known_currency = currency if in_money(part) else ""
            return reading.cells(part, ask).get((at, known_key, known_currency), 0)

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


def _keys(wide: Sequence[tuple[Measure, Cells]], by: str, most: int) -> list[str]:
    """The values of the dimension there are, those with most to them first."""
    weights: dict[str, float] = defaultdict(float)
    for part, cells in wide:
        if not by or by in part.dimensions():
            for (_, key, _), value in cells.items():
                weights[key] += abs(value)
    return sorted(weights, key=lambda key: (-weights[key], key))[:most]
