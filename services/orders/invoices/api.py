"""This is where calls about invoices and vouchers come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import invoices_pb2 as pb
from shop.orders.v1 import invoices_pb2_grpc

from . import messages
from .invoices import Invoice
from .issuing import Issuing
from .profile import Profiles
from .shown import Shown
from .vouchers import Vouchers


@dataclass
class InvoicesApi(invoices_pb2_grpc.InvoicesServiceServicer):
    """Answers shop.orders.v1.InvoicesService."""

    issuing: Issuing
    shown: Shown
    vouchers: Vouchers
    profiles: Profiles

    def _message(self, invoice: Invoice) -> pb.Invoice:
        return messages.invoice(invoice, self.issuing.buyer(invoice))

    async def IssueInvoice(self, request: pb.IssueInvoiceRequest, context: Any) -> pb.IssueInvoiceResponse:
        """Issues one."""
        buyer = messages.buyer_of(request.buyer)
        made = await self.issuing.issue(request.order_id, request.customer_id, buyer, request.by, staff=request.staff)
        return pb.IssueInvoiceResponse(invoice=self._message(made))

    async def ReissueInvoice(self, request: pb.ReissueInvoiceRequest, context: Any) -> pb.ReissueInvoiceResponse:
        """Issues it anew."""
        made = await self.issuing.issue_anew(
            request.order_id,
            request.invoice_id,
            request.customer_id,
            messages.buyer_of(request.buyer),
            request.by,
            staff=request.staff,
        )
        return pb.ReissueInvoiceResponse(invoice=self._message(made))

    async def ReverseInvoice(self, request: pb.ReverseInvoiceRequest, context: Any) -> pb.ReverseInvoiceResponse:
        """Takes it back."""
        done = await self.issuing.reverse(request.invoice_id, request.reason, request.by)
        return pb.ReverseInvoiceResponse(invoice=self._message(done))

    async def ListOrderInvoices(
        self, request: pb.ListOrderInvoicesRequest, context: Any
    ) -> pb.ListOrderInvoicesResponse:
        """An order's."""
        found = await self.shown.of_order(request.order_id, request.customer_id, staff=request.staff)
        return pb.ListOrderInvoicesResponse(invoices=[self._message(each) for each in found])

    async def PrintInvoice(self, request: pb.PrintInvoiceRequest, context: Any) -> pb.PrintInvoiceResponse:
        """The PDF."""
        content = await self.shown.printed(
            request.order_id, request.invoice_id, request.customer_id, staff=request.staff
        )
        return pb.PrintInvoiceResponse(content=content)

    async def ListInvoices(self, request: pb.ListInvoicesRequest, context: Any) -> pb.ListInvoicesResponse:
        """A page of a period."""
        found, more = await self.shown.page(request.period, request.page.limit, request.page.cursor)
        return pb.ListInvoicesResponse(invoices=[self._message(each) for each in found], next_cursor=more)

    async def ExportInvoices(self, request: pb.ExportInvoicesRequest, context: Any) -> pb.ExportInvoicesResponse:
        """A page of a period as a document."""
        page = request.page
        content, kind, more = await self.shown.export(request.period, request.format, page.limit, page.cursor)
        return pb.ExportInvoicesResponse(content=content, media_type=kind, next_cursor=more)

    async def ListVouchers(self, request: pb.ListVouchersRequest, context: Any) -> pb.ListVouchersResponse:
        """An order's papers."""
        order, found = await self.vouchers.of(request.order_id, request.customer_id, staff=request.staff)
        return pb.ListVouchersResponse(vouchers=[messages.voucher(each, order) for each in found])

    async def GetInvoiceProfile(
        self, request: pb.GetInvoiceProfileRequest, context: Any
    ) -> pb.GetInvoiceProfileResponse:
        """Who sells."""
        return pb.GetInvoiceProfileResponse(profile=messages.profile(await self.profiles.get()))

    async def PutInvoiceProfile(
        self, request: pb.PutInvoiceProfileRequest, context: Any
    ) -> pb.PutInvoiceProfileResponse:
        """Who is to sell."""
        kept = await self.profiles.put(messages.profile_of(request.profile), request.if_version)
        return pb.PutInvoiceProfileResponse(profile=messages.profile(kept))
