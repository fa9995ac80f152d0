"""This is where a customer sees beforehand what a cart would lose with a line."""

from typing import Annotated

from fastapi import Query, Request, Response
from shop.orders.v1 import carts_pb2 as pb

from gateway.answers import answer, money
from gateway.described import feature, shown
from gateway.fields import PathId, PathSku
from gateway.neighbours import ask_again
from gateway.permissions import asking

router = feature("carts")
_REMOVAL = {
    "lost": [
        {
            "id": "prm_01kb2y5v7g8h9j0kmnpqrstvwx",
            "reason": "Spend ¥199.00, save ¥30.00 · 滿199減30",
            "amount": {"currency": "CNY", "minor": 2100},
            "gifts": [],
        }
    ],
    "total_before": {"currency": "CNY", "minor": 18000},
    "total_after": {"currency": "CNY", "minor": 14000},
}


@router.get(
    "/v1/carts/{cart_id}/lines/{sku}/removal",
    summary="What the cart would lose with a line",
    responses=shown(_REMOVAL, "CART_NOT_FOUND", "SKU_NOT_FOUND", "INVALID_QUANTITY", "INVALID_PARAMETER"),
)
async def preview_removal(
    request: Request, cart_id: PathId, sku: PathSku, quantity: Annotated[int, Query(ge=0, le=99_999)] = 0
) -> Response:
    """If only `quantity` of it stayed: discounts of the other goods, gifts and free delivery. Nothing changes."""
    key = pb.CartKey(cart_id=cart_id, customer_id=asking(request).customer_id)
    asked = pb.PreviewRemovalRequest(key=key, sku=sku, quantity=quantity)
    answered = await ask_again(request.app.state.gateway.neighbours.carts.PreviewRemoval, asked)
    lost = [
        {"id": row.id, "reason": row.reason, "amount": money(row.amount), "gifts": list(row.gifts)}
        for row in answered.lost
    ]
    before, after = money(answered.total_before), money(answered.total_after)
    return answer({"lost": lost, "total_before": before, "total_after": after})
