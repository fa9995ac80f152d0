"""This is where calls about returns come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import returns_pb2, returns_pb2_grpc

from services.orders.aftersales.inspecting import Inspecting
from services.orders.aftersales.intake import Asked, Intake
from services.orders.aftersales.messages.returns import (
    found_of,
    kind_of,
    lines_of,
    return_message,
    state_of,
    wants_of,
)
from services.orders.aftersales.refunds import Refunds
from services.orders.aftersales.returns import InvalidReturn, Return
from services.orders.aftersales.reviewing import Reviewing
from services.orders.aftersales.sending import Sending
from services.orders.aftersales.ways_back import WaysBack


@dataclass
class ReturnsApi(returns_pb2_grpc.ReturnsServiceServicer):
    """Answers shop.orders.v1.ReturnsService."""

    intake: Intake
    reviewing: Reviewing
    inspecting: Inspecting
    refunds: Refunds
    sending: Sending
    ways_back: WaysBack

    async def OpenReturn(self, request: returns_pb2.OpenReturnRequest, context: Any) -> returns_pb2.OpenReturnResponse:
        """Asks to send lines back, or for something else about them."""
        rma, replayed = await self.intake.open(
            Asked(
                request.order_id,
                request.customer_id,
                lines_of(request.lines),
                request.reason,
                list(request.photos),
                request.request_id,
                kind_of(request.kind),
                request.detail,
                request.note,
                wants_of(request.wants),
            )
        )
        return returns_pb2.OpenReturnResponse(rma=return_message(rma), replayed=replayed)

    async def GetReturn(self, request: returns_pb2.GetReturnRequest, context: Any) -> returns_pb2.GetReturnResponse:
        """One return."""
        rma = await self.reviewing.get(request.id, request.customer_id, staff=request.staff)
        return returns_pb2.GetReturnResponse(rma=return_message(rma))

    async def ListReturns(
        self, request: returns_pb2.ListReturnsRequest, context: Any
    ) -> returns_pb2.ListReturnsResponse:
        """Returns, newest first."""
        page = request.page
        returns, cursor = await self.reviewing.page(
            request.customer_id, request.order_id, state_of(request.state), page.limit, page.cursor
        )
        return returns_pb2.ListReturnsResponse(returns=[return_message(rma) for rma in returns], next_cursor=cursor)

    async def ApproveReturn(
        self, request: returns_pb2.ApproveReturnRequest, context: Any
    ) -> returns_pb2.ApproveReturnResponse:
        """Says yes."""
        rma = await self.reviewing.approve(request.id, request.by, goods_stay=request.goods_stay, senior=request.senior)
        return returns_pb2.ApproveReturnResponse(rma=return_message(rma))

    async def MoveReturn(self, request: returns_pb2.MoveReturnRequest, context: Any) -> returns_pb2.MoveReturnResponse:
        """Rejects it, asks for more, answers that, or calls it off."""
        return returns_pb2.MoveReturnResponse(rma=return_message(await self._moved(request)))

    async def _moved(self, request: returns_pb2.MoveReturnRequest) -> Return:
        who = request.customer_id
        if request.move == returns_pb2.RETURN_MOVE_REJECT:
            return await self.reviewing.reject(request.id, request.by, request.text)
        if request.move == returns_pb2.RETURN_MOVE_ASK:
            return await self.reviewing.ask(request.id, request.by, request.text)
        if request.move == returns_pb2.RETURN_MOVE_ANSWER:
            return await self.reviewing.supply(request.id, who, request.text, list(request.photos))
        if request.move == returns_pb2.RETURN_MOVE_CANCEL:
            return await self.reviewing.cancel(request.id, who, request.text, staff=bool(request.by))
        raise InvalidReturn("no such move")

    async def ReceiveReturn(
        self, request: returns_pb2.ReceiveReturnRequest, context: Any
    ) -> returns_pb2.ReceiveReturnResponse:
        """The goods are back."""
        rma = await self.inspecting.receive(request.id, request.by, request.sound, request.warehouse)
        return returns_pb2.ReceiveReturnResponse(rma=return_message(rma))

    async def InspectReturn(
        self, request: returns_pb2.InspectReturnRequest, context: Any
    ) -> returns_pb2.InspectReturnResponse:
        """What came back, unit by unit."""
        found = found_of(request.grades)
        rma = await self.inspecting.inspect(request.id, request.by, request.warehouse, found, request.note)
        return returns_pb2.InspectReturnResponse(rma=return_message(rma))

    async def RefundReturn(
        self, request: returns_pb2.RefundReturnRequest, context: Any
    ) -> returns_pb2.RefundReturnResponse:
        """Gives back what was really paid for them, once."""
        return returns_pb2.RefundReturnResponse(rma=return_message(await self.refunds.refund(request.id, request.by)))

    async def SendInstead(
        self, request: returns_pb2.SendInsteadRequest, context: Any
    ) -> returns_pb2.SendInsteadResponse:
        """Sends something instead."""
        return returns_pb2.SendInsteadResponse(rma=return_message(await self.sending.send(request.id, request.by)))

    async def PayDifference(
        self, request: returns_pb2.PayDifferenceRequest, context: Any
    ) -> returns_pb2.PayDifferenceResponse:
        """The customer pays the difference."""
        rma = await self.sending.pay(request.id, request.customer_id, request.payment_token)
        return returns_pb2.PayDifferenceResponse(rma=return_message(rma))

    async def BookWayBack(
        self, request: returns_pb2.BookWayBackRequest, context: Any
    ) -> returns_pb2.BookWayBackResponse:
        """Books the parcel the goods come back in."""
        rma = await self.ways_back.book(
            request.id, request.customer_id, request.kind, request.window, staff=request.staff
        )
        return returns_pb2.BookWayBackResponse(rma=return_message(rma))
