"""This is where coupons are made and listed."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field, StringConstraints, model_validator
from shop.marketing.v1 import coupons_pb2 as pb
from shop.marketing.v1.promotions_pb2 import Audience

from gateway.answers import Json, answer, money_if_any, paged
from gateway.described import feature, shown
from gateway.fields import (
    Body,
    Cursor,
    Limit,
    LineOrEmpty,
    MoneyBody,
    PathCode,
    Sku,
    Slug,
    Time,
    Word,
    money_or_none,
    page_of,
)
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.promotion_bodies import AudienceBody, Channel, Reason
from gateway.promotions import FLOOR_PROBLEMS, FLOOR_S, reason_of

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
    "audience": {"tiers": ["gold"], "groups": ["tea-club"], "signed_in": True},
    "channels": ["mini_program"],
    "budget": {"currency": "CNY", "minor": 50000},
    "given": {"currency": "CNY", "minor": 3000},
    "paused": False,
    "vouchers_only": False,
    "valid_days": None,
    "claim_limit": 0,
    "claims_per_customer": 0,
    "claims": 0,
    "grantable": False,
    "alike_per_order": 1,
    "margin_override_reason": None,
}
_BEGUN = {name: _COUPON[name] for name in ("title", "amount_off", "threshold")}
_TEMPLATE: Json = {
    "id": "hundred_30",
    "purpose": "For everybody who knows the code.",
    "begins_with": _BEGUN
    | {"limit_per_customer": 0, "vouchers_only": False, "valid_days": 30, "claims_per_customer": 0},
}
_Uses = Annotated[int, Field(ge=0, le=10**9, description="0 for no limit.")]


class CouponBody(Body):
    """`amount_off` or `percent_bp` hundredths of a percent, or a `template` to begin with. Without a `code` an unguessable
    one is made. `vouchers_only`: the code itself opens nothing; batches, claims and grants issue vouchers of it."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,40}$")] | None = None
    template: Word | None = None
    title: LineOrEmpty = ""
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
    audience: AudienceBody = Field(default_factory=AudienceBody)
    channels: list[Channel] = Field(default_factory=list, max_length=7, description="Where; empty for everywhere.")
    budget: Annotated[MoneyBody | None, Field(description="What it may give away in all.")] = None
    vouchers_only: bool = False
    valid_days: Annotated[int, Field(ge=0, le=3_650, description="Of a voucher, once granted.")] = 0
    claim_limit: _Uses = 0
    claims_per_customer: Annotated[int, Field(ge=0, le=20, description="0: none can be claimed.")] = 0
    grantable: Annotated[bool, Field(description="Support may grant a customer a voucher of it.")] = False
    alike_per_order: Annotated[
        int, Field(ge=1, le=20, description="Coupons that give the same for the same, an order.")
    ] = 1
    margin_override_reason: Reason | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "CouponBody":
        if self.template is None and (self.amount_off is None) == (self.percent_bp is None):
            raise ValueError("give either amount_off or percent_bp, or a template")
        if self.template is None and not self.title:
            raise ValueError("give a title, or a template")
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
            audience=Audience(**self.audience.model_dump()),
            channels=self.channels,
            budget=money_or_none(self.budget),
            vouchers_only=self.vouchers_only,
            valid_days=self.valid_days,
            claim_limit=self.claim_limit,
            claims_per_customer=self.claims_per_customer,
            grantable=self.grantable,
            alike_per_order=self.alike_per_order,
        )


def _coupons(request: Request) -> Any:
    return request.app.state.gateway.neighbours.coupons


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
        "audience": {name: list(getattr(of.audience, name)) for name in ("tiers", "groups")}
        | {"signed_in": of.audience.signed_in},
        "channels": list(of.channels),
        "budget": money_if_any(of.budget),
        "given": money_if_any(of.given),
        "paused": of.paused,
        "vouchers_only": of.vouchers_only,
        "valid_days": of.valid_days or None,
        "claim_limit": of.claim_limit,
        "claims_per_customer": of.claims_per_customer,
        "claims": of.claims,
        "grantable": of.grantable,
        "alike_per_order": of.alike_per_order,
        "margin_override_reason": of.margin_override_reason or None,
    }


@router.post(
    "/v1/coupons",
    status_code=201,
    summary="Make a coupon",
    responses=shown(
        _COUPON, "COUPON_EXISTS", "INVALID_COUPON", "UNKNOWN_TEMPLATE", *FLOOR_PROBLEMS, status=201, body=True
    ),
)
async def create_coupon(request: Request, body: CouponBody) -> Response:
    """Its limits cannot be exceeded, however many use it at once. It is refused when, with all that may stack with it, it
    would sell a SKU below the margin floor; the owner may say in `margin_override_reason` why it need not be."""
    reason = reason_of(request, body.margin_override_reason)
    asked = pb.CreateCouponRequest(
        coupon=body.told(), by=asking(request).id, margin_override_reason=reason, template=body.template or ""
    )
    answered = await ask(_coupons(request).CreateCoupon, asked, FLOOR_S)
    return answer(coupon(answered.coupon), 201)


@router.get(
    "/v1/coupons", summary="Coupons", responses=shown({"items": [_COUPON], "next_cursor": None}, "INVALID_PARAMETER")
)
async def list_coupons(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first, with how often each was used."""
    asked = pb.ListCouponsRequest(page=page_of(limit, cursor))
    answered = await ask_again(_coupons(request).ListCoupons, asked)
    return paged(request, "items", [coupon(row) for row in answered.coupons], answered.next_cursor)


@router.get("/v1/coupon-templates", summary="Coupons to begin with", responses=shown({"items": [_TEMPLATE]}))
async def list_coupon_templates(request: Request) -> Response:
    """What a shop gives again and again: send `template` and what is to be different."""
    answered = await ask_again(_coupons(request).ListCouponTemplates, pb.ListCouponTemplatesRequest())
    names = _TEMPLATE["begins_with"]
    rows = [(row, coupon(row.coupon)) for row in answered.templates]
    items = [
        {"id": row.id, "purpose": row.purpose, "begins_with": {name: begun[name] for name in names}}
        for row, begun in rows
    ]
    return answer({"items": items})


@router.get("/v1/coupons/{code}", summary="One coupon", responses=shown(_COUPON, "COUPON_NOT_FOUND"))
async def get_coupon(request: Request, code: PathCode) -> Response:
    """With what it has given away so far."""
    answered = await ask_again(_coupons(request).GetCoupon, pb.GetCouponRequest(code=code))
    return answer(coupon(answered.coupon))


@router.post("/v1/coupons/{code}/pause", summary="Suspend a coupon", responses=shown(_COUPON, "COUPON_NOT_FOUND"))
async def pause_coupon(request: Request, code: PathCode) -> Response:
    """At once: a checkout that has not taken it yet is refused. Its vouchers rest with it."""
    return await _paused(request, code, paused=True)


@router.post(
    "/v1/coupons/{code}/resume", summary="Let a coupon be used again", responses=shown(_COUPON, "COUPON_NOT_FOUND")
)
async def resume_coupon(request: Request, code: PathCode) -> Response:
    """At once."""
    return await _paused(request, code, paused=False)


@router.post("/v1/coupons/{code}/end", summary="End a coupon", responses=shown(_COUPON, "COUPON_NOT_FOUND"))
async def end_coupon(request: Request, code: PathCode) -> Response:
    """Now, for good, its vouchers too."""
    asked = pb.EndCouponRequest(code=code, by=asking(request).id)
    return answer(coupon((await ask_again(_coupons(request).EndCoupon, asked)).coupon))


async def _paused(request: Request, code: str, *, paused: bool) -> Response:
    asked = pb.PauseCouponRequest(code=code, paused=paused, by=asking(request).id)
    return answer(coupon((await ask_again(_coupons(request).PauseCoupon, asked)).coupon))
