"""This is where it is kept what selling costs: for the shop, for a category, for a SKU; and the margin that must be left."""

from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import Field
from shop.catalog.v1 import margins_pb2 as pb

from gateway.answers import Json, paged, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, Minor, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("margins")
_SHARES = ("commission_bp", "marketing_bp", "payment_bp")
_AMOUNTS = ("freight_per_unit_minor", "freight_per_kg_minor")
_SAID = (*_SHARES, *_AMOUNTS, "floor_bp")
_MODEL = {
    "scope": "category:kitchen",
    "commission_bp": 500,
    "marketing_bp": None,
    "payment_bp": None,
    "freight_per_unit_minor": None,
    "freight_per_kg_minor": 800,
    "floor_bp": None,
    "version": 3,
    "at": "2026-11-22T08:00:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
}
_RATES = {
    "commission_bp": 500,
    "marketing_bp": 300,
    "payment_bp": 60,
    "freight_per_unit_minor": 0,
    "freight_per_kg_minor": 800,
    "floor_bp": 3000,
}
_FLOOR = {"floor_bp": 3000, "version": 3}
Scope = Annotated[
    str,
    Path(
        pattern=r"^(shop|category:[^\x00-\x1f\x7f/]{1,64}|sku:[A-Za-z0-9][A-Za-z0-9._-]{0,63})$",
        description="`shop`, `category:<id>` or `sku:<sku>`.",
    ),
]
Share = Annotated[int, Field(ge=0, le=10_000, description="Hundredths of a percent of the price.")]


class CostModelBody(Body):
    """All a scope says; what is not there it takes from above."""

    commission_bp: Share | None = None
    marketing_bp: Share | None = None
    payment_bp: Share | None = None
    freight_per_unit_minor: Minor | None = None
    freight_per_kg_minor: Minor | None = None


class FloorBody(Body):
    """The contribution margin every SKU must leave."""

    floor_bp: Annotated[int, Field(ge=0, le=9_999, description="Hundredths of a percent of the price.")]


def _model(of: pb.CostModel) -> Json:
    said = {name: getattr(of, name) if of.HasField(name) else None for name in _SAID}  # type: ignore[arg-type]
    return {"scope": of.scope, **said, "version": of.version, "at": of.at or None, "by": of.by or None}


@router.get(
    "/v1/cost-models/{scope}",
    summary="What selling costs",
    responses=shown({**_MODEL, "rates": _RATES}, "INVALID_COST_MODEL"),
)
async def get_cost_model(request: Request, scope: Scope) -> Response:
    """What the scope itself says, and under `rates` what holds there. The ETag is for PUT."""
    asked = pb.GetCostModelRequest(scope=scope)
    answered = await ask_again(request.app.state.gateway.neighbours.margins.GetCostModel, asked)
    rates = {name: getattr(answered.rates, name) for name in _RATES}
    return tagged({**_model(answered.model), "rates": rates}, answered.model.version)


@router.put(
    "/v1/cost-models/{scope}",
    summary="Say what selling costs",
    responses=shown(
        _MODEL,
        "INVALID_COST_MODEL",
        "TOO_MANY_COST_MODELS",
        "UNKNOWN_CATEGORY",
        "SKU_NOT_FOUND",
        "VERSION_MISMATCH",
        "PRECONDITION_REQUIRED",
        body=True,
    ),
)
async def put_cost_model(request: Request, scope: Scope, body: CostModelBody) -> Response:
    """Replaces what the scope says; If-Match is required. Nothing is taken down: a job counts what then sells below the
    floor and tells staff."""
    model = pb.CostModel(scope=scope, **body.model_dump(exclude_none=True))
    asked = pb.PutCostModelRequest(model=model, if_version=if_version(request, required=True), by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.margins.PutCostModel, asked)
    return tagged(_model(answered.model), answered.model.version)


@router.get(
    "/v1/cost-models/{scope}/history",
    summary="What selling cost before",
    responses=shown({"items": [_MODEL], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_cost_changes(request: Request, scope: Scope, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """The model as it was from each change on, newest first: who, and when."""
    asked = pb.ListCostChangesRequest(scope=scope, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.margins.ListCostChanges, asked)
    return paged(request, "items", [_model(row) for row in answered.changes], answered.next_cursor)


@router.get("/v1/margin-floor", summary="The margin floor", responses=shown(_FLOOR))
async def get_margin_floor(request: Request) -> Response:
    """What every SKU must leave of its price after all its costs. The ETag is for PUT."""
    asked = pb.GetCostModelRequest(scope="shop")
    answered = await ask_again(request.app.state.gateway.neighbours.margins.GetCostModel, asked)
    version = answered.model.version
    return tagged({"floor_bp": answered.rates.floor_bp, "version": version}, version)


@router.put(
    "/v1/margin-floor",
    summary="Set the margin floor",
    responses=shown(_FLOOR, "INVALID_COST_MODEL", "VERSION_MISMATCH", "PRECONDITION_REQUIRED", body=True),
)
async def set_margin_floor(request: Request, body: FloorBody) -> Response:
    """The owner alone; If-Match is required. Kept in the history of the shop's cost model."""
    seen = if_version(request, required=True)
    asked = pb.SetMarginFloorRequest(floor_bp=body.floor_bp, if_version=seen, by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.margins.SetMarginFloor, asked)
    return tagged({"floor_bp": answered.model.floor_bp, "version": answered.model.version}, answered.model.version)
