"""This is where calls of guests and ERPs come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import erp_pb2, erp_pb2_grpc, lookups_pb2, lookups_pb2_grpc

from services.kit.clock import rfc3339
from services.kit.seal import Seal
from services.kit.store import Store
from services.orders.messages.orders import order_message
from services.orders.orders import Order

from .acknowledging import Acknowledging
from .feed import Feed
from .lookups import Lookups


@dataclass
class LookupsApi(lookups_pb2_grpc.LookupsServiceServicer):
    """Answers shop.orders.v1.LookupsService."""

    lookups: Lookups
    seal: Seal

    async def LookUpOrder(
        self, request: lookups_pb2.LookUpOrderRequest, context: Any
    ) -> lookups_pb2.LookUpOrderResponse:
        """Finds a guest's order."""
        order = await self.lookups.find(request.number, request.email, request.phone)
        address = self.seal.open(order.sealed_address, order.id)
        return lookups_pb2.LookUpOrderResponse(order=order_message(order, address))


@dataclass
class ErpApi(erp_pb2_grpc.ErpServiceServicer):
    """Answers shop.orders.v1.ErpService."""

    feed: Feed
    orders: Store[Order]
    acknowledging: Acknowledging

    async def ListOrderChanges(
        self, request: erp_pb2.ListOrderChangesRequest, context: Any
    ) -> erp_pb2.ListOrderChangesResponse:
        """What happened since."""
        found, cursor = await self.feed.since(request.cursor, request.limit)
        orders = await self.orders.get_many(list({each.change.order_id for each in found}))
        changes = [
            erp_pb2.OrderChange(
                revision=each.revision,
                what=each.change.what,
                at=rfc3339(each.change.at),
                order=order_message(orders[each.change.order_id]),
            )
            for each in found
            if each.change.order_id in orders
        ]
        return erp_pb2.ListOrderChangesResponse(changes=changes, next_cursor=cursor)

    async def AcknowledgeOrders(
        self, request: erp_pb2.AcknowledgeOrdersRequest, context: Any
    ) -> erp_pb2.AcknowledgeOrdersResponse:
        """Takes numbers in."""
        taken = await self.acknowledging.take([(each.order_id, each.erp_number) for each in request.acknowledgements])
        return erp_pb2.AcknowledgeOrdersResponse(
            acknowledged=[
                erp_pb2.Acknowledged(order_id=each.order_id, outcome=each.outcome, erp_number=each.erp_number)
                for each in taken
            ]
        )
