"""This is where calls about returns come in."""

from typing import Any

from shop.orders.v1 import returns_pb2, returns_pb2_grpc

from services.orders.messages.returns import lines_of, return_message, state_of
from services.orders.refunds import Refunds
from services.orders.returns import Returns


class ReturnsApi(returns_pb2_grpc.ReturnsServiceServicer):
    """Answers shop.orders.v1.ReturnsService."""

    def __init__(self, returns: Returns, refunds: Refunds) -> None:
        self._returns, self._refunds = returns, refunds

    async def OpenReturn(self, request: returns_pb2.OpenReturnRequest, context: Any) -> returns_pb2.OpenReturnResponse:
        """Asks to send lines back."""
        rma, replayed = await self._returns.open(
            request.order_id,
            request.customer_id,
            lines_of(request.lines),
            request.reason,
            list(request.photos),
            request.request_id,
        )
        return returns_pb2.OpenReturnResponse(rma=return_message(rma), replayed=replayed)

    async def ApproveReturn(
        self, request: returns_pb2.ApproveReturnRequest, context: Any
    ) -> returns_pb2.ApproveReturnResponse:
        """Says yes."""
        return returns_pb2.ApproveReturnResponse(
            rma=return_message(await self._returns.approve(request.id, request.by))
        )

    async def ReceiveReturn(
        self, request: returns_pb2.ReceiveReturnRequest, context: Any
    ) -> returns_pb2.ReceiveReturnResponse:
        """The goods are back."""
        rma = await self._returns.receive(request.id, request.by, request.sound, request.warehouse)
        return returns_pb2.ReceiveReturnResponse(rma=return_message(rma))

    async def RefundReturn(
        self, request: returns_pb2.RefundReturnRequest, context: Any
    ) -> returns_pb2.RefundReturnResponse:
        """Gives back what was really paid for them, once."""
        return returns_pb2.RefundReturnResponse(rma=return_message(await self._refunds.refund(request.id, request.by)))

    async def ListReturns(
        self, request: returns_pb2.ListReturnsRequest, context: Any
    ) -> returns_pb2.ListReturnsResponse:
        """Returns, newest first."""
        returns, cursor = await self._returns.page(
            request.customer_id, state_of(request.state), request.page.limit, request.page.cursor
        )
        return returns_pb2.ListReturnsResponse(returns=[return_message(rma) for rma in returns], next_cursor=cursor)
