"""This is where shelf devices say what lies on their shelves, when they do not speak MQTT, and where staff read it."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import readings_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, Line, QueryWord, Sku, Slug, Time, page_of
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking
from services.kit.errors import NotSignedIn

router = feature("stock")
_READING = {
    "warehouse": "main",
    "sku": "MUG-01",
    "device": "scale-7",
    "units": 37,
    "at": "2026-11-22T08:00:00.000Z",
    "seq": 412,
    "received_at": "2026-11-22T08:00:01.000Z",
    "expected": 40,
    "differs_since": None,
}
_KEY: dict[str, Any] = {
    "parameters": [{"name": "X-Device-Key", "in": "header", "required": False, "schema": {"type": "string"}}]
}


class DeviceKeyWrong(NotSignedIn):
    """Neither a device's key nor staff."""


class ReadingBody(Body):
    """What a shelf says: `seq` rises with every reading of the device, `at` is its own time."""

    device: Line
    warehouse: Slug = "main"
    sku: Sku
    units: Annotated[int, Field(ge=0, le=1_000_000)]
    at: Time
    seq: Annotated[int, Field(ge=0, le=2**53)]


class ReadingsBody(Body):
    """At most 500, and 64 kB."""

    readings: Annotated[list[ReadingBody], Field(min_length=1, max_length=500)]


def _reading(of: pb.ShelfReading) -> Json:
    said = of.reading
    return {
        "warehouse": said.warehouse,
        "sku": said.sku,
        "device": said.device,
        "units": said.units,
        "at": said.at,
        "seq": said.seq,
        "received_at": of.received_at,
        "expected": of.expected,
        "differs_since": of.differs_since or None,
    }


@router.post(
    "/v1/iot/shelf-readings",
    summary="What shelves say",
    responses=shown(
        {"answers": [{"outcome": "accepted", "detail": None}]}, "DEVICE_KEY_WRONG", text="An answer each.", body=True
    ),
    openapi_extra=_KEY,
)
async def record_shelf_readings(request: Request, body: ReadingsBody) -> Response:
    """From devices that show `X-Device-Key`, or from staff: each is `accepted`, `duplicate`, `stale` or `refused`.

    Stock never changes by it: a shelf that differs from the books for long is told of (`shelf_mismatch` in GET /v1/notices)
    and proposed for counting. The same over MQTT: topic `shop/iot/shelf/{warehouse}/{sku}`, payload `{device, units, at,
    seq}`."""
    key, who = request.headers.get("x-device-key", ""), asking(request)
    if not who.staff and not (key and len(key) <= 200 and key.isascii()):
        raise DeviceKeyWrong("send X-Device-Key")
    readings = [
        pb.Reading(
            device=each.device, warehouse=each.warehouse, sku=each.sku, units=each.units, at=each.at, seq=each.seq
        )
        for each in body.readings
    ]
    asked = pb.RecordReadingsRequest(readings=readings, device_key=key, by=who.id if who.staff else "")
    answered = await ask_again(request.app.state.gateway.neighbours.readings.RecordReadings, asked, STAFF_S)
    rows = [{"outcome": row.outcome, "detail": row.detail or None} for row in answered.answers]
    return answer({"answers": rows})


@router.get(
    "/v1/iot/shelf-readings",
    summary="The last reading of each shelf",
    responses=shown({"items": [_READING], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_shelf_readings(
    request: Request, warehouse: QueryWord = "", sku: QueryWord = "", limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """By warehouse and SKU, beside what the books said when it came in."""
    asked = pb.ListReadingsRequest(warehouse=warehouse, sku=sku, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.readings.ListReadings, asked)
    return paged(request, "items", [_reading(row) for row in answered.readings], answered.next_cursor)
