"""This is where ERPs follow orders by cursor, as JSON or CSV, and say how they call them."""

import csv
import io
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.orders.v1 import erp_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Id
from gateway.neighbours import STAFF_S, ask_again
from gateway.orders import ORDER, order, state

router = feature("erp")
_COLUMNS = (
    "revision",
    "change",
    "at",
    "order_id",
    "state",
    "channel",
    "channel_order_id",
    "customer_type",
    "purchase_order",
    "erp_number",
    "placed_at",
    "paid_at",
    "currency",
    "order_total_minor",
    "sku",
    "title",
    "quantity",
    "unit_price_minor",
    "line_total_minor",
)
_CHANGE = {
    "revision": 1041,
    "change": "paid",
    "at": "2026-11-22T08:00:01.000Z",
    "order": {**ORDER, "address": None},
}
_ACKNOWLEDGED = {
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "outcome": "acknowledged",
    "erp_number": "SO-104233",
}


class AcknowledgementBody(Body):
    """How the ERP calls an order."""

    order_id: Id
    erp_number: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=ONE_LINE)]


class AcknowledgementsBody(Body):
    """At most 100."""

    acknowledgements: Annotated[list[AcknowledgementBody], Field(min_length=1, max_length=100)]


def _erp(request: Request) -> Any:
    return request.app.state.gateway.neighbours.erp


def _change(of: pb.OrderChange) -> Json:
    return {"revision": of.revision, "change": of.what, "at": of.at, "order": order(of.order)}


def _rows(of: pb.OrderChange) -> list[list[object]]:
    """A row a line of the order."""
    it = of.order
    total = it.totals[-1].amount if it.totals else None
    head: list[object] = [of.revision, of.what, of.at, it.id, state(it.state), it.channel, it.channel_order_id]
    head += [it.customer_type, it.purchase_order, it.erp_number, it.placed_at, it.paid_at]
    head += [total.currency if total else "", total.minor if total else 0]
    return [[*head, line.sku, line.title, line.quantity, line.unit_price.minor, line.total.minor] for line in it.lines]


def _inert(cell: object) -> object:
    """What a spreadsheet would take for a formula is shown as text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


@router.get(
    "/v1/erp/orders",
    summary="What happened to orders since",
    responses=shown({"items": [_CHANGE], "next_cursor": "5b312c315d"}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_order_changes(
    request: Request,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=100, description="How many changes at most.")] = 50,
    format: Annotated[Literal["json", "csv"], Query(description="`csv`: a row a line of the order.")] = "json",
) -> Response:
    """Oldest first, each with its order as it is now, its address left out. `next_cursor` is always there: ask again with it
    later. Nothing is ever left out, whoever writes meanwhile; a change may come twice. As CSV the cursor comes in the header
    `X-Next-Cursor`."""
    asked = pb.ListOrderChangesRequest(cursor=cursor, limit=limit)
    answered = await ask_again(_erp(request).ListOrderChanges, asked, STAFF_S)
    if format == "json":
        return answer({"items": [_change(each) for each in answered.changes], "next_cursor": answered.next_cursor})
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(_COLUMNS)
    rows.writerows([_inert(cell) for cell in row] for each in answered.changes for row in _rows(each))
    headers = {"cache-control": "no-store", "x-next-cursor": answered.next_cursor}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


@router.post(
    "/v1/erp/acknowledgements",
    summary="How the ERP calls orders",
    responses=shown({"items": [_ACKNOWLEDGED]}, "INVALID_ACKNOWLEDGEMENT", text="An answer each.", body=True),
)
async def acknowledge_orders(request: Request, body: AcknowledgementsBody) -> Response:
    """One number an order, for good: the same again changes nothing, another one is answered `other_number`. Orders are
    found by it from then on (GET /v1/orders?q=)."""
    rows = [pb.Acknowledgement(order_id=each.order_id, erp_number=each.erp_number) for each in body.acknowledgements]
    answered = await ask_again(
        _erp(request).AcknowledgeOrders, pb.AcknowledgeOrdersRequest(acknowledgements=rows), STAFF_S
    )
    items = [
        {"order_id": each.order_id, "outcome": each.outcome, "erp_number": each.erp_number or None}
        for each in answered.acknowledged
    ]
    return answer({"items": items})
