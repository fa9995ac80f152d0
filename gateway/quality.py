"""This is where staff say how much complaint is too much, and look at what is complained of before it leaves."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field, StringConstraints
from shop.logistics.v1 import quality_pb2 as pb

from gateway.answers import Json, answer, paged, tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, LineOrEmpty, PathId, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("quality")
Scope = Annotated[str, Path(pattern=r"^[A-Za-z0-9*][A-Za-z0-9:._-]{0,80}$", description="`*`, `category:…`, `sku:…`.")]
_Point = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE)]
_Note = Annotated[str, StringConstraints(max_length=500, pattern=ONE_LINE)]
POLICY = {
    "scope": "category:kitchen",
    "enabled": True,
    "threshold_percent": 3.0,
    "min_complaints": 3,
    "window_days": 30,
    "checklist": ["no crack", "padded on all sides"],
}
FLAG = {
    "sku": "MUG-01",
    "category": "kitchen",
    "raised": True,
    "complaints": 5,
    "shipped": 80,
    "changed_at": "2026-11-22T08:00:00.000Z",
}
CHECK = {
    "shipment_id": "shp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "warehouse": "main",
    "state": "waiting",
    "skus": ["MUG-01"],
    "checklist": ["no crack"],
    "since": "2026-11-22T08:00:00.000Z",
    "by": None,
    "at": None,
    "photo": None,
    "note": None,
    "turn": 0,
}


class QcPolicyBody(Body):
    """Parcels are looked at when more than so many of a hundred units shipped in the window were complained of."""

    enabled: bool = True
    threshold_percent: Annotated[float, Field(ge=0, le=100, strict=False)] = 3.0
    min_complaints: Annotated[int, Field(ge=1, le=10_000)] = 3
    window_days: Annotated[int, Field(ge=1, le=90)] = 30
    checklist: Annotated[list[_Point], Field(max_length=20)] = Field(default_factory=list)


class PassBody(Body):
    """What was seen; `fine` has every point of the checklist."""

    fine: Annotated[list[_Point], Field(max_length=100)] = Field(default_factory=list)
    photo: Annotated[LineOrEmpty, Field(description="A media id, or where the photo is.")] = ""
    note: _Note = ""


class FailBody(Body):
    """What was seen; `replace` picks other goods for it, `exception` lets somebody decide."""

    outcome: Literal["replace", "exception"]
    photo: LineOrEmpty = ""
    note: _Note = ""


def _quality(request: Request) -> Any:
    return request.app.state.gateway.neighbours.quality


def _policy(of: pb.QcPolicy) -> Json:
    return {**{name: getattr(of, name) for name in POLICY}, "checklist": list(of.checklist)}


def _check(of: pb.QcCheck) -> Json:
    maybe = ("by", "at", "photo", "note")
    plain = {name: getattr(of, name) or None if name in maybe else getattr(of, name) for name in CHECK}
    return {**plain, "skus": list(of.skus), "checklist": list(of.checklist)}


@router.get("/v1/qc/policies", summary="When parcels are looked at", responses=shown({"items": [POLICY]}))
async def list_qc_policies(request: Request) -> Response:
    """The nearest counts: of the SKU, of its category, of all."""
    found = await ask_again(_quality(request).ListQcPolicies, pb.ListQcPoliciesRequest())
    return answer({"items": [_policy(row) for row in found.policies]})


@router.put(
    "/v1/qc/policies/{scope}",
    summary="Say when parcels are looked at",
    responses=shown(POLICY, "INVALID_QC_POLICY", "VERSION_MISMATCH", body=True),
)
async def put_qc_policy(request: Request, scope: Scope, body: QcPolicyBody) -> Response:
    """If-Match with the ETag that was answered last; without it, only the first time."""
    policy = pb.QcPolicy(scope=scope, **body.model_dump())
    asked = pb.PutQcPolicyRequest(policy=policy, if_version=if_version(request))
    asked.policy.version = asked.if_version
    kept = (await ask(_quality(request).PutQcPolicy, asked)).policy
    return tagged(_policy(kept), kept.version)


@router.get(
    "/v1/qc/flags",
    summary="What is complained of",
    responses=shown({"items": [FLAG], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_quality_flags(
    request: Request,
    raised: Annotated[bool, Query(description="Whose parcels are looked at; false: the others.")] = True,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """By SKU. A flag comes down by itself when the rate has fallen."""
    asked = pb.ListQualityFlagsRequest(raised=raised, page=page_of(limit, cursor))
    found = await ask_again(_quality(request).ListQualityFlags, asked)
    rows = [{name: getattr(row, name) for name in FLAG} for row in found.flags]
    return paged(request, "items", rows, found.next_cursor)


@router.get(
    "/v1/qc/checks",
    summary="Parcels to look at",
    responses=shown({"items": [CHECK], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_qc_checks(
    request: Request,
    state: Annotated[
        Literal["waiting", "passed", "failed", "lifted"], Query(description="How they stand.")
    ] = "waiting",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Oldest first."""
    asked = pb.ListQcChecksRequest(state=state, page=page_of(limit, cursor))
    found = await ask_again(_quality(request).ListQcChecks, asked)
    return paged(request, "items", [_check(row) for row in found.checks], found.next_cursor)


@router.post(
    "/v1/shipments/{shipment_id}/qc/pass",
    summary="A parcel is fine",
    responses=shown(CHECK, "SHIPMENT_NOT_FOUND", "NOT_IN_QC", "QC_INCOMPLETE", body=True),
)
async def pass_qc(request: Request, shipment_id: PathId, body: PassBody) -> Response:
    """It may be packed. Every point of the checklist must be fine."""
    asked = pb.PassQcRequest(shipment_id=shipment_id, **body.model_dump(), by=asking(request).id)
    return answer(_check((await ask(_quality(request).PassQc, asked)).check))


@router.post(
    "/v1/shipments/{shipment_id}/qc/fail",
    summary="A parcel is not fine",
    responses=shown(CHECK, "SHIPMENT_NOT_FOUND", "NOT_IN_QC", body=True),
)
async def fail_qc(request: Request, shipment_id: PathId, body: FailBody) -> Response:
    """Other goods are picked in the next wave and looked at again, or orders opens an exception."""
    asked = pb.FailQcRequest(shipment_id=shipment_id, **body.model_dump(), by=asking(request).id)
    return answer(_check((await ask(_quality(request).FailQc, asked)).check))
