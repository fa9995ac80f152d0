"""This is where staff see what is to be bought again and why, and say how."""

from typing import Annotated, Literal

from fastapi import Path, Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import replenishment_pb2 as pb

from gateway.answers import Json, answer, paged, tagged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, PathSku, page_of
from gateway.forecasts import ERROR, error
from gateway.jobs import JOB, job
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("replenishment")
_MODES = {
    "off": pb.REPLENISHMENT_MODE_OFF,
    "suggest": pb.REPLENISHMENT_MODE_SUGGEST,
    "draft": pb.REPLENISHMENT_MODE_DRAFT,
}
_MOST_UNITS = 10_000_000
_POLICY = {
    "scope": "class:A",
    "mode": "draft",
    "service_bp": 9700,
    "review_days": 1,
    "lead_days": 7,
    "min_units": 0,
    "max_units": None,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "at": "2026-11-22T08:00:00.000Z",
}
_LINE = {
    "sku": "MUG-01",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "Mug",
    "class": "A",
    "mode": "draft",
    "quantity": 100,
    "days_left": 4.9,
    "on_hand": 32,
    "available": 30,
    "on_order": 0,
    "forecast": 85.0,
    "period_days": 14,
    "safety": 40,
    "line": 110,
    "up_to": 125,
    "lead_days": 13.0,
    "lead_sd_days": 2.0,
    "review_days": 1,
    "service_level": 0.95,
    "tuned": True,
    "moq": 20,
    "pack_size": 10,
    "supplier_id": "sup_01kb2y5v7g8h9j0kmnpqrstvwx",
    "purchase_orders": ["po_01kb2y5v7g8h9j0kmnpqrstvwx"],
    "why": {"en": "Order 100: forecast 85 over 14 days …", "zh": "订购 100 件：14 天预测 85 件…"},
    "errors": [ERROR],
    "made_at": "2026-11-22T02:00:00.000Z",
}
_RUN = {**JOB, "kind": "replenishment", "title": "Replenishment of 2026-11-22"}
Scope = Annotated[
    str,
    Path(
        pattern=r"^(class:[ABC]|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$",
        description="`class:A`, `class:B`, `class:C`, or a SKU.",
    ),
]
QueryClass = Annotated[str, Query(alias="class", pattern="^[ABC]?$", description="`A`, `B` or `C`.")]


class PolicyBody(Body):
    """`service_bp`: the share of days on which there should be stock, in hundredths of a percent; `review_days` between two
    orders; `lead_days` while no supplier says or shows one; levels stay within `min_units` and `max_units`."""

    mode: Literal["off", "suggest", "draft"]
    service_bp: Annotated[int, Field(ge=5_000, le=9_999)] = 9_700
    review_days: Annotated[int, Field(ge=1, le=91)]
    lead_days: Annotated[int, Field(ge=1, le=365)] = 7
    min_units: Annotated[int, Field(ge=0, le=_MOST_UNITS)] = 0
    max_units: Annotated[int, Field(ge=0, le=_MOST_UNITS)] | None = None

    def told(self, scope: str, by: str) -> pb.ReplenishmentPolicy:
        """As catalog takes it."""
        return pb.ReplenishmentPolicy(
            scope=scope,
            mode=_MODES[self.mode],
            service_bp=self.service_bp,
            review_days=self.review_days,
            lead_days=self.lead_days,
            min_units=self.min_units,
            max_units=self.max_units,
            by=by,
        )


def _mode(mode: "pb.ReplenishmentMode.ValueType") -> str:
    return word(pb.ReplenishmentMode.Name(mode), "REPLENISHMENT_MODE_")


def _policy(of: pb.ReplenishmentPolicy) -> Json:
    return {
        "scope": of.scope,
        "mode": _mode(of.mode),
        "service_bp": of.service_bp,
        "review_days": of.review_days,
        "lead_days": of.lead_days,
        "min_units": of.min_units,
        "max_units": of.max_units if of.HasField("max_units") else None,
        "by": of.by or None,
        "at": of.at or None,
    }


_PLAIN = (
    *("sku", "product_id", "title", "quantity", "days_left", "on_hand", "available", "on_order", "forecast"),
    *("period_days", "safety", "line", "up_to", "lead_days", "lead_sd_days", "review_days", "service_level", "tuned"),
    *("moq", "pack_size", "made_at"),
)


def _line(of: pb.ReplenishmentLine) -> Json:
    return {name: getattr(of, name) for name in _PLAIN} | {
        "class": of.stock_class,
        "mode": _mode(of.mode),
        "supplier_id": of.supplier_id or None,
        "purchase_orders": list(of.purchase_orders),
        "why": {"en": of.en, "zh": of.zh},
        "errors": [error(each) for each in of.errors],
    }


@router.put(
    "/v1/replenishment/policies/{scope}",
    summary="Say how goods are replenished",
    responses=shown(_POLICY, "INVALID_REPLENISHMENT_POLICY", "SKU_NOT_FOUND", "VERSION_MISMATCH", body=True),
)
async def put_replenishment_policy(request: Request, scope: Scope, body: PolicyBody) -> Response:
    """For a class (`class:A`) or for one SKU apart. Holds from the next run on. If-Match guards another's change."""
    asked = pb.PutReplenishmentPolicyRequest(
        policy=body.told(scope, asking(request).id), if_version=if_version(request)
    )
    answered = await ask(request.app.state.gateway.neighbours.replenishment.PutReplenishmentPolicy, asked)
    return tagged(_policy(answered.policy), answered.policy.version)


@router.delete(
    "/v1/replenishment/policies/{sku}",
    status_code=204,
    summary="Replenish a SKU as its class again",
    responses=shown(None, "REPLENISHMENT_POLICY_NOT_FOUND", status=204, text="Gone."),
)
async def drop_replenishment_policy(request: Request, sku: PathSku) -> Response:
    """Its own policy is dropped; the classes always have one."""
    asked = pb.DropReplenishmentPolicyRequest(sku=sku)
    await ask(request.app.state.gateway.neighbours.replenishment.DropReplenishmentPolicy, asked)
    return Response(status_code=204)


@router.get(
    "/v1/replenishment/policies",
    summary="How goods are replenished",
    responses=shown({"items": [_POLICY], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_replenishment_policies(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """The three classes', then those of single SKUs."""
    asked = pb.ListReplenishmentPoliciesRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.replenishment.ListReplenishmentPolicies, asked)
    return paged(request, "items", [_policy(each) for each in answered.policies], answered.next_cursor)


@router.get(
    "/v1/replenishment/plan",
    summary="What is to be bought again, and why",
    responses=shown({"items": [_LINE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_replenishment_plan(
    request: Request,
    stock_class: QueryClass = "",
    to_order: bool = False,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """What runs out first first; `to_order` for what should be ordered now. Each line says every number its quantity is made
    of, and how wrong its forecasts have been."""
    asked = pb.ListReplenishmentPlanRequest(stock_class=stock_class, to_order=to_order, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.replenishment.ListReplenishmentPlan, asked)
    return paged(request, "items", [_line(each) for each in answered.lines], answered.next_cursor)


@router.post(
    "/v1/replenishment/runs",
    status_code=202,
    summary="Forecast and plan now",
    responses=shown(_RUN, status=202, text="The job that does it."),
)
async def start_replenishment_run(request: Request) -> Response:
    """It also runs every night. Answers the run that is under way if there is one; `Location` is its progress."""
    asked = pb.StartReplenishmentRunRequest(by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.replenishment.StartReplenishmentRun, asked)
    return answer(job(answered.job), 202, {"location": f"/v1/jobs/{answered.job.id}"})
