"""This is where suppliers are judged, and where it stands how the shop buys."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import suppliers_pb2 as pb

from gateway.answers import Json, answer, tagged, word
from gateway.described import feature, shown
from gateway.fields import Body, PathId
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("suppliers")
_SPREAD = {"n": 14, "mean": 15.2, "sd": 2.1, "p50": 15.0, "p90": 18.0}
_FIGURES = ("on_time", "fill", "rejected", "cost_index", "cost_trend", "cost_elasticity")
_SPREADS = ("lead_days", "late_days", "response_days")
_CARD = {
    "supplier_id": "sup_01kb2y5v7g8h9j0kmnpqrstvwx",
    "score": 82,
    "parts": [{"name": "on_time", "value": 0.84, "n": 14, "weight": 30}],
    "deliveries": 14,
    **dict.fromkeys(_SPREADS, _SPREAD),
    **{name: {"value": 0.93, "n": 14} for name in _FIGURES},
    "capacity_units": 5000,
    "on_order_units": 1200,
}
_WEIGHTS = {"on_time": 30, "quality": 30, "fill": 20, "cost": 15, "response": 5}
_POLICY = {
    "approve_above_minor": 1_000_000,
    "over_receipt_bp": 500,
    "cost_method": "moving_average",
    "reject_limit_bp": 1_000,
    "pool_weekday": 1,
    "weights": _WEIGHTS,
}
_Weight = Annotated[int, Field(ge=0, le=1_000)]
_Share = Annotated[int, Field(ge=0, le=10_000)]


class WeightsBody(Body):
    """What each part of a score counts; only their proportions matter."""

    on_time: _Weight = 30
    quality: _Weight = 30
    fill: _Weight = 20
    cost: _Weight = 15
    response: _Weight = 5


class PolicyBody(Body):
    """How the shop buys; shares in basis points."""

    approve_above_minor: Annotated[int, Field(ge=0, le=10**12)] = 1_000_000
    over_receipt_bp: _Share = 500
    cost_method: Literal["moving_average", "last"] = "moving_average"
    reject_limit_bp: _Share = 1_000
    pool_weekday: Annotated[int, Field(ge=1, le=7)] = 1
    weights: WeightsBody = Field(default_factory=WeightsBody)


def _figure(of: pb.Figure) -> Json:
    return {"value": of.value if of.known else None, "n": of.n}


def _card(of: pb.Scorecard) -> Json:
    return {
        "supplier_id": of.supplier_id,
        "score": of.score,
        "parts": [{"name": p.name, "value": p.value, "n": p.n, "weight": p.weight} for p in of.parts],
        "deliveries": of.deliveries,
        **{name: {field: getattr(getattr(of, name), field) for field in _SPREAD} for name in _SPREADS},
        **{name: _figure(getattr(of, name)) for name in _FIGURES},
        "capacity_units": of.capacity_units,
        "on_order_units": of.on_order_units,
    }


def _policy(of: pb.PurchasePolicy) -> Response:
    plain: Json = {name: getattr(of, name) for name in _POLICY if name not in ("cost_method", "weights")}
    plain["cost_method"] = word(pb.CostMethod.Name(of.cost_method), "COST_METHOD_")
    plain["weights"] = {name: getattr(of.weights, name) for name in _WEIGHTS}
    return tagged(plain, of.version) if of.version else answer(plain)


def _suppliers(request: Request) -> Any:
    return request.app.state.gateway.neighbours.suppliers


@router.get(
    "/v1/suppliers/{supplier_id}/scorecard",
    summary="How a supplier does",
    responses=shown(_CARD, "SUPPLIER_NOT_FOUND"),
)
async def get_scorecard(request: Request, supplier_id: PathId) -> Response:
    """Measured from a year's own receipts, each figure with its `n`; times in days. `parts` of few are drawn towards 0.75,
    the score is their weighted mean. `cost_index` is own cost over the best alternative's, `cost_trend` the rise a month,
    `cost_elasticity` how a unit's cost follows the quantity."""
    asked = pb.GetScorecardRequest(supplier_id=supplier_id)
    return answer(_card((await ask_again(_suppliers(request).GetScorecard, asked, STAFF_S)).scorecard))


@router.get("/v1/purchase-policy", summary="How the shop buys", responses=shown(_POLICY))
async def get_purchase_policy(request: Request) -> Response:
    """The usual policy, without an ETag, until somebody has set another."""
    answered = await ask_again(_suppliers(request).GetPurchasePolicy, pb.GetPurchasePolicyRequest())
    return _policy(answered.policy)


@router.put(
    "/v1/purchase-policy",
    summary="Change how the shop buys",
    responses=shown(_POLICY, "INVALID_PURCHASE_POLICY", "VERSION_MISMATCH", body=True),
)
async def put_purchase_policy(request: Request, body: PolicyBody) -> Response:
    """Who may approve what, how much too much may come, what a SKU costs then, how suppliers are judged."""
    plain = body.model_dump(exclude={"cost_method", "weights"})
    wanted = pb.PurchasePolicy(
        **plain,
        cost_method=pb.CostMethod.Value(f"COST_METHOD_{body.cost_method.upper()}"),
        weights=pb.ScoreWeights(**body.weights.model_dump()),
    )
    asked = pb.PutPurchasePolicyRequest(policy=wanted, if_version=if_version(request), by=asking(request).id)
    return _policy((await ask(_suppliers(request).PutPurchasePolicy, asked)).policy)
