"""This is where it is shown what a SKU earns, and where the owner lets one be sold below the floor."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints, model_validator
from shop.catalog.v1 import margins_pb2 as pb

from gateway.answers import Json, answer, money, paged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, MoneyBody, PathId, PathSku, Time, money_or_none, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking

router = feature("margins")
MARGIN: Json = {
    "sku": "MUG-01",
    "category": "kitchen",
    "price": {"currency": "CNY", "minor": 2900},
    "cost_minor": 1100,
    "commission_minor": 145,
    "marketing_minor": 87,
    "payment_minor": 18,
    "freight_minor": 280,
    "contribution_minor": 1270,
    "contribution_bp": 4379,
    "gross_minor": 1800,
    "gross_bp": 6206,
    "floor_bp": 3000,
    "lowest_price_minor": 2248,
    "shortfall_minor": 0,
    "keeps_floor": True,
    "cost_known": True,
    "leave": None,
}
_OVERRIDE: Json = {
    "sku": "MUG-01",
    "number": 1,
    "action": "given",
    "reason": "The last forty, to make room",
    "min_margin_bp": 1000,
    "until_minor": None,
    "expires_at": "2026-12-01T00:00:00.000Z",
    "at": "2026-11-22T08:00:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
}
_CATEGORY = {
    "category": "kitchen",
    "currency": "CNY",
    "units": 120,
    "gross_minor": 348000,
    "paid_minor": 301000,
    "model_contribution_minor": 150000,
    "contribution_minor": 103000,
}
_PROPOSAL: Json = {
    "sku": "MUG-01",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "category": "kitchen",
    "currency": "CNY",
    "units": 40,
    "paid_minor": 60000,
    "contribution_minor": -2000,
    "contribution_bp": -334,
    "action": "end_promotion",
    "price_minor": None,
    "text": {"en": "-3.34 % of what was paid was left: …", "zh": "实收的 -3.34 % 为贡献毛利：…"},
}
_REVIEW: Json = {
    "from_day": "2026-10-24",
    "to_day": "2026-11-22",
    "skus": 180,
    "skus_left_out": 3,
    "categories": [_CATEGORY],
    "proposals": [_PROPOSAL],
}
Days = Annotated[int, Query(ge=1, le=366, description="How many days back, today included.")]
_MAYBE = ("contribution_bp", "gross_bp", "lowest_price_minor")


class OverrideBody(Body):
    """Leave to sell below the floor: down to `min_margin_bp` of the price, or down to `until_price`; until it expires."""

    reason: Annotated[str, StringConstraints(min_length=10, max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*$")]
    min_margin_bp: Annotated[int, Field(ge=-1_000_000, le=9_999)] | None = None
    until_price: MoneyBody | None = None
    expires_at: Time

    @model_validator(mode="after")
    def _one_of_two(self) -> "OverrideBody":
        if (self.min_margin_bp is None) == (self.until_price is None):
            raise ValueError("give either min_margin_bp or until_price")
        return self


def maybe(of: Any, name: str) -> Any:
    """None for what is not there."""
    return getattr(of, name) if of.HasField(name) else None


def margin(of: pb.Margin) -> Json:
    """What one unit earns at its price."""
    leave = {name: maybe(of, f"leave_{name}") for name in ("min_margin_bp", "until_minor")}
    plain = {name: getattr(of, name) for name in MARGIN if name not in (*_MAYBE, "price", "leave")}
    return {
        **plain,
        "price": money(of.price),
        **{name: maybe(of, name) for name in _MAYBE},
        "leave": leave if any(value is not None for value in leave.values()) else None,
    }


def _override(of: pb.MarginOverride) -> Json:
    halves = {name: maybe(of, name) for name in ("min_margin_bp", "until_minor")}
    return {**{name: getattr(of, name) for name in _OVERRIDE if name not in halves}, **halves}


@router.get(
    "/v1/products/{product_id}/margin",
    summary="What it earns",
    responses=shown({"product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx", "items": [MARGIN]}, "PRODUCT_NOT_FOUND"),
)
async def get_margin(request: Request, product_id: PathId) -> Response:
    """One entry a SKU of the product: each part of its costs, the contribution, the gross margin, the lowest price that
    keeps the floor, and what the price is short of it. Price is the sum of the costs and the contribution, exactly."""
    asked = pb.GetMarginRequest(id=product_id)
    answered = await ask_again(request.app.state.gateway.neighbours.margins.GetMargin, asked)
    return answer({"product_id": answered.product_id, "items": [margin(row) for row in answered.margins]})


@router.get(
    "/v1/margins/below-floor",
    summary="What sells below the floor",
    responses=shown({"items": [MARGIN], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_below_floor(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """SKUs on sale, by category. A page looks at 1,000 SKUs at most: it may be short, or empty, and another follow."""
    asked = pb.ListBelowFloorRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.margins.ListBelowFloor, asked)
    return paged(request, "items", [margin(row) for row in answered.margins], answered.next_cursor)


@router.get(
    "/v1/skus/{sku}/margin-override",
    summary="Leave to sell below the floor",
    responses=shown(
        {"items": [_OVERRIDE], "next_cursor": None, "in_force": True}, "INVALID_PARAMETER", "CURSOR_INVALID"
    ),
)
async def list_margin_overrides(request: Request, sku: PathSku, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Every leave given or ended, newest first, with who, when and why; `in_force` says whether one holds now."""
    asked = pb.ListMarginOverridesRequest(sku=sku, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.margins.ListMarginOverrides, asked)
    rows = [_override(row) for row in answered.entries]
    return paged(request, "items", rows, answered.next_cursor, {"in_force": answered.in_force})


@router.put(
    "/v1/skus/{sku}/margin-override",
    summary="Let it be sold below the floor",
    responses=shown(_OVERRIDE, "INVALID_OVERRIDE", "SKU_NOT_FOUND", body=True),
)
async def give_margin_override(request: Request, sku: PathSku, body: OverrideBody) -> Response:
    """The owner alone. It holds instead of what was given before, for prices and for discounts, until it expires."""
    asked = pb.GiveMarginOverrideRequest(
        sku=sku,
        reason=body.reason,
        min_margin_bp=body.min_margin_bp,
        until_price=money_or_none(body.until_price),
        expires_at=body.expires_at,
        by=asking(request).id,
    )
    answered = await ask(request.app.state.gateway.neighbours.margins.GiveMarginOverride, asked)
    return answer(_override(answered.override))


@router.delete(
    "/v1/skus/{sku}/margin-override",
    status_code=204,
    summary="End the leave",
    responses=shown(None, "OVERRIDE_NOT_FOUND", status=204),
)
async def end_margin_override(request: Request, sku: PathSku) -> Response:
    """Now. The price stays as it is; a job tells staff if it is below the floor."""
    asked = pb.EndMarginOverrideRequest(sku=sku, by=asking(request).id)
    await ask(request.app.state.gateway.neighbours.margins.EndMarginOverride, asked)
    return Response(status_code=204)


@router.get(
    "/v1/margins/review",
    summary="What was earned, and what to do about it",
    responses=shown(_REVIEW, "INVALID_PARAMETER", "INVALID_DAYS"),
)
async def review_margins(request: Request, days: Days = 30) -> Response:
    """By what was paid, not by what was asked: categories against what their list prices would have left, and SKUs that
    left less than they must, the worst first, each with a proposal for a person."""
    asked = pb.ReviewMarginsRequest(days=days)
    answered = await ask_again(request.app.state.gateway.neighbours.margins.ReviewMargins, asked, STAFF_S)
    plain = ("from_day", "to_day", "skus", "skus_left_out")
    return answer(
        {
            **{name: getattr(answered, name) for name in plain},
            "categories": [{name: getattr(row, name) for name in _CATEGORY} for row in answered.categories],
            "proposals": [_proposal(row) for row in answered.proposals],
        }
    )


def _proposal(of: pb.MarginProposal) -> Json:
    plain = {name: getattr(of, name) for name in _PROPOSAL if name not in ("action", "price_minor", "text")}
    return {
        **plain,
        "action": word(pb.MarginAction.Name(of.action), "MARGIN_ACTION_"),
        "price_minor": of.price_minor or None,
        "text": {"en": of.en, "zh": of.zh},
    }
