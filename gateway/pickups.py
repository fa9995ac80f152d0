"""This is where orders are picked up in a store: chosen with the cart, told to be ready, handed over for a code."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import StringConstraints
from shop.orders.v1 import carts_pb2
from shop.orders.v1 import pickups_pb2 as pb

from gateway.answers import Json, answer, paged, tagged
from gateway.carts import CART, CHANGES, key_of_cart, shown_cart
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, PathId, Slug, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking

router = feature("pickups")
_POINT = {
    "code": "hz-01",
    "title": "杭州西湖店",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 90 号",
    "hours": ["mon 10:00-21:00"],
    "available": True,
    "short": [],
}
PICKUP = {
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "store": "hz-01",
    "state": "ready",
    "code": "7KQ2M9XA",
    "attempts_left": 5,
    "ready_at": "2026-11-22T08:00:00.000Z",
    "expires_at": "2026-11-29T08:00:00.000Z",
    "collected_at": None,
    "by": None,
    "version": 4,
}
_FOR_STAFF = {**PICKUP, "code": None}


class StoreBody(Body):
    """Which store."""

    store: Slug


class CodeBody(Body):
    """What the customer says."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=ONE_LINE)]


def _pickup(of: pb.Pickup) -> Json:
    plain = {name: getattr(of, name) or None for name in PICKUP if name != "attempts_left"}
    return {**plain, "attempts_left": of.attempts_left}


def _point(of: pb.PickupPoint) -> Json:
    place = {name: getattr(of.store, name) for name in _POINT if name not in ("hours", "available", "short")}
    return {**place, "hours": list(of.store.hours), "available": of.available, "short": list(of.short)}


def _pickups(request: Request) -> Any:
    return request.app.state.gateway.neighbours.pickups


@router.get(
    "/v1/carts/{cart_id}/pickup-points",
    summary="Where it can be picked up",
    responses=shown({"items": [_POINT]}, "CART_NOT_FOUND", "CART_EMPTY", "TOO_MUCH_TO_PICK_UP"),
)
async def list_pickup_points(request: Request, cart_id: PathId) -> Response:
    """Every store that gives out orders, by code; `short` are the SKUs it has not enough of."""
    key = carts_pb2.CartKey(cart_id=cart_id, customer_id=asking(request).customer_id)
    answered = await ask_again(_pickups(request).ListPickupPoints, pb.ListPickupPointsRequest(key=key))
    return answer({"items": [_point(each) for each in answered.points]})


@router.put(
    "/v1/carts/{cart_id}/pickup",
    summary="Pick it up in a store",
    responses=shown(
        CART,
        *CHANGES,
        "PICKUP_POINT_NOT_FOUND",
        "STORE_SHORT",
        "ADDRESS_MISSING",
        "CART_EMPTY",
        "TOO_MUCH_TO_PICK_UP",
        body=True,
    ),
)
async def choose_pickup(request: Request, cart_id: PathId, body: StoreBody) -> Response:
    """Instead of a delivery option; the address says who comes. The goods are put aside when it is paid."""
    key = key_of_cart(request, cart_id)
    await ask_again(_pickups(request).ChoosePickup, pb.ChoosePickupRequest(key=key, store=body.store))
    seen = carts_pb2.CartKey(cart_id=cart_id, customer_id=key.customer_id)
    carts = request.app.state.gateway.neighbours.carts
    return shown_cart(await ask_again(carts.GetCart, carts_pb2.GetCartRequest(key=seen)))


@router.get(
    "/v1/orders/{order_id}/pickup",
    summary="How far a pick-up has come",
    responses=shown(PICKUP, "ORDER_NOT_FOUND", "NOT_PICKED_UP"),
)
async def get_pickup(request: Request, order_id: PathId) -> Response:
    """With its code for its customer once it is ready; never for staff."""
    who = asking(request)
    asked = pb.GetPickupRequest(order_id=order_id, customer_id=who.customer_id, staff=who.staff)
    of = (await ask_again(_pickups(request).GetPickup, asked)).pickup
    return tagged(_pickup(of), of.version)


@router.get(
    "/v1/pickups",
    summary="What stores prepare and keep",
    responses=shown({"items": [_FOR_STAFF], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_store_pickups(
    request: Request,
    store: Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?$", description="Only of this store.")] = "",
    state: Annotated[Literal["", "preparing", "ready", "collected", "expired"], Query(description="Only so far.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Oldest first."""
    asked = pb.ListPickupsRequest(store=store, state=state, page=page_of(limit, cursor))
    answered = await ask_again(_pickups(request).ListPickups, asked)
    return paged(request, "items", [_pickup(each) for each in answered.pickups], answered.next_cursor)


@router.post(
    "/v1/pickups/{order_id}/ready",
    summary="It lies ready",
    responses=shown(_FOR_STAFF, "ORDER_NOT_FOUND", "NOT_PICKED_UP", "PICKUP_NOT_READY", "PICKUP_HELD"),
)
async def ready_pickup(request: Request, order_id: PathId) -> Response:
    """Its customer is told, and sees the code; kept for seven days. Again changes nothing."""
    of = (await ask_again(_pickups(request).ReadyPickup, pb.ReadyPickupRequest(order_id=order_id))).pickup
    return tagged(_pickup(of), of.version)


@router.post(
    "/v1/pickups/{order_id}/code",
    summary="Make a new code",
    responses=shown(_FOR_STAFF, "ORDER_NOT_FOUND", "NOT_PICKED_UP", "PICKUP_NOT_READY"),
)
async def renew_pickup_code(request: Request, order_id: PathId) -> Response:
    """For who has tried too often: the one before is good no more; its customer sees the new one."""
    of = (await ask(_pickups(request).RenewPickupCode, pb.RenewPickupCodeRequest(order_id=order_id))).pickup
    return tagged(_pickup(of), of.version)


@router.post(
    "/v1/pickups/{order_id}/collect",
    summary="Hand it over",
    responses=shown(
        _FOR_STAFF,
        "ORDER_NOT_FOUND",
        "NOT_PICKED_UP",
        "PICKUP_NOT_READY",
        "PICKUP_HELD",
        "PICKUP_CODE_WRONG",
        "PICKUP_LOCKED",
        body=True,
    ),
)
async def collect_pickup(request: Request, order_id: PathId, body: CodeBody) -> Response:
    """For its code, once; after five wrong ones a new code is needed."""
    asked = pb.CollectPickupRequest(order_id=order_id, code=body.code, by=asking(request).id)
    of = (await ask(_pickups(request).CollectPickup, asked)).pickup
    return tagged(_pickup(of), of.version)
