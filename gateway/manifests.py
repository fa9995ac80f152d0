"""This is where parcels are handed to carriers by manifest."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from shop.logistics.v1 import manifests_pb2 as pb

from gateway.answers import Json, answer, money, money_if_any, paged
from gateway.described import feature, problems_of, shown
from gateway.fields import Body, Cursor, Limit, PathId, Time, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.shipments import document
from gateway.waves import Code

router = feature("manifests")
MANIFEST = {
    "id": "man_01kb2y5v7g8h9j0kmnpqrstvwx",
    "carrier": "sandbox",
    "warehouse": "main",
    "cutoff_at": "2026-11-22T10:00:00.000Z",
    "state": "closed",
    "parcels": 120,
    "left_out": 1,
    "weight_g": 84000,
    "collect": [{"currency": "CNY", "minor": 12900}],
    "closed_by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "closed_at": "2026-11-22T10:05:00.000Z",
    "created_at": "2026-11-22T09:50:00.000Z",
    "courier": "SBP-man_01kb2y5v7g8h9j0kmnpqrstvwx",
    "number": "SBM-man_01kb2y5v7g8h9j0kmnpqrstvwx",
}
ROW = {
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "waybill": "SB123456789012",
    "weight_g": 700,
    "pieces": 2,
    "collect": None,
    "left_out": None,
}
_WHOLE = {**MANIFEST, "rows": [ROW]}


class ManifestBody(Body):
    """For whom, from where, with what was packed until when."""

    carrier: Code
    warehouse: Code
    cutoff_at: Time


def _manifests(request: Request) -> Any:
    return request.app.state.gateway.neighbours.manifests


def manifest(of: pb.Manifest) -> Json:
    """As people read it."""
    maybe = ("closed_by", "closed_at", "courier", "number")
    return {
        **{name: getattr(of, name) or None if name in maybe else getattr(of, name) for name in MANIFEST},
        "collect": [money(one) for one in of.collect],
    }


def row(of: pb.ManifestRow) -> Json:
    """A parcel on it."""
    plain = {name: getattr(of, name) for name in ROW}
    return {**plain, "collect": money_if_any(of.collect), "left_out": of.left_out or None}


def _whole(found: Any) -> Response:
    return answer({**manifest(found.manifest), "rows": [row(one) for one in found.rows]})


@router.post(
    "/v1/manifests",
    status_code=201,
    summary="Gather what leaves",
    responses=shown(MANIFEST, "INVALID_MANIFEST", "MANIFEST_EMPTY", status=201, body=True),
)
async def gather_manifest(request: Request, body: ManifestBody) -> Response:
    """One a carrier, warehouse and cut-off: again takes in what was packed meanwhile, as long as it is open. A `courier` is
    called where the carrier can be asked for one; `number` is what the carrier calls it once it is closed."""
    asked = pb.GatherManifestRequest(**body.model_dump())
    made = (await ask_again(_manifests(request).GatherManifest, asked, STAFF_S)).manifest
    return answer(manifest(made), 201, {"location": f"/v1/manifests/{made.id}"})


@router.get(
    "/v1/manifests",
    summary="Manifests",
    responses=shown({"items": [MANIFEST], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_manifests(
    request: Request,
    carrier: Annotated[str, Query(max_length=32, pattern=r"^[A-Za-z0-9_-]*$")] = "",
    state: Annotated[Literal["", "open", "closing", "closed"], Query(description="Only in this state.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first."""
    asked = pb.ListManifestsRequest(carrier=carrier, state=state, page=page_of(limit, cursor))
    answered = await ask_again(_manifests(request).ListManifests, asked)
    return paged(request, "items", [manifest(one) for one in answered.manifests], answered.next_cursor)


_PDF = {
    200: {
        "description": "A list with totals, and a line to sign.",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    },
    **problems_of(("MANIFEST_NOT_FOUND", "MANIFEST_OPEN", "UNAVAILABLE")),
}


@router.get("/v1/manifests/{manifest_id}.pdf", summary="A manifest to sign", responses=_PDF)
async def print_manifest(request: Request, manifest_id: PathId) -> Response:
    """Of a closed one, as PDF."""
    asked = pb.PrintManifestRequest(id=manifest_id)
    return document(await ask_again(_manifests(request).PrintManifest, asked, STAFF_S))


@router.get("/v1/manifests/{manifest_id}", summary="One manifest", responses=shown(_WHOLE, "MANIFEST_NOT_FOUND"))
async def get_manifest(request: Request, manifest_id: PathId) -> Response:
    """With its parcels, once it is closed."""
    return _whole(await ask_again(_manifests(request).GetManifest, pb.GetManifestRequest(id=manifest_id)))


@router.post(
    "/v1/manifests/{manifest_id}/close",
    status_code=202,
    summary="Hand it over",
    responses=shown(MANIFEST, "MANIFEST_NOT_FOUND", status=202),
)
async def close_manifest(request: Request, manifest_id: PathId) -> Response:
    """Its parcels are shipped, each once; what was stopped or is held meanwhile is left out, with the reason. A large one is
    `closing` for a moment: see how far it is."""
    asked = pb.CloseManifestRequest(id=manifest_id, by=asking(request).id)
    return answer(manifest((await ask(_manifests(request).CloseManifest, asked, STAFF_S)).manifest), 202)
