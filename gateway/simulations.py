"""This is where a promotion or a coupon is tried on past orders before anybody is given it."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, model_validator
from shop.marketing.v1 import simulations_pb2 as pb

from gateway.answers import Json, answer
from gateway.coupons import CouponBody
from gateway.described import feature, shown
from gateway.fields import Body, PathId
from gateway.idempotency import request_id_of
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.promotion_bodies import PromotionBody

router = feature("promotions")
_SUMS: Json = {
    "currency": "CNY",
    "orders": 1200,
    "touched": 340,
    "discount": {"currency": "CNY", "minor": 510000},
    "revenue_before": {"currency": "CNY", "minor": 9600000},
    "revenue": {"currency": "CNY", "minor": 9090000},
    "cost": {"currency": "CNY", "minor": 5200000},
    "margin": {"currency": "CNY", "minor": 3890000},
    "margin_share": 0.4279,
    "below_floor": 12,
}
_ASSUMES: Json = {
    "en": "The same demand: the same people buy the same goods though they cost less. Everybody is whom the rule is for; a "
    "coupon is entered at every cart. Beside it run the rules that run when it begins. Goods cost what they did then; "
    "what gifts and freight cost is not in it.",
    "zh": "假设需求不变: 同样的顾客购买同样的商品。所有人均视为符合条件, 优惠券视为每单使用; "
    "同时生效的规则以其开始时为准, 成本以下单时为准, 不含赠品与运费成本。",
}
_SIMULATION: Json = {
    "id": "sim_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "running",
    "done": 45,
    "total": 90,
    "detail": None,
    "totals": [_SUMS],
    "days": [{"day": "2026-11-22"} | _SUMS],
    "assumes": _ASSUMES,
    "created_at": "2026-11-22T08:00:00.000Z",
}


class SimulationBody(Body):
    """What is tried, one of the two, and on how many days."""

    promotion: PromotionBody | None = None
    coupon: CouponBody | None = None
    days: Annotated[int, Field(ge=1, le=90)] = 90

    @model_validator(mode="after")
    def _one_of_two(self) -> "SimulationBody":
        if (self.promotion is None) == (self.coupon is None):
            raise ValueError("give either a promotion or a coupon")
        return self


def _sums(of: pb.SimulatedSums) -> Json:
    def money(minor: int) -> Json:
        return {"currency": of.currency, "minor": minor}

    margin = of.revenue_minor - of.cost_minor
    return {
        "currency": of.currency,
        "orders": of.orders,
        "touched": of.touched,
        "discount": money(of.discount_minor),
        "revenue_before": money(of.revenue_before_minor),
        "revenue": money(of.revenue_minor),
        "cost": money(of.cost_minor),
        "margin": money(margin),
        "margin_share": round(margin / of.revenue_minor, 4) if of.revenue_minor else None,
        "below_floor": of.below_floor,
    }


def _simulation(of: pb.Simulation) -> Json:
    return {
        "id": of.id,
        "state": of.state,
        "done": of.done,
        "total": of.total,
        "detail": of.detail or None,
        "totals": [_sums(row) for row in of.totals],
        "days": [{"day": row.day} | _sums(row) for row in of.days],
        "assumes": _ASSUMES,
        "created_at": of.created_at,
    }


@router.post(
    "/v1/promotions/simulations",
    status_code=202,
    summary="Try a promotion or a coupon on past orders",
    responses=shown(
        _SIMULATION,
        "INVALID_SIMULATION",
        "INVALID_PROMOTION",
        "INVALID_COUPON",
        "IDEMPOTENCY_KEY_MISSING",
        "IDEMPOTENCY_KEY_INVALID",
        status=202,
        body=True,
    ),
)
async def start_simulation(request: Request, body: SimulationBody) -> Response:
    """On those of the last `days`, priced again by the very function that prices carts. Nothing is made, nobody is given
    anything."""
    by = asking(request).id
    asked = pb.StartSimulationRequest(
        promotion=body.promotion.told() if body.promotion else None,
        coupon=body.coupon.told() if body.coupon else None,
        days=body.days,
        by=by,
        request_id=request_id_of(request, by, "simulation"),
    )
    answered = await ask_again(request.app.state.gateway.neighbours.simulations.StartSimulation, asked)
    made = _simulation(answered.simulation)
    return answer(made, 202, {"location": f"/v1/promotions/simulations/{made['id']}"})


@router.get(
    "/v1/promotions/simulations/{simulation_id}",
    summary="What a simulation says",
    responses=shown(_SIMULATION, "JOB_NOT_FOUND"),
)
async def get_simulation(request: Request, simulation_id: PathId) -> Response:
    """`done` of `total` days looked at, and the sums so far: orders touched, what is given away, what goods bring in and
    cost, and in how many of those orders something sells below its lowest price."""
    asked = pb.GetSimulationRequest(id=simulation_id)
    answered = await ask_again(request.app.state.gateway.neighbours.simulations.GetSimulation, asked)
    return answer(_simulation(answered.simulation))
