"""This is where tests buy: a running catalog, and its purchasing as another replica would have it."""

from collections.abc import Sequence
from typing import Any

from shop.catalog.v1 import (
    products_pb2,
    purchase_orders_pb2,
    purchase_orders_pb2_grpc,
    suppliers_pb2,
    suppliers_pb2_grpc,
    traces_pb2,
    traces_pb2_grpc,
)

from services.catalog.purchasing.drafts import DraftLine
from services.catalog.purchasing.orders import PurchaseOrder, Why
from services.catalog.purchasing.purchase_orders import Step
from services.catalog.purchasing.purchasing import Purchasing
from services.catalog.purchasing.supplier_items import SupplierItem
from services.catalog.purchasing.suppliers import Supplier, SupplierState
from services.kit.money import Money
from services.kit.rpc import call
from tests.catalog.counter import Counter

WHY = Why("the shelf runs low", "库存不足")


class Buyer:
    """Somebody who buys goods in."""

    def __init__(self, counter: Counter, purchasing: Purchasing) -> None:
        self.counter, self.purchasing, self.clock = counter, purchasing, counter.house.clock
        channel = counter.started.channel
        self.suppliers = suppliers_pb2_grpc.SuppliersServiceStub(channel)
        self.orders = purchase_orders_pb2_grpc.PurchaseOrdersServiceStub(channel)
        self.traces = traces_pb2_grpc.TracesServiceStub(channel)

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

    async def sent(self, sku: str, quantity: int, request_id: str = "r1", supplier_id: str = "") -> PurchaseOrder:
        """An order that the supplier has."""
        (order,) = await self.draft(DraftLine(sku, quantity, "B", supplier_id), request_id=request_id)
        await self.purchasing.orders.approve(order.id, 0, "owner", senior=True)
        return await self.purchasing.orders.move(order.id, Step.SEND, 0, "staff")

    async def receive(
        self,
        order: PurchaseOrder,
        sku: str,
        received: int,
        rejected: int = 0,
        key: str = "k1",
        reason: str = "",
        batch: str = "",
    ) -> purchase_orders_pb2.ReceivePurchaseOrderResponse:
        line = purchase_orders_pb2.ReceiptLine(
            sku=sku, received=received, rejected=rejected, reason=reason, batch=batch
        )
        asked = purchase_orders_pb2.ReceivePurchaseOrderRequest(id=order.id, lines=[line], request_id=key, by="staff")
        return await call(self.orders.ReceivePurchaseOrder, asked, timeout_s=20)

    async def cost_of(self, sku: str) -> tuple[int, int]:
        """What the SKU costs, by itself and on its product's page."""
        kept = await self.counter.database["skus"].find_one({"_id": sku})
        asked = products_pb2.GetProductRequest(id=sku, staff=True)
        shown = (await call(self.counter.products.GetProduct, asked)).product
        (variant,) = [each for each in shown.variants if each.sku == sku]
        assert kept is not None
        return kept["cost"]["minor"], variant.cost.minor

    async def scorecard(self, supplier: Supplier) -> suppliers_pb2.Scorecard:
        asked = suppliers_pb2.GetScorecardRequest(supplier_id=supplier.id)
        return (await call(self.suppliers.GetScorecard, asked)).scorecard

    async def origins(self, order_id: str) -> Sequence[Any]:
        """(SKU, units, lot, supplier's name), sorted; the lot is empty where nobody knows."""
        await self.counter.house.settled()
        answered = await call(self.traces.TraceOrder, traces_pb2.TraceOrderRequest(order_id=order_id))
        return sorted((row.sku, row.units, row.lot.id, row.lot.supplier_name) for row in answered.origins)

    async def buys(self, order_id: str, sku: str, quantity: int) -> None:
        """A customer's order takes units from the shelf, a little later."""
        self.clock.advance(seconds=1)
        await self.counter.hold(order_id, {sku: quantity})
        await self.counter.confirm(order_id, (sku, "main", quantity))

    async def lots_add_up(self, sku: str) -> None:
        """What remains of all lots is what stands on the shelf, and nothing is below zero."""
        await self.counter.house.settled()
        on_hand, _, _ = await self.counter.there(sku)
        remaining = [lot["remaining"] async for lot in self.counter.database["lots"].find({"sku": sku}).sort("_id", 1)]
        assert min(remaining) >= 0
        assert sum(remaining) == on_hand["main"]
