"""This is where catalog asks its neighbours."""

from collections.abc import Sequence

import grpc.aio
from shop.orders.v1 import orders_pb2, orders_pb2_grpc

from services.kit.rpc import call

from .sweeping import Fate

_FATES = {orders_pb2.HOLD_FATE_RELEASE: Fate.RELEASE, orders_pb2.HOLD_FATE_KEEP: Fate.KEEP}


class OrdersNeighbour:
    """orders, as the sweeper needs it."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._orders = orders_pb2_grpc.OrdersServiceStub(channel)

    async def fates(self, order_ids: Sequence[str]) -> Sequence[Fate | None]:
        """One an order, in the order asked; None for what we do not understand."""
        answer = await call(self._orders.ListHoldFates, orders_pb2.ListHoldFatesRequest(order_ids=order_ids))
        return [_FATES.get(fate) for fate in answer.fates]
