"""This is where staff hold paid orders and let them go, one reason at a time."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from pydantic import Field
from shop.orders.v1 import holds_pb2 as pb

from gateway import orders
from gateway.answers import tagged
from gateway.described import feature, shown
from gateway.fields import Body, PathId
from gateway.neighbours import ask_again
from gateway.permissions import asking

router = feature("holds")
Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$", description="Reason code.")]
PathReason = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,39}$", description="The hold's reason code.")]
Said = Annotated[str, Field(max_length=500)]


class HoldBody(Body):
    """Why. `pauses`: it waits for the customer, so that the promise to send it stands still."""

    reason: Code
    text: Said = ""
    pauses: bool = False


class ReleaseBody(Body):
    """Why it may go."""

    why: Said = ""


def _holds(request: Request) -> Any:
    return request.app.state.gateway.neighbours.holds


@router.post(
    "/v1/orders/{order_id}/holds",
    summary="Hold a paid order",
    responses=shown(orders.ORDER, "ORDER_NOT_FOUND", "NOT_HOLDABLE", "TOO_LATE_TO_HOLD", body=True),
)
async def hold_order(request: Request, order_id: PathId, body: HoldBody) -> Response:
    """It is neither planned, packed nor handed over until every hold is let go; 409 once a parcel has left. Again changes
    nothing."""
    asked = pb.HoldOrderRequest(
        order_id=order_id, reason=body.reason, text=body.text, by=asking(request).id, pauses=body.pauses
    )
    held = (await ask_again(_holds(request).HoldOrder, asked)).order
    return tagged(orders.order(held), held.version)


@router.post(
    "/v1/orders/{order_id}/holds/{reason}/release",
    summary="Let one hold go",
    responses=shown(orders.ORDER, "ORDER_NOT_FOUND", "HOLD_NOT_FOUND", "NOT_HOLDABLE", body=True),
)
async def release_hold(
    request: Request, order_id: PathId, reason: PathReason, body: ReleaseBody | None = None
) -> Response:
    """When it was the last, the order is sent. Who, when and why stay in the order. Again changes nothing."""
    asked = pb.ReleaseHoldRequest(order_id=order_id, reason=reason, by=asking(request).id, why=body.why if body else "")
    released = (await ask_again(_holds(request).ReleaseHold, asked)).order
    return tagged(orders.order(released), released.version)
