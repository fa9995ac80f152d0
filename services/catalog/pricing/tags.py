"""This is where the price is as a product's page shows it: now, regularly, lately, and what rule runs for how long.

Of its own, away from lists and carts, which know the price and nothing more.
"""

from dataclasses import dataclass
from datetime import datetime

from services.catalog.price_history import OMNIBUS_DAYS, PriceHistory, lowest_before, reduced_at, regular_of
from services.catalog.skus import Sku, SkuNotFound
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.money import Money

from .rows import Offer, Ruled
from .rules import NextStep, PriceRule
from .ruling import Ruling

_SHOWN = {"price": 1, "sold": 1, "category": 1, "tags": 1, "live": 1}
_MOST = 100


@dataclass(frozen=True, slots=True)
class ComingStep:
    """The price after the next step of a sale."""

    price: Money
    step: NextStep


@dataclass(frozen=True, slots=True)
class PriceTag:
    """What a page shows of a SKU's price. `lowest`: of the 30 days before the reduction in force; of the last 30 days when
    it is not reduced."""

    sku: str
    price: Money
    regular: Money
    lowest: Money | None
    reduced_at: datetime | None
    running: Offer | None
    coming: ComingStep | None


class PriceTags:
    """Shows prices."""

    def __init__(
        self,
        rules: Table[PriceRule],
        rows: Table[Ruled],
        skus: Table[Sku],
        history: PriceHistory,
        ruling: Ruling,
        clock: Clock,
    ) -> None:
        self._rules, self._rows, self._skus = rules, rows, skus
        self._history, self._ruling, self._clock = history, ruling, clock

    async def of(self, sku_or_product: str) -> PriceTag:
        """Of a SKU, or of a product's first one; on sale only. Refuses with SKU_NOT_FOUND."""
        sku = await self._history.sku_of(sku_or_product)
        seen = (await self._skus.by_keys([sku[:64]], _SHOWN)).get(sku)
        if seen is None or not seen["live"]:
            raise SkuNotFound("there is no such SKU on sale")
        now = self._clock.now()
        entries = await self._history.since(sku, now, OMNIBUS_DAYS)
        began = reduced_at(entries)
        if began is not None:
            entries = await self._history.since(sku, began, OMNIBUS_DAYS)
        lowest = lowest_before(entries, began or now, OMNIBUS_DAYS)
        price, staffs = Money(**seen["price"]), regular_of(entries)
        regular = staffs.price if staffs else price
        rows = await self._rows.find({"sku": sku, "open": True}, limit=_MOST)
        rules = await self._rules.get_many([row.rule_id for row in rows])
        offers = await self._ruling.offers(seen, regular, rows, rules)
        running = next((offer for offer in offers if offer.price == price), None)
        return PriceTag(sku, price, regular, lowest, began, running, _coming(running, regular))


def _coming(running: Offer | None, regular: Money) -> ComingStep | None:
    step = running.stands.next_step if running else None
    price = step.cut.of(regular) if step else None
    return ComingStep(price, step) if step and price else None
