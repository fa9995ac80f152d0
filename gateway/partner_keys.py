"""This is where staff give partner carriers keys, replace secrets, take keys away, and see what was asked with them."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import partner_keys_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, Name, PathId, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking

router = feature("carrier keys")
Scope = Literal["shipments.read", "scans.write", "labels.read", "pickups.read", "manifests.read", "webhooks.manage"]
CarrierCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
Overlap = Annotated[int, Field(ge=0, le=168, description="Hours the secret before it stays good.")]
KEY = {
    "id": "ck_01kb2y5v7g8h9j0kmnpqrstvwx",
    "carrier": "quick",
    "title": "Quick Express, tracking",
    "scopes": ["shipments.read", "scans.write"],
    "rate_per_s": 20,
    "state": "active",
    "created_at": "2026-11-22T08:00:00.000Z",
    "created_by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "overlap_until": None,
    "last_seen_at": "2026-11-23T08:00:00.000Z",
}
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105 an example
_WITH_SECRET = {**KEY, "secret": SECRET}
_USE = {
    "day": "2026-11-22",
    "calls": [{"scope": "scans.write", "calls": 120}],
    "refused": 0,
    "last_at": "2026-11-22T08:00:00.000Z",
}


class KeyBody(Body):
    """A new key."""

    carrier: CarrierCode
    title: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=6)]
    rate_per_s: Annotated[int, Field(ge=1, le=1000)] = 20


class OverlapBody(Body):
    """How long two secrets are good."""

    overlap_hours: Overlap = 24


def _key(of: pb.PartnerKey) -> Json:
    plain: Json = {name: getattr(of, name) or None for name in KEY}
    return {**plain, "scopes": list(of.scopes), "title": of.title, "created_by": of.created_by}


def _keys(request: Request) -> Any:
    return request.app.state.gateway.neighbours.partner_keys


@router.post(
    "/v1/carrier-keys",
    status_code=201,
    summary="Give a carrier a key",
    responses=shown(_WITH_SECRET, "INVALID_PARTNER_KEY", "TOO_MANY_KEYS", status=201, body=True),
)
async def create_carrier_key(request: Request, body: KeyBody) -> Response:
    """The secret is shown this once. With `carrier` `sandbox` it is a key to try things with: nothing is real."""
    asked = pb.CreatePartnerKeyRequest(**body.model_dump(), by=asking(request).id)
    made = await ask(_keys(request).CreatePartnerKey, asked)
    return answer({**_key(made.key), "secret": made.secret}, 201)


@router.get(
    "/v1/carrier-keys",
    summary="Carriers' keys",
    responses=shown({"items": [KEY], "next_cursor": None}, "INVALID_PARAMETER"),
)
async def list_carrier_keys(
    request: Request,
    carrier: Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{0,32}$", description="Only of this carrier.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first, with when each was last used; never a secret."""
    asked = pb.ListPartnerKeysRequest(carrier=carrier, page=page_of(limit, cursor))
    found = await ask_again(_keys(request).ListPartnerKeys, asked)
    return paged(request, "items", [_key(row) for row in found.keys], found.next_cursor)


@router.post(
    "/v1/carrier-keys/{key_id}/rotate",
    summary="Replace a key's secret",
    responses=shown(_WITH_SECRET, "PARTNER_KEY_NOT_FOUND", "PARTNER_KEY_REVOKED", "INVALID_PARTNER_KEY", body=True),
)
async def rotate_carrier_key(request: Request, key_id: PathId, body: OverlapBody) -> Response:
    """The new secret is shown this once; the one before it stays good for the overlap, so that nothing stands still."""
    asked = pb.RotatePartnerKeyRequest(id=key_id, overlap_hours=body.overlap_hours)
    made = await ask(_keys(request).RotatePartnerKey, asked)
    return answer({**_key(made.key), "secret": made.secret})


@router.post(
    "/v1/carrier-keys/{key_id}/revoke", summary="Take a key away", responses=shown(KEY, "PARTNER_KEY_NOT_FOUND")
)
async def revoke_carrier_key(request: Request, key_id: PathId) -> Response:
    """It opens nothing any more, everywhere within five seconds; again changes nothing."""
    revoked = await ask_again(_keys(request).RevokePartnerKey, pb.RevokePartnerKeyRequest(id=key_id))
    return answer(_key(revoked.key))


@router.get(
    "/v1/carrier-keys/{key_id}/use",
    summary="What was asked with a key",
    responses=shown({"items": [_USE]}, "PARTNER_KEY_NOT_FOUND"),
)
async def get_carrier_key_use(request: Request, key_id: PathId) -> Response:
    """Day by day, the newest first: calls by the scope they needed, calls turned away."""
    found = await ask_again(_keys(request).GetPartnerKeyUse, pb.GetPartnerKeyUseRequest(id=key_id))
    return answer({"items": [_day(row) for row in found.days]})


def _day(of: pb.PartnerKeyUse) -> Json:
    calls = [{"scope": scope, "calls": count} for scope, count in sorted(of.calls.items())]
    return {"day": of.day, "calls": calls, "refused": of.refused, "last_at": of.last_at or None}
