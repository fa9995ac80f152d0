"""This is where customers have invoices issued and fetch them, with all their order's vouchers."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints, model_validator
from shop.orders.v1 import invoices_pb2 as pb

from gateway.answers import Json, answer, money
from gateway.described import feature, problems_of, shown
from gateway.fields import Body, Line, LineOrEmpty, Name, PathId
from gateway.idempotency import key_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("invoices")
YUAN = {"currency": "CNY", "minor": 900}
SELLER = {
    "name": "杭州青瓷文化有限公司",
    "tax_id": "91330106MA2AXXXX0X",
    "address": "浙江省杭州市西湖区文三路 90 号",
    "phone": "0571-88880000",
    "bank": "招商银行杭州分行",
    "account": "571900000000000",
}
BUYER = {
    "kind": "company",
    "title": "上海某某科技有限公司",
    "tax_id": "91310115MA1KXXXX1Y",
    "address": "上海市浦东新区世纪大道 1 号",
    "phone": "021-66660000",
    "bank": "工商银行",
    "account": "622200000000",
}
INVOICE = {
    "id": "inv_s202600000012",
    "number": "S202600000012",
    "kind": "blue",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "issued_at": "2026-11-22T08:00:00.000Z",
    "period": "2026-11",
    "seller": SELLER,
    "buyer": BUYER,
    "lines": [
        {"key": "MUG-01", "title": "Mug", "quantity": 1, "amount": YUAN, "rate_bp": 1300, "net": YUAN, "tax": YUAN}
    ],
    "total": YUAN,
    "tax": YUAN,
    "in_words": "玖圆整",
    "left": YUAN,
    "reverses": None,
    "reason": None,
    "digest": "5d41402abc4b2a76b9719d911017c592ae2b1f0f9c1c0d5a8d7c3c1b2a190807",
    "in_force": True,
}
VOUCHER = {
    "kind": "payment",
    "reference": "pay_01kb2y5v7g8h9j0kmnpqrstvwx",
    "amount": YUAN,
    "at": "2026-11-22T08:00:00.000Z",
    "text": "",
}
TaxId = Annotated[str, StringConstraints(pattern=r"^([0-9A-Z]{15,20})?$")]
PDF: Json = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


class BuyerBody(Body):
    """To whom it is made out: a person, or a company with its tax id."""

    kind: Literal["individual", "company"] = "individual"
    title: Name
    tax_id: TaxId = ""
    address: LineOrEmpty = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    bank: Annotated[LineOrEmpty, Field(max_length=100)] = ""
    account: Annotated[str, Field(max_length=40)] = ""

    @model_validator(mode="after")
    def _companies_alone_have_a_tax_id(self) -> "BuyerBody":
        if (self.kind == "company") != bool(self.tax_id):
            raise ValueError("a company has a tax_id, a person has none")
        return self

    def told(self) -> pb.Buyer:
        """As orders takes it."""
        return pb.Buyer(**self.model_dump())


class ReversalBody(Body):
    """Why."""

    reason: Line


def invoice(of: pb.Invoice) -> Json:
    """An invoice."""
    plain: Json = {name: getattr(of, name) for name in INVOICE}
    lines = [
        {name: getattr(row, name) for name in ("key", "title", "quantity", "rate_bp")}
        | {name: money(getattr(row, name)) for name in ("amount", "net", "tax")}
        for row in of.lines
    ]
    return {
        **plain,
        "seller": {name: getattr(of.seller, name) for name in SELLER},
        "buyer": {name: getattr(of.buyer, name) for name in BUYER},
        "lines": lines,
        **{name: money(getattr(of, name)) for name in ("total", "tax", "left")},
        **{name: getattr(of, name) or None for name in ("reverses", "reason")},
    }


def service(request: Request) -> Any:
    """Who issues invoices."""
    return request.app.state.gateway.neighbours.invoices


_ISSUE = (
    *("ORDER_NOT_FOUND", "INVALID_BUYER", "NOT_INVOICEABLE", "NO_INVOICE_PROFILE", "INVOICE_EXISTS"),
    *("INVOICES_BUSY", "IDEMPOTENCY_KEY_MISSING"),
)


@router.post(
    "/v1/orders/{order_id}/invoices",
    status_code=201,
    summary="Have an invoice issued",
    responses=shown(INVOICE, *_ISSUE, status=201, body=True),
)
async def issue_invoice(request: Request, order_id: PathId, body: BuyerBody) -> Response:
    """Of what was really paid and has not gone back, tax included. Needs an Idempotency-Key; an order has one invoice in
    force, and the same buyer is answered the same one, whatever the key."""
    key_of(request)
    who = asking(request)
    asked = pb.IssueInvoiceRequest(
        order_id=order_id, customer_id=who.customer_id, staff=who.staff, buyer=body.told(), by=who.id or "guest"
    )
    return answer(invoice((await ask_again(service(request).IssueInvoice, asked, STAFF_S)).invoice), 201)


@router.get(
    "/v1/orders/{order_id}/invoices",
    summary="An order's invoices",
    responses=shown({"items": [INVOICE]}, "ORDER_NOT_FOUND"),
)
async def list_order_invoices(request: Request, order_id: PathId) -> Response:
    """Oldest first, with those reversed and the red ones that reverse them."""
    who = asking(request)
    asked = pb.ListOrderInvoicesRequest(order_id=order_id, customer_id=who.customer_id, staff=who.staff)
    found = (await ask_again(service(request).ListOrderInvoices, asked)).invoices
    return answer({"items": [invoice(row) for row in found]})


@router.get(
    "/v1/orders/{order_id}/invoices/{invoice_id}.pdf",
    summary="An invoice as PDF",
    responses={
        200: {"description": "The document.", "content": PDF},
        **problems_of(("ORDER_NOT_FOUND", "INVOICE_NOT_FOUND", "UNAVAILABLE")),
    },
)
async def print_invoice(request: Request, order_id: PathId, invoice_id: PathId) -> Response:
    """The same for the same invoice, for ever."""
    who = asking(request)
    asked = pb.PrintInvoiceRequest(
        order_id=order_id, invoice_id=invoice_id, customer_id=who.customer_id, staff=who.staff
    )
    answered = await ask_again(service(request).PrintInvoice, asked, STAFF_S)
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{invoice_id}.pdf"'}
    return Response(answered.content, media_type="application/pdf", headers=headers)


@router.post(
    "/v1/orders/{order_id}/invoices/{invoice_id}/reissue",
    status_code=201,
    summary="Have it made out anew",
    responses=shown(INVOICE, *_ISSUE, "INVOICE_NOT_FOUND", status=201, body=True),
)
async def reissue_invoice(request: Request, order_id: PathId, invoice_id: PathId, body: BuyerBody) -> Response:
    """Reverses what is left of it in red, and issues another. Needs an Idempotency-Key; again answers the same one."""
    key_of(request)
    who = asking(request)
    asked = pb.ReissueInvoiceRequest(
        order_id=order_id,
        invoice_id=invoice_id,
        customer_id=who.customer_id,
        staff=who.staff,
        buyer=body.told(),
        by=who.id or "guest",
    )
    return answer(invoice((await ask_again(service(request).ReissueInvoice, asked, STAFF_S)).invoice), 201)


@router.get(
    "/v1/orders/{order_id}/vouchers",
    summary="An order's vouchers",
    responses=shown({"items": [VOUCHER]}, "ORDER_NOT_FOUND"),
)
async def list_vouchers(request: Request, order_id: PathId) -> Response:
    """What was paid, what went back (below zero), and the invoices, oldest first."""
    who = asking(request)
    asked = pb.ListVouchersRequest(order_id=order_id, customer_id=who.customer_id, staff=who.staff)
    rows = (await ask_again(service(request).ListVouchers, asked)).vouchers
    names = ("kind", "reference", "at", "text")
    items = [{name: getattr(row, name) for name in names} | {"amount": money(row.amount)} for row in rows]
    return answer({"items": items})
