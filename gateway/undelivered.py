"""This is where staff take in parcels that nobody took: scanned, looked at, their goods back on the shelf."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import returns_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import SKU, Body, Cursor, Limit, page_of
from gateway.neighbours import ask_again
from gateway.permissions import asking

router = feature("returns")
UNDELIVERED = {
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "waybill": "SB123456789012",
    "carrier": "sandbox",
    "warehouse": "main",
    "tracking_state": "returned",
    "lines": [{"sku": "TEA-01", "title": "Tea", "quantity": 2}],
    "restocked_at": None,
    "restocked_by": None,
}


class FoundUnits(Body):
    """So many units of a SKU: `A` as new, `B` opened, `C` damaged, `scrap`."""

    sku: Annotated[str, StringConstraints(pattern=SKU)]
    grade: Literal["A", "B", "C", "scrap"]
    units: Annotated[int, Field(ge=1, le=1_000_000)]


class UndeliveredBody(Body):
    """What the scanner read, and what was found; nothing said: all of it, as new."""

    waybill: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]
    found: Annotated[list[FoundUnits], Field(max_length=400, default_factory=list)]


def _parcel(of: pb.UndeliveredParcel) -> Json:
    plain = {name: getattr(of, name) for name in UNDELIVERED}
    lines = [{"sku": line.sku, "title": line.title, "quantity": line.quantity} for line in of.lines]
    return plain | {
        "lines": lines,
        "restocked_at": of.restocked_at or None,
        "restocked_by": of.restocked_by or None,
    }


def _parcels(request: Request) -> Any:
    return request.app.state.gateway.neighbours.return_parcels


@router.get(
    "/v1/undelivered-parcels",
    summary="What nobody took",
    responses=shown({"items": [UNDELIVERED], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_undelivered(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Back at the sender's and not looked at yet, oldest first; brought back by carriers and by our own riders."""
    answered = await ask_again(
        _parcels(request).ListUndelivered, pb.ListUndeliveredRequest(page=page_of(limit, cursor))
    )
    return paged(request, "items", [_parcel(one) for one in answered.parcels], answered.next_cursor)


@router.post(
    "/v1/undelivered-parcels/scans",
    summary="Scan a parcel in that nobody took",
    responses=shown(UNDELIVERED, "WAYBILL_NOT_FOUND", "NOT_COME_BACK", "INVALID_RESTOCK", body=True),
)
async def restock_undelivered(request: Request, body: UndeliveredBody) -> Response:
    """It is on the bench: what was found goes back on the shelf by its grade, what is missing went lost. What becomes of the
    order is decided at its exception. Again changes nothing."""
    found = [pb.FoundUnits(**one.model_dump()) for one in body.found]
    asked = pb.RestockUndeliveredRequest(waybill=body.waybill, found=found, by=asking(request).id)
    return answer(_parcel((await ask_again(_parcels(request).RestockUndelivered, asked)).parcel))
