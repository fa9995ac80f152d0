"""This is where finance keeps the books of invoices: lists and exports them, takes them back, says who sells."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.orders.v1 import invoices_pb2 as pb

from gateway.answers import Json, answer, paged, tagged
from gateway.described import feature, problems_of, shown
from gateway.fields import Body, Cursor, Limit, Line, LineOrEmpty, Name, PathId, Word, page_of
from gateway.invoices import INVOICE, SELLER, ReversalBody, invoice, service
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("invoices")
PROFILE = {
    "seller": SELLER,
    "series": "S",
    "red_series": "R",
    "usual_rate_bp": 1300,
    "freight_rate_bp": 900,
    "rates_bp": {},
    "time_zone": "Asia/Shanghai",
    "stamp": "发票专用章",
}
Period = Annotated[
    str, Query(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2]))?$", description="`YYYY-MM`, where the shop is; empty for all.")
]
_Series = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
_Rate = Annotated[int, Field(ge=0, le=10_000)]
_Zone = Literal["Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "UTC"]


class SellerBody(Body):
    """Who sells."""

    name: Name
    tax_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,20}$")]
    address: LineOrEmpty = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    bank: Annotated[LineOrEmpty, Field(max_length=100)] = ""
    account: Annotated[str, Field(max_length=40)] = ""


class ProfileBody(Body):
    """Who sells, and how invoices are made. Rates in hundredths of a percent, included in prices."""

    seller: SellerBody
    series: _Series = "S"
    red_series: _Series = "R"
    usual_rate_bp: _Rate = 1300
    freight_rate_bp: _Rate = 1300
    rates_bp: Annotated[dict[Word, _Rate], Field(max_length=1_000)] = Field(default_factory=dict)
    time_zone: _Zone = "Asia/Shanghai"
    stamp: Annotated[Line, Field(max_length=20)] = "发票专用章"


def _profile(of: pb.InvoiceProfile) -> Response:
    plain: Json = {name: getattr(of, name) for name in PROFILE}
    seller = {name: getattr(of.seller, name) for name in SELLER}
    return tagged({**plain, "seller": seller, "rates_bp": dict(of.rates_bp)}, of.version)


@router.get("/v1/invoice-profile", summary="Who sells", responses=shown(PROFILE, "NO_INVOICE_PROFILE"))
async def get_invoice_profile(request: Request) -> Response:
    """As invoices say it from now on; the ETag is for If-Match."""
    answered = await ask_again(service(request).GetInvoiceProfile, pb.GetInvoiceProfileRequest())
    return _profile(answered.profile)


@router.put(
    "/v1/invoice-profile",
    summary="Say who sells",
    responses=shown(PROFILE, "INVALID_INVOICE_PROFILE", "VERSION_MISMATCH", body=True),
)
async def put_invoice_profile(request: Request, body: ProfileBody) -> Response:
    """Invoices that are out stay as they are."""
    plain = body.model_dump(exclude={"seller"})
    profile = pb.InvoiceProfile(seller=pb.Seller(**body.seller.model_dump()), **plain, by=asking(request).id)
    asked = pb.PutInvoiceProfileRequest(profile=profile, if_version=if_version(request))
    return _profile((await ask(service(request).PutInvoiceProfile, asked)).profile)


@router.get(
    "/v1/invoices",
    summary="Invoices of a period",
    responses=shown({"items": [INVOICE], "next_cursor": None}, "CURSOR_INVALID", "INVALID_PARAMETER"),
)
async def list_invoices(request: Request, period: Period = "", limit: Limit = 20, cursor: Cursor = "") -> Response:
    """By series and number, the last first; red ones too."""
    asked = pb.ListInvoicesRequest(period=period, page=page_of(limit, cursor))
    answered = await ask_again(service(request).ListInvoices, asked)
    return paged(request, "items", [invoice(row) for row in answered.invoices], answered.next_cursor)


@router.get(
    "/v1/invoices/export",
    summary="Export invoices",
    responses={
        200: {
            "description": "The rows; the header `X-Next-Cursor` leads to the next page.",
            "content": {
                "application/xml": {"schema": {"type": "string"}, "example": "<invoices>…</invoices>"},
            },
        },
        **problems_of(("INVALID_EXPORT", "CURSOR_INVALID", "INVALID_PARAMETER", "UNAVAILABLE")),
    },
)
async def export_invoices(
    request: Request,
    format: Annotated[Literal["json", "xml"], Query(description="For whose software.")] = "xml",
    period: Period = "",
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Response:
    """All an invoice says, buyers included, a page at a time; amounts in minor units."""
    asked = pb.ExportInvoicesRequest(period=period, format=format, page=page_of(limit, cursor))
    answered = await ask_again(service(request).ExportInvoices, asked, STAFF_S)
    headers = {"cache-control": "no-store", "x-next-cursor": answered.next_cursor}
    return Response(answered.content, media_type=f"application/{format}", headers=headers)


@router.post(
    "/v1/invoices/{invoice_id}/reverse",
    summary="Take an invoice back",
    responses=shown(INVOICE, "INVOICE_NOT_FOUND", "INVOICES_BUSY", body=True),
)
async def reverse_invoice(request: Request, invoice_id: PathId, body: ReversalBody) -> Response:
    """Issues a red one over all that is left of it; again changes nothing. Answers the one taken back."""
    asked = pb.ReverseInvoiceRequest(invoice_id=invoice_id, reason=body.reason, by=asking(request).id)
    return answer(invoice((await ask_again(service(request).ReverseInvoice, asked, STAFF_S)).invoice))
