"""This is where the plan is made (C42): for some hundreds of SKUs at a time, what is foreseen meets what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.catalog.parts import ORDINARY
from services.catalog.purchasing.purchasing import Purchasing
from services.catalog.purchasing.supplier_items import Offer
from services.catalog.shelves.classes import SkuClass
from services.catalog.skus import Sku
from services.catalog.store import Table, Write
from services.kit.store import Document, encode

from . import sums
from .forecasts import SkuForecast
from .plan import PlanLine, bounded, days_left, review_period, to_order
from .policies import Mode, ReplenishmentPolicies, ReplenishmentPolicy
from .service_levels import ServiceLevels, lead_time
from .sums import Compute, Level, Terms

_AT_ONCE = 500
_SEEN = {"crossing": 1, "waiting": 1, "reviewed": 1, "review_days": 1}


@dataclass(frozen=True)
class Run:
    """Which run it is."""

    id: str
    today: date
    at: datetime


@dataclass(frozen=True)
class _Known:
    """What is known of a SKU when it is planned."""

    forecast: SkuForecast
    stock_class: str
    policy: ReplenishmentPolicy
    service: float
    tried: bool
    offer: Offer | None
    lead: tuple[float, float]

    def terms(self) -> Terms:
        days = max(1, self.policy.review_days)
        mean, sd = self.lead
        return Terms(self.forecast.weekly[0], self.forecast.spread, mean, sd, days, self.service)


class Planning:
    """Plans SKUs and decides what of it is ordered."""

    def __init__(
        self,
        lines: Table[PlanLine],
        forecasts: Table[SkuForecast],
        classes: Table[SkuClass],
        skus: Table[Sku],
        policies: ReplenishmentPolicies,
        purchasing: Purchasing,
        compute: Compute,
    ) -> None:
        self._lines, self._forecasts, self._classes, self._skus = lines, forecasts, classes, skus
        self._policies, self._purchasing, self._compute = policies, purchasing, compute

    async def plan(self, skus: Sequence[str], levels: ServiceLevels, run: Run) -> int:
        """Writes a line for each of these SKUs that has a forecast; answers how many are to be ordered. Again, it plans anew
        what has not been ordered meanwhile; what is about to be drafted is left alone."""
        # Lines first, then what is on order: who drafts in between raises the crossing, and what is decided here is void.
        seen = await self._lines.by_keys(skus, _SEEN)
        known = await self._known([sku for sku in skus if not seen.get(sku, {}).get("waiting")], levels)
        incoming: dict[str, int] = {}
        for at in range(0, len(skus), _AT_ONCE):
            incoming |= await self._purchasing.orders.incoming(skus[at : at + _AT_ONCE])
        # Bundles are not bought: their parts are.
        stock = await self._skus.by_keys(list(known), {"title": 1, "available": 1, "on_hand": 1}, ORDINARY)
        known = {sku: of for sku, of in known.items() if sku in stock}
        set_to = await self._set_to(list(known.values()))
        writes, ordered = list[Write](), 0
        for (sku, of), level in zip(known.items(), set_to, strict=True):
            line = _line(of, level, stock[sku], incoming.get(sku, 0), run, seen.get(sku))
            writes.append(self._writing(line, seen.get(sku, {})))
            ordered += line.to_order
        await self._lines.write_each(writes)
        await self._forecasts.touch(
            [({"_id": sku}, {"$set": {"stock_class": of.stock_class}}) for sku, of in known.items()]
        )
        return ordered

    async def _set_to(self, known: Sequence[_Known]) -> list[Level]:
        levels: list[Level] = await self._compute(sums.set_levels, [of.terms() for of in known]) if known else []
        return levels

    def _writing(self, line: PlanLine, seen: Document) -> Write:
        fields = encode(line)
        for name in ("id", "version", "crossing", "waiting", "orders"):
            del fields[name]
        update = {"$set": fields, "$inc": {"crossing": int(bool(line.batch))}}
        if not seen:
            update["$setOnInsert"] = {"waiting": False}
        return self._lines.merging({"_id": line.id, "crossing": seen.get("crossing", 0)}, update)

    async def _known(self, skus: Sequence[str], levels: ServiceLevels) -> dict[str, _Known]:
        forecasts = await self._forecasts.get_many(skus)
        # The shelves' class where they have seen it sell here; ours also knows what it sold elsewhere before.
        classes = await self._classes.by_keys(skus, {"abc": 1}, {"value_minor": {"$gt": 0}})
        policies, offers = await self._policies.of(skus), dict[str, list[Offer]]()
        for at in range(0, len(skus), _AT_ONCE):
            offers |= await self._purchasing.items.of(skus[at : at + _AT_ONCE])
        known = {}
        for sku, forecast in forecasts.items():
            name = classes.get(sku, {}).get("abc") or levels.class_of(sku, forecast.value_minor)
            policy = policies.of(sku, name)
            service, tried = levels.level(name, policy.service_bp)
            best = next(iter(offers.get(sku, ())), None)
            known[sku] = _Known(forecast, name, policy, service, tried, best, lead_time(offers, sku, policy.lead_days))
        return known


def _line(
    of: _Known, level: Level, stock: Document, on_order: int, run: Run, seen: Mapping[str, object] | None
) -> PlanLine:
    policy, item = of.policy, of.offer.item if of.offer else None
    sells = sum(of.forecast.weekly) >= 1  # what will not sell one in 90 days is not bought again
    up_to = bounded(level.up_to if sells else 0, policy.min_units, policy.max_units)
    least = min(bounded(level.line, policy.min_units, policy.max_units), up_to)
    period = review_period(run.today, policy.review_days)
    due = not seen or seen.get("reviewed") != period or seen.get("review_days") != policy.review_days
    moq, pack_size = (item.moq, item.pack_size) if item else (1, 1)
    quantity = 0
    if policy.mode is not Mode.OFF:
        position = stock["available"] + on_order
        quantity = to_order(position, least, up_to, due=due, moq=moq, pack_size=pack_size)
    orderable = of.offer is not None and of.offer.orderable
    drafted = bool(quantity and policy.mode is Mode.DRAFT and orderable)
    mean, sd = of.lead
    return PlanLine(
        id=of.forecast.id,
        product_id=of.forecast.product_id,
        title=stock["title"],
        made_at=run.at,
        run=run.id,
        stock_class=of.stock_class,
        mode=policy.mode,
        service=of.service,
        lead_mean=round(mean, 1),
        lead_sd=round(sd, 1),
        review_days=policy.review_days,
        needed=level.needed,
        weekly=of.forecast.weekly[0],
        up_to=up_to,
        line=least,
        on_hand=sum(stock["on_hand"].values()),
        available=stock["available"],
        on_order=on_order,
        quantity=quantity,
        to_order=quantity > 0,
        days_left=days_left(stock["available"], of.forecast.weekly[0]),
        moq=moq,
        pack_size=pack_size,
        supplier_id=item.supplier_id if item and orderable else "",
        reviewed=period,
        trials=of.forecast.trials,
        tried=of.tried,
        batch=run.id if drafted else "",
    )
