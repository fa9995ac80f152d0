"""This is where orders are read and cancelled."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from shop.orders.v1 import carts_pb2
from shop.orders.v1 import orders_pb2 as pb

from gateway import carts, ways
from gateway.answers import Json, address, money, paged, tagged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, LineOrEmpty, PathId, QueryWord, TimeOrEmpty, page_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("orders")
States = Literal[
    "",
    "checking_out",
    "awaiting_confirmation",
    "paid",
    "shipped",
    "delivered",
    "cancelling",
    "cancelled",
    "declined",
    "refused",
]
CustomerTypes = Literal["", "b2c", "b2b", "c2c"]
EVENT = {
    "seq": 1,
    "type": "placed",
    "at": "2026-11-22T08:00:00.000Z",
    "text": "Placed",
    "shipment_id": None,
}
HOLD = {
    "reason": "audit",
    "text": "first order of a business",
    "at": "2026-11-22T08:00:01.000Z",
    "by": None,
    "released_at": None,
    "released_by": None,
    "why": "",
    "pauses": False,
}
CLOCK = {
    "policy": "ship_by",
    "state": "running",
    "paused": None,
    "started_at": "2026-11-22T08:00:01.000Z",
    "due_at": "2026-11-23T08:00:01.000Z",
    "warned_at": None,
    "breached_at": None,
    "stopped_at": None,
}
_LINE = {**carts.LINE, "quantity": {"original": 1, "total": 1, "fulfilled": 0}, "returned": 0, "warehouse": None}
_LINE.pop("available")
ORDER = {
    "id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "paid",
    "lines": [_LINE],
    "totals": carts.TOTALS,
    "discounts": [carts.DISCOUNT],
    "expectations": [ways.EXPECTATION],
    "events": [EVENT],
    "adjustments": [
        {
            "id": "adj_01kb2y5v7g8h9j0kmnpqrstvwx",
            "type": "refund",
            "amount": {"currency": "CNY", "minor": -2900},
            "reason": "damaged",
            "at": "2026-11-29T08:00:00.000Z",
            "allocation": [{"sku": "MUG-01", "amount": {"currency": "CNY", "minor": -2900}}],
        }
    ],
    "address": carts.ADDRESS,
    "delivery": ways.OPTION,
    "window": ways.ORDERED_WINDOW,
    "points_spent": 0,
    "next_action": None,
    "refusal": None,
    "cart_id": "crt_01kb2y5v7g8h9j0kmnpqrstvwx",
    "channel": "storefront",
    "channel_order_id": None,
    "customer_type": "b2c",
    "fulfilment": "ship",
    "account_id": None,
    "purchase_order": None,
    "erp_number": None,
    "payment": {"method": "card", "state": "captured"},
    "placed_at": "2026-11-22T08:00:00.000Z",
    "paid_at": "2026-11-22T08:00:01.000Z",
    "version": 3,
    "holds": [HOLD],
    "ship_clock": CLOCK,
    "follows": None,
    "priority": 2,
    "classes": ["urgent"],
    "preorder": {
        "campaign_id": "pre_01kb2y5v7g8h9j0kmnpqrstvwx",
        "stage": "owing",
        "deposit": {"currency": "CNY", "minor": 5000},
        "balance": {"currency": "CNY", "minor": 14000},
        "pay_from": "2026-11-01T00:00:00.000Z",
        "pay_until": "2026-11-11T16:00:00.000Z",
        "ships_from": "2026-11-15T00:00:00.000Z",
        "keeps_deposit": True,
    },
}


class CancelBody(Body):
    """Why; may be left out."""

    reason: LineOrEmpty = ""


def line(of: carts_pb2.Line) -> Json:
    """A line of an order: how many were ordered, how many are left after returns, how many were sent."""
    shown_line = carts.line(of)
    del shown_line["available"]
    shown_line["quantity"] = {
        "original": of.quantity,
        "total": of.quantity - of.returned,
        "fulfilled": of.fulfilled,
    }
    shown_line["returned"] = of.returned
    shown_line["warehouse"] = of.warehouse or None
    return shown_line


def event(of: pb.OrderEvent) -> Json:
    """Something that happened."""
    return {"seq": of.seq, "type": of.type, "at": of.at, "text": of.text, "shipment_id": of.shipment_id or None}


def _adjustment(of: pb.Adjustment) -> Json:
    return {
        "id": of.id,
        "type": of.type,
        "amount": money(of.amount),
        "reason": of.reason,
        "at": of.at,
        "allocation": carts.shares(of.allocation),
    }


def state(of: pb.OrderState.ValueType) -> str:
    """`paid`."""
    return word(pb.OrderState.Name(of), "ORDER_STATE_")


def hold(of: pb.Hold) -> Json:
    """What keeps or kept an order from being sent."""
    texts = {name: getattr(of, name) or None for name in HOLD if name not in ("reason", "text", "why", "pauses")}
    return {"reason": of.reason, "text": of.text, **texts, "why": of.why, "pauses": of.pauses}


def clock(of: pb.SlaClock) -> Json:
    """A clock of service levels."""
    return {"policy": of.policy, "state": of.state} | {
        name: getattr(of, name) or None for name in CLOCK if name not in ("policy", "state")
    }


def order(of: pb.Order) -> Json:
    """An order: promises apart from what happened, and money that moved since. What keeps it only staff are shown."""
    action = {"type": of.next_action.type, "url": of.next_action.url or None} if of.next_action.type else None
    return {
        "id": of.id,
        "state": state(of.state),
        "lines": [line(row) for row in of.lines],
        "totals": carts.totals(of.totals),
        "discounts": carts.discounts(of.discounts),
        "expectations": [ways.expectation(row) for row in of.expectations],
        "events": [event(row) for row in of.events],
        "adjustments": [_adjustment(row) for row in of.adjustments],
        "address": address(of.address),
        "delivery": ways.option(of.delivery),
        "window": ways.ordered_window(of.window),
        "points_spent": of.points_spent,
        "next_action": action,
        "refusal": of.refusal or None,
        "cart_id": of.cart_id or None,
        "channel": of.channel,
        "channel_order_id": of.channel_order_id or None,
        "customer_type": of.customer_type,
        "fulfilment": of.fulfilment,
        "account_id": of.account_id or None,
        "purchase_order": of.purchase_order or None,
        "erp_number": of.erp_number or None,
        "payment": {"method": of.payment_method, "state": of.payment_state},
        "placed_at": of.placed_at or None,
        "paid_at": of.paid_at or None,
        "version": of.version,
        "holds": [hold(row) for row in of.holds],
        "ship_clock": clock(of.ship_clock) if of.HasField("ship_clock") else None,
        "follows": _follows(of.follows) if of.HasField("follows") else None,
        "priority": of.priority or None,
        "classes": list(of.classes),
        "preorder": _preorder(of.preorder) if of.HasField("preorder") else None,
    }


def _follows(of: pb.Follows) -> Json:
    return {"order_id": of.order_id, "kind": of.kind, "return_id": of.return_id or None}


def _preorder(of: pb.Preorder) -> Json:
    return {
        "campaign_id": of.campaign_id,
        "stage": of.stage,
        "deposit": money(of.deposit),
        "balance": money(of.balance),
        "pay_from": of.pay_from or None,
        "pay_until": of.pay_until or None,
        "ships_from": of.ships_from,
        "keeps_deposit": of.keeps_deposit,
    }


def _orders(request: Request) -> Any:
    return request.scope["app"].state.gateway.neighbours.orders


@router.get(
    "/v1/orders",
    summary="Orders",
    responses=shown({"items": [ORDER], "next_cursor": None}, "NOT_SIGNED_IN", "INVALID_PARAMETER"),
)
async def list_orders(
    request: Request,
    state: Annotated[States, Query(description="Only in this state.")] = "",
    channel: Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?$", description="Only of this channel.")] = "",
    customer_type: Annotated[CustomerTypes, Query(description="Only of this kind.")] = "",
    q: Annotated[
        QueryWord, Query(description="A number one knows it by: ours, the channel's, the ERP's, the PO's.")
    ] = "",
    since: Annotated[TimeOrEmpty, Query(description="Placed since then, RFC 3339.")] = "",
    until: Annotated[TimeOrEmpty, Query(description="Placed before then, RFC 3339.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """A customer's own, newest first; staff see everybody's. All filters hold together."""
    wanted = pb.OrderState.Value(f"ORDER_STATE_{state.upper()}") if state else pb.ORDER_STATE_UNSPECIFIED
    asked = pb.ListOrdersRequest(
        customer_id=asking(request).customer_id,
        staff=asking(request).staff,
        state=wanted,
        page=page_of(limit, cursor),
        channel=channel,
        customer_type=customer_type,
        q=q,
        since=since,
        until=until,
    )
    answered = await ask_again(_orders(request).ListOrders, asked)
    return paged(request, "items", [order(row) for row in answered.orders], answered.next_cursor)


@router.get("/v1/orders/{order_id}", summary="One order", responses=shown(ORDER, "ORDER_NOT_FOUND"))
async def get_order(request: Request, order_id: PathId) -> Response:
    """Guests hold theirs by its unguessable id; another's order is not found."""
    asked = pb.GetOrderRequest(id=order_id, customer_id=asking(request).customer_id, staff=asking(request).staff)
    answered = await ask_again(_orders(request).GetOrder, asked)
    return tagged(order(answered.order), answered.order.version)


@router.post(
    "/v1/orders/{order_id}/cancel",
    summary="Cancel an order",
    responses=shown(ORDER, "ORDER_NOT_FOUND", "TOO_LATE_TO_CANCEL", body=True),
)
async def cancel_order(request: Request, order_id: PathId, body: CancelBody | None = None) -> Response:
    """Before it is shipped; the money goes back. Again changes nothing, so a lost answer may be asked for once more."""
    reason = (body.reason if body else "") or ("staff" if asking(request).staff else "customer")
    asked = pb.CancelOrderRequest(
        id=order_id, customer_id=asking(request).customer_id, staff=asking(request).staff, reason=reason
    )
    answered = await ask_again(_orders(request).CancelOrder, asked, STAFF_S)
    return tagged(order(answered.order), answered.order.version)
