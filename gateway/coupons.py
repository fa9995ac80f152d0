"""This is where coupons are made and listed."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, StringConstraints, model_validator
from shop.marketing.v1 import coupons_pb2 as pb

from gateway.answers import Json, answer, money_if_any, paged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, Line, MoneyBody, Sku, Slug, Time, money_or_none, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.promotions import FLOOR_PROBLEMS, FLOOR_S, Reason, reason_of

router = feature("coupons")
_COUPON: Json = {
    "code": "SPRING-10",
    "title": "¥10 off",
    "amount_off": {"currency": "CNY", "minor": 1000},
    "percent_bp": None,
    "threshold": {"currency": "CNY", "minor": 5000},
    "limit": 100,
    "limit_per_customer": 1,
    "starts_at": None,
    "ends_at": "2026-12-31T16:00:00.000Z",
    "skus": [],
    "categories": [],
    "uses": 3,
    "exclusive": False,
    "margin_override_reason": None,
}
_Uses = Annotated[int, Field(ge=0, le=10**9, description="0 for no limit.")]


class CouponBody(Body):
    """`amount_off` or `percent_bp` hundredths of a percent. Without a `code` an unguessable one is made."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,40}$")] | None = None
    title: Line
    amount_off: MoneyBody | None = None
    percent_bp: Annotated[int, Field(ge=1, le=10_000)] | None = None
    threshold: MoneyBody | None = None
    limit: _Uses = 0
    limit_per_customer: _Uses = 0
    starts_at: Time | None = None
    ends_at: Time | None = None
    skus: list[Sku] = Field(default_factory=list, max_length=1_000)
    categories: list[Slug] = Field(default_factory=list, max_length=100)
    exclusive: bool = False
    margin_override_reason: Reason | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "CouponBody":
        if (self.amount_off is None) == (self.percent_bp is None):
            raise ValueError("give either amount_off or percent_bp")
        return self

    def told(self) -> pb.Coupon:
        """As marketing takes it."""
        return pb.Coupon(
            code=self.code or "",
            title=self.title,
            amount_off=money_or_none(self.amount_off),
            percent_bp=self.percent_bp or 0,
            threshold=money_or_none(self.threshold),
            limit=self.limit,
            limit_per_customer=self.limit_per_customer,
            starts_at=self.starts_at or "",
            ends_at=self.ends_at or "",
            skus=self.skus,
            categories=self.categories,
            exclusive=self.exclusive,
        )


def coupon(of: pb.Coupon) -> Json:
    """A coupon."""
    return {
        "code": of.code,
        "title": of.title,
        "amount_off": money_if_any(of.amount_off),
        "percent_bp": of.percent_bp or None,
        "threshold": money_if_any(of.threshold),
        "limit": of.limit,
        "limit_per_customer": of.limit_per_customer,
        "starts_at": of.starts_at or None,
        "ends_at": of.ends_at or None,
        "skus": list(of.skus),
        "categories": list(of.categories),
        "uses": of.uses,
        "exclusive": of.exclusive,
        "margin_override_reason": of.margin_override_reason or None,
    }


@router.post(
    "/v1/coupons",
    status_code=201,
    summary="Make a coupon",
    responses=shown(_COUPON, "COUPON_EXISTS", "INVALID_COUPON", *FLOOR_PROBLEMS, status=201, body=True),
)
async def create_coupon(request: Request, body: CouponBody) -> Response:
    """Its limits cannot be exceeded, however many use it at once. It is refused when, with all that may stack with it, it
    would sell a SKU below the margin floor; the owner may say in `margin_override_reason` why it need not be."""
    reason = reason_of(request, body.margin_override_reason)
    asked = pb.CreateCouponRequest(coupon=body.told(), by=asking(request).id, margin_override_reason=reason)
    answered = await ask(request.app.state.gateway.neighbours.coupons.CreateCoupon, asked, FLOOR_S)
    return answer(coupon(answered.coupon), 201)


@router.get(
    "/v1/coupons", summary="Coupons", responses=shown({"items": [_COUPON], "next_cursor": None}, "INVALID_PARAMETER")
)
async def list_coupons(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first, with how often each was used."""
    asked = pb.ListCouponsRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.coupons.ListCoupons, asked)
    return paged(request, "items", [coupon(row) for row in answered.coupons], answered.next_cursor)
