"""This is where goods come back: asked for by customers, approved, received and refunded by staff."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.orders.v1 import returns_pb2 as pb

from gateway.answers import Json, answer, money_if_any, paged, word
from gateway.carts import shares
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, LineOrEmpty, PathId, PictureUrl, QueryWord, Sku, Slug, page_of
from gateway.idempotency import key_of, replayed, request_id_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking
from gateway.roles import may

router = feature("returns")
Reason = Literal[
    "no_reason",
    "size",
    "colour",
    "quality",
    "not_as_described",
    "wrong_item",
    "damaged",
    "late",
    "missing",
    "lost",
    "other",
]
Kind = Literal["return", "exchange", "replace", "reship", "refund_only"]
States = Literal[
    "",
    "requested",
    "needs_info",
    "rejected",
    "cancelled",
    "approved",
    "arrived",
    "received",
    "refunding",
    "refunded",
    "sending",
    "awaiting_payment",
    "sent",
]
WAY_BACK = {
    "waybill": "SB123456789012",
    "carrier": "sandbox",
    "tracking": "/v1/returns/ret_01kb2y5v7g8h9j0kmnpqrstvwx/parcel",
    "kind": "pickup",
    "warehouse": "main",
    "freight": {"currency": "CNY", "minor": 900},
    "window": "2026-11-30 09:00-12:00",
    "state": "picked_up",
    "booked_at": "2026-11-29T08:00:00.000Z",
}
RETURN = {
    "id": "ret_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "requested",
    "lines": [{"sku": "MUG-01", "quantity": 1}],
    "reason": "damaged",
    "photos": ["https://cdn.example.com/broken.jpg"],
    "refund": {"currency": "CNY", "minor": 2900},
    "allocation": [{"sku": "MUG-01", "amount": {"currency": "CNY", "minor": 2900}}],
    "requested_at": "2026-11-28T08:00:00.000Z",
    "review_by": "2026-11-29T08:00:00.000Z",
    "kind": "return",
    "detail": "broken",
    "note": "The handle is off",
    "question": None,
    "wants": [],
    "goods_back": True,
    "freight_payer": "shop",
    "way_back": WAY_BACK,
    "grades": [{"sku": "MUG-01", "grade": "A", "units": 1}],
    "steps": [{"state": "requested", "at": "2026-11-28T08:00:00.000Z", "by": "customer", "text": None}],
    "follow_up": None,
    "difference": {"currency": "CNY", "minor": 0},
    "unsendable": None,
    "version": 1,
}


class ReturnLineBody(Body):
    """How many of a SKU."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=99_999)]


class ReturnBody(Body):
    """What comes back and why; in an exchange what is wanted instead (nothing: the same)."""

    lines: Annotated[list[ReturnLineBody], Field(min_length=1, max_length=1_000)]
    reason: Reason
    photos: list[PictureUrl] = Field(default_factory=list, max_length=10)
    kind: Kind = "return"
    detail: LineOrEmpty = ""
    note: LineOrEmpty = ""
    wants: list[ReturnLineBody] = Field(default_factory=list, max_length=100)


class ReceivedBody(Body):
    """In what state the goods came back, and where."""

    sound: bool = True
    warehouse: Slug = "main"


def rma(of: pb.Return) -> Json:
    """A return."""
    return {
        "id": of.id,
        "order_id": of.order_id,
        "state": word(pb.ReturnState.Name(of.state), "RETURN_STATE_"),
        "lines": [{"sku": row.sku, "quantity": row.quantity} for row in of.lines],
        "reason": of.reason,
        "photos": list(of.photos),
        "refund": money_if_any(of.refund),
        "allocation": shares(of.allocation),
        "requested_at": of.requested_at,
        "review_by": of.review_by or None,
        "kind": word(pb.ReturnKind.Name(of.kind), "RETURN_KIND_"),
        "detail": of.detail or None,
        "note": of.note or None,
        "question": of.question or None,
        "wants": [{"sku": row.sku, "quantity": row.quantity} for row in of.wants],
        "goods_back": of.goods_back,
        "freight_payer": of.freight_payer or None,
        "way_back": _way_back(of) if of.HasField("way_back") else None,
        "grades": [{"sku": row.sku, "grade": row.grade, "units": row.units} for row in of.grades],
        "steps": [
            {"state": row.state, "at": row.at, "by": row.by or None, "text": row.text or None} for row in of.steps
        ],
        "follow_up": of.follow_up or None,
        "difference": money_if_any(of.difference),
        "unsendable": of.unsendable or None,
        "version": of.version,
    }


def _way_back(of: pb.Return) -> Json:
    way = of.way_back
    return {
        "waybill": way.waybill,
        "carrier": way.carrier,
        "tracking": f"/v1/returns/{of.id}/parcel",
        "kind": way.kind,
        "warehouse": way.warehouse,
        "freight": money_if_any(way.freight),
        "window": way.window or None,
        "state": way.state,
        "booked_at": way.booked_at,
    }


def _returns(request: Request) -> Any:
    return request.app.state.gateway.neighbours.returns


@router.post(
    "/v1/orders/{order_id}/returns",
    status_code=201,
    summary="Ask to send goods back",
    responses=shown(
        RETURN,
        "ORDER_NOT_FOUND",
        "NOT_DELIVERED",
        "NOTHING_TO_RETURN",
        "INVALID_RETURN",
        "PHOTOS_NEEDED",
        "NOT_RETURNABLE",
        "WINDOW_CLOSED",
        "KIND_NOT_ALLOWED",
        "ALREADY_EXCHANGED",
        "RETURN_BUSY",
        "IDEMPOTENCY_KEY_MISSING",
        status=201,
        body=True,
    ),
)
async def open_return(request: Request, order_id: PathId, body: ReturnBody) -> Response:
    """Opens an RMA; it is answered within 24 hours. The reasons, and for how many days each may be given, stand at
    `/v1/return-reasons` and `/v1/after-sales-policies`; what held at purchase counts. Needs an Idempotency-Key."""
    asked = pb.OpenReturnRequest(
        order_id=order_id,
        customer_id=asking(request).customer_id,
        lines=[pb.ReturnLine(sku=row.sku, quantity=row.quantity) for row in body.lines],
        reason=body.reason,
        photos=body.photos,
        kind=pb.ReturnKind.Value(f"RETURN_KIND_{body.kind.upper()}"),
        detail=body.detail,
        note=body.note,
        wants=[pb.ReturnLine(sku=row.sku, quantity=row.quantity) for row in body.wants],
        request_id=request_id_of(request, asking(request).customer_id or order_id, f"returns.open|{order_id}"),
    )
    answered = await ask_again(_returns(request).OpenReturn, asked)
    return answer(rma(answered.rma), 201, replayed(answered.replayed))


@router.get(
    "/v1/returns",
    summary="Returns",
    responses=shown({"items": [RETURN], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_returns(
    request: Request,
    state: Annotated[States, Query(description="Only in this state.")] = "",
    order_id: QueryWord = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first: a customer's own, or everybody's for staff; of one order or all."""
    wanted = pb.ReturnState.Value(f"RETURN_STATE_{state.upper()}") if state else pb.RETURN_STATE_UNSPECIFIED
    asked = pb.ListReturnsRequest(
        customer_id=asking(request).customer_id, state=wanted, page=page_of(limit, cursor), order_id=order_id
    )
    answered = await ask_again(_returns(request).ListReturns, asked)
    return paged(request, "items", [rma(row) for row in answered.returns], answered.next_cursor)


_STEP = shown(RETURN, "RETURN_NOT_FOUND", "ILLEGAL_TRANSITION")


class ApprovedBody(Body):
    """Whether the goods may stay where they are."""

    goods_stay: bool = False


@router.post(
    "/v1/returns/{return_id}/approve",
    summary="Approve a return",
    responses=shown(RETURN, "RETURN_NOT_FOUND", "ILLEGAL_TRANSITION", "LIMIT_EXCEEDED", body=True),
)
async def approve_return(request: Request, return_id: PathId, body: ApprovedBody | None = None) -> Response:
    """`requested` → `approved`: the customer sends it, or need not. Without the goods, above what the policy lets go, it
    needs the permission `refunds.write`."""
    who = asking(request)
    asked = pb.ApproveReturnRequest(
        id=return_id, by=who.id, goods_stay=bool(body and body.goods_stay), senior=may(who.roles, "refunds.write")
    )
    answered = await ask_again(_returns(request).ApproveReturn, asked)
    return answer(rma(answered.rma))


@router.post(
    "/v1/returns/{return_id}/receive",
    summary="The goods are back",
    responses=shown(RETURN, "RETURN_NOT_FOUND", "ILLEGAL_TRANSITION", body=True),
)
async def receive_return(request: Request, return_id: PathId, body: ReceivedBody | None = None) -> Response:
    """`approved` or `arrived` → `received`, all of it alike; sound goods go on the shelf again. Unit by unit: `inspect`."""
    said = body or ReceivedBody()
    asked = pb.ReceiveReturnRequest(id=return_id, by=asking(request).id, sound=said.sound, warehouse=said.warehouse)
    answered = await ask_again(_returns(request).ReceiveReturn, asked)
    return answer(rma(answered.rma))


@router.post(
    "/v1/returns/{return_id}/refund",
    summary="Give the money back",
    responses=shown(RETURN, "RETURN_NOT_FOUND", "ILLEGAL_TRANSITION", "IDEMPOTENCY_KEY_MISSING"),
)
async def refund_return(request: Request, return_id: PathId) -> Response:
    """`received` (or `approved`, where nothing comes back) → `refunded`: what was really paid for the lines, once. Needs an
    Idempotency-Key; the return's own id keeps the money from moving twice, whatever the key."""
    key_of(request)
    answered = await ask_again(
        _returns(request).RefundReturn, pb.RefundReturnRequest(id=return_id, by=asking(request).id), STAFF_S
    )
    return answer(rma(answered.rma))
