"""This is where devices on the way say what parcels go through, and where staff look after them."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field
from shop.logistics.v1 import telemetry_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Id, Limit, Line, PathId, Sku, Time, page_of
from gateway.neighbours import STAFF_S, ask, ask_again

router = feature("telemetry")
_DEVICE = {
    "id": "dev_01kt5m8q2x0000000000000001",
    "title": "Logger 7",
    "kind": "shipment",
    "bound_to": "shp_01kt5m8q2x0000000000000001",
    "active": True,
    "created_at": "2026-11-22T08:00:00.000Z",
}
_RULE = {
    "id": "cold",
    "kind": "temperature",
    "low": 2.0,
    "high": 8.0,
    "margin": 0.5,
    "settle_s": 300,
    "middle": None,
    "radius_m": 0.0,
    "corners": [],
    "keep_in": True,
    "skus": ["VACCINE-1"],
    "targets": [],
    "active": True,
}
_ALERT = {
    "id": "alr_01kt5m8q2x0000000000000001",
    "rule": "cold",
    "kind": "temperature",
    "target": "shipment:shp_01kt5m8q2x0000000000000001",
    "device": "dev_01kt5m8q2x0000000000000001",
    "order_id": "ord_01kt5m8q2x0000000000000001",
    "warehouse": "main",
    "carrier": "sandbox",
    "value": 11.5,
    "open": True,
    "opened_at": "2026-11-22T08:00:00.000Z",
    "closed_at": None,
}
_POINT = {"at": "2026-11-22T08:00:00.000Z", "latitude": 31.2, "longitude": 121.5, "temperature_c": 5.5}
_TRACK = {"target": _ALERT["target"], "order_id": _ALERT["order_id"], "points": [_POINT], "open_alerts": ["cold"]}
_HEADERS: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("X-Device-Id", "X-Device-Key")
    ]
}
_Target = Annotated[str, Field(pattern=r"^(shipment|vehicle):[A-Za-z0-9_-]{1,64}$")]
_PathTarget = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$", description="`shipment:shp_…` or `vehicle:…`.")
]
_PathRule = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$", description="The rule's id.")]
_Measured = Annotated[float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False)]


class DeviceBody(Body):
    """A new device."""

    title: Line


class BindingBody(Body):
    """What it travels with; nothing when neither is given."""

    kind: Literal["", "shipment", "vehicle"] = ""
    id: Id | Literal[""] = ""
    active: bool = True


class ParcelReadingBody(Body):
    """What a device says: `seq` rises with every reading, `at` is its own time; at least one measure."""

    seq: Annotated[int, Field(ge=0, le=2**53)]
    at: Time
    temperature_c: _Measured | None = None
    humidity: _Measured | None = None
    shock_g: _Measured | None = None
    latitude: _Measured | None = None
    longitude: _Measured | None = None


class ParcelReadingsBody(Body):
    """At most 100, of one device."""

    readings: Annotated[list[ParcelReadingBody], Field(min_length=1, max_length=100)]


class PlaceBody(Body):
    """A place, in degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class ConditionRuleBody(Body):
    """What must hold: °C, %, g between `low` and `high`; a circle or polygon to stay in or out of; seconds of silence."""

    kind: Literal["temperature", "humidity", "shock", "geofence", "silence"]
    low: _Measured | None = None
    high: _Measured | None = None
    margin: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    settle_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    middle: PlaceBody | None = None
    radius_m: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    corners: Annotated[list[PlaceBody], Field(max_length=50)] = Field(default_factory=list)
    keep_in: bool = True
    skus: Annotated[list[Sku], Field(max_length=100)] = Field(default_factory=list)
    targets: Annotated[list[_Target], Field(max_length=100)] = Field(default_factory=list)
    active: bool = True


def _telemetry(request: Request) -> Any:
    return request.app.state.gateway.neighbours.telemetry


def _device(of: pb.Device) -> Json:
    words = {"kind": of.kind or None, "bound_to": of.bound_to or None}
    return {"id": of.id, "title": of.title, **words, "active": of.active, "created_at": of.created_at}


def _place(of: pb.Place) -> Json:
    return {"latitude": of.latitude, "longitude": of.longitude}


def _rule(of: pb.ConditionRule) -> Json:
    plain = ("id", "kind", "margin", "settle_s", "radius_m", "keep_in", "active")
    return {
        **{name: getattr(of, name) for name in plain},
        **{name: getattr(of, name) if of.HasField(name) else None for name in ("low", "high")},
        "middle": _place(of.middle) if of.HasField("middle") else None,
        "corners": [_place(one) for one in of.corners],
        "skus": list(of.skus),
        "targets": list(of.targets),
    }


def _alert(of: pb.Alert) -> Json:
    plain = ("id", "rule", "kind", "target", "device", "value", "open", "opened_at")
    maybe = ("order_id", "warehouse", "carrier", "closed_at")
    return {name: getattr(of, name) for name in plain} | {name: getattr(of, name) or None for name in maybe}


def _point(of: pb.TrackPoint) -> Json:
    known = {about.name: value for about, value in of.ListFields()}
    return {"at": of.at} | {name: known.get(name) for name in ("latitude", "longitude", "temperature_c")}


@router.post(
    "/v1/iot/parcel-readings",
    summary="What devices on the way say",
    responses=shown(
        {"answers": [{"outcome": "accepted", "detail": None}]},
        "DEVICE_KEY_WRONG",
        "TOO_MANY_READINGS",
        text="An answer each.",
        body=True,
    ),
    openapi_extra=_HEADERS,
)
async def record_parcel_readings(request: Request, body: ParcelReadingsBody) -> Response:
    """From the device that shows `X-Device-Id` and `X-Device-Key`: each is `accepted`, `duplicate` or `refused`.

    The same over MQTT: topic `shop/iot/parcel/{device}`, payload `{key, readings: [{seq, at, temperature_c, …}]}`. Late
    readings are kept; only newer ones begin or end alerts."""
    key, device = (request.headers.get(name, "")[:200] for name in ("x-device-key", "x-device-id"))
    readings = [pb.ParcelReading(**each.model_dump(exclude_none=True)) for each in body.readings]
    asked = pb.RecordParcelReadingsRequest(device_id=device, secret=key, readings=readings)
    answered = await ask_again(_telemetry(request).RecordParcelReadings, asked, STAFF_S)
    return answer({"answers": [{"outcome": row.outcome, "detail": row.detail or None} for row in answered.answers]})


@router.post(
    "/v1/iot/devices",
    status_code=201,
    summary="Register a device",
    responses=shown(_DEVICE | {"secret": "shown this once"}, "INVALID_DEVICE", status=201, body=True),
)
async def register_device(request: Request, body: DeviceBody) -> Response:
    """Its secret is shown this once; who has lost it registers the device anew."""
    made = await ask(_telemetry(request).RegisterDevice, pb.RegisterDeviceRequest(title=body.title))
    return answer(_device(made.device) | {"secret": made.secret}, 201)


@router.put(
    "/v1/iot/devices/{device_id}/binding",
    summary="Say what a device travels with",
    responses=shown(_DEVICE, "DEVICE_NOT_FOUND", "INVALID_DEVICE", body=True),
)
async def bind_device(request: Request, device_id: PathId, body: BindingBody) -> Response:
    """A shipment or a vehicle; its readings are that one's from now on. `active` false: it is heard no more."""
    asked = pb.BindDeviceRequest(id=device_id, kind=body.kind, bound_to=body.id, active=body.active)
    return answer(_device((await ask_again(_telemetry(request).BindDevice, asked)).device))


@router.get(
    "/v1/iot/devices",
    summary="The devices",
    responses=shown({"items": [_DEVICE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_devices(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """The newest first."""
    found = await ask_again(_telemetry(request).ListDevices, pb.ListDevicesRequest(page=page_of(limit, cursor)))
    return paged(request, "items", [_device(one) for one in found.devices], found.next_cursor)


@router.put(
    "/v1/iot/rules/{rule_id}",
    summary="Say what parcels must not suffer",
    responses=shown(_RULE, "INVALID_RULE", body=True),
)
async def put_condition_rule(request: Request, rule_id: _PathRule, body: ConditionRuleBody) -> Response:
    """An alert begins beyond the bounds, once, and is over after `settle_s` spent at least `margin` within."""
    asked = pb.PutConditionRuleRequest(rule=pb.ConditionRule(id=rule_id, **body.model_dump(exclude_none=True)))
    return answer(_rule((await ask_again(_telemetry(request).PutConditionRule, asked)).rule))


@router.get("/v1/iot/rules", summary="What parcels must not suffer", responses=shown({"items": [_RULE]}))
async def list_condition_rules(request: Request) -> Response:
    """By id."""
    found = await ask_again(_telemetry(request).ListConditionRules, pb.ListConditionRulesRequest())
    return answer({"items": [_rule(one) for one in found.rules]})


@router.get(
    "/v1/iot/alerts",
    summary="What devices say is wrong",
    responses=shown({"items": [_ALERT], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_alerts(
    request: Request,
    open_: Annotated[bool, Query(alias="open", description="Only those that last.")] = False,
    target: Annotated[str, Query(pattern=r"^((shipment|vehicle):[A-Za-z0-9_-]{1,64})?$")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """The newest first."""
    asked = pb.ListAlertsRequest(open=open_, target=target, page=page_of(limit, cursor))
    found = await ask_again(_telemetry(request).ListAlerts, asked)
    return paged(request, "items", [_alert(one) for one in found.alerts], found.next_cursor)


@router.get(
    "/v1/iot/tracks/{target}",
    summary="What a parcel or vehicle went through",
    responses=shown(_TRACK, "TRACK_NOT_FOUND"),
)
async def show_track(request: Request, target: _PathTarget) -> Response:
    """In outline: at most 200 points, the oldest first."""
    of = (await ask_again(_telemetry(request).GetTrack, pb.GetTrackRequest(target=target))).track
    points = [_point(one) for one in of.points]
    head = {"target": of.target, "order_id": of.order_id or None}
    return answer(head | {"points": points, "open_alerts": list(of.open_alerts)})
