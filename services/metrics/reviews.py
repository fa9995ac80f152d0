"""This is where a day, a week or a month is reviewed (K42): its KPIs and its best sellers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from .days import Span, review_span
from .kpis import Kpi
from .series import Point, Series

_BEST = 10


@dataclass(frozen=True, slots=True)
class Seller:
    """What a SKU made: units, money paid in minor units, how often its page was looked at."""

    product_id: str
    sku: str
    title: str
    units: int
    paid_minor: int
    currency: str
    views: int


@dataclass(frozen=True, slots=True)
class Review:
    """A period in numbers."""

    span: Span
    kpis: list[tuple[Kpi, list[Point]]]
    best: list[Seller]


class Source(Protocol):
    """Where best sellers are found."""

    async def best_sellers(self, span: Span, limit: int) -> list[dict[str, Any]]: ...

    async def views(self, span: Span, skus: Sequence[str]) -> dict[str, int]: ...


class Reviews:
    """Reviews periods."""

    def __init__(self, source: Source, series: Series) -> None:
        self._source, self._series = source, series

    async def of(self, period: str, day: date) -> Review:
        """The `day`, `week` or `month` that `day` is in; what of it is still to come counts nothing."""
        span = review_span(period, day)
        kpis = await self._series.all_of(span)
        rows = await self._source.best_sellers(span, _BEST)
        views = await self._source.views(span, [row["sku"] for row in rows]) if rows else {}
        best = [
            Seller(
                row["product"],
                row["sku"],
                row["title"],
                row["units"],
                row["paid"],
                row["currency"],
                views.get(row["sku"], 0),
            )
            for row in rows
        ]
        return Review(span, kpis, best)
