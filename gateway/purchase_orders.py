"""This is where goods are ordered from suppliers: drafted, approved, sent, confirmed, received."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import purchase_orders_pb2 as pb

from gateway.answers import Json, answer, money, paged, tagged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Id, Limit, LineOrEmpty, PathId, Sku, Slug, page_of
from gateway.idempotency import replayed, request_id_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("purchase-orders")
States = Literal[
    "",
    "pooling",
    "draft",
    "approved",
    "sent",
    "confirmed",
    "partly_received",
    "received",
    "closed",
    "cancelled",
]
_AT = "2026-11-22T08:00:00.000Z"
_REASON = {"en": "The shelf runs low", "zh": "库存不足"}
_LINE = {
    "sku": "MUG-01",
    "supplier_sku": "JK-204",
    "class": "B",
    "asked": 90,
    "ordered": 96,
    "unit_cost": {"currency": "CNY", "minor": 1100},
    "received": 48,
    "rejected": 2,
    "outstanding": 48,
    "inspection": {"sample": 5, "accept": 0},
}
RECEIPT = {
    "id": "rcp_5b7f…",
    "warehouse": "main",
    "lines": [
        {
            "sku": "MUG-01",
            "received": 48,
            "rejected": 2,
            "reason": "chipped",
            "batch": "2026-W46",
            "expires_at": None,
            "lot_id": "lot_0c4a…",
            "inspection": {"sample": 5, "accept": 0, "passed": False},
        }
    ],
    "at": _AT,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
}
ORDER = {
    "id": "po_01kb2y5v7g8h9j0kmnpqrstvwx",
    "number": "PO-2026-00042",
    "supplier_id": "sup_01kb2y5v7g8h9j0kmnpqrstvwx",
    "supplier_name": "景德镇瓷窑 Jingdezhen Kiln",
    "warehouse": "main",
    "state": "partly_received",
    "lines": [_LINE],
    "value": {"currency": "CNY", "minor": 105600},
    "why": [_REASON],
    "warnings": [_REASON],
    "receipts": [RECEIPT],
    "steps": [{"state": "draft", "at": _AT, "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx"}],
    "pool_until": None,
    "promised_at": _AT,
    "cancel_reason": None,
    "created_at": _AT,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
}
_Units = Annotated[int, Field(ge=1, le=10_000_000)]
_Many = Annotated[int, Field(ge=0, le=10_000_000)]


class NeedBody(Body):
    """So many units of a SKU; without a class as the SKU is classed, without a supplier from the best approved one."""

    sku: Sku
    quantity: _Units
    stock_class: Annotated[Literal["A", "B", "C"] | None, Field(alias="class")] = None
    supplier_id: Id | None = None
    warehouse: Slug = "main"

    def told(self) -> pb.PurchaseNeed:
        """As catalog takes it."""
        return pb.PurchaseNeed(
            sku=self.sku,
            quantity=self.quantity,
            stock_class=self.stock_class or "",
            supplier_id=self.supplier_id or "",
            warehouse=self.warehouse,
        )


class WhyBody(Body):
    """Why, for people."""

    en: LineOrEmpty = ""
    zh: LineOrEmpty = ""


class DraftBody(Body):
    """What is needed; `supplier_id` holds for all lines that name none."""

    supplier_id: Id | None = None
    lines: Annotated[list[NeedBody], Field(min_length=1, max_length=200)]
    why: WhyBody = Field(default_factory=WhyBody)


class QuantityBody(Body):
    """How many of a SKU; 0 takes the line out."""

    sku: Sku
    quantity: _Many


class LinesPatch(Body):
    """The lines that change."""

    lines: Annotated[list[QuantityBody], Field(min_length=1, max_length=200)]


def purchase_order(of: pb.PurchaseOrder) -> Json:
    """A purchase order."""
    return {
        "id": of.id,
        "number": of.number,
        "supplier_id": of.supplier_id,
        "supplier_name": of.supplier_name,
        "warehouse": of.warehouse,
        "state": _state(of.state),
        "lines": [_line(row) for row in of.lines],
        "value": money(of.value),
        "why": [{"en": row.en, "zh": row.zh} for row in of.why],
        "warnings": [{"en": row.en, "zh": row.zh} for row in of.warnings],
        "receipts": [receipt(row) for row in of.receipts],
        "steps": [{"state": _state(row.state), "at": row.at, "by": row.by} for row in of.steps],
        "pool_until": of.pool_until or None,
        "promised_at": of.promised_at or None,
        "cancel_reason": of.cancel_reason or None,
        "created_at": of.created_at,
        "by": of.by,
    }


def _state(state: pb.PurchaseOrderState.ValueType) -> str:
    return word(pb.PurchaseOrderState.Name(state), "PURCHASE_ORDER_STATE_")


def _line(of: pb.PurchaseOrderLine) -> Json:
    plain = {name: getattr(of, name) for name in _LINE if name not in ("class", "unit_cost", "inspection")}
    return {
        **plain,
        "class": of.stock_class,
        "unit_cost": money(of.unit_cost),
        "inspection": {"sample": of.sample, "accept": of.accept},
    }


def receipt(of: pb.Receipt) -> Json:
    """A delivery."""
    lines = [
        {
            "sku": row.sku,
            "received": row.received,
            "rejected": row.rejected,
            "reason": row.reason,
            "batch": row.batch,
            "expires_at": row.expires_at or None,
            "lot_id": row.lot_id,
            "inspection": {"sample": row.sample, "accept": row.accept, "passed": row.rejected <= row.accept},
        }
        for row in of.lines
    ]
    return {"id": of.id, "warehouse": of.warehouse, "lines": lines, "at": of.at, "by": of.by}


def purchase_orders(request: Request) -> Any:
    """Who keeps them."""
    return request.app.state.gateway.neighbours.purchase_orders


@router.post(
    "/v1/purchase-orders",
    status_code=201,
    summary="Order what is needed",
    responses=shown(
        {"orders": [ORDER]},
        "INVALID_PURCHASE_ORDER",
        "NO_SUPPLIER",
        "PURCHASE_ORDER_BUSY",
        "IDEMPOTENCY_KEY_MISSING",
        status=201,
        body=True,
    ),
)
async def draft_purchase_orders(request: Request, body: DraftBody) -> Response:
    """Drafts: A-class goods in orders of their own, B-class one order a supplier, C-class into the supplier's pool, which is
    ordered on its day, when it travels free, or when each reaches its least quantity. Needs an Idempotency-Key."""
    needs = [need.told() for need in body.lines]
    for need in needs:
        need.supplier_id = need.supplier_id or body.supplier_id or ""
    asked = pb.DraftPurchaseOrdersRequest(
        needs=needs,
        why=pb.PurchaseReason(en=body.why.en, zh=body.why.zh),
        request_id=request_id_of(request, asking(request).id, "purchase-orders.draft"),
        by=asking(request).id,
    )
    answered = await ask_again(purchase_orders(request).DraftPurchaseOrders, asked, STAFF_S)
    made = {"orders": [purchase_order(row) for row in answered.orders]}
    return answer(made, 201, replayed(answered.replayed))


@router.get(
    "/v1/purchase-orders",
    summary="Purchase orders",
    responses=shown({"items": [ORDER], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_purchase_orders(
    request: Request,
    state: Annotated[States, Query(description="Only in this state.")] = "",
    supplier_id: Annotated[str, Query(max_length=100, description="Only of this supplier.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first."""
    wanted = pb.PurchaseOrderState.Value(f"PURCHASE_ORDER_STATE_{state.upper() or 'UNSPECIFIED'}")
    asked = pb.ListPurchaseOrdersRequest(state=wanted, supplier_id=supplier_id, page=page_of(limit, cursor))
    answered = await ask_again(purchase_orders(request).ListPurchaseOrders, asked)
    return paged(request, "items", [purchase_order(row) for row in answered.orders], answered.next_cursor)


@router.get(
    "/v1/purchase-orders/{order_id}",
    summary="One purchase order",
    responses=shown(ORDER, "PURCHASE_ORDER_NOT_FOUND"),
)
async def get_purchase_order(request: Request, order_id: PathId) -> Response:
    """With why it is ordered and why now, its deliveries, and how many units of the next one to look at (ISO 2859-1, level
    II, AQL 2.5 %)."""
    answered = await ask_again(purchase_orders(request).GetPurchaseOrder, pb.GetPurchaseOrderRequest(id=order_id))
    return tagged(purchase_order(answered.order), answered.order.version)


@router.patch(
    "/v1/purchase-orders/{order_id}",
    summary="Change quantities",
    responses=shown(
        ORDER,
        "PURCHASE_ORDER_NOT_FOUND",
        "ILLEGAL_TRANSITION",
        "VERSION_MISMATCH",
        "PRECONDITION_REQUIRED",
        "INVALID_PURCHASE_ORDER",
        body=True,
    ),
)
async def change_purchase_order(request: Request, order_id: PathId, body: LinesPatch) -> Response:
    """Of a draft or a pool, at what the supplier asks now; lines that are not named stay. If-Match is required."""
    asked = pb.ChangePurchaseOrderRequest(
        id=order_id,
        if_version=if_version(request, required=True),
        quantities=[pb.PurchaseQuantity(sku=row.sku, quantity=row.quantity) for row in body.lines],
        by=asking(request).id,
    )
    answered = await ask(purchase_orders(request).ChangePurchaseOrder, asked)
    return tagged(purchase_order(answered.order), answered.order.version)
