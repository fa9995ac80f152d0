"""This is where staff see which orders to look at first."""

from typing import Annotated

from fastapi import Query, Request, Response
from shop.orders.v1 import deadlines_pb2, triage_pb2

from gateway import orders
from gateway.answers import paged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, page_of
from gateway.neighbours import ask_again

router = feature("worklists")


@router.get(
    "/v1/orders/at-risk",
    summary="Orders whose promise is at risk",
    responses=shown({"items": [orders.ORDER], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_orders_at_risk(
    request: Request,
    breached: Annotated[bool, Query(description="Only those whose promise is broken.")] = False,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Paid, not sent, and warned of; the oldest first."""
    asked = deadlines_pb2.ListOrdersAtRiskRequest(breached=breached, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.deadlines.ListOrdersAtRisk, asked)
    return paged(request, "items", [orders.order(row) for row in answered.orders], answered.next_cursor)


@router.get(
    "/v1/orders/worklist",
    summary="What to send next",
    responses=shown({"items": [orders.ORDER], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_worklist(
    request: Request,
    class_: Annotated[
        str,
        Query(alias="class", pattern="^([a-z][a-z0-9_]{0,39})?$", description="`urgent`, `at_risk`, `fraud_hold`, …"),
    ] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Paid orders that have not left: the urgent first, of those the oldest."""
    asked = triage_pb2.ListWorklistRequest(**{"class": class_}, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.triage.ListWorklist, asked)
    return paged(request, "items", [orders.order(row) for row in answered.orders], answered.next_cursor)
