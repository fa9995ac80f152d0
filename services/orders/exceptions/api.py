"""This is where calls about exceptions come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import exceptions_pb2 as pb
from shop.orders.v1 import exceptions_pb2_grpc

from services.kit.seal import Seal
from services.orders.messages.addresses import address_of, money
from services.orders.messages.orders import order_message, staff_message
from services.orders.readdressing import Asker

from .desk import Desk
from .messages import case_message, lines_of


@dataclass
class ExceptionsApi(exceptions_pb2_grpc.ExceptionsServiceServicer):
    """Answers shop.orders.v1.ExceptionsService."""

    desk: Desk
    seal: Seal

    async def OpenException(self, request: pb.OpenExceptionRequest, context: Any) -> pb.OpenExceptionResponse:
        """Opens one by hand."""
        case = await self.desk.open(request.order_id, request.reason, request.text, request.by)
        return pb.OpenExceptionResponse(exception=case_message(case))

    async def GetException(self, request: pb.GetExceptionRequest, context: Any) -> pb.GetExceptionResponse:
        """One."""
        return pb.GetExceptionResponse(exception=case_message(await self.desk.cases.get(request.id)))

    async def ListExceptions(self, request: pb.ListExceptionsRequest, context: Any) -> pb.ListExceptionsResponse:
        """A page, oldest first."""
        page = request.page
        found, more = await self.desk.page(request.state, request.reason, request.overdue, page.limit, page.cursor)
        return pb.ListExceptionsResponse(exceptions=[case_message(case) for case in found], next_cursor=more)

    async def RecordContact(self, request: pb.RecordContactRequest, context: Any) -> pb.RecordContactResponse:
        """The customer was contacted."""
        case = await self.desk.contact(request.id, request.channel, request.result, request.note, request.by)
        return pb.RecordContactResponse(exception=case_message(case))

    async def ResolveException(self, request: pb.ResolveExceptionRequest, context: Any) -> pb.ResolveExceptionResponse:
        """Closes it."""
        case = await self.desk.resolve(request.id, request.outcome, request.note, request.by)
        return pb.ResolveExceptionResponse(exception=case_message(case))

    async def ReshipException(self, request: pb.ReshipExceptionRequest, context: Any) -> pb.ReshipExceptionResponse:
        """Sends goods once more."""
        case, order = await self.desk.reship(request.id, lines_of(request.lines), request.by)
        return pb.ReshipExceptionResponse(exception=case_message(case), order=staff_message(order))

    async def RefundException(self, request: pb.RefundExceptionRequest, context: Any) -> pb.RefundExceptionResponse:
        """Gives money back."""
        case, minor, currency = await self.desk.refund(request.id, lines_of(request.lines), request.by)
        return pb.RefundExceptionResponse(exception=case_message(case), refund=money(currency, minor))

    async def RepairAddress(self, request: pb.RepairAddressRequest, context: Any) -> pb.RepairAddressResponse:
        """Repairs the address."""
        case = await self.desk.repair(request.id, address_of(request.address), request.by)
        return pb.RepairAddressResponse(exception=case_message(case))

    async def ReaddressOrder(self, request: pb.ReaddressOrderRequest, context: Any) -> pb.ReaddressOrderResponse:
        """Repairs the address of a paid order."""
        asker = Asker(request.customer_id, request.staff_id)
        order = await self.desk.readdressing.repair(request.order_id, address_of(request.address), asker)
        shown = staff_message if request.staff_id else order_message
        return pb.ReaddressOrderResponse(order=shown(order, self.seal.open(order.sealed_address, order.id)))
