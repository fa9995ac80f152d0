"""This is where units are traced: which lots an order got, and which orders a lot reached."""

from fastapi import Request, Response
from shop.catalog.v1 import traces_pb2 as pb

from gateway.answers import Json, answer, money, paged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, PathId, page_of
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.roles import may

router = feature("traces")
_LOT = {
    "id": "lot_0c4a…",
    "sku": "MUG-01",
    "warehouse": "main",
    "supplier_id": "sup_01kb2y5v7g8h9j0kmnpqrstvwx",
    "supplier_name": "景德镇瓷窑 Jingdezhen Kiln",
    "purchase_order_id": "po_01kb2y5v7g8h9j0kmnpqrstvwx",
    "receipt_id": "rcp_5b7f…",
    "batch": "2026-W46",
    "units": 48,
    "rejected": 2,
    "remaining": 31,
    "unit_cost": {"currency": "CNY", "minor": 1100},
    "received_at": "2026-11-22T08:00:00.000Z",
    "expires_at": None,
}
_OWN = {"supplier_id", "purchase_order_id", "receipt_id", "expires_at"}


def _lot(of: pb.Lot, request: Request) -> Json:
    """A lot; who answers complaints need not know what it cost."""
    buys = may(asking(request).roles, "supply.read")
    plain: Json = {name: getattr(of, name) for name in _LOT if name != "unit_cost"}
    return {**plain, **{name: plain[name] or None for name in _OWN}, "unit_cost": money(of.unit_cost) if buys else None}


@router.get(
    "/v1/trace/orders/{order_id}",
    summary="Where an order's goods came from",
    responses=shown({"items": [{"sku": "MUG-01", "units": 2, "lot": _LOT}]}, "ORDER_NOT_FOUND"),
)
async def trace_order(request: Request, order_id: PathId) -> Response:
    """By SKU and lot, first in, first out. `lot` is null for units nobody can trace, or that are still on the shelf."""
    traces = request.app.state.gateway.neighbours.traces
    answered = await ask_again(traces.TraceOrder, pb.TraceOrderRequest(order_id=order_id))
    rows = [
        {"sku": row.sku, "units": row.units, "lot": _lot(row.lot, request) if row.HasField("lot") else None}
        for row in answered.origins
    ]
    return answer({"items": rows})


@router.get(
    "/v1/trace/lots/{lot_id}",
    summary="Which orders a lot reached",
    responses=shown(
        {"items": [{"order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx", "units": 2}], "lot": _LOT, "next_cursor": None},
        "LOT_NOT_FOUND",
        "INVALID_PARAMETER",
        "CURSOR_INVALID",
    ),
)
async def trace_lot(request: Request, lot_id: PathId, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """For a recall: the lot, and by page the orders that got units of it, less what went back."""
    traces = request.app.state.gateway.neighbours.traces
    answered = await ask_again(traces.TraceLot, pb.TraceLotRequest(lot_id=lot_id, page=page_of(limit, cursor)))
    rows = [{"order_id": row.order_id, "units": row.units} for row in answered.orders]
    return paged(request, "items", rows, answered.next_cursor, {"lot": _lot(answered.lot, request)})
