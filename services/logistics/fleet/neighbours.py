"""This is where the fleet calls orders."""

import grpc.aio
from shop.orders.v1 import payments_pb2, payments_pb2_grpc
from shop.type.v1.money_pb2 import Money as MoneyMessage

from services.kit.money import Money
from services.kit.rpc import call


class OrdersCash:
    """`owing.CashDesk` over gRPC."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = payments_pb2_grpc.PaymentsServiceStub(channel)

    async def collect(self, order_id: str, amount: Money, request_id: str, by: str) -> None:
        """Cash taken at the door; the same request id again books it once."""
        told = MoneyMessage(currency=amount.currency, minor=amount.minor)
        request = payments_pb2.CollectCashRequest(order_id=order_id, amount=told, request_id=request_id, by=by)
        await call(self._stub.CollectCash, request)
