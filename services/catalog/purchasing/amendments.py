"""This is where the quantities of an order are changed while it is still being made up."""

from collections.abc import Mapping
from typing import Any

from services.catalog.fields import MAX_UNITS, Faults
from services.catalog.store import Table
from services.kit.errors import FieldError, VersionMismatch

from .orders import IllegalTransition, InvalidPurchaseOrder, OrderLine, OrderState, PurchaseOrder, rounded
from .purchase_orders import PurchaseOrders
from .store import content_of
from .supplier_items import SupplierItem, SupplierItems

_OPEN = (OrderState.POOLING, OrderState.DRAFT)


class Amendments:
    """Changes orders."""

    def __init__(self, orders: Table[PurchaseOrder], looking: PurchaseOrders, items: SupplierItems) -> None:
        self._orders, self._looking, self._items = orders, looking, items

    async def change(self, order_id: str, if_version: int, quantities: Mapping[str, int], by: str) -> PurchaseOrder:
        """So many of each of these SKUs from now on, at what the supplier asks; 0 takes a line out.

        Refuses with PURCHASE_ORDER_NOT_FOUND, ILLEGAL_TRANSITION, VERSION_MISMATCH, INVALID_PURCHASE_ORDER.
        """
        _check(quantities, by)
        order = await self._looking.get(order_id)
        if if_version and order.version != if_version:
            raise VersionMismatch(f"{order_id} has changed since version {if_version}")
        if order.state not in _OPEN:
            raise IllegalTransition(f"an order that is {order.state} is not changed", state=order.state)
        items = await self._items.quoted(order.supplier_id, sorted(quantities))
        for i, (sku, quantity) in enumerate(quantities.items()):
            _set(order, sku, quantity, items.get(sku), f"/lines/{i}/sku")
        if not order.lines:
            message = "must not all be taken out: cancel it instead"
            raise InvalidPurchaseOrder(message, errors=[FieldError("/lines", message)])
        seen: dict[str, Any] = {"_id": order_id, "version": order.version}
        order.by = by
        if changed := await self._orders.change(seen, {"$set": content_of(order)}):
            return changed
        raise VersionMismatch(f"{order_id} has changed since version {order.version}")


def _set(order: PurchaseOrder, sku: str, quantity: int, item: SupplierItem | None, pointer: str) -> None:
    line = order.line(sku)
    if quantity == 0:
        order.lines = [each for each in order.lines if each.sku != sku]
        return
    if item is None:
        message = "is not quoted by this supplier"
        raise InvalidPurchaseOrder(f"{sku} {message}", errors=[FieldError(pointer, message)])
    pooled = order.state is OrderState.POOLING
    ordered = quantity if pooled else rounded(quantity, item.moq, item.pack_size)
    if line is None:
        order.lines.append(
            OrderLine(sku, item.supplier_sku, "C" if pooled else "B", quantity, ordered, item.cost.minor)
        )
    else:
        line.asked, line.ordered, line.unit_cost_minor = quantity, ordered, item.cost.minor


def _check(quantities: Mapping[str, int], by: str) -> None:
    faults = Faults()
    if not 1 <= len(quantities) <= 200:
        faults.add("/lines", "must be 1 to 200")
    for i, (sku, quantity) in enumerate(quantities.items()):
        faults.sku(f"/lines/{i}/sku", sku)
        faults.number(f"/lines/{i}/quantity", quantity, 0, MAX_UNITS)
    faults.text("/by", by, 128)
    faults.refuse(InvalidPurchaseOrder)
