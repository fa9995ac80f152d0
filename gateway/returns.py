"""This is where goods come back: asked for by customers, approved, received and refunded by staff."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.orders.v1 import returns_pb2 as pb

from gateway.answers import Json, answer, money_if_any, paged, word
from gateway.carts import shares
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, PathId, Sku, Slug, Url, page_of
from gateway.idempotency import key_of, replayed, request_id_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("returns")
Reason = Literal["no_reason", "size", "colour", "quality", "damaged", "wrong_item", "other"]
States = Literal["", "requested", "approved", "received", "refunding", "refunded"]
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
}


class ReturnLineBody(Body):
    """How many of a SKU."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=99_999)]


class ReturnBody(Body):
    """What comes back and why."""

    lines: Annotated[list[ReturnLineBody], Field(min_length=1, max_length=1_000)]
    reason: Reason
    photos: list[Url] = Field(default_factory=list, max_length=10)


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
        "IDEMPOTENCY_KEY_MISSING",
        status=201,
        body=True,
    ),
)
async def open_return(request: Request, order_id: PathId, body: ReturnBody) -> Response:
    """Opens an RMA; it is answered within 24 hours. Needs an Idempotency-Key."""
    asked = pb.OpenReturnRequest(
        order_id=order_id,
        customer_id=asking(request).customer_id,
        lines=[pb.ReturnLine(sku=row.sku, quantity=row.quantity) for row in body.lines],
        reason=body.reason,
        photos=body.photos,
        request_id=request_id_of(request, asking(request).customer_id or order_id, f"returns.open|{order_id}"),
    )
    answered = await ask_again(_returns(request).OpenReturn, asked)
    return answer(rma(answered.rma), 201, replayed(answered.replayed))


@router.get(
    "/v1/returns", summary="Returns", responses=shown({"items": [RETURN], "next_cursor": None}, "INVALID_PARAMETER")
)
async def list_returns(
    request: Request,
    state: Annotated[States, Query(description="Only in this state.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first: a customer's own, or everybody's for staff."""
    wanted = pb.ReturnState.Value(f"RETURN_STATE_{state.upper()}") if state else pb.RETURN_STATE_UNSPECIFIED
    asked = pb.ListReturnsRequest(customer_id=asking(request).customer_id, state=wanted, page=page_of(limit, cursor))
    answered = await ask_again(_returns(request).ListReturns, asked)
    return paged(request, "items", [rma(row) for row in answered.returns], answered.next_cursor)


_STEP = shown(RETURN, "RETURN_NOT_FOUND", "ILLEGAL_TRANSITION")


@router.post("/v1/returns/{return_id}/approve", summary="Approve a return", responses=_STEP)
async def approve_return(request: Request, return_id: PathId) -> Response:
    """`requested` → `approved`: the customer sends it."""
    answered = await ask_again(
        _returns(request).ApproveReturn, pb.ApproveReturnRequest(id=return_id, by=asking(request).id)
    )
    return answer(rma(answered.rma))


@router.post(
    "/v1/returns/{return_id}/receive",
    summary="The goods are back",
    responses=shown(RETURN, "RETURN_NOT_FOUND", "ILLEGAL_TRANSITION", body=True),
)
async def receive_return(request: Request, return_id: PathId, body: ReceivedBody | None = None) -> Response:
    """`approved` → `received`; sound goods go on the shelf again."""
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
    """`received` → `refunded`: what was really paid for the lines, once. Needs an Idempotency-Key; the return's own id keeps
    the money from moving twice, whatever the key."""
    key_of(request)
    answered = await ask_again(
        _returns(request).RefundReturn, pb.RefundReturnRequest(id=return_id, by=asking(request).id), STAFF_S
    )
    return answer(rma(answered.rma))
