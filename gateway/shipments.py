"""This is where staff pack, label and send parcels."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.logistics.v1 import packing_pb2
from shop.logistics.v1 import shipments_pb2 as pb

from gateway.answers import Json, address, answer, paged, word
from gateway.carts import ADDRESS
from gateway.described import feature, problems_of, shown
from gateway.fields import Body, Cursor, Id, Limit, LineOrEmpty, PathId, Sku, page_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking

router = feature("shipments")
States = Literal["", "planned", "packed", "shipped", "delivered", "cancelled", "exception"]
TRACKING = {
    "state": "picked_up",
    "reason": "",
    "raw_code": "1",
    "text": "已揽收",
    "occurred_at": "2026-11-23T08:00:00.000Z",
    "received_at": "2026-11-23T08:00:05.000Z",
    "location": "上海",
}
EXPECTED = {
    "from_at": "2026-11-25T02:00:00.000Z",
    "to_at": "2026-11-26T20:00:00.000Z",
    "hit_rate": 0.81,
    "samples": 412,
}
SHIPMENT = {
    "id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "planned",
    "warehouse": "main",
    "reasons": ["main: has all lines, same province"],
    "carrier": "sandbox",
    "waybill": "SB123456789012",
    "lines": [{"sku": "MUG-01", "title": "Mug, blue", "quantity": 1}],
    "tracking_state": "label_created",
    "tracking": [TRACKING],
    "ship_by": "2026-11-23T08:00:00.000Z",
    "deliver_by": "2026-11-26T08:00:00.000Z",
    "shipped_at": None,
    "delivered_at": None,
    "address": ADDRESS,
    "weight_g": 350,
    "trouble": None,
    "qc": None,
    "wave_id": None,
    "manifest_id": None,
    "created_at": "2026-11-22T08:00:02.000Z",
    "moving": None,
    "routes": [
        {
            "from": "north",
            "to": "main",
            "reason": "short",
            "note": "",
            "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
            "at": "2026-11-22T09:00:02.000Z",
            "reasons": ["main: chosen; has all 1 lines; same province; enough for 5 such orders"],
        }
    ],
    "expected": EXPECTED,
}


class ScannedBody(Body):
    """So many of a SKU."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class BoxBody(Body):
    """What was packed: each unit scanned, grams on the scale (0: not weighed), the packaging (empty: the lightest that bears
    it), and why the weight is right although it is off."""

    scanned: Annotated[list[ScannedBody], Field(min_length=1, max_length=1_000)]
    weight_g: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    packaging: Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    reason: LineOrEmpty = ""


class LabelsBody(Body):
    """Which labels, and how."""

    shipment_ids: Annotated[list[Id], Field(min_length=1, max_length=500)]
    format: Literal["pdf", "zpl"] = "pdf"
    size: Literal["a6", "100x180"] = "a6"
    inserts: Annotated[bool, Field(description="With a card for each parcel: see /v1/insert-offer.")] = False


def shipment(of: pb.Shipment) -> Json:
    """A parcel."""
    return {
        "id": of.id,
        "order_id": of.order_id,
        "state": word(pb.ShipmentState.Name(of.state), "SHIPMENT_STATE_"),
        "warehouse": of.warehouse,
        "reasons": list(of.reasons),
        "carrier": of.carrier,
        "waybill": of.waybill or None,
        "lines": [{"sku": row.sku, "title": row.title, "quantity": row.quantity} for row in of.lines],
        "tracking_state": of.tracking_state or None,
        "tracking": [{name: getattr(row, name) for name in TRACKING} for row in of.tracking],
        "ship_by": of.ship_by or None,
        "deliver_by": of.deliver_by or None,
        "shipped_at": of.shipped_at or None,
        "delivered_at": of.delivered_at or None,
        "address": address(of.address),
        "weight_g": of.weight_g,
        **{name: getattr(of, name) or None for name in ("trouble", "qc", "wave_id", "manifest_id")},
        "created_at": of.created_at,
        "moving": of.moving or None,
        "routes": [_route(row) for row in of.routes],
        "expected": expected(of),
    }


def _route(of: pb.ShipmentRoute) -> Json:
    return {
        "from": of.was,
        "to": of.warehouse,
        "reason": of.reason,
        "note": of.note,
        "by": of.by,
        "at": of.at,
        "reasons": list(of.reasons),
    }


def expected(of: Any) -> Json | None:
    """When a parcel is expected at the door; None when too little was known as it left."""
    return {name: getattr(of.expected, name) for name in EXPECTED} if of.HasField("expected") else None


def state_of(name: str) -> pb.ShipmentState.ValueType:
    """`planned` as the contract has it; unspecified for an empty name."""
    return pb.ShipmentState.Value(f"SHIPMENT_STATE_{name.upper()}") if name else pb.SHIPMENT_STATE_UNSPECIFIED


def document(answered: Any) -> Response:
    """A label sheet."""
    headers = {"cache-control": "no-store", "content-disposition": "inline"}
    return Response(answered.document, media_type=answered.media_type or "application/octet-stream", headers=headers)


def _shipments(request: Request) -> Any:
    return request.app.state.gateway.neighbours.shipments


@router.get(
    "/v1/shipments",
    summary="Shipments",
    responses=shown({"items": [SHIPMENT], "next_cursor": None}, "INVALID_PARAMETER"),
)
async def list_shipments(
    request: Request,
    state: Annotated[States, Query(description="Only in this state.")] = "",
    order_id: Annotated[str, Query(max_length=100, pattern=r"^[A-Za-z0-9_]*$")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Oldest first: what waits longest is done first."""
    asked = pb.ListShipmentsRequest(state=state_of(state), order_id=order_id, page=page_of(limit, cursor))
    answered = await ask_again(_shipments(request).ListShipments, asked)
    return paged(request, "items", [shipment(row) for row in answered.shipments], answered.next_cursor)


@router.get("/v1/shipments/{shipment_id}", summary="One shipment", responses=shown(SHIPMENT, "SHIPMENT_NOT_FOUND"))
async def get_shipment(request: Request, shipment_id: PathId) -> Response:
    """With its tracking, and why it leaves from where it leaves."""
    answered = await ask_again(_shipments(request).GetShipment, pb.GetShipmentRequest(id=shipment_id))
    return answer(shipment(answered.shipment))


_STEP = shown(SHIPMENT, "SHIPMENT_NOT_FOUND", "ILLEGAL_TRANSITION")


@router.post(
    "/v1/shipments/{shipment_id}/pack",
    summary="It is in the box",
    responses=shown(
        SHIPMENT,
        "SHIPMENT_NOT_FOUND",
        "ILLEGAL_TRANSITION",
        "SHIPMENT_SET_ASIDE",
        "SHIPMENT_IN_QC",
        "PACK_MISMATCH",
        "WEIGHT_OFF",
        "INVALID_PACKING",
        body=True,
    ),
)
async def pack_shipment(request: Request, shipment_id: PathId, body: BoxBody | None = None) -> Response:
    """`planned` → `packed`. With a body every unit is counted, and the box weighed: what is off by more than
    GET /v1/packing-rules allows is said to be right, with a reason, or looked into."""
    neighbours, by = request.app.state.gateway.neighbours, asking(request).id
    if body is None:
        packed = await ask_again(neighbours.shipments.PackShipment, pb.PackShipmentRequest(id=shipment_id, by=by))
        return answer(shipment(packed.shipment))
    units = [packing_pb2.ScannedUnits(sku=one.sku, quantity=one.quantity) for one in body.scanned]
    more = body.model_dump(exclude={"scanned"})
    asked = packing_pb2.PackCountedRequest(id=shipment_id, scanned=units, by=by, **more)
    return answer(shipment((await ask_again(neighbours.packing.PackCounted, asked)).shipment))


@router.post("/v1/shipments/{shipment_id}/ship", summary="The carrier has it", responses=_STEP)
async def ship_shipment(request: Request, shipment_id: PathId) -> Response:
    """`packed` → `shipped`."""
    answered = await ask_again(
        _shipments(request).ShipShipment, pb.ShipShipmentRequest(id=shipment_id, by=asking(request).id)
    )
    return answer(shipment(answered.shipment))


LABEL_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The labels.",
        "content": {
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "text/plain": {"schema": {"type": "string"}, "example": "^XA…^XZ"},
        },
    }
}


@router.post(
    "/v1/labels",
    summary="Print labels",
    responses={
        **LABEL_ANSWERS,
        **problems_of(
            (
                "SHIPMENT_NOT_FOUND",
                "NO_LABEL",
                "NO_INSERT_OFFER",
                "NOT_JSON",
                "INVALID_BODY",
                "UNSUPPORTED_MEDIA_TYPE",
                "UNAVAILABLE",
            )
        ),
    },
)
async def print_labels(request: Request, body: LabelsBody) -> Response:
    """Of up to 500 shipments, as one document: PDF or ZPL at 203 dpi, A6 or 100 x 180 mm. On A6 a card is a page of its own
    after its label."""
    asked = pb.PrintLabelsRequest(**body.model_dump())
    return document(await ask_again(_shipments(request).PrintLabels, asked, STAFF_S))
