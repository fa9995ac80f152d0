"""This is where a carrier reads its manifests: what it signed for, and every parcel that was handed to it."""

from fastapi import Request, Response
from shop.logistics.v1 import manifests_pb2, partner_parcels_pb2

from gateway.answers import Json, answer, paged
from gateway.carriers import PROOF, SIGNED, proof, today
from gateway.described import feature, shown
from gateway.fields import Cursor, Day, Limit, PathId, page_of
from gateway.manifests import MANIFEST, ROW, manifest, row
from gateway.neighbours import ask_again
from gateway.partner_parcels import WAYBILLS, parcels_of_partners, waybills

router = feature("carriers")
_OURS = ("closed_by", "state")  # who of us closed it is none of theirs; they see closed ones only
_SIGNED_FOR = {name: value for name, value in MANIFEST.items() if name not in _OURS}
_PAGE = shown({"items": [_SIGNED_FOR], "next_cursor": None}, *PROOF, "INVALID_PARAMETER", "CURSOR_INVALID")


def _theirs(of: manifests_pb2.Manifest) -> Json:
    return {name: value for name, value in manifest(of).items() if name not in _OURS}


@router.get("/carrier/v1/manifests", summary="Your manifests", responses=_PAGE, openapi_extra=SIGNED)
async def list_carrier_manifests(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """What was handed to you at once and signed for, newest first: one a warehouse and cut-off. Parcels that were handed
    over without one are in /carrier/v1/manifests/waybills too."""
    asked = manifests_pb2.ListCarrierManifestsRequest(proof=proof(request), page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.manifests.ListCarrierManifests, asked)
    return paged(request, "items", [_theirs(one) for one in answered.manifests], answered.next_cursor)


@router.get(
    "/carrier/v1/manifests/waybills", summary="What was handed to you", responses=WAYBILLS, openapi_extra=SIGNED
)
async def list_manifest_lines(request: Request, date: Day = "", limit: Limit = 20, cursor: Cursor = "") -> Response:
    """On a day, one by one, in the order the parcels were handed over, each with its manifest."""
    page = page_of(limit, cursor)
    asked = partner_parcels_pb2.ListManifestLinesRequest(proof=proof(request), date=date or today(), page=page)
    return waybills(request, await ask_again(parcels_of_partners(request).ListManifestLines, asked))


@router.get(
    "/carrier/v1/manifests/{manifest_id}",
    summary="One manifest",
    responses=shown({**_SIGNED_FOR, "rows": [ROW]}, *PROOF, "MANIFEST_NOT_FOUND"),
    openapi_extra=SIGNED,
)
async def get_carrier_manifest(request: Request, manifest_id: PathId) -> Response:
    """With its parcels, and why one that was listed was left out."""
    asked = manifests_pb2.GetCarrierManifestRequest(proof=proof(request), id=manifest_id)
    found = await ask_again(request.app.state.gateway.neighbours.manifests.GetCarrierManifest, asked)
    return answer({**_theirs(found.manifest), "rows": [row(one) for one in found.rows]})
