"""This is where it changes what a SKU costs the shop: on the SKU and on its product's page, in one transaction."""

from collections.abc import Callable, Sequence
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Conflict, Invalid
from services.kit.money import Money
from services.kit.store import Document

from .content import Product
from .fields import MAX_MINOR, Faults, is_sku
from .messages.events import product_changed
from .skus import Sku, SkuNotFound
from .store import NotAsSeen, Table, Write, together

_TRIES = 20
Batch = tuple[Table[Any], Sequence[Write]]
# What it costs from now on, of what it costs and how many units there are.
Decide = Callable[[Money, int], Money]


class InvalidCost(Invalid):
    """Below zero, too high, or in another currency than the SKU's."""


class Costs:
    """Changes costs."""

    def __init__(self, skus: Table[Sku], products: Table[Product], clock: Clock) -> None:
        self._skus, self._products, self._clock = skus, products, clock

    async def set(self, sku: str, decide: Decide, *also: Batch) -> Money:
        """Changes a SKU's cost, and writes with it what else belongs to it: all or nothing. Answers the cost.

        Refuses with SKU_NOT_FOUND, INVALID_COST; with `NotAsSeen` when what else belongs to it is not as it was seen.
        """
        for _ in range(_TRIES):
            seen = await self._seen(sku)
            before = Money(**seen["cost"])
            cost = decide(before, sum(seen["on_hand"].values()))
            _check(cost, before)
            batches = [*(await self._writes(seen, cost) if cost != before else ()), *also]
            if not batches:
                return cost
            try:
                await together(*batches)
            except NotAsSeen:
                if also and Money(**(await self._seen(sku))["cost"]) == before:
                    raise
                continue
            return cost
        raise Conflict(f"the cost of {sku} is being changed by others")

    async def _seen(self, sku: str) -> Document:
        found = await self._skus.by_keys([sku], {"cost": 1, "on_hand": 1, "product_id": 1}) if is_sku(sku) else {}
        if sku not in found:
            raise SkuNotFound("there is no such SKU", sku=sku)
        return found[sku]

    async def _writes(self, seen: Document, cost: Money) -> list[Batch]:
        now, sku, kept = self._clock.now(), seen["_id"], {"currency": cost.currency, "minor": cost.minor}
        product = await self._products.get(seen["product_id"])
        if product is None:
            raise SkuNotFound("there is no such SKU", sku=sku)
        set_variant = {"$set": {"variants.$.cost": kept, "updated_at": now}}
        of_variant = {"_id": product.id, "variants.sku": sku}
        return [
            (self._skus, [self._skus.changing({"_id": sku, "cost": seen["cost"]}, {"$set": {"cost": kept}})]),
            (self._products, [self._products.changing(of_variant, set_variant, product_changed(product, now))]),
        ]


def moving_average(before: Money, on_hand: int, came: int, paid: Money) -> Money:
    """What a unit costs on the mean of what was there and what came (already among `on_hand`); halves round up."""
    there = max(0, on_hand - came)
    worth, many = there * before.minor + came * paid.minor, there + came
    return Money(before.currency, (2 * worth + many) // (2 * many)) if many else before


def _check(cost: Money, before: Money) -> None:
    faults = Faults()
    faults.number("/cost/minor", cost.minor, 0, MAX_MINOR)
    if cost.currency != before.currency:
        faults.add("/cost/currency", f"must be {before.currency}, as the SKU's cost is")
    faults.refuse(InvalidCost)
