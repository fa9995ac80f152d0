"""This is where it is chosen when orders are brought: staff keep the windows, customers choose in their days."""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import slots_pb2 as windows_pb
from shop.orders.v1 import carts_pb2
from shop.orders.v1 import slots_pb2 as pb

from gateway.answers import Json, answer, paged, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, Line, Name, PathId, page_of
from gateway.neighbours import ask, ask_again
from gateway.orders import ORDER, order
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.ways import WINDOW

router = feature("delivery-windows")
_CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"
_Code = Annotated[str, StringConstraints(pattern=_CODE)]
_PathCode = Annotated[str, Path(pattern=_CODE)]
_QueryCode = Annotated[str, Query(max_length=32, pattern=r"^[A-Za-z0-9_-]*$", description="Only of this warehouse.")]
_Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Date = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_Option = Annotated[str, Query(pattern=_CODE, description="The delivery option.")]
_DELIVERY_WINDOW = {
    "code": "sh-morning",
    "title": "上午 Morning",
    "warehouse": "main",
    "option": "same-city",
    "districts": ["浦东新区"],
    "weekdays": [1, 2, 3, 4, 5, 6, 7],
    "from": "09:00",
    "until": "12:00",
    "capacity": 40,
    "cut_off_min": 120,
    "days_ahead": 7,
    "special": [{"date": "2026-10-01", "capacity": 0}],
    "open": True,
    "version": 1,
}
_FREE = {**WINDOW, "title": "上午 Morning", "left": 12}
_SLOT = {
    **WINDOW,
    "capacity": 40,
    "taken": 28,
    "orders": ["ord_01kb2y5v7g8h9j0kmnpqrstvwx"],
}


class SpecialBody(Body):
    """A date with another capacity."""

    date: _Date
    capacity: Annotated[int, Field(ge=0, le=500)]


class WindowBody(Body):
    """When a warehouse's riders bring orders to districts of its city (none: all of it): `weekdays` 1 Monday to 7 Sunday,
    the shop's time, so many orders a day; `special` dates have another capacity, 0 for none."""

    title: Name
    warehouse: _Code
    option: _Code = "same-city"
    districts: Annotated[list[Line], Field(max_length=100)] = Field(default_factory=list)
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)] = Field(
        default_factory=lambda: [1, 2, 3, 4, 5, 6, 7]
    )
    begins: _Clock = Field(alias="from")
    ends: _Clock = Field(alias="until")
    capacity: Annotated[int, Field(ge=1, le=500)]
    cut_off_min: Annotated[int, Field(ge=0, le=10_080)] = 120
    days_ahead: Annotated[int, Field(ge=0, le=30)] = 7
    special: Annotated[list[SpecialBody], Field(max_length=400)] = Field(default_factory=list)
    open: bool = True


class ChosenBody(Body):
    """Another window."""

    window: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


def _windows(request: Request) -> Any:
    return request.app.state.gateway.neighbours.slots


def _slots(request: Request) -> Any:
    return request.app.state.gateway.neighbours.order_slots


def _window(of: windows_pb.DeliveryWindow) -> Json:
    told: Json = {"from": of.begins, "until": of.ends, "districts": list(of.districts), "weekdays": list(of.weekdays)}
    told["special"] = [{"date": day.date, "capacity": day.capacity} for day in of.special]
    return {name: told[name] if name in told else getattr(of, name) for name in _DELIVERY_WINDOW}


def _when(of: windows_pb.Slot | pb.FreeSlot) -> Json:
    return {"id": of.id, "from": of.from_at, "until": of.until_at, "cut_off": of.cut_off_at}


def _free(of: pb.FreeSlot) -> Json:
    return {**_when(of), "title": of.title, "left": of.left}


@router.put(
    "/v1/delivery-windows/{code}",
    summary="Keep a delivery window",
    responses=shown(_DELIVERY_WINDOW, "INVALID_DELIVERY_WINDOW", "VERSION_MISMATCH", body=True),
)
async def put_delivery_window(request: Request, code: _PathCode, body: WindowBody) -> Response:
    """From then on its delivery option is `windowed` where its riders go. On days its warehouse is closed nobody comes.
    Places given out stay. If-Match is honoured."""
    wanted = windows_pb.DeliveryWindow(code=code, **body.model_dump())
    asked = windows_pb.PutDeliveryWindowRequest(window=wanted, if_version=if_version(request))
    kept = (await ask_again(_windows(request).PutDeliveryWindow, asked)).window
    return tagged(_window(kept), kept.version)


@router.get(
    "/v1/delivery-windows",
    summary="Delivery windows",
    responses=shown({"items": [_DELIVERY_WINDOW], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_delivery_windows(
    request: Request, warehouse: _QueryCode = "", limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """By code."""
    asked = windows_pb.ListDeliveryWindowsRequest(warehouse=warehouse, page=page_of(limit, cursor))
    answered = await ask_again(_windows(request).ListDeliveryWindows, asked)
    return paged(request, "items", [_window(row) for row in answered.windows], answered.next_cursor)


@router.get(
    "/v1/delivery-windows/{code}/slots",
    summary="How full its next days are",
    responses=shown({"items": [_SLOT]}, "DELIVERY_WINDOW_NOT_FOUND"),
)
async def list_slots(request: Request, code: _PathCode) -> Response:
    """With the orders that have a place."""
    answered = await ask_again(_windows(request).ListSlots, windows_pb.ListSlotsRequest(code=code))
    rows = [
        {**_when(row), "capacity": row.capacity, "taken": row.taken, "orders": list(row.order_ids)}
        for row in answered.slots
    ]
    return answer({"items": rows})


@router.get(
    "/v1/carts/{cart_id}/delivery-windows",
    summary="When it can be brought",
    responses=shown({"items": [_FREE]}, "CART_NOT_FOUND", "ADDRESS_MISSING", "INVALID_PARAMETER"),
)
async def list_cart_windows(request: Request, cart_id: PathId, option: _Option = "same-city") -> Response:
    """The windows of the next days that still have room there, the soonest first. Choose one with the delivery option."""
    key = carts_pb2.CartKey(cart_id=cart_id, customer_id=asking(request).customer_id)
    answered = await ask_again(_slots(request).ListCartSlots, pb.ListCartSlotsRequest(key=key, option=option))
    return answer({"items": [_free(row) for row in answered.slots]})


@router.get(
    "/v1/orders/{order_id}/delivery-windows",
    summary="When it could be brought instead",
    responses=shown({"items": [_FREE]}, "ORDER_NOT_FOUND", "NO_WINDOW"),
)
async def list_order_windows(request: Request, order_id: PathId) -> Response:
    """The other windows that still have room, the soonest first."""
    who = asking(request)
    asked = pb.ListOrderSlotsRequest(order_id=order_id, customer_id=who.customer_id, staff=who.staff)
    answered = await ask_again(_slots(request).ListOrderSlots, asked)
    return answer({"items": [_free(row) for row in answered.slots]})


@router.put(
    "/v1/orders/{order_id}/delivery-window",
    summary="Have it brought at another time",
    responses=shown(
        ORDER,
        "ORDER_NOT_FOUND",
        "NO_WINDOW",
        "WINDOW_FIXED",
        "WINDOW_FULL",
        "WINDOW_CLOSED",
        "ON_THE_WAY",
        body=True,
    ),
)
async def change_window(request: Request, order_id: PathId, body: ChosenBody) -> Response:
    """Its customer once, until the cut-off of the window it has; staff until a rider has it. The new place is taken before
    the old is given back. The same again changes nothing."""
    who = asking(request)
    asked = pb.ChangeSlotRequest(
        order_id=order_id, customer_id=who.customer_id, staff_id=who.id if who.staff else "", slot=body.window
    )
    changed = (await ask(_slots(request).ChangeSlot, asked)).order
    return tagged(order(changed), changed.version)
