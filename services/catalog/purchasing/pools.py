"""This is where it is decided when a pool of C-class goods is ordered: on its day, when it travels free, or when each of its
goods reaches its least quantity. Pure."""

from collections.abc import Mapping
from datetime import datetime

from .drafts import rounding, shown
from .orders import OrderState, PurchaseOrder, Why, rounded, take_step
from .supplier_items import SupplierItem
from .suppliers import Supplier

_MOST_LINES = 200


def ripe(pool: PurchaseOrder, supplier: Supplier, items: Mapping[str, SupplierItem], now: datetime) -> Why | None:
    """Why the pool is ordered now; None while it waits."""
    if pool.pool_until is not None and now >= pool.pool_until:
        return Why("The pool's day has come.", "已到拼单日。")
    if supplier.free_freight_minor:
        if pool.value_minor >= supplier.free_freight_minor:
            value = shown(pool.value_minor, pool.currency)
            return Why(f"The pool is worth {value}: it travels free.", f"拼单金额已达 {value}，免运费。")
    elif all(line.sku in items and line.ordered >= items[line.sku].moq for line in pool.lines):
        return Why("Each of the goods has reached its least quantity.", "各商品均已达到起订量。")
    if len(pool.lines) > _MOST_LINES:
        return Why("The pool is full.", "拼单池已满。")
    return None


def close(
    pool: PurchaseOrder, items: Mapping[str, SupplierItem], because: Why, now: datetime, by: str
) -> PurchaseOrder:
    """The pool becomes a draft; its quantities become what can be ordered, at what the supplier asks now."""
    take_step(pool, OrderState.DRAFT, now, by)
    pool.only, pool.pool_until = pool.id, None
    pool.why.append(because)
    for line in pool.lines:
        if item := items.get(line.sku):
            line.unit_cost_minor = item.cost.minor
            line.ordered = rounded(line.asked, item.moq, item.pack_size)
            if line.ordered != line.asked:
                pool.why.append(rounding(line.sku, line.asked, line.ordered, item.moq, item.pack_size))
    return pool
