"""This is where a partner carrier reads its parcels one by one: waybills, and those to be picked up."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from shop.logistics.v1 import partner_parcels_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.carriers import PROOF, SIGNED, proof, today
from gateway.described import feature, shown
from gateway.fields import Cursor, Day, Limit, page_of
from gateway.neighbours import ask_again
from gateway.shipments import SHIPMENT, shipment

router = feature("carriers")
WAYBILL = {
    "waybill": "SB123456789012",
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "packed",
    "tracking_state": "label_created",
    "warehouse": "main",
    "direction": "forward",
    "weight_g": 350,
    "handed_at": None,
    "manifest_id": None,
}
WAYBILLS = shown({"items": [WAYBILL], "next_cursor": None}, *PROOF, "INVALID_PARAMETER")


def _waybill(of: pb.Waybill) -> Json:
    plain = {name: getattr(of, name) for name in WAYBILL}
    return {**plain, "handed_at": of.handed_at or None, "manifest_id": of.manifest_id or None}


def parcels_of_partners(request: Request) -> Any:
    """Who answers."""
    return request.app.state.gateway.neighbours.partner_parcels


def waybills(request: Request, found: Any) -> Response:
    """A page of them."""
    return paged(request, "items", [_waybill(row) for row in found.waybills], found.next_cursor)


@router.get("/carrier/v1/waybills", summary="Your waybills", responses=WAYBILLS, openapi_extra=SIGNED)
async def list_waybills(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """All of them, oldest first, in short: what to compare one's own books with."""
    asked = pb.ListWaybillsRequest(proof=proof(request), page=page_of(limit, cursor))
    return waybills(request, await ask_again(parcels_of_partners(request).ListWaybills, asked))


@router.get(
    "/carrier/v1/waybills/{waybill}",
    summary="One parcel",
    responses=shown(SHIPMENT, *PROOF, "WAYBILL_NOT_FOUND"),
    openapi_extra=SIGNED,
)
async def get_waybill(request: Request, waybill: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]) -> Response:
    """With its tracking as we understand it, and where to as far as the district; who gets it stands on the label."""
    asked = pb.GetWaybillRequest(proof=proof(request), waybill=waybill)
    return answer(shipment((await ask_again(parcels_of_partners(request).GetWaybill, asked)).shipment))


@router.get(
    "/carrier/v1/pickups/waybills", summary="Waybills to be picked up", responses=WAYBILLS, openapi_extra=SIGNED
)
async def list_pickup_waybills(request: Request, date: Day = "", limit: Limit = 20, cursor: Cursor = "") -> Response:
    """On a day, one by one, oldest first; `reverse` ones are picked up at the customer's."""
    asked = pb.ListPickupWaybillsRequest(proof=proof(request), date=date or today(), page=page_of(limit, cursor))
    return waybills(request, await ask_again(parcels_of_partners(request).ListPickupWaybills, asked))
