"""This is where goods are sent from one warehouse to another."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import transfers_pb2 as pb

from gateway.answers import Json, answer, paged, word
from gateway.described import feature, shown
from gateway.fields import Body, Count, Cursor, Limit, LineOrEmpty, PathId, Sku, Slug, page_of
from gateway.idempotency import request_id_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("stock")
TRANSFER = {
    "id": "trf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "received",
    "from": "main",
    "to": "north",
    "lines": [{"sku": "MUG-01", "quantity": 10, "received": 8, "damaged": 1, "lost": 1, "reason": "the pallet fell"}],
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "created_at": "2026-11-22T08:00:00.000Z",
    "dispatched_at": "2026-11-22T09:00:00.000Z",
    "received_at": "2026-11-23T08:00:00.000Z",
    "cancelled_at": None,
}
States = Literal["", "planned", "dispatched", "received", "cancelled"]
Units = Annotated[int, Field(ge=0, le=1_000_000)]


class TransferLineBody(Body):
    """Units of a SKU."""

    sku: Sku
    quantity: Count


class TransferBody(Body):
    """What is to go where."""

    from_: Annotated[Slug, Field(alias="from")]
    to: Slug
    lines: Annotated[list[TransferLineBody], Field(min_length=1, max_length=200)]


class ArrivalBody(Body):
    """What came of a SKU; what is missing of what was sent is lost."""

    sku: Sku
    received: Units
    damaged: Units = 0
    reason: LineOrEmpty = ""


class ArrivalsBody(Body):
    """SKUs that did not come whole; the others did."""

    lines: Annotated[list[ArrivalBody], Field(max_length=200)] = Field(default_factory=list)


def transfer(of: pb.Transfer) -> Json:
    """Goods from one warehouse to another."""
    return {
        "id": of.id,
        "state": word(pb.TransferState.Name(of.state), "TRANSFER_STATE_"),
        "from": getattr(of, "from"),
        "to": of.to,
        "lines": [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "received": line.received,
                "damaged": line.damaged,
                "lost": line.lost,
                "reason": line.reason,
            }
            for line in of.lines
        ],
        "by": of.by,
        "created_at": of.created_at,
        "dispatched_at": of.dispatched_at or None,
        "received_at": of.received_at or None,
        "cancelled_at": of.cancelled_at or None,
    }


def _transfers(request: Request) -> Any:
    return request.app.state.gateway.neighbours.transfers


@router.post(
    "/v1/stock/transfers",
    status_code=201,
    summary="Plan a transfer",
    responses=shown(TRANSFER, "INVALID_TRANSFER", "SKU_NOT_FOUND", "IDEMPOTENCY_KEY_MISSING", status=201, body=True),
)
async def plan_transfer(request: Request, body: TransferBody) -> Response:
    """Needs an Idempotency-Key. Nothing moves until it is dispatched."""
    asked = pb.PlanTransferRequest(
        to=body.to,
        lines=[pb.TransferLine(sku=line.sku, quantity=line.quantity) for line in body.lines],
        request_id=request_id_of(request, asking(request).id, "stock.transfer"),
        by=asking(request).id,
        **{"from": body.from_},
    )
    answered = await ask_again(_transfers(request).PlanTransfer, asked)
    return answer(transfer(answered.transfer), 201, {"location": f"/v1/stock/transfers/{answered.transfer.id}"})


@router.get(
    "/v1/stock/transfers",
    summary="Goods between warehouses",
    responses=shown({"items": [TRANSFER], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_transfers(
    request: Request,
    state: Annotated[States, Query(description="Only in this state; `dispatched` is under way.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first."""
    wanted = pb.TransferState.Value(f"TRANSFER_STATE_{state.upper() or 'UNSPECIFIED'}")
    asked = pb.ListTransfersRequest(state=wanted, page=page_of(limit, cursor))
    answered = await ask_again(_transfers(request).ListTransfers, asked)
    return paged(request, "items", [transfer(row) for row in answered.transfers], answered.next_cursor)


@router.get(
    "/v1/stock/transfers/{transfer_id}", summary="One transfer", responses=shown(TRANSFER, "TRANSFER_NOT_FOUND")
)
async def get_transfer(request: Request, transfer_id: PathId) -> Response:
    """Where it is in its life, and what came of each line."""
    answered = await ask_again(_transfers(request).GetTransfer, pb.GetTransferRequest(id=transfer_id))
    return answer(transfer(answered.transfer))


@router.post(
    "/v1/stock/transfers/{transfer_id}/dispatch",
    summary="The goods leave",
    responses=shown(TRANSFER, "TRANSFER_NOT_FOUND", "TRANSFER_CLOSED", "WAREHOUSE_SHORT"),
)
async def dispatch_transfer(request: Request, transfer_id: PathId) -> Response:
    """All lines or none. From now on they are `in_transit`; again it changes nothing."""
    asked = pb.DispatchTransferRequest(id=transfer_id, by=asking(request).id)
    answered = await ask_again(_transfers(request).DispatchTransfer, asked, STAFF_S)
    return answer(transfer(answered.transfer))


@router.post(
    "/v1/stock/transfers/{transfer_id}/receive",
    summary="The goods arrive",
    responses=shown(TRANSFER, "TRANSFER_NOT_FOUND", "TRANSFER_CLOSED", "INVALID_TRANSFER", body=True),
)
async def receive_transfer(request: Request, transfer_id: PathId, body: ArrivalsBody) -> Response:
    """What is damaged lies beside the shelf as grade C; what did not come is booked as lost, with the reason. Again it
    changes nothing."""
    lines = [
        pb.TransferLine(sku=line.sku, received=line.received, damaged=line.damaged, reason=line.reason)
        for line in body.lines
    ]
    asked = pb.ReceiveTransferRequest(id=transfer_id, lines=lines, by=asking(request).id)
    answered = await ask_again(_transfers(request).ReceiveTransfer, asked, STAFF_S)
    return answer(transfer(answered.transfer))


@router.post(
    "/v1/stock/transfers/{transfer_id}/cancel",
    summary="Call a transfer off",
    responses=shown(TRANSFER, "TRANSFER_NOT_FOUND", "TRANSFER_CLOSED"),
)
async def cancel_transfer(request: Request, transfer_id: PathId) -> Response:
    """Only while nothing has left."""
    asked = pb.CancelTransferRequest(id=transfer_id, by=asking(request).id)
    answered = await ask_again(_transfers(request).CancelTransfer, asked)
    return answer(transfer(answered.transfer))
