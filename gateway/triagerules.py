"""This is where staff say which orders are looked at before they are sent, and which first."""

from typing import Annotated, Any

from fastapi import Path, Request, Response
from pydantic import Field
from shop.orders.v1 import triage_pb2 as pb

from gateway.answers import Json, answer, money, tagged
from gateway.described import feature, shown
from gateway.fields import Body, MoneyBody
from gateway.holds import Code
from gateway.neighbours import ask, ask_again
from gateway.preconditions import if_version

router = feature("triage-rules")
_PathRule = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,39}$", description="The rule's id.")]
_Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=50)]
_WHEN = {
    "amount_from": {"currency": "CNY", "minor": 20000000},
    "units_from": 0,
    "first_order": False,
    "customer_types": ["b2b"],
    "regions": ["CN/新疆"],
    "channels": ["storefront"],
    "delivery_options": ["express"],
    "below_cost_percent": 0,
    "address_below": 0,
}
RULE = {
    "id": "large_order",
    "reason": "audit",
    "text": "A large order: see that it is meant",
    "when": _WHEN,
    "active": True,
    "holds": True,
    "pauses": False,
    "priority": None,
}


class WhenBody(Body):
    """What must all hold, of what is given; at least one thing."""

    amount_from: MoneyBody | None = None
    units_from: Annotated[int, Field(ge=0, le=99_999)] = 0
    first_order: Annotated[bool, Field(description="The business, or the customer, has not ordered before.")] = False
    customer_types: _Words = Field(default_factory=list)
    regions: Annotated[_Words, Field(description="Places that begin so: `CN/新疆`.")] = Field(default_factory=list)
    channels: _Words = Field(default_factory=list)
    delivery_options: _Words = Field(default_factory=list)
    below_cost_percent: Annotated[int, Field(ge=0, le=1000, description="Priced below that share of its cost.")] = 0
    address_below: Annotated[int, Field(ge=0, le=100, description="So little confidence in the address.")] = 0

    def told(self) -> pb.TriageWhen:
        """As orders takes it."""
        amount = self.amount_from.told() if self.amount_from else None
        return pb.TriageWhen(**self.model_dump(exclude={"amount_from"}), amount_from=amount)


class RuleBody(Body):
    """Orders it fits are put in the class `reason`, and held for it until staff let them go."""

    reason: Code
    text: Annotated[str, Field(min_length=1, max_length=200)]
    when: WhenBody
    active: bool = True
    holds: bool = True
    pauses: Annotated[bool, Field(description="Such a hold waits for the customer.")] = False
    priority: Annotated[int, Field(ge=0, le=9, description="1 comes first; 0 leaves it.")] = 0


def _rule(of: pb.TriageRule) -> Json:
    when = of.when
    told: Json = {"amount_from": money(when.amount_from) if when.HasField("amount_from") else None}
    for name in _WHEN:
        if name != "amount_from":
            value = getattr(when, name)
            told[name] = value if isinstance(value, int | bool) else list(value)
    plain = {name: getattr(of, name) for name in RULE if name not in ("when", "priority")}
    return {**plain, "when": told, "priority": of.priority or None}


def _triage(request: Request) -> Any:
    return request.app.state.gateway.neighbours.triage


@router.get("/v1/triage-rules", summary="Which orders are looked at", responses=shown({"items": [RULE]}))
async def list_triage_rules(request: Request) -> Response:
    """By id, at most 200."""
    answered = await ask_again(_triage(request).ListTriageRules, pb.ListTriageRulesRequest())
    return answer({"items": [_rule(row) for row in answered.rules]})


@router.put(
    "/v1/triage-rules/{rule_id}",
    summary="Say which orders are looked at",
    responses=shown(RULE, "INVALID_TRIAGE_RULE", "VERSION_MISMATCH", body=True),
)
async def put_triage_rule(request: Request, rule_id: _PathRule, body: RuleBody) -> Response:
    """Counts for what is bought from then on, within seconds on every replica."""
    plain = body.model_dump(exclude={"when"})
    rule = pb.TriageRule(id=rule_id, **plain, when=body.when.told())
    asked = pb.PutTriageRuleRequest(rule=rule, if_version=if_version(request))
    kept = (await ask(_triage(request).PutTriageRule, asked)).rule
    return tagged(_rule(kept), kept.version)
