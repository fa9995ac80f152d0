"""This is where it is published what holds after a sale, and how much of what was sold comes back."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.orders.v1 import aftersales_pb2 as pb
from shop.orders.v1 import carts_pb2

from gateway.answers import Json, answer, money, money_if_any, paged, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, MoneyBody, PathId, PathSku, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("after-sales")
_YUAN = {"currency": "CNY", "minor": 100}
By = Literal["sku", "category", "region", "reason", "warehouse", "carrier"]
Days = Annotated[int, Field(ge=0, le=365)]
POLICY = {
    "scope": "shop",
    "text": "Seven days without a reason.",
    "no_reason_days": 7,
    "fault_days": 15,
    "delivery_days": 7,
    "excluded": None,
    "freight": "customer",
    "insurance": "offered",
    "premium": _YUAN,
    "cap": {"currency": "CNY", "minor": 1200},
    "goods_stay": {"currency": "CNY", "minor": 5000},
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "updated_at": "2026-11-22T08:00:00.000Z",
    "version": 1,
}
REASON = {
    "code": "damaged",
    "group": "delivery",
    "blames": "carrier",
    "kinds": ["return", "replace"],
    "photos": True,
    "details": ["broken"],
    "text": {"en": "It came damaged", "zh": "运输破损"},
}


class PolicyBody(Body):
    """What holds for a category, or for all others (`shop`); all amounts in one currency."""

    text: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    no_reason_days: Days = 7
    fault_days: Days = 15
    delivery_days: Days = 7
    excluded: Literal["", "custom", "perishable", "hygiene", "digital", "listed"] = ""
    freight: Literal["customer", "shop"] = "customer"
    insurance: Literal["none", "offered", "free"] = "offered"
    premium: MoneyBody
    cap: MoneyBody
    goods_stay: MoneyBody


def _office(request: Request) -> Any:
    return request.app.state.gateway.neighbours.aftersales


def _policy(of: pb.AfterSalesPolicy) -> Json:
    return {
        "scope": of.scope,
        "text": of.text,
        "no_reason_days": of.no_reason_days,
        "fault_days": of.fault_days,
        "delivery_days": of.delivery_days,
        "excluded": of.excluded or None,
        "freight": of.freight,
        "insurance": of.insurance,
        "premium": money(of.premium),
        "cap": money(of.cap),
        "goods_stay": money(of.goods_stay),
        "by": of.by,
        "updated_at": of.updated_at or None,
        "version": of.version,
    }


@router.get("/v1/after-sales-policies", summary="After-sales policies", responses=shown({"items": [POLICY]}))
async def list_after_sales_policies(request: Request) -> Response:
    """The shop's, then those of categories that have their own."""
    answered = await ask_again(_office(request).ListPolicies, pb.ListPoliciesRequest())
    return answer({"items": [_policy(row) for row in answered.policies]})


@router.put(
    "/v1/after-sales-policies/{scope}",
    summary="Publish an after-sales policy",
    responses=shown(POLICY, "INVALID_POLICY", "VERSION_MISMATCH", "INVALID_PARAMETER", body=True),
)
async def put_after_sales_policy(request: Request, scope: PathSku, body: PolicyBody) -> Response:
    """For a category (its id) or `shop`. Orders keep what held when they were placed. If-Match guards
    against another's change."""
    said = body.model_dump(exclude={"premium", "cap", "goods_stay"})
    policy = pb.AfterSalesPolicy(
        scope=scope,
        premium=body.premium.told(),
        cap=body.cap.told(),
        goods_stay=body.goods_stay.told(),
        **said,
    )
    asked = pb.PutPolicyRequest(policy=policy, if_version=if_version(request), by=asking(request).id)
    answered = await ask(_office(request).PutPolicy, asked)
    return tagged(_policy(answered.policy), answered.policy.version)


@router.get("/v1/return-reasons", summary="Why goods come back", responses=shown({"items": [REASON]}))
async def list_return_reasons(request: Request) -> Response:
    """Each in its group, with what it needs and allows."""
    answered = await ask_again(_office(request).ListReasons, pb.ListReasonsRequest())
    rows = [
        {
            "code": row.code,
            "group": row.group,
            "blames": row.blames,
            "kinds": list(row.kinds),
            "photos": row.photos,
            "details": list(row.details),
            "text": {"en": row.en, "zh": row.zh},
        }
        for row in answered.reasons
    ]
    return answer({"items": rows})


@router.get(
    "/v1/carts/{cart_id}/return-insurance",
    summary="What insuring the way back costs",
    responses=shown({"offered": True, "premium": _YUAN, "cap": {"currency": "CNY", "minor": 1200}}, "CART_NOT_FOUND"),
)
async def offer_return_insurance(request: Request, cart_id: PathId) -> Response:
    """Sent back with the checkout as `return_insurance`, the premium is paid with the order; the first parcel that comes
    back is then paid for, up to the cap, without anybody asking."""
    key = carts_pb2.CartKey(cart_id=cart_id, customer_id=asking(request).customer_id)
    answered = await ask_again(_office(request).OfferInsurance, pb.OfferInsuranceRequest(key=key))
    shown_offer = {"premium": money_if_any(answered.premium), "cap": money_if_any(answered.cap)}
    return answer({"offered": answered.offered, **shown_offer})


@router.get(
    "/v1/returns/statistics",
    summary="How much comes back",
    responses=shown(
        {
            "items": [{"key": "MUG-01", "delivered": 200, "asked": 5, "received": 3, "rate": 0.025}],
            "next_cursor": None,
        },
        "INVALID_STATISTICS",
        "INVALID_PARAMETER",
        "CURSOR_INVALID",
    ),
)
async def get_return_statistics(
    request: Request,
    by: By = "sku",
    month: Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2})?$", description="`YYYY-MM`; empty for all time.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """As of now, units: delivered, asked back (without what was called off), received; the most asked back first. `rate` is
    asked over delivered, none for a reason."""
    asked = pb.GetReturnStatisticsRequest(by=by, period=month, page=page_of(limit, cursor))
    answered = await ask_again(_office(request).GetReturnStatistics, asked)
    rows = [
        {
            "key": row.key,
            "delivered": row.delivered,
            "asked": row.asked,
            "received": row.received,
            "rate": row.asked / row.delivered if row.delivered else None,
        }
        for row in answered.counts
    ]
    return paged(request, "items", rows, answered.next_cursor)
