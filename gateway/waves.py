"""This is where staff make waves and pick: lists by zone and bin, claimed by one picker, worked off line by line."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import waves_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, LineOrEmpty, PathId, PathSku, TimeOrEmpty, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.shipments import SHIPMENT, shipment

router = feature("waves")
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
CodeOrEmpty = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,31})?$")]
_Place = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=ONE_LINE)]
_Units = Annotated[int, Field(ge=0, le=1_000_000)]
_BY = "stf_01kb2y5v7g8h9j0kmnpqrstvwx"
_AT = "2026-11-22T08:00:00.000Z"
LIST = {
    "id": "pck_01kb2y5v7g8h9j0kmnpqrstvwx_000",
    "wave_id": "wav_01kb2y5v7g8h9j0kmnpqrstvwx",
    "warehouse": "main",
    "state": "claimed",
    "claimed_by": _BY,
    "claimed_at": _AT,
    "done_at": None,
    "shipment_ids": ["shp_01kb2y5v7g8h9j0kmnpqrstvwx"],
    "created_at": _AT,
}
LINE = {
    "sku": "MUG-01",
    "title": "Mug, blue",
    "zone": "A",
    "bin": "A-03-2",
    "quantity": 3,
    "picked": 2,
    "short": 1,
    "reason": "broken",
    "parcels": [{"shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx", "quantity": 3}],
}
_WHOLE = {**LIST, "lines": [LINE]}
WAVE = {
    "id": "wav_01kb2y5v7g8h9j0kmnpqrstvwx",
    "warehouse": "main",
    "state": "open",
    "parcels": 40,
    "units": 85,
    "lists": 2,
    "by": _BY,
    "created_at": _AT,
}
_WITH_LISTS = {**WAVE, "pick_lists": [LIST]}
_CLAIM = ("PICK_LIST_NOT_FOUND", "PICK_LIST_TAKEN", "PICK_LIST_DONE")


class WaveBody(Body):
    """Which parcels: those that wait in a warehouse and fit, urgent ones first."""

    warehouse: Code
    carrier: CodeOrEmpty = ""
    most_priority: Annotated[int, Field(ge=0, le=9, description="1: only the most urgent; 0: all.")] = 0
    ship_by_before: TimeOrEmpty = ""
    most: Annotated[int, Field(ge=1, le=500, description="At most so many parcels.")] = 100
    a_list: Annotated[int, Field(ge=1, le=100, description="At most so many a pick list.")] = 20


class PickBody(Body):
    """What is picked and what is not there, in all, not in addition."""

    picked: _Units
    short: _Units = 0
    reason: LineOrEmpty = ""


class BinBody(Body):
    """Where it lies."""

    zone: _Place
    bin: _Place


def _waves(request: Request) -> Any:
    return request.app.state.gateway.neighbours.waves


def _wave(of: pb.Wave) -> Json:
    return {name: getattr(of, name) for name in WAVE}


def _list(of: pb.PickList) -> Json:
    plain = ("id", "wave_id", "warehouse", "state", "created_at")
    maybe = ("claimed_by", "claimed_at", "done_at")
    return {
        **{name: getattr(of, name) for name in plain},
        **{name: getattr(of, name) or None for name in maybe},
        "shipment_ids": list(of.shipment_ids),
    }


def _line(of: pb.PickLine) -> Json:
    maybe = ("zone", "bin", "reason")
    return {
        **{name: getattr(of, name) or None if name in maybe else getattr(of, name) for name in LINE},
        "parcels": [{"shipment_id": one.shipment_id, "quantity": one.quantity} for one in of.parcels],
    }


def _shown(of: pb.PickList) -> Response:
    return answer({**_list(of), "lines": [_line(line) for line in of.lines]})


@router.post(
    "/v1/waves",
    status_code=201,
    summary="Make a wave",
    responses=shown(_WITH_LISTS, "INVALID_WAVE", "NOTHING_TO_PICK", status=201, body=True),
)
async def make_wave(request: Request, body: WaveBody) -> Response:
    """Of parcels that wait: not held, not set aside, on no other wave."""
    asked = pb.MakeWaveRequest(**body.model_dump(), by=asking(request).id)
    made = await ask(_waves(request).MakeWave, asked, STAFF_S)
    whole = {**_wave(made.wave), "pick_lists": [_list(row) for row in made.lists]}
    return answer(whole, 201, {"location": f"/v1/waves/{made.wave.id}"})


@router.get("/v1/waves", summary="Waves", responses=shown({"items": [WAVE], "next_cursor": None}, "CURSOR_INVALID"))
async def list_waves(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first."""
    answered = await ask_again(_waves(request).ListWaves, pb.ListWavesRequest(page=page_of(limit, cursor)))
    return paged(request, "items", [_wave(row) for row in answered.waves], answered.next_cursor)


@router.get("/v1/waves/{wave_id}", summary="One wave", responses=shown(_WITH_LISTS, "WAVE_NOT_FOUND"))
async def get_wave(request: Request, wave_id: PathId) -> Response:
    """With its pick lists."""
    found = await ask_again(_waves(request).GetWave, pb.GetWaveRequest(id=wave_id))
    return answer({**_wave(found.wave), "pick_lists": [_list(row) for row in found.lists]})


@router.get(
    "/v1/pick-lists",
    summary="Pick lists",
    responses=shown({"items": [LIST], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_pick_lists(
    request: Request,
    state: Annotated[Literal["", "open", "claimed", "done"], Query(description="Only in this state.")] = "",
    warehouse: Annotated[str, Query(max_length=32, pattern=r"^[A-Za-z0-9_-]*$")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Oldest first, the urgent ones of a wave first."""
    asked = pb.ListPickListsRequest(state=state, warehouse=warehouse, page=page_of(limit, cursor))
    answered = await ask_again(_waves(request).ListPickLists, asked)
    return paged(request, "items", [_list(row) for row in answered.lists], answered.next_cursor)


@router.get("/v1/pick-lists/{list_id}", summary="One pick list", responses=shown(_WHOLE, "PICK_LIST_NOT_FOUND"))
async def get_pick_list(request: Request, list_id: PathId) -> Response:
    """SKU totals as one walks, by zone and bin, and into which parcels they go."""
    return _shown((await ask_again(_waves(request).GetPickList, pb.GetPickListRequest(id=list_id))).list)


@router.post("/v1/pick-lists/{list_id}/claim", summary="Claim a pick list", responses=shown(_WHOLE, *_CLAIM))
async def claim_pick_list(request: Request, list_id: PathId) -> Response:
    """One picker has it. Again changes nothing."""
    asked = pb.ClaimPickListRequest(id=list_id, by=asking(request).id)
    return _shown((await ask_again(_waves(request).ClaimPickList, asked)).list)


@router.post("/v1/pick-lists/{list_id}/release", summary="Give a pick list back", responses=shown(_WHOLE, *_CLAIM))
async def release_pick_list(request: Request, list_id: PathId) -> Response:
    """Somebody else goes on with it; what is picked stays picked."""
    asked = pb.ReleasePickListRequest(id=list_id, by=asking(request).id)
    return _shown((await ask_again(_waves(request).ReleasePickList, asked)).list)


@router.put(
    "/v1/pick-lists/{list_id}/lines/{sku}",
    summary="Pick a line",
    responses=shown(_WHOLE, "INVALID_PICK", *_CLAIM, body=True),
)
async def record_pick(request: Request, list_id: PathId, sku: PathSku, body: PickBody) -> Response:
    """The parcels that miss something are set aside with the reason, the least urgent first; orders opens an exception."""
    asked = pb.RecordPickRequest(id=list_id, sku=sku, **body.model_dump(), by=asking(request).id)
    return _shown((await ask_again(_waves(request).RecordPick, asked)).list)


@router.put(
    "/v1/warehouses/{code}/bins/{sku}",
    summary="Say where a SKU lies",
    responses=shown({"warehouse": "main", "sku": "MUG-01", "zone": "A", "bin": "A-03-2"}, "INVALID_BIN", body=True),
)
async def put_bin(
    request: Request, code: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,32}$")], sku: PathSku, body: BinBody
) -> Response:
    """Pick lists are walked in this order."""
    asked = pb.PutBinRequest(warehouse=code, sku=sku, zone=body.zone, bin=body.bin)
    await ask_again(_waves(request).PutBin, asked)
    return answer({"warehouse": code, "sku": sku, "zone": body.zone, "bin": body.bin})


@router.post(
    "/v1/shipments/{shipment_id}/take-up",
    summary="Pick a parcel again",
    responses=shown(SHIPMENT, "SHIPMENT_NOT_FOUND", "NOTHING_THE_MATTER"),
)
async def take_up_shipment(request: Request, shipment_id: PathId) -> Response:
    """It was set aside for want of goods, or failed; they are there now. The next wave takes it in."""
    answered = await ask(_waves(request).TakeUpShipment, pb.TakeUpShipmentRequest(id=shipment_id))
    return answer(shipment(answered.shipment))
