"""This is where it is asked what became of orders that hold places."""

from collections.abc import Mapping, Sequence

import grpc.aio
from shop.orders.v1 import slots_pb2, slots_pb2_grpc

from services.kit.rpc import call


class OrdersSlots:
    """`sweeping.Orders` over gRPC."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = slots_pb2_grpc.SlotsServiceStub(channel)

    async def slots_of(self, order_ids: Sequence[str]) -> Mapping[str, str]:
        """By order."""
        answer = await call(self._stub.ListSlotFates, slots_pb2.ListSlotFatesRequest(order_ids=order_ids))
        return dict(zip(order_ids, answer.slots, strict=False))
