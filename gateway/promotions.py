"""This is where promotions are made, listed and ended."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.marketing.v1 import promotions_pb2 as pb

from gateway.answers import Json, answer, money_if_any, paged, word
from gateway.described import feature, shown
from gateway.fields import (
    ONE_LINE,
    Body,
    Cursor,
    Limit,
    Line,
    MoneyBody,
    PathId,
    Sku,
    Slug,
    Time,
    money_or_none,
    page_of,
)
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.roles import may
from services.kit.errors import NotAllowed

router = feature("promotions")
_PROMOTION = {
    "id": "prm_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "Spring",
    "kind": "spend_threshold",
    "starts_at": "2026-11-22T08:00:00.000Z",
    "ends_at": None,
    "skus": [],
    "categories": ["kitchen"],
    "percent_bp": None,
    "threshold": {"currency": "CNY", "minor": 19900},
    "amount_off": {"currency": "CNY", "minor": 3000},
    "priority": 0,
    "exclusive": False,
    "audience": {"tiers": ["gold"], "groups": [], "signed_in": True},
    "channels": [],
    "margin_override_reason": None,
}
_OVERRIDE = {
    "id": "flo_01kb2y5v7g8h9j0kmnpqrstvwx",
    "rule": "prm_01kb2y5v7g8h9j0kmnpqrstvwx",
    "reason": "The anniversary: we pay for it",
    "at": "2026-11-22T08:00:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "below": 12,
    "worst": ["MUG-01 at ¥100.00 would be sold for ¥18.00 after …; its floor price is ¥42.86: short of it by 2486 …"],
}
FLOOR_S = 10.0  # a rule for all goods is held against all goods
FLOOR_PROBLEMS = ("BELOW_MARGIN_FLOOR", "MARGIN_UNTESTED", "TOO_MANY_RULES", "RULES_BUSY", "NOT_ALLOWED")
Reason = Annotated[
    str,
    StringConstraints(min_length=10, max_length=1_000, pattern=ONE_LINE),
    Field(description="Why it may sell below the margin floor; the owner alone. Kept with it, and in a ledger."),
]
_KINDS = {"limited_time": pb.PROMOTION_KIND_LIMITED_TIME, "spend_threshold": pb.PROMOTION_KIND_SPEND_THRESHOLD}


Word = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")]
Channel = Literal["storefront", "app", "mini_program", "live", "marketplace", "store", "phone"]


class AudienceBody(Body):
    """Somebody of one of the tiers or in one of the groups (segments); `signed_in`: not for guests."""

    tiers: list[Word] = Field(default_factory=list, max_length=50)
    groups: list[Word] = Field(default_factory=list, max_length=50)
    signed_in: bool = False


class PromotionBody(Body):
    """`limited_time`: `percent_bp` hundredths of a percent off matching items. `spend_threshold`: `amount_off` once matching
    goods reach `threshold`."""

    title: Line
    kind: Literal["limited_time", "spend_threshold"]
    starts_at: Time | None = None
    ends_at: Time | None = None
    skus: list[Sku] = Field(default_factory=list, max_length=1_000)
    categories: list[Slug] = Field(default_factory=list, max_length=100)
    percent_bp: Annotated[int, Field(ge=1, le=9_999)] | None = None
    threshold: MoneyBody | None = None
    amount_off: MoneyBody | None = None
    priority: Annotated[int, Field(ge=-1_000, le=1_000)] = 0
    exclusive: bool = False
    audience: AudienceBody = Field(default_factory=AudienceBody, description="For whom; empty for everybody.")
    channels: list[Channel] = Field(default_factory=list, max_length=7, description="Where; empty for everywhere.")
    margin_override_reason: Reason | None = None

    def told(self) -> pb.Promotion:
        """As marketing takes it."""
        return pb.Promotion(
            title=self.title,
            kind=_KINDS[self.kind],
            starts_at=self.starts_at or "",
            ends_at=self.ends_at or "",
            skus=self.skus,
            categories=self.categories,
            percent_bp=self.percent_bp or 0,
            threshold=money_or_none(self.threshold),
            amount_off=money_or_none(self.amount_off),
            priority=self.priority,
            exclusive=self.exclusive,
            audience=pb.Audience(**self.audience.model_dump()),
            channels=self.channels,
        )


def promotion(of: pb.Promotion) -> Json:
    """A promotion."""
    return {
        "id": of.id,
        "title": of.title,
        "kind": word(pb.PromotionKind.Name(of.kind), "PROMOTION_KIND_"),
        "starts_at": of.starts_at or None,
        "ends_at": of.ends_at or None,
        "skus": list(of.skus),
        "categories": list(of.categories),
        "percent_bp": of.percent_bp or None,
        "threshold": money_if_any(of.threshold),
        "amount_off": money_if_any(of.amount_off),
        "priority": of.priority,
        "exclusive": of.exclusive,
        "audience": {
            "tiers": list(of.audience.tiers),
            "groups": list(of.audience.groups),
            "signed_in": of.audience.signed_in,
        },
        "channels": list(of.channels),
        "margin_override_reason": of.margin_override_reason or None,
    }


def reason_of(request: Request, reason: str | None) -> str:
    """Why a rule may sell below the margin floor. Refuses with `NotAllowed` unless it is the owner who says so."""
    if reason and not may(asking(request).roles, "prices.override"):
        raise NotAllowed("only the owner lets something be sold below the margin floor")
    return reason or ""


@router.post(
    "/v1/promotions",
    status_code=201,
    summary="Make a promotion",
    responses=shown(_PROMOTION, "INVALID_PROMOTION", *FLOOR_PROBLEMS, status=201, body=True),
)
async def create_promotion(request: Request, body: PromotionBody) -> Response:
    """Carts see it within a second of its start. It is refused when, with all that may stack with it, it would sell a SKU
    below the margin floor; the owner may say in `margin_override_reason` why it need not be."""
    reason = reason_of(request, body.margin_override_reason)
    asked = pb.CreatePromotionRequest(promotion=body.told(), by=asking(request).id, margin_override_reason=reason)
    answered = await ask(request.app.state.gateway.neighbours.promotions.CreatePromotion, asked, FLOOR_S)
    return answer(promotion(answered.promotion), 201)


@router.get(
    "/v1/promotions",
    summary="Promotions",
    responses=shown({"items": [_PROMOTION], "next_cursor": None}, "INVALID_PARAMETER"),
)
async def list_promotions(request: Request, live: bool = False, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first; `live` for those that run now."""
    asked = pb.ListPromotionsRequest(live=live, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.promotions.ListPromotions, asked)
    return paged(request, "items", [promotion(row) for row in answered.promotions], answered.next_cursor)


@router.get(
    "/v1/promotions/margin-overrides",
    summary="What the owner let through below the margin floor",
    responses=shown({"items": [_OVERRIDE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_floor_overrides(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Promotions and coupons, newest first: who, when, why, and how far below. Nothing here ever changes."""
    asked = pb.ListFloorOverridesRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.promotions.ListFloorOverrides, asked)
    plain = [name for name in _OVERRIDE if name != "worst"]
    rows = [{**{name: getattr(row, name) for name in plain}, "worst": list(row.worst)} for row in answered.overrides]
    return paged(request, "items", rows, answered.next_cursor)


@router.post(
    "/v1/promotions/{promotion_id}/end", summary="End a promotion", responses=shown(_PROMOTION, "PROMOTION_NOT_FOUND")
)
async def end_promotion(request: Request, promotion_id: PathId) -> Response:
    """Now."""
    asked = pb.EndPromotionRequest(id=promotion_id, by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.promotions.EndPromotion, asked)
    return answer(promotion(answered.promotion))
