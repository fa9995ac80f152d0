"""This is where a customer holds the parcel that comes back: label, pickup, tracking; and staff scan it in."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import returns_pb2 as pb
from shop.orders.v1 import returns_pb2
from shop.type.v1.address_pb2 import Region

from gateway.answers import Json, answer, paged, tagged
from gateway.described import feature, problems_of, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, PathId, page_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.shipments import LABEL_ANSWERS, TRACKING, document

router = feature("returns")
_States = Literal["", "booked", "missed", "cancelled", "moving", "arrived", "received"]
_Window = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$")]
_Slot = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$")]
_Place = Annotated[str, Query(max_length=100, pattern=ONE_LINE)]
PARCEL = {
    "return_id": "ret_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "waybill": "SB123456789012",
    "carrier": "sandbox",
    "warehouse": "main",
    "kind": "pickup",
    "window": "2026-11-30 09:00-12:00",
    "state": "booked",
    "changed_at": "2026-11-29T08:00:00.000Z",
    "received_by": None,
}
_TRACKED = {**PARCEL, "label": "/v1/returns/ret_01kb2y5v7g8h9j0kmnpqrstvwx/label", "tracking": [TRACKING]}
PLAN = {"slots": ["09:00-12:00", "13:00-18:00"], "capacity": 20, "days": 7, "lead_h": 2, "version": 1}
_FOUND = ("RETURN_NOT_FOUND", "RETURN_PARCEL_NOT_FOUND")


class WindowBody(Body):
    """One of GET /v1/pickup-windows."""

    window: _Window


class ScanInBody(Body):
    """What the scanner read."""

    waybill: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]


class PlanBody(Body):
    """When carriers come, in the shop's time zone."""

    slots: Annotated[list[_Slot], Field(min_length=1, max_length=24)]
    capacity: Annotated[int, Field(ge=1, le=10_000)]
    days: Annotated[int, Field(ge=1, le=60)] = 7
    lead_h: Annotated[int, Field(ge=0, le=240)] = 2


def parcel(of: pb.ReturnParcel) -> Json:
    """A parcel that comes back."""
    plain = {name: getattr(of, name) for name in PARCEL}
    return {**plain, "window": of.window or None, "received_by": of.received_by or None}


def _parcels(request: Request) -> Any:
    return request.app.state.gateway.neighbours.return_parcels


async def _theirs(request: Request, return_id: str) -> str:
    """The return's id, once orders has said that it is theirs to see. Refuses with RETURN_NOT_FOUND."""
    who = asking(request)
    asked = returns_pb2.GetReturnRequest(id=return_id, customer_id=who.customer_id, staff=who.staff)
    await ask_again(request.app.state.gateway.neighbours.returns.GetReturn, asked)
    return return_id


@router.get(
    "/v1/pickup-windows",
    summary="When a carrier can come",
    responses=shown({"items": [{"window": "2026-11-30 09:00-12:00", "left": 20}]}, "INVALID_PARAMETER"),
)
async def list_pickup_windows(
    request: Request,
    province: _Place = "",
    city: _Place = "",
    country: Annotated[str, Query(pattern="^[A-Z]{2}$")] = "CN",
) -> Response:
    """In a city, the next first, and for how many more there is a place; a full one has 0 left."""
    asked = pb.ListPickupWindowsRequest(region=Region(country=country, province=province, city=city))
    answered = await ask_again(_parcels(request).ListPickupWindows, asked)
    return answer({"items": [{"window": one.window, "left": one.left} for one in answered.windows]})


@router.get(
    "/v1/returns/{return_id}/parcel", summary="Where the parcel of a return is", responses=shown(_TRACKED, *_FOUND)
)
async def get_return_parcel(request: Request, return_id: PathId) -> Response:
    """The link its customer follows: waybill, pickup, and everywhere it has been."""
    asked = pb.GetReturnParcelRequest(return_id=await _theirs(request, return_id))
    answered = await ask_again(_parcels(request).GetReturnParcel, asked)
    tracking = [{name: getattr(row, name) for name in TRACKING} for row in answered.tracking]
    return answer({**parcel(answered.parcel), "label": f"/v1/returns/{return_id}/label", "tracking": tracking})


@router.get(
    "/v1/returns/{return_id}/label",
    summary="The label of a return",
    responses={**LABEL_ANSWERS, **problems_of((*_FOUND, "NO_LABEL", "UNAVAILABLE"))},
)
async def print_return_label(
    request: Request, return_id: PathId, form: Annotated[Literal["pdf", "zpl"], Query(alias="format")] = "pdf"
) -> Response:
    """An A6 page with Code 128 and QR, to be stuck on the box; names and phones are masked."""
    asked = pb.PrintReturnLabelRequest(return_id=await _theirs(request, return_id), format=form)
    return document(await ask_again(_parcels(request).PrintReturnLabel, asked, STAFF_S))


@router.post(
    "/v1/returns/{return_id}/pickup",
    summary="Another time for a pickup",
    responses=shown(PARCEL, *_FOUND, "PICKUP_NOT_OPEN", "PICKUP_WINDOW_NOT_FOUND", "PICKUP_FULL", body=True),
)
async def rebook_pickup(request: Request, return_id: PathId, body: WindowBody) -> Response:
    """As long as it has not been fetched; also when it was missed. The same again changes nothing."""
    asked = pb.RebookPickupRequest(return_id=await _theirs(request, return_id), window=body.window)
    return answer(parcel((await ask_again(_parcels(request).RebookPickup, asked)).parcel))


@router.delete(
    "/v1/returns/{return_id}/parcel",
    summary="Call the parcel of a return off",
    responses=shown(PARCEL, *_FOUND, "RETURN_PARCEL_LEFT"),
)
async def cancel_return_parcel(request: Request, return_id: PathId) -> Response:
    """As long as its carrier does not have it. The return stands; its way back can be booked anew."""
    asked = pb.CancelReturnParcelRequest(return_id=await _theirs(request, return_id))
    return answer(parcel((await ask_again(_parcels(request).CancelReturnParcel, asked)).parcel))


@router.get(
    "/v1/return-parcels",
    summary="What comes back",
    responses=shown({"items": [PARCEL], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_return_parcels(
    request: Request,
    state: Annotated[_States, Query(description="`arrived`: to be scanned in and inspected.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Oldest return first."""
    asked = pb.ListReturnParcelsRequest(state=state, page=page_of(limit, cursor))
    answered = await ask_again(_parcels(request).ListReturnParcels, asked)
    return paged(request, "items", [parcel(one) for one in answered.parcels], answered.next_cursor)


@router.post(
    "/v1/return-parcels/scans",
    summary="Scan a returned parcel in",
    responses=shown(PARCEL, "RETURN_PARCEL_NOT_FOUND", "RETURN_PARCEL_CANCELLED", body=True),
)
async def receive_return_parcel(request: Request, body: ScanInBody) -> Response:
    """It is on the bench, whatever its carrier said: its return is `arrived`. Then POST /v1/returns/{id}/inspect with what
    was found. Again changes nothing."""
    asked = pb.ReceiveReturnParcelRequest(waybill=body.waybill, by=asking(request).id)
    return answer(parcel((await ask_again(_parcels(request).ReceiveReturnParcel, asked)).parcel))


def _plan(of: pb.PickupPlan) -> Response:
    return tagged({**{name: getattr(of, name) for name in PLAN}, "slots": list(of.slots)}, of.version)


@router.get("/v1/pickup-plan", summary="When carriers come", responses=shown(PLAN))
async def get_pickup_plan(request: Request) -> Response:
    """The windows a day, and how many pickups a city each takes."""
    return _plan((await ask_again(_parcels(request).GetPickupPlan, pb.GetPickupPlanRequest())).plan)


@router.put(
    "/v1/pickup-plan",
    summary="Say when carriers come",
    responses=shown(PLAN, "INVALID_PICKUP_PLAN", "VERSION_MISMATCH", body=True),
)
async def put_pickup_plan(request: Request, body: PlanBody) -> Response:
    """Places given out stay; a window nobody has booked yet takes the new capacity."""
    asked = pb.PutPickupPlanRequest(plan=pb.PickupPlan(**body.model_dump()), if_version=if_version(request))
    return _plan((await ask_again(_parcels(request).PutPickupPlan, asked)).plan)
