"""This is where a supplier is judged by what it did: how long it takes, whether it keeps its word, what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.catalog.notices import Notices
from services.catalog.store import Table
from services.kit.clock import Clock

from .lots import Lot
from .measures import (
    Bought,
    Share,
    Slope,
    Spread,
    drawn_in,
    elasticity,
    share,
    spread,
    trend,
)
from .orders import OrderLine, OrderState, PurchaseOrder
from .policy import Policies, Weights
from .store import open_units
from .supplier_items import Offer, SupplierItems
from .suppliers import Supplier, Suppliers

_OVER = timedelta(days=365)
_MOST_LOTS, _MOST_ORDERS = 5_000, 1_000
_AT_ONCE = 50
_DAY_S = 86_400
_MONTH_S = 30.4375 * _DAY_S
_REJECTS_WEIGH = 5  # a fifth of all units rejected is as bad as it gets
_DEARER_WEIGHS = 2  # and so is half as dear again as the best alternative
_ANSWERS_WITHIN, _ANSWERS_NEVER = 1.0, 5.0  # days to a confirmation: as good, as bad as it gets
_NOTICED_FROM = 3  # deliveries
_PLACED = frozenset(OrderState) - {OrderState.POOLING, OrderState.DRAFT, OrderState.APPROVED, OrderState.CANCELLED}
_OVER_WITH = (OrderState.RECEIVED, OrderState.CLOSED)


@dataclass(frozen=True, slots=True)
class Judged:
    """One part of the score: what was measured, as 0 to 1 (drawn in when few), and what it counts."""

    name: str
    value: float
    n: int
    weight: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What a supplier did in the last year. Times in days."""

    supplier_id: str
    score: int  # 0 to 100
    parts: list[Judged]
    deliveries: int  # receipt lines
    lead_days: Spread  # from sent to received, a receipt line each
    late_days: Spread  # against the promised date; below zero is early
    on_time: Share  # of receipt lines that were promised
    fill: Share  # of units ordered on orders that are over, or should be
    rejected: Share  # of units that came; n is receipt lines
    response_days: Spread  # from sent to confirmed
    cost_index: Share  # own cost over the best alternative's, over the SKUs that have one; n is SKUs
    cost_trend: Slope  # a month
    cost_elasticity: Slope  # with quantity
    capacity_units: int
    on_order_units: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a scorecard is measured from."""

    lots: Sequence[Lot]
    orders: Sequence[PurchaseOrder]
    offers: Mapping[str, Sequence[Offer]]
    on_order_units: int
    now: datetime


def measured(supplier: Supplier, seen: Evidence, weights: Weights) -> Scorecard:
    """The scorecard of a supplier."""
    promised = [_days(lot.promised_at, lot.at) for lot in seen.lots if lot.promised_at]
    rejected, came = sum(lot.rejected for lot in seen.lots), sum(lot.units + lot.rejected for lot in seen.lots)
    over = _should_be_over(seen.orders, seen.now)
    response = [days for order in seen.orders if (days := _response(order)) is not None]
    bought = [bought for order in seen.orders if order.state in _PLACED for bought in _bought(order)]
    figures = {
        "lead_days": spread(_days(lot.sent_at, lot.at) for lot in seen.lots if lot.sent_at),
        "late_days": spread(promised),
        "response_days": spread(response),
    }
    on_time = share(sum(days <= 0 for days in promised), len(promised), len(promised))
    fill = share(sum(min(line.received, line.ordered) for line in over), sum(line.ordered for line in over), len(over))
    rejects, index = share(rejected, came, len(seen.lots)), _cost_index(supplier.id, seen.offers)
    parts = [
        _judged("on_time", on_time.value, on_time.n, weights.on_time),
        _judged("quality", _bad(rejects.value, _REJECTS_WEIGH), rejects.n, weights.quality),
        _judged("fill", fill.value, fill.n, weights.fill),
        _judged("cost", _bad(None if index.value is None else index.value - 1, _DEARER_WEIGHS), index.n, weights.cost),
        _judged("response", _answers(figures["response_days"]), len(response), weights.response),
    ]
    total = sum(part.weight for part in parts)
    return Scorecard(
        supplier_id=supplier.id,
        score=round(100 * sum(part.value * part.weight for part in parts) / total),
        parts=parts,
        deliveries=len(seen.lots),
        on_time=on_time,
        fill=fill,
        rejected=rejects,
        cost_index=index,
        cost_trend=trend(bought),
        cost_elasticity=elasticity(bought),
        capacity_units=supplier.capacity_units,
        on_order_units=seen.on_order_units,
        **figures,
    )


def _judged(name: str, value: float | None, n: int, weight: int) -> Judged:
    return Judged(name, drawn_in(value, n), n, weight)


def _bad(much: float | None, weighs: float) -> float | None:
    return None if much is None else 1 - min(1.0, max(0.0, much) * weighs)


def _answers(days: Spread) -> float | None:
    if not days.n:
        return None
    return 1 - min(1.0, max(0.0, (days.mean - _ANSWERS_WITHIN) / (_ANSWERS_NEVER - _ANSWERS_WITHIN)))


def _days(since: datetime | None, until: datetime) -> float:
    return (until - since).total_seconds() / _DAY_S if since else 0.0


def _should_be_over(orders: Sequence[PurchaseOrder], now: datetime) -> list[OrderLine]:
    """The lines of orders nothing is awaited of, or that were promised by now."""
    return [
        line
        for order in orders
        if order.state in _OVER_WITH or (order.state in _PLACED and order.promised_at and order.promised_at < now)
        for line in order.lines
    ]


def _response(order: PurchaseOrder) -> float | None:
    sent, confirmed = order.at(OrderState.SENT), order.at(OrderState.CONFIRMED)
    return _days(sent, confirmed) if sent and confirmed else None


def _bought(order: PurchaseOrder) -> list[Bought]:
    months = order.created_at.timestamp() / _MONTH_S
    return [Bought(line.sku, months, line.ordered, line.unit_cost_minor) for line in order.lines]


def _cost_index(supplier_id: str, offers: Mapping[str, Sequence[Offer]]) -> Share:
    own, best, n = 0, 0, 0
    for of_sku in offers.values():
        mine = [offer.item.cost for offer in of_sku if offer.item.supplier_id == supplier_id]
        others = [
            offer.item.cost.minor
            for offer in of_sku
            if offer.item.supplier_id != supplier_id and mine and offer.item.cost.currency == mine[0].currency
        ]
        if mine and others:
            own, best, n = own + mine[0].minor, best + min(others), n + 1
    return share(own, best, n)


class Scorecards:
    """Measures suppliers, keeps their scores to sort by, and proposes to suspend those whose goods are bad."""

    def __init__(
        self,
        suppliers: Table[Supplier],
        looking: Suppliers,
        items: SupplierItems,
        orders: Table[PurchaseOrder],
        lots: Table[Lot],
        policies: Policies,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._suppliers, self._looking, self._items, self._orders = suppliers, looking, items, orders
        self._lots, self._policies, self._notices, self._clock = lots, policies, notices, clock

    async def of(self, supplier_id: str) -> Scorecard:
        """What a supplier did in the last year. Refuses with SUPPLIER_NOT_FOUND."""
        supplier, now = await self._looking.get(supplier_id), self._clock.now()
        since = {"supplier_id": supplier_id, "at": {"$gte": now - _OVER}}
        lots = await self._lots.find(since, [("supplier_id", 1), ("at", -1)], _MOST_LOTS)
        orders = await self._orders.find({"supplier_id": supplier_id}, [("_id", -1)], _MOST_ORDERS)
        recent = [order for order in orders if order.created_at >= now - _OVER]
        quoted = await self._items.of_supplier(supplier_id)
        offers = await self._items.of([item.sku for item in quoted])
        seen = Evidence(lots, recent, offers, await open_units(self._orders, supplier_id), now)
        return measured(supplier, seen, (await self._policies.get()).weighing)

    async def on_received(self, order: PurchaseOrder) -> None:
        """Scores anew, and tells staff of a supplier whose goods are too often bad; once a month."""
        card = await self._keep(order.supplier_id)
        limit = (await self._policies.get()).reject_limit_bp
        if card.rejected.value is None or card.deliveries < _NOTICED_FROM or card.rejected.value * 10_000 <= limit:
            return
        percent = f"{card.rejected.value * 100:.1f} %"
        await self._notices.raise_once(
            f"{order.supplier_id}:{self._clock.now():%Y-%m}",
            "supplier_quality",
            order.supplier_id,
            f"{order.supplier_name}: {percent} of the units of {card.deliveries} deliveries were rejected. Suspend it?",
            f"{order.supplier_name}：{card.deliveries} 次到货中 {percent} 的商品被拒收，是否暂停合作？",
        )

    async def rescore(self) -> None:
        """Scores anew whom nobody has scored for a day: time passes for everybody."""
        due = {"scored_at": {"$lt": self._clock.now() - timedelta(days=1)}}
        for supplier in await self._suppliers.find(due, [("scored_at", 1)], _AT_ONCE):
            await self._keep(supplier.id)

    async def _keep(self, supplier_id: str) -> Scorecard:
        card = await self.of(supplier_id)
        kept = {"score": card.score, "deliveries": card.deliveries, "scored_at": self._clock.now()}
        await self._suppliers.touch([({"_id": supplier_id}, {"$set": kept})])
        return card
