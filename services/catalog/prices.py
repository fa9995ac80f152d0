"""This is where prices are set, remembered and quoted."""

from collections.abc import Sequence
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Invalid, VersionMismatch
from services.kit.money import Money
from services.kit.store import Document

from .content import Product
from .fields import MAX_MINOR, Faults, is_sku, skus_of
from .gates import Gates, Repricing
from .messages.events import price_changed
from .ownership import theirs
from .parts import told_by_parts
from .skus import PriceEntry, Sku, SkuNotFound, price_entry
from .store import NotAsSeen, Table, together

_TRIES = 5
_QUOTED = {
    "product_id": 1,
    "merchant_id": 1,
    "title": 1,
    "price": 1,
    "cost": 1,
    "weight_g": 1,
    "available": 1,
    "live": 1,
    "category": 1,
    "tags": 1,
    "parts": 1,
    "return_days": 1,
    "freight_insurance": 1,
    "volume_mm3": 1,
}
_PRICED = {
    "product_id": 1,
    "merchant_id": 1,
    "category": 1,
    "price": 1,
    "price_version": 1,
    "cost": 1,
    "weight_g": 1,
    "live": 1,
}


class InvalidPrice(Invalid):
    """Below zero, too high, or in another currency than the SKU's."""


def check_price(price: Money, before: Money) -> None:
    """Refuses with INVALID_PRICE."""
    faults = Faults()
    faults.number("/price/minor", price.minor, 0, MAX_MINOR)
    if price.currency != before.currency:
        faults.add("/price/currency", f"must be {before.currency}, as the SKU's price is")
    faults.refuse(InvalidPrice)


def _repricing(seen: Document, price: Money, by: str) -> Repricing:
    return Repricing(
        sku=seen["_id"],
        product_id=seen["product_id"],
        merchant_id=seen["merchant_id"],
        category=seen["category"],
        before=Money(**seen["price"]),
        price=price,
        cost=Money(**seen["cost"]),
        weight_g=seen["weight_g"],
        live=seen["live"],
        by=by,
    )


class Prices:
    """Sets, remembers and quotes prices."""

    def __init__(
        self,
        skus: Table[Sku],
        products: Table[Product],
        prices: Table[PriceEntry],
        gates: Gates,
        clock: Clock,
    ) -> None:
        self._skus, self._products, self._prices = skus, products, prices
        self._gates, self._clock = gates, clock

    async def set(
        self,
        sku: str,
        price: Money,
        if_version: int,
        reason: str,
        by: str,
        merchant_id: str = "",
        *,
        restoring: bool = False,
        cause: str = "",
    ) -> PriceEntry:
        """Sets a price and writes its history together; one that is only restored passed its gates when it was set. `cause`
        is the kind of the rule that sets it, empty for people.
        Refuses with SKU_NOT_FOUND, VERSION_MISMATCH, INVALID_PRICE, LISTING_REFUSED."""
        faults = Faults()
        reason, by = faults.text("/reason", reason, 300), faults.text("/by", by, 128)
        faults.refuse(InvalidPrice)
        for _ in range(_TRIES):
            seen = await self._priced(sku, merchant_id)
            if if_version and seen["price_version"] != if_version:
                break
            check_price(price, Money(**seen["price"]))
            if not restoring:
                await self._gates.demand_price(_repricing(seen, price, by))
            try:
                return await self._write(seen, price, reason, by, cause)
            except NotAsSeen:
                continue
        raise VersionMismatch(f"the price of {sku} has changed since version {if_version}")

    async def _priced(self, sku: str, merchant_id: str) -> Document:
        found = await self._skus.by_keys([sku], _PRICED, theirs(merchant_id)) if is_sku(sku) else {}
        if sku not in found:
            raise SkuNotFound("there is no such SKU")
        return found[sku]

    async def _write(self, seen: Document, price: Money, reason: str, by: str, cause: str) -> PriceEntry:
        sku, now = seen["_id"], self._clock.now()
        entry = price_entry(sku, seen["price_version"] + 1, price, now, reason, by)
        kept: dict[str, Any] = {"currency": price.currency, "minor": price.minor}
        told = price_changed(sku, seen["product_id"], Money(**seen["price"]), price, now, cause)
        set_sku = self._skus.changing(
            {"_id": sku, "price_version": seen["price_version"]},
            {"$set": {"price": kept, "price_version": entry.number}},
            told,
        )
        shown = {"price": kept} if await self._is_first(seen["product_id"], sku) else {}
        set_variant = self._products.changing(
            {"_id": seen["product_id"], "variants.sku": sku},
            {"$set": {"variants.$.price": kept, "updated_at": now, **shown}},
        )
        await together(
            (self._skus, [set_sku]),
            (self._products, [set_variant]),
            (self._prices, [self._prices.inserting(entry)]),
        )
        return entry

    async def _is_first(self, product_id: str, sku: str) -> bool:
        """Whether lists show this SKU's price. A product's variants stay in their order for good."""
        found = await self._products.by_keys([product_id], {"variants.sku": 1})
        return bool(found) and found[product_id]["variants"][0]["sku"] == sku

    async def quote(self, skus: Sequence[str]) -> list[Document]:
        """What carts need to know of many SKUs, in one read (two when there is a bundle among them); as kept, for this is
        asked more often than anything else."""
        wanted = skus_of(skus)
        found = list((await self._skus.by_keys(wanted, _QUOTED)).values()) if wanted else []
        await told_by_parts(self._skus, found)
        return found
