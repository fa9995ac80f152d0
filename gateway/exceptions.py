"""This is where staff put right what went wrong with orders: contact, repair, send once more, give money back."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.orders.v1 import exceptions_pb2 as pb

from gateway import orders
from gateway.answers import Json, money, paged, tagged
from gateway.described import feature, shown
from gateway.fields import AddressBody, Body, Cursor, Limit, PathId, Sku, page_of
from gateway.holds import Code
from gateway.idempotency import key_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking

router = feature("exceptions")
_Note = Annotated[str, Field(max_length=1000)]
CONTACT = {
    "channel": "phone",
    "result": "reached",
    "note": "takes the blue one",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "at": "2026-11-22T09:30:00.000Z",
}
ENTRY = {"at": "2026-11-22T08:00:00.000Z", "by": None, "what": "opened", "text": "main: short of MUG-01"}
EXCEPTION = {
    "id": "exc_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "reason": "stock_out",
    "state": "open",
    "text": "main: short of MUG-01",
    "opened_at": "2026-11-22T08:00:00.000Z",
    "opened_by": None,
    "shipment_id": None,
    "contact_clock": {**orders.CLOCK, "policy": "exception_contact"},
    "contacts": [CONTACT],
    "log": [ENTRY],
    "outcome": None,
    "resolved_at": None,
    "resolved_by": None,
    "reship_id": None,
    "version": 2,
}
_GONE = ("EXCEPTION_NOT_FOUND", "EXCEPTION_CLOSED")


class OpenBody(Body):
    """What went wrong."""

    reason: Code
    text: Annotated[str, Field(max_length=500)] = ""


class ContactBody(Body):
    """Who was spoken to, how, and what came of it. Unless nobody answered it stops the clock."""

    channel: Literal["phone", "chat", "email", "sms", "wechat", "in_person"]
    result: Literal["reached", "message_left", "no_answer"]
    note: _Note = ""


class ResolveBody(Body):
    """What came of it; `cancelled` cancels the order and gives the money back."""

    outcome: Literal["solved", "waits", "cancelled"]
    note: _Note = ""


class ExceptionLineBody(Body):
    """How many of a SKU."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=99_999)]


class LinesBody(Body):
    """What it is about; nothing: all of it."""

    lines: list[ExceptionLineBody] = Field(default_factory=list, max_length=1_000)

    def told(self) -> list[pb.ExceptionLine]:
        """As orders takes it."""
        return [pb.ExceptionLine(sku=line.sku, quantity=line.quantity) for line in self.lines]


def exception(of: pb.OrderException) -> Json:
    """What went wrong, and what was done about it."""
    names = ("opened_by", "shipment_id", "outcome", "resolved_at", "resolved_by", "reship_id")
    return {
        **{name: getattr(of, name) for name in ("id", "order_id", "reason", "state", "text", "opened_at", "version")},
        **{name: getattr(of, name) or None for name in names},
        "contact_clock": orders.clock(of.contact_clock),
        "contacts": [{name: getattr(one, name) for name in CONTACT} for one in of.contacts],
        "log": [{"at": one.at, "by": one.by or None, "what": one.what, "text": one.text} for one in of.log],
    }


def _shown(of: pb.OrderException, status: int = 200) -> Response:
    return tagged(exception(of), of.version, status)


def _exceptions(request: Request) -> Any:
    return request.app.state.gateway.neighbours.exceptions


@router.get(
    "/v1/exceptions",
    summary="What went wrong",
    responses=shown({"items": [EXCEPTION], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_exceptions(
    request: Request,
    state: Annotated[Literal["", "open", "resolved"], Query(description="Only in this state.")] = "",
    reason: Annotated[str, Query(pattern="^([a-z][a-z0-9_]{0,39})?$", description="Only for this reason.")] = "",
    overdue: Annotated[bool, Query(description="Open, and the customer was not contacted in time.")] = False,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """The oldest first, which is due first."""
    asked = pb.ListExceptionsRequest(state=state, reason=reason, overdue=overdue, page=page_of(limit, cursor))
    answered = await ask_again(_exceptions(request).ListExceptions, asked)
    return paged(request, "items", [exception(row) for row in answered.exceptions], answered.next_cursor)


@router.post(
    "/v1/orders/{order_id}/exceptions",
    status_code=201,
    summary="Say that something went wrong",
    responses=shown(EXCEPTION, "ORDER_NOT_FOUND", status=201, body=True),
)
async def open_exception(request: Request, order_id: PathId, body: OpenBody) -> Response:
    """There is one open a reason: when there is, it is answered."""
    asked = pb.OpenExceptionRequest(order_id=order_id, reason=body.reason, text=body.text, by=asking(request).id)
    return _shown((await ask_again(_exceptions(request).OpenException, asked)).exception, 201)


@router.get("/v1/exceptions/{exception_id}", summary="One exception", responses=shown(EXCEPTION, "EXCEPTION_NOT_FOUND"))
async def get_exception(request: Request, exception_id: PathId) -> Response:
    """With its contacts, and all that was done about it."""
    asked = pb.GetExceptionRequest(id=exception_id)
    return _shown((await ask_again(_exceptions(request).GetException, asked)).exception)


@router.post(
    "/v1/exceptions/{exception_id}/contact",
    summary="The customer was contacted",
    responses=shown(EXCEPTION, *_GONE, "EXCEPTION_FULL", body=True),
)
async def record_contact(request: Request, exception_id: PathId, body: ContactBody) -> Response:
    """Within a day of its opening, by the policy `exception_contact` of GET /v1/sla."""
    asked = pb.RecordContactRequest(id=exception_id, **body.model_dump(), by=asking(request).id)
    return _shown((await ask(_exceptions(request).RecordContact, asked)).exception)


@router.post(
    "/v1/exceptions/{exception_id}/resolve",
    summary="Close an exception",
    responses=shown(EXCEPTION, *_GONE, "TOO_LATE_TO_CANCEL", body=True),
)
async def resolve_exception(request: Request, exception_id: PathId, body: ResolveBody) -> Response:
    """It was solved, the customer waits, or the order is cancelled. Again changes nothing."""
    asked = pb.ResolveExceptionRequest(id=exception_id, **body.model_dump(), by=asking(request).id)
    return _shown((await ask_again(_exceptions(request).ResolveException, asked, STAFF_S)).exception)


@router.post(
    "/v1/exceptions/{exception_id}/reship",
    summary="Send it once more",
    responses=shown(
        {**EXCEPTION, "order": orders.ORDER},
        *_GONE,
        *("NOT_RESHIPPABLE", "INVALID_RESHIP", "ORDER_BUSY", "IDEMPOTENCY_KEY_MISSING"),
        body=True,
    ),
)
async def reship_exception(request: Request, exception_id: PathId, body: LinesBody | None = None) -> Response:
    """An order of its own, for nothing, that takes stock as any. Needs an Idempotency-Key; the exception's own id keeps it
    from being sent twice, whatever the key."""
    key_of(request)
    lines = body.told() if body else []
    asked = pb.ReshipExceptionRequest(id=exception_id, lines=lines, by=asking(request).id)
    answered = await ask_again(_exceptions(request).ReshipException, asked, STAFF_S)
    whole = {**exception(answered.exception), "order": orders.order(answered.order)}
    return tagged(whole, answered.exception.version)


@router.post(
    "/v1/exceptions/{exception_id}/refund",
    summary="Give money back for it",
    responses=shown(
        {**EXCEPTION, "refund": {"currency": "CNY", "minor": 2900}},
        *_GONE,
        *("NOTHING_TO_REFUND", "INVALID_REFUND", "REFUND_FAILED", "MONEY_UNFINISHED", "IDEMPOTENCY_KEY_MISSING"),
        body=True,
    ),
)
async def refund_exception(request: Request, exception_id: PathId, body: LinesBody | None = None) -> Response:
    """What was really paid for the lines; an order that has not left is cancelled as a whole. Needs an Idempotency-Key; the
    exception's own id keeps the money from moving twice, whatever the key."""
    key_of(request)
    lines = body.told() if body else []
    asked = pb.RefundExceptionRequest(id=exception_id, lines=lines, by=asking(request).id)
    answered = await ask_again(_exceptions(request).RefundException, asked, STAFF_S)
    whole = {**exception(answered.exception), "refund": money(answered.refund)}
    return tagged(whole, answered.exception.version)


_ADDRESS = ("INVALID_ADDRESS", "TOO_LATE_TO_READDRESS", "ADDRESS_TOO_FAR")


@router.post(
    "/v1/exceptions/{exception_id}/address",
    summary="Repair the address",
    responses=shown(EXCEPTION, *_GONE, *_ADDRESS, body=True),
)
async def repair_address(request: Request, exception_id: PathId, body: AddressBody) -> Response:
    """Within the country, until it has left; what was held for its address is let go."""
    asked = pb.RepairAddressRequest(id=exception_id, address=body.told(), by=asking(request).id)
    return _shown((await ask_again(_exceptions(request).RepairAddress, asked, STAFF_S)).exception)


@router.put(
    "/v1/orders/{order_id}/address",
    summary="Change where an order goes",
    responses=shown(orders.ORDER, "ORDER_NOT_FOUND", *_ADDRESS, body=True),
)
async def readdress_order(request: Request, order_id: PathId, body: AddressBody) -> Response:
    """Until it has left; customers within the province, for which sending was paid."""
    who = asking(request)
    asked = pb.ReaddressOrderRequest(
        order_id=order_id, customer_id=who.customer_id, staff_id=who.id if who.staff else "", address=body.told()
    )
    changed = (await ask_again(_exceptions(request).ReaddressOrder, asked, STAFF_S)).order
    return tagged(orders.order(changed), changed.version)
