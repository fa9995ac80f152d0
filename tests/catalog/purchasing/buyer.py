"""This is where tests buy: a running catalog, and its purchasing as another replica would have it."""

from services.catalog.purchasing.drafts import DraftLine
from services.catalog.purchasing.orders import PurchaseOrder, Why
from services.catalog.purchasing.purchasing import Purchasing
from services.catalog.purchasing.supplier_items import SupplierItem
from services.catalog.purchasing.suppliers import Supplier, SupplierState
from services.kit.clock import Clock
from services.kit.money import Money
from tests.catalog.counter import Counter

WHY = Why("the shelf runs low", "库存不足")


class Buyer:
    """Somebody who buys goods in."""

    def __init__(self, counter: Counter, purchasing: Purchasing, clock: Clock) -> None:
        self.counter, self.purchasing, self.clock = counter, purchasing, clock

    async def supplier(
        self, name: str = "Jingdezhen Kiln", state: SupplierState = SupplierState.APPROVED, **more: int
    ) -> Supplier:
        now = self.clock.now()
        draft = Supplier("", name, "CNY", now, now, "staff", state)
        for field, value in more.items():
            setattr(draft, field, value)
        return await self.purchasing.suppliers.create(draft, [])

    async def quotes(self, supplier: Supplier, sku: str, cost: int = 400, **more: int) -> SupplierItem:
        """The supplier asks so much for a SKU: single units, ten days, unless told otherwise."""
        fields = {"moq": 1, "pack_size": 1, "lead_time_days": 10, "preferred": False} | more
        item = SupplierItem(
            id="",
            supplier_id=supplier.id,
            sku=sku,
            supplier_sku=f"K-{sku}",
            cost=Money("CNY", cost),
            moq=fields["moq"],
            pack_size=fields["pack_size"],
            lead_time_days=fields["lead_time_days"],
            preferred=bool(fields["preferred"]),
            updated_at=self.clock.now(),
            by="staff",
        )
        return await self.purchasing.items.put(item)

    async def draft(self, *lines: DraftLine, request_id: str = "r1") -> list[PurchaseOrder]:
        orders, _ = await self.purchasing.orders.draft(lines, WHY, "staff", request_id)
        return orders

    async def sent(self, sku: str, quantity: int, request_id: str = "r1") -> PurchaseOrder:
        """An order that the supplier has."""
        (order,) = await self.draft(DraftLine(sku, quantity), request_id=request_id)
        await self.purchasing.orders.approve(order.id, 0, "owner", senior=True)
        return await self.purchasing.orders.send(order.id, 0, "staff")
