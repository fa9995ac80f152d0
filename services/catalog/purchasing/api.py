"""This is where calls to purchasing come in: one method, one call into a feature."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    purchase_orders_pb2,
    purchase_orders_pb2_grpc,
    suppliers_pb2,
    suppliers_pb2_grpc,
    traces_pb2,
    traces_pb2_grpc,
)

from .amendments import Amendments
from .messages import orders as of_orders
from .messages import suppliers as of_suppliers
from .orders import PurchaseOrder
from .printing import printed
from .purchase_orders import PurchaseOrders, Step
from .purchasing import Purchasing
from .receipts import Receiving
from .scorecards import Scorecards
from .suppliers import Suppliers
from .traces import Traces

_STEPS = {
    purchase_orders_pb2.PURCHASE_ORDER_MOVE_APPROVE: Step.APPROVE,
    purchase_orders_pb2.PURCHASE_ORDER_MOVE_SEND: Step.SEND,
    purchase_orders_pb2.PURCHASE_ORDER_MOVE_CONFIRM: Step.CONFIRM,
    purchase_orders_pb2.PURCHASE_ORDER_MOVE_CANCEL: Step.CANCEL,
    purchase_orders_pb2.PURCHASE_ORDER_MOVE_CLOSE: Step.CLOSE,
}


@dataclass
class SuppliersApi(suppliers_pb2_grpc.SuppliersServiceServicer):
    """Who goods are bought from."""

    bought: Purchasing
    scorecards: Scorecards

    async def CreateSupplier(
        self, request: suppliers_pb2.CreateSupplierRequest, context: Any
    ) -> suppliers_pb2.CreateSupplierResponse:
        """Takes a supplier in."""
        draft, contacts = of_suppliers.draft(request.supplier, request.by)
        made = await self.bought.suppliers.create(draft, contacts)
        return suppliers_pb2.CreateSupplierResponse(supplier=of_suppliers.supplier(made, contacts))

    async def UpdateSupplier(
        self, request: suppliers_pb2.UpdateSupplierRequest, context: Any
    ) -> suppliers_pb2.UpdateSupplierResponse:
        """Changes the fields given."""
        suppliers = self.bought.suppliers
        changed = await suppliers.update(request.id, request.if_version, request.patch, request.by)
        shown = of_suppliers.supplier(changed, suppliers.contacts_of(changed))
        return suppliers_pb2.UpdateSupplierResponse(supplier=shown)

    async def GetSupplier(
        self, request: suppliers_pb2.GetSupplierRequest, context: Any
    ) -> suppliers_pb2.GetSupplierResponse:
        """One supplier."""
        kept = await self.bought.suppliers.get(request.id)
        shown = of_suppliers.supplier(kept, self.bought.suppliers.contacts_of(kept))
        return suppliers_pb2.GetSupplierResponse(supplier=shown)

    async def ListSuppliers(
        self, request: suppliers_pb2.ListSuppliersRequest, context: Any
    ) -> suppliers_pb2.ListSuppliersResponse:
        """Suppliers."""
        state, page = of_suppliers.state_word(request.state), request.page
        found, more = await self.bought.suppliers.page(state, request.by_score, page.limit, page.cursor)
        shown = [of_suppliers.supplier(each) for each in found]
        return suppliers_pb2.ListSuppliersResponse(suppliers=shown, next_cursor=more)

    async def PutSupplierItem(
        self, request: suppliers_pb2.PutSupplierItemRequest, context: Any
    ) -> suppliers_pb2.PutSupplierItemResponse:
        """What a supplier asks from now on."""
        wanted = of_suppliers.wanted_item(request.item, request.by)
        kept = await self.bought.items.put(wanted, request.if_version)
        return suppliers_pb2.PutSupplierItemResponse(item=of_suppliers.item(kept))

    async def ListSupplierItems(
        self, request: suppliers_pb2.ListSupplierItemsRequest, context: Any
    ) -> suppliers_pb2.ListSupplierItemsResponse:
        """All a supplier quotes."""
        items = await self.bought.items.of_supplier(request.supplier_id)
        return suppliers_pb2.ListSupplierItemsResponse(items=[of_suppliers.item(each) for each in items])

    async def ListOffers(
        self, request: suppliers_pb2.ListOffersRequest, context: Any
    ) -> suppliers_pb2.ListOffersResponse:
        """Who offers a SKU."""
        offers = (await self.bought.items.of([request.sku])).get(request.sku, [])
        return suppliers_pb2.ListOffersResponse(offers=[of_suppliers.offer(each) for each in offers])

    async def GetScorecard(
        self, request: suppliers_pb2.GetScorecardRequest, context: Any
    ) -> suppliers_pb2.GetScorecardResponse:
        """What a supplier did."""
        card = await self.scorecards.of(request.supplier_id)
        return suppliers_pb2.GetScorecardResponse(scorecard=of_suppliers.scorecard(card))

    async def GetPurchasePolicy(
        self, request: suppliers_pb2.GetPurchasePolicyRequest, context: Any
    ) -> suppliers_pb2.GetPurchasePolicyResponse:
        """How the shop buys."""
        return suppliers_pb2.GetPurchasePolicyResponse(policy=of_suppliers.policy(await self.bought.policies.get()))

    async def PutPurchasePolicy(
        self, request: suppliers_pb2.PutPurchasePolicyRequest, context: Any
    ) -> suppliers_pb2.PutPurchasePolicyResponse:
        """How the shop buys from now on."""
        wanted = of_suppliers.wanted_policy(request.policy, request.by)
        kept = await self.bought.policies.put(wanted, request.if_version)
        return suppliers_pb2.PutPurchasePolicyResponse(policy=of_suppliers.policy(kept))


@dataclass
class PurchaseOrdersApi(purchase_orders_pb2_grpc.PurchaseOrdersServiceServicer):
    """Goods ordered."""

    orders: PurchaseOrders
    amendments: Amendments
    receiving: Receiving

    async def DraftPurchaseOrders(
        self, request: purchase_orders_pb2.DraftPurchaseOrdersRequest, context: Any
    ) -> purchase_orders_pb2.DraftPurchaseOrdersResponse:
        """Makes orders of needs."""
        needs, why = [of_orders.need(each) for each in request.needs], of_orders.why(request.why)
        made, replayed = await self.orders.draft(needs, why, request.by, request.request_id)
        return purchase_orders_pb2.DraftPurchaseOrdersResponse(orders=_all(made), replayed=replayed)

    async def GetPurchaseOrder(
        self, request: purchase_orders_pb2.GetPurchaseOrderRequest, context: Any
    ) -> purchase_orders_pb2.GetPurchaseOrderResponse:
        """One order."""
        order = await self.orders.get(request.id)
        return purchase_orders_pb2.GetPurchaseOrderResponse(order=of_orders.order(order))

    async def ListPurchaseOrders(
        self, request: purchase_orders_pb2.ListPurchaseOrdersRequest, context: Any
    ) -> purchase_orders_pb2.ListPurchaseOrdersResponse:
        """Orders, newest first."""
        state, page = of_orders.state_word(request.state), request.page
        found, more = await self.orders.page(state, request.supplier_id, page.limit, page.cursor)
        return purchase_orders_pb2.ListPurchaseOrdersResponse(orders=_all(found), next_cursor=more)

    async def ChangePurchaseOrder(
        self, request: purchase_orders_pb2.ChangePurchaseOrderRequest, context: Any
    ) -> purchase_orders_pb2.ChangePurchaseOrderResponse:
        """Other quantities."""
        wanted = {each.sku: each.quantity for each in request.quantities}
        order = await self.amendments.change(request.id, request.if_version, wanted, request.by)
        return purchase_orders_pb2.ChangePurchaseOrderResponse(order=of_orders.order(order))

    async def MovePurchaseOrder(
        self, request: purchase_orders_pb2.MovePurchaseOrderRequest, context: Any
    ) -> purchase_orders_pb2.MovePurchaseOrderResponse:
        """A step."""
        order = await self.orders.move(
            request.id,
            _STEPS.get(request.move),
            request.if_version,
            request.by,
            senior=request.senior,
            promised_at=of_orders.moment("/promised_at", request.promised_at),
            reason=request.reason,
        )
        return purchase_orders_pb2.MovePurchaseOrderResponse(order=of_orders.order(order))

    async def ReceivePurchaseOrder(
        self, request: purchase_orders_pb2.ReceivePurchaseOrderRequest, context: Any
    ) -> purchase_orders_pb2.ReceivePurchaseOrderResponse:
        """Books a delivery."""
        lines = [of_orders.receipt_line(i, each) for i, each in enumerate(request.lines)]
        order, receipt, replayed = await self.receiving.receive(
            request.id, request.warehouse, lines, request.by, request.request_id
        )
        return purchase_orders_pb2.ReceivePurchaseOrderResponse(
            order=of_orders.order(order), receipt=of_orders.receipt(receipt), replayed=replayed
        )

    async def PrintPurchaseOrder(
        self, request: purchase_orders_pb2.PrintPurchaseOrderRequest, context: Any
    ) -> purchase_orders_pb2.PrintPurchaseOrderResponse:
        """The order as a file."""
        order = await self.orders.get(request.id)
        content, media_type = await printed(order, request.format)
        return purchase_orders_pb2.PrintPurchaseOrderResponse(
            content=content, media_type=media_type, name=f"{order.number}.{request.format}"
        )


@dataclass
class TracesApi(traces_pb2_grpc.TracesServiceServicer):
    """Where units came from and went."""

    traces: Traces
    suppliers: Suppliers

    async def TraceOrder(self, request: traces_pb2.TraceOrderRequest, context: Any) -> traces_pb2.TraceOrderResponse:
        """Where an order's units came from."""
        origins = await self.traces.of_order(request.order_id)
        names = await self.suppliers.names({origin.lot.supplier_id for origin in origins if origin.lot})
        return traces_pb2.TraceOrderResponse(origins=[of_orders.origin(each, names) for each in origins])

    async def TraceLot(self, request: traces_pb2.TraceLotRequest, context: Any) -> traces_pb2.TraceLotResponse:
        """Where a lot went."""
        lot = await self.traces.lot(request.lot_id)
        reached, more = await self.traces.reached(lot.id, request.page.limit, request.page.cursor)
        names = await self.suppliers.names({lot.supplier_id})
        return traces_pb2.TraceLotResponse(
            lot=of_orders.lot(lot, names),
            orders=[traces_pb2.LotOrder(order_id=each.order_id, units=each.units) for each in reached],
            next_cursor=more,
        )


def _all(orders: list[PurchaseOrder]) -> list[purchase_orders_pb2.PurchaseOrder]:
    return [of_orders.order(each) for each in orders]
