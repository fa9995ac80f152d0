"""This is where staff see parcels under way: every raw scan, those that stand still, and how long parcels take."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from shop.logistics.v1 import tracking_pb2 as pb

from gateway.answers import Json, answer
from gateway.described import feature, shown
from gateway.fields import Limit, PathId
from gateway.neighbours import ask_again
from gateway.shipments import EXPECTED, expected

router = feature("shipments")
_CarrierCode = Annotated[str, Query(max_length=32, pattern=r"^[A-Za-z0-9_-]*$", description="Only this carrier's.")]
_SCAN = {
    "state": "attempt_failed",
    "reason": "absent",
    "raw_code": "70",
    "raw_reason": "",
    "text": "由于收件人不在 派件不成功",
    "occurred_at": "2026-11-24T08:00:00.000Z",
    "received_at": "2026-11-24T08:00:05.000Z",
    "location": "上海",
}
_PARCEL = {
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "carrier": "sf",
    "waybill": "SF1234567890123",
    "state": "attempt_failed",
    "revision": 4,
    "watch": "stuck",
    "heard_at": "2026-11-24T08:00:00.000Z",
    "expected": EXPECTED,
    "deliver_by": "2026-11-26T08:00:00.000Z",
    "delivered_at": None,
}
_LANE = {
    "lane": "sandbox|CN 上海|CN 浙江",
    "parcels": 412,
    "low_h": 18.5,
    "middle_h": 27.0,
    "high_h": 51.2,
    "estimated": 398,
    "hit_rate": 0.81,
    "mean_error_h": 9.4,
}


def _parcel(of: pb.Tracking) -> Json:
    plain = {name: getattr(of, name) or None for name in _PARCEL}
    return {**plain, "revision": of.revision, "expected": expected(of)}


def _tracking(request: Request) -> Any:
    return request.app.state.gateway.neighbours.tracking


@router.get(
    "/v1/shipments/standing",
    summary="Parcels that stand still",
    responses=shown({"items": [_PARCEL]}, "INVALID_PARAMETER"),
)
async def list_standing(
    request: Request,
    watch: Annotated[Literal["", "stuck", "lost"], Query(description="Only stuck, or only lost ones.")] = "",
    carrier: _CarrierCode = "",
    limit: Limit = 20,
) -> Response:
    """The longest first: no scan for longer than their carrier has in that state."""
    asked = pb.ListStandingRequest(watch=watch, carrier=carrier, limit=limit)
    answered = await ask_again(_tracking(request).ListStanding, asked)
    return answer({"items": [_parcel(row) for row in answered.parcels]})


@router.get(
    "/v1/shipments/{shipment_id}/tracking",
    summary="Everything that was scanned of a parcel",
    responses=shown({**_PARCEL, "scans": [_SCAN]}, "SHIPMENT_NOT_FOUND"),
)
async def get_tracking(request: Request, shipment_id: PathId) -> Response:
    """As the carrier told it and as it was understood, by the time it happened."""
    asked = pb.GetTrackingRequest(shipment_id=shipment_id)
    of = (await ask_again(_tracking(request).GetTracking, asked)).tracking
    scans = [{name: getattr(row, name) for name in _SCAN} for row in of.scans]
    return answer({**_parcel(of), "scans": scans})


@router.get("/v1/delivery-times", summary="How long parcels take", responses=shown({"items": [_LANE]}))
async def list_lanes(request: Request, carrier: _CarrierCode = "") -> Response:
    """By carrier and provinces; `*` stands for all. How often the window that was shown held, and how far it was off."""
    answered = await ask_again(_tracking(request).ListLanes, pb.ListLanesRequest(carrier=carrier))
    return answer({"items": [{name: getattr(row, name) for name in _LANE} for row in answered.lanes]})
