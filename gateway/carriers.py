"""This is where partner carriers come in: each call signed, the proof checked by logistics."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import carriers_pb2 as pb

from gateway.answers import answer, paged
from gateway.described import feature, problems_of, shown
from gateway.fields import ONE_LINE, Body, Cursor, Day, Limit, LineOrEmpty, Time, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.shipments import LABEL_ANSWERS, SHIPMENT, States, document, shipment, state_of
from services.kit.errors import NotSignedIn

router = feature("carriers")
_HEADERS = ("x-carrier-key", "webhook-id", "webhook-timestamp", "webhook-signature")
PROOF = ("BAD_SIGNATURE", "STALE_TIMESTAMP", "KEY_REVOKED", "SCOPE_MISSING", "KEY_RATE_LIMITED")
SIGNED: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("X-Carrier-Key", *_HEADERS[1:])
    ]
}
Waybill = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")]


class BadSignature(NotSignedIn):
    """The proof is missing or cannot be one."""


class ScanBody(Body):
    """One scan: what happened to a parcel, when and where. `event_id` is the carrier's own; again it is a duplicate."""

    waybill: Waybill
    code: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=ONE_LINE)]
    occurred_at: Time
    location: LineOrEmpty = ""
    event_id: Annotated[str, StringConstraints(max_length=128, pattern=ONE_LINE)] = ""
    text: Annotated[str, StringConstraints(max_length=500, pattern=ONE_LINE)] = ""
    reason: Annotated[str, StringConstraints(max_length=64, pattern=ONE_LINE)] = ""


class ScansBody(Body):
    """At most a hundred."""

    scans: Annotated[list[ScanBody], Field(min_length=1, max_length=100)]


def proof(request: Request) -> pb.CarrierProof:
    """That the call comes from who it says; for logistics to check. Refuses with `BadSignature` what cannot be one."""
    said = [request.headers.get(name, "") for name in _HEADERS]
    if not all(said) or any(len(value) > 1_000 or not value.isascii() for value in said):
        raise BadSignature(f"send {', '.join(_HEADERS)}")
    key_id, webhook_id, timestamp, signature = said
    body = request.scope.get("shop.body", b"")
    return pb.CarrierProof(key_id=key_id, webhook_id=webhook_id, timestamp=timestamp, signature=signature, body=body)


def today() -> str:
    """`YYYY-MM-DD`, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d")


def _carriers(request: Request) -> Any:
    return request.app.state.gateway.neighbours.carriers


@router.get(
    "/carrier/v1/shipments",
    summary="What is yours",
    responses=shown({"items": [SHIPMENT], "next_cursor": None}, *PROOF, "INVALID_PARAMETER"),
    openapi_extra=SIGNED,
)
async def list_carrier_shipments(
    request: Request,
    state: Annotated[States, Query(description="Only in this state.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """The carrier's own shipments, oldest first."""
    asked = pb.ListCarrierShipmentsRequest(proof=proof(request), state=state_of(state), page=page_of(limit, cursor))
    answered = await ask_again(_carriers(request).ListCarrierShipments, asked)
    return paged(request, "items", [shipment(row) for row in answered.shipments], answered.next_cursor)


@router.post(
    "/carrier/v1/scans",
    summary="Tell tracking events",
    responses=shown(
        {"answers": [{"index": 0, "status": "accepted", "reason": None, "state": "picked_up"}]},
        *PROOF,
        "REPLAYED",
        body=True,
    ),
    openapi_extra=SIGNED,
)
async def record_scans(request: Request, body: ScansBody) -> Response:
    """An answer per item. Late, repeated and shuffled scans give the same final state."""
    scans = [pb.Scan(**row.model_dump()) for row in body.scans]
    asked = pb.RecordScansRequest(proof=proof(request), scans=scans)
    # Not again: a second try would be refused as replayed. The carrier sends it once more, with a fresh webhook-id.
    answered = await ask(_carriers(request).RecordScans, asked)
    answers = [
        {"index": row.index, "status": row.status, "reason": row.reason or None, "state": row.state or None}
        for row in answered.answers
    ]
    return answer({"answers": answers})


@router.get(
    "/carrier/v1/labels/{waybill}",
    summary="A label",
    responses={**LABEL_ANSWERS, **problems_of((*PROOF, "WAYBILL_NOT_FOUND", "INVALID_PARAMETER", "UNAVAILABLE"))},
    openapi_extra=SIGNED,
)
async def get_label(
    request: Request,
    waybill: Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")],
    label_format: Annotated[Literal["pdf", "zpl"], Query(alias="format")] = "pdf",
    size: Literal["a6", "100x180"] = "a6",
) -> Response:
    """PDF or ZPL; name and phone are masked."""
    asked = pb.GetLabelRequest(proof=proof(request), waybill=waybill, format=label_format, size=size)
    return document(await ask_again(_carriers(request).GetLabel, asked, STAFF_S))


@router.get(
    "/carrier/v1/pickups",
    summary="What is to be picked up",
    responses=shown({"items": [{"warehouse": "main", "direction": "forward", "waybills": ["SB123456789012"]}]}, *PROOF),
    openapi_extra=SIGNED,
)
async def list_pickups(request: Request, date: Day = "") -> Response:
    """On a day, by warehouse and direction, at most 5000; reverse ones are returns. One by one: `/pickups/waybills`."""
    answered = await ask_again(
        _carriers(request).ListPickups, pb.ListPickupsRequest(proof=proof(request), date=date or today())
    )
    rows = [
        {"warehouse": row.warehouse, "direction": row.direction, "waybills": list(row.waybills)}
        for row in answered.pickups
    ]
    return answer({"items": rows})
