"""This is where customers are compensated: by a table of reasons and lateness, once an order and reason."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field
from shop.orders.v1 import aftersales_pb2 as pb

from gateway.answers import Json, answer, money, tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Id, MoneyBody, PathId
from gateway.idempotency import key_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("after-sales")
CompensationReason = Literal["late_shipment", "late_delivery", "damaged", "wrong_item", "missing", "quality", "service"]
RULE = {
    "reason": "late_delivery",
    "kind": "points",
    "from_hours": 24,
    "minor": 0,
    "percent_bp": 0,
    "points": 200,
    "tier": None,
    "tier_days": 0,
    "coupon": None,
}
RULES = {
    "rules": [RULE],
    "order_max": {"currency": "CNY", "minor": 20000},
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "updated_at": "2026-11-22T08:00:00.000Z",
    "version": 1,
}
COMPENSATION = {
    "id": "cmp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "reason": "late_delivery",
    "rule": RULE,
    "late_hours": 30,
    "worth": {"currency": "CNY", "minor": 200},
    "cash": {"currency": "CNY", "minor": 0},
    "points": 200,
    "done": True,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "at": "2026-11-29T08:00:00.000Z",
    "return_id": None,
    "voucher": None,
}


class RuleBody(Body):
    """What is given for a reason, from so many hours late on."""

    reason: CompensationReason
    kind: Literal["cash", "points", "coupon", "tier"]
    from_hours: Annotated[int, Field(ge=0, le=10_000)] = 0
    minor: Annotated[int, Field(ge=0, le=10**9)] = 0
    percent_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    points: Annotated[int, Field(ge=0, le=10**9)] = 0
    tier: Literal["", "silver", "gold", "platinum"] = ""
    tier_days: Annotated[int, Field(ge=0, le=3_650)] = 0
    coupon: Annotated[str, Field(max_length=64, pattern=ONE_LINE)] = ""


class RulesBody(Body):
    """The table."""

    rules: Annotated[list[RuleBody], Field(max_length=50)]
    order_max: MoneyBody


class CompensationBody(Body):
    """Why, and the return it is about, if any."""

    reason: CompensationReason
    return_id: Id | None = None


def _office(request: Request) -> Any:
    return request.app.state.gateway.neighbours.aftersales


def _rule(of: pb.CompensationRule) -> Json:
    numbers = {name: getattr(of, name) for name in ("from_hours", "minor", "percent_bp", "points", "tier_days")}
    return {"reason": of.reason, "kind": of.kind, **numbers, "tier": of.tier or None, "coupon": of.coupon or None}


def _rules(of: pb.CompensationRules) -> Json:
    return {
        "rules": [_rule(rule) for rule in of.rules],
        "order_max": money(of.order_max),
        "by": of.by,
        "updated_at": of.updated_at or None,
        "version": of.version,
    }


def _compensation(of: pb.Compensation) -> Json:
    return {
        "id": of.id,
        "reason": of.reason,
        "rule": _rule(of.rule),
        "late_hours": of.late_hours,
        "worth": money(of.worth),
        "cash": money(of.cash),
        "points": of.points,
        "done": of.done,
        "by": of.by,
        "at": of.at,
        "return_id": of.return_id or None,
        "voucher": of.voucher or None,
    }


@router.get("/v1/compensation-rules", summary="What customers are given when we fail", responses=shown(RULES))
async def get_compensation_rules(request: Request) -> Response:
    """By reason and lateness."""
    answered = await ask_again(_office(request).GetCompensationRules, pb.GetCompensationRulesRequest())
    return tagged(_rules(answered.rules), answered.rules.version)


@router.put(
    "/v1/compensation-rules",
    summary="Publish the table of compensations",
    responses=shown(RULES, "INVALID_COMPENSATION", "VERSION_MISMATCH", "INVALID_PARAMETER", body=True),
)
async def put_compensation_rules(request: Request, body: RulesBody) -> Response:
    """Replaces all rules."""
    rules = pb.CompensationRules(
        rules=[pb.CompensationRule(**rule.model_dump()) for rule in body.rules], order_max=body.order_max.told()
    )
    asked = pb.PutCompensationRulesRequest(rules=rules, if_version=if_version(request), by=asking(request).id)
    answered = await ask(_office(request).PutCompensationRules, asked)
    return tagged(_rules(answered.rules), answered.rules.version)


@router.get(
    "/v1/orders/{order_id}/compensations",
    summary="What an order was given",
    responses=shown({"items": [COMPENSATION]}, "ORDER_NOT_FOUND"),
)
async def list_compensations(request: Request, order_id: PathId) -> Response:
    """Oldest first, with the rule each was given by and who granted it."""
    answered = await ask_again(_office(request).GetCompensations, pb.GetCompensationsRequest(order_id=order_id))
    return answer({"items": [_compensation(row) for row in answered.compensations]})


@router.post(
    "/v1/orders/{order_id}/compensations",
    summary="Compensate a customer",
    responses=shown(
        COMPENSATION,
        "ORDER_NOT_FOUND",
        "NOTHING_DUE",
        "COMPENSATION_EXHAUSTED",
        "INVALID_COMPENSATION",
        "REFUND_UNFINISHED",
        "IDEMPOTENCY_KEY_MISSING",
        body=True,
    ),
)
async def grant_compensation(request: Request, order_id: PathId, body: CompensationBody) -> Response:
    """What the table says, once an order and reason; never more than was paid: what cannot go back in money is given in
    points. Needs an Idempotency-Key."""
    key_of(request)
    asked = pb.GrantCompensationRequest(
        order_id=order_id, reason=body.reason, return_id=body.return_id or "", by=asking(request).id
    )
    answered = await ask_again(_office(request).GrantCompensation, asked, STAFF_S)
    return answer(_compensation(answered.compensation))
