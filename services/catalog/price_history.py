"""This is where it is told what a thing cost before: page by page, and the lowest price of the days before a reduction.

The lowest price of the 30 days before a reduction is what the EU's Omnibus directive (98/6/EC, article 6a) has shown beside
it; a price that ran into the window counts as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.money import Money
from services.kit.store import Document, decode_cursor, encode_cursor

from .content import Product
from .fields import is_sku
from .ownership import theirs
from .skus import PriceEntry, Sku, SkuNotFound
from .store import Table

_SHOWN = 200
BY_RULE = "rule:"  # begins the `by` of a price that a price rule set
OMNIBUS_DAYS = 30


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest price in force within `days` before a moment; None when there was none yet."""

    price: Money | None
    before: datetime
    days: int


def lowest_before(newest_first: Sequence[PriceEntry], moment: datetime, days: int) -> Money | None:
    """The lowest price in force at any time of the `days` before `moment`, the one that ran into them included. Pure."""
    opens, until, lowest = moment - timedelta(days=days), moment, None
    for entry in newest_first:
        if entry.at < until:  # in force at all
            lowest = entry.price if lowest is None or entry.price < lowest else lowest
            until = entry.at
        if entry.at <= opens:
            break
    return lowest


def regular_of(newest_first: Sequence[PriceEntry]) -> PriceEntry | None:
    """The last price that no rule set. Pure."""
    return next((entry for entry in newest_first if not entry.by.startswith(BY_RULE)), None)


def reduced_at(newest_first: Sequence[PriceEntry]) -> datetime | None:
    """When the reduction in force began, its earlier steps included; None when the price is not a reduced one. Pure."""
    regular = regular_of(newest_first)
    if regular is None:
        return None
    began = None
    for entry in newest_first:
        if entry is regular or not entry.price < regular.price:
            break
        began = entry.at
    if began is None and newest_first[0] is regular and len(newest_first) > 1 and regular.price < newest_first[1].price:
        return regular.at
    return began


class PriceHistory:
    """Tells what things cost before."""

    def __init__(self, products: Table[Product], skus: Table[Sku], prices: Table[PriceEntry], clock: Clock) -> None:
        self._products, self._skus, self._prices, self._clock = products, skus, prices, clock

    async def must_be_theirs(self, sku_or_product: str, merchant_id: str) -> None:
        """Refuses with SKU_NOT_FOUND what is another merchant's; nothing is when no merchant asks."""
        sku = await self.sku_of(sku_or_product)
        if merchant_id and not await self._skus.by_keys([sku], {"_id": 1}, theirs(merchant_id)):
            raise SkuNotFound("there is no such SKU")

    async def page(self, sku_or_product: str, limit: int, cursor: str) -> tuple[Sequence[PriceEntry], str]:
        """Prices a SKU (or a product's first SKU) has had, newest first, and where the next page starts. Refuses with
        SKU_NOT_FOUND, CURSOR_INVALID."""
        sku, size = await self.sku_of(sku_or_product), min(limit or _SHOWN, _SHOWN)
        where: dict[str, object] = {"sku": sku}
        if cursor:
            where["number"] = {"$lt": int(decode_cursor(cursor, 1)[0] or 0)}
        entries = await self._prices.find(where, [("number", -1)], size + 1) if is_sku(sku) else []
        if not entries and not cursor:
            raise SkuNotFound("there is no such SKU")
        return entries[:size], encode_cursor(entries[size - 1].number) if len(entries) > size else ""

    async def lowest(self, sku_or_product: str, before: datetime | None, days: int) -> Lowest:
        """The lowest price of the days before a moment; before the reduction in force (else now) when none is given.
        Refuses with SKU_NOT_FOUND."""
        entries = await self.since(await self.sku_of(sku_or_product), before or self._clock.now(), days)
        moment = before or reduced_at(entries) or self._clock.now()
        if before is None:
            entries = await self.since(entries[0].sku, moment, days)
        return Lowest(lowest_before(entries, moment, days), moment, days)

    async def since(self, sku: str, moment: datetime, days: int) -> Sequence[PriceEntry]:
        """All prices from the one in force at the opening of the days before `moment` up to now, newest first, and at the
        least as far back as the last one no rule set. Refuses with SKU_NOT_FOUND."""
        opens = moment - timedelta(days=days)
        entries: list[PriceEntry] = []
        cursor = ""
        while True:
            more, cursor = await self.page(sku, _SHOWN, cursor)
            entries += more
            reached = entries[-1].at <= opens and regular_of(entries[:-1]) is not None
            if reached or not cursor:
                return entries

    async def regulars(self, seen: Mapping[str, Document]) -> dict[str, PriceEntry]:
        """The regular price of each of these SKUs (with its `price_version`): the last one that no rule set."""
        heads = await self._prices.get_many([f"{sku}:{each['price_version']}" for sku, each in seen.items()])
        regular = {head.sku: head for head in heads.values() if not head.by.startswith(BY_RULE)}
        for sku in seen.keys() - regular.keys():
            staff = {"sku": sku, "by": {"$not": {"$regex": f"^{BY_RULE}"}}}
            for entry in await self._prices.find(staff, [("number", -1)], 1):
                regular[sku] = entry
        return regular

    async def sku_of(self, sku_or_product: str) -> str:
        """The SKU meant: of a product, its first."""
        if not sku_or_product.startswith("prd_"):
            return sku_or_product
        found = await self._products.by_keys([sku_or_product[:64]], {"variants.sku": 1})
        return str(found[sku_or_product]["variants"][0]["sku"]) if found else sku_or_product
