"""This is where staff keep vehicles and plan what the shop brings itself: a depot's day, drafted and released."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import fleet_pb2 as pb

from gateway.answers import Json, answer, paged, tagged
from gateway.described import feature, problems_of, shown
from gateway.fields import Body, Cursor, Limit, Name, PathId, TimeOrEmpty, page_of
from gateway.my_routes import DEGREES, PLANNED_STOP, PositionBody, picture, planned_stop
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("fleet")
_CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"
_Code = Annotated[str, StringConstraints(pattern=_CODE)]
_PathCode = Annotated[str, Path(pattern=_CODE)]
_QueryCode = Annotated[str, Query(max_length=32, pattern=r"^[A-Za-z0-9_-]*$", description="Only of this depot.")]
_Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
_Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
VEHICLE = {
    "code": "trike-1",
    "title": "三轮车 1",
    "kind": "trike",
    "depot": "main",
    "rider": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "capacity_g": 200000,
    "capacity_pieces": 80,
    "shift_from": "09:00",
    "shift_until": "21:00",
    "active": True,
}
PLAN = {
    "id": "rpl_01kb2y5v7g8h9j0kmnpqrstvwx",
    "depot": "main",
    "day": "2026-11-23",
    "state": "draft",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "created_at": "2026-11-22T08:00:00.000Z",
    "limit_s": 10.0,
    "seed": 1,
    "percent": 100,
    "metres": 18400,
    "routes": [
        {
            "id": "rte_01kb2y5v7g8h9j0kmnpqrstvwx_1",
            "vehicle": "trike-1",
            "rider": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
            "leaves_at": "2026-11-23T01:00:00.000Z",
            "back_at": "2026-11-23T02:10:00.000Z",
            "metres": 18400,
            "stops": [PLANNED_STOP],
        }
    ],
    "unserved": [
        {
            "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwy",
            "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwy",
            "reason": "window_out_of_reach",
        }
    ],
    "replaces": ["rte_01kb2y5v7g8h9j0kmnpqrstvww_1"],
    "problem": "",
}
_DELIVERY = {
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "position": DEGREES,
    "window_from": "2026-11-23T01:00:00.000Z",
    "window_until": "2026-11-23T03:00:00.000Z",
}


class VehicleBody(Body):
    """A vehicle."""

    title: Name
    kind: Literal["van", "trike", "scooter", "bicycle", "on_foot"]
    depot: _Code
    rider: Annotated[str, StringConstraints(pattern=r"^(stf_[0-9a-z]{1,60})?$")] = ""
    capacity_g: Annotated[int, Field(ge=1, le=5_000_000)]
    capacity_pieces: Annotated[int, Field(ge=1, le=1_000)]
    shift_from: _Clock = "09:00"
    shift_until: _Clock = "21:00"
    active: bool = True


class PlanBody(Body):
    """Which day to plan."""

    depot: _Code
    day: _Day
    limit_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1


class DeliveryBody(Body):
    """Where exactly and when a parcel is awaited."""

    position: PositionBody | None = None
    window_from: TimeOrEmpty = ""
    window_until: TimeOrEmpty = ""


def _fleet(request: Request) -> Any:
    return request.app.state.gateway.neighbours.fleet


def _vehicle(of: pb.Vehicle) -> Json:
    return {name: getattr(of, name) for name in VEHICLE}


def plan(of: pb.RoutePlan) -> Json:
    """A plan."""
    plain = {name: getattr(of, name) for name in PLAN if name not in ("routes", "unserved", "replaces")}
    return {
        **plain,
        "routes": [_route(row) for row in of.routes],
        "unserved": [
            {name: getattr(row, name) for name in ("shipment_id", "order_id", "reason")} for row in of.unserved
        ],
        "replaces": list(of.replaces),
    }


def _route(of: pb.PlannedRoute) -> Json:
    names = ("id", "vehicle", "rider", "leaves_at", "back_at", "metres")
    return {**{name: getattr(of, name) for name in names}, "stops": [planned_stop(row) for row in of.stops]}


@router.put(
    "/v1/fleet/vehicles/{code}",
    summary="Keep a vehicle",
    responses=shown(VEHICLE, "INVALID_VEHICLE", "VERSION_MISMATCH", body=True),
)
async def put_vehicle(request: Request, code: _PathCode, body: VehicleBody) -> Response:
    """Its rider is a member of staff with the role `rider`; shifts are in the shop's time. If-Match is honoured."""
    wanted = pb.Vehicle(code=code, **body.model_dump())
    asked = pb.PutVehicleRequest(vehicle=wanted, if_version=if_version(request))
    kept = (await ask_again(_fleet(request).PutVehicle, asked)).vehicle
    return tagged(_vehicle(kept), kept.version)


@router.get(
    "/v1/fleet/vehicles",
    summary="Vehicles",
    responses=shown({"items": [VEHICLE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_vehicles(request: Request, depot: _QueryCode = "", limit: Limit = 20, cursor: Cursor = "") -> Response:
    """By code."""
    asked = pb.ListVehiclesRequest(depot=depot, page=page_of(limit, cursor))
    answered = await ask_again(_fleet(request).ListVehicles, asked)
    return paged(request, "items", [_vehicle(row) for row in answered.vehicles], answered.next_cursor)


@router.put(
    "/v1/shipments/{shipment_id}/delivery",
    summary="Where exactly and when",
    responses=shown(_DELIVERY, "SHIPMENT_NOT_FOUND", "INVALID_DELIVERY", "ON_THE_WAY", body=True),
)
async def set_delivery(request: Request, shipment_id: PathId, body: DeliveryBody) -> Response:
    """What is left out stays as it is. Without a position a parcel lies at the centre of its district; without a window
    it is brought between 09:00 and 21:00."""
    asked = pb.SetDeliveryRequest(
        shipment_id=shipment_id,
        position=body.position.told() if body.position else None,
        window_from=body.window_from,
        window_until=body.window_until,
    )
    kept = await ask_again(_fleet(request).SetDelivery, asked)
    at = {"lat": kept.position.lat, "lng": kept.position.lng} if kept.HasField("position") else None
    window = {name: getattr(kept, name) or None for name in ("window_from", "window_until")}
    return answer({"shipment_id": kept.shipment_id, "position": at, **window})


@router.post(
    "/v1/fleet/plans",
    status_code=202,
    summary="Plan a day",
    responses=shown(PLAN, "INVALID_PLAN", status=202, body=True),
)
async def create_route_plan(request: Request, body: PlanBody) -> Response:
    """Computed in the background: read it until it is a `draft`. It takes what waits at the depot, and what released routes
    have not left with yet. The same seed gives the same plan unless the time limit cuts it short."""
    asked = pb.CreateRoutePlanRequest(**body.model_dump(), by=asking(request).id)
    made = (await ask(_fleet(request).CreateRoutePlan, asked)).plan
    return answer(plan(made), 202, {"location": f"/v1/fleet/plans/{made.id}"})


@router.get(
    "/v1/fleet/plans",
    summary="Plans",
    responses=shown({"items": [{**PLAN, "routes": []}], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_route_plans(
    request: Request, depot: _QueryCode = "", limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """The newest first, without their routes."""
    asked = pb.ListRoutePlansRequest(depot=depot, page=page_of(limit, cursor))
    answered = await ask_again(_fleet(request).ListRoutePlans, asked)
    return paged(request, "items", [plan(row) for row in answered.plans], answered.next_cursor)


@router.get("/v1/fleet/plans/{plan_id}", summary="One plan", responses=shown(PLAN, "PLAN_NOT_FOUND"))
async def get_route_plan(request: Request, plan_id: PathId) -> Response:
    """`percent` is how much of its time limit a computing plan has used."""
    answered = await ask_again(_fleet(request).GetRoutePlan, pb.GetRoutePlanRequest(id=plan_id))
    return answer(plan(answered.plan))


@router.post(
    "/v1/fleet/plans/{plan_id}/release",
    summary="Give riders their routes",
    responses=shown(PLAN, "PLAN_NOT_FOUND", "PLAN_NOT_DRAFT"),
)
async def release_route_plan(request: Request, plan_id: PathId) -> Response:
    """Again changes nothing. A parcel is on one released route only; what another took meanwhile is `taken_elsewhere`."""
    answered = await ask_again(_fleet(request).ReleaseRoutePlan, pb.ReleaseRoutePlanRequest(id=plan_id), STAFF_S)
    return answer(plan(answered.plan))


@router.get(
    "/v1/fleet/plans/{plan_id}/map",
    summary="A plan drawn",
    responses={
        200: {"description": "The picture.", "content": {"image/svg+xml": {"schema": {"type": "string"}}}},
        **problems_of(("PLAN_NOT_FOUND", "UNAVAILABLE")),
    },
)
async def draw_route_plan(request: Request, plan_id: PathId) -> Response:
    """SVG: stops in their order, lines, a scale; no map beneath."""
    return picture(await ask_again(_fleet(request).DrawRoutePlan, pb.DrawRoutePlanRequest(id=plan_id)))
