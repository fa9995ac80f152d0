"""This is where it is said what a promotion looks like coming in and going out."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from shop.marketing.v1 import promotions_pb2 as pb

from gateway.answers import Json, money_if_any, word
from gateway.fields import ONE_LINE, Body, Line, MoneyBody, Sku, Slug, Time, money_or_none

PROMOTION: Json = {
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
    "steps": [],
    "repeats": False,
    "gifts": [],
    "prices": [],
    "bundle_quantity": None,
    "bundle_price": None,
    "limit_per_order": None,
    "limit_per_customer": None,
    "group": None,
    "priority": 0,
    "exclusive": False,
    "best_deal": False,
    "paused": False,
    "sold": 0,
    "audience": {"tiers": ["gold"], "groups": [], "signed_in": True},
    "channels": [],
    "margin_override_reason": None,
    "version": 1,
}
Reason = Annotated[
    str,
    StringConstraints(min_length=10, max_length=1_000, pattern=ONE_LINE),
    Field(description="Why it may sell below the margin floor; the owner alone. Kept with it, and in a ledger."),
]
Word = Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")]
Channel = Literal["storefront", "app", "mini_program", "live", "marketplace", "store", "phone", "subscription"]


class AudienceBody(Body):
    """Somebody of one of the tiers or in one of the groups (segments); `signed_in`: not for guests."""

    tiers: list[Word] = Field(default_factory=list, max_length=50)
    groups: list[Word] = Field(default_factory=list, max_length=50)
    signed_in: bool = False


_Percent = Annotated[int, Field(ge=1, le=9_999, description="Hundredths of a percent.")]
_Limit = Annotated[int, Field(ge=1, le=99_999)]
Kind = Literal["limited_time", "spend_threshold", "gift", "add_on", "bundle", "price_list", "free_shipping"]


class StepBody(Body):
    """`limited_time`: off for the next so many `units`, or `until` a time. `spend_threshold`: off from `threshold` on."""

    percent_bp: _Percent | None = None
    amount_off: MoneyBody | None = None
    threshold: MoneyBody | None = None
    units: Annotated[int, Field(ge=1, le=10_000)] | None = None
    until: Time | None = None

    def told(self) -> pb.PromotionStep:
        """As marketing takes it."""
        return pb.PromotionStep(
            percent_bp=self.percent_bp or 0,
            amount_off=money_or_none(self.amount_off),
            threshold=money_or_none(self.threshold),
            units=self.units or 0,
            until=self.until or "",
        )


class GiftBody(Body):
    """So many of a SKU for nothing."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=10)] = 1


class PriceBody(Body):
    """What one of a SKU costs, from so many on."""

    sku: Sku
    price: MoneyBody
    from_quantity: _Limit = 1


class PromotionBody(Body):
    """`limited_time`: `percent_bp` or `amount_off` each unit, or `steps` of these (flash sale). `spend_threshold`:
    `amount_off` or `percent_bp` once matching goods reach `threshold`, for each time they do if it `repeats`, or `steps`.
    `gift`: `gifts` then. `add_on`: `prices` then, for at most `limit_per_order` units. `bundle`: `bundle_quantity` of `skus`
    for `bundle_price`, or the cheapest of them `percent_bp` cheaper. `price_list`: `prices`. `free_shipping`: all freight,
    or `amount_off` of it."""

    title: Line
    kind: Kind
    starts_at: Time | None = None
    ends_at: Time | None = None
    skus: list[Sku] = Field(default_factory=list, max_length=1_000)
    categories: list[Slug] = Field(default_factory=list, max_length=100)
    percent_bp: _Percent | None = None
    threshold: MoneyBody | None = None
    amount_off: MoneyBody | None = None
    steps: list[StepBody] = Field(default_factory=list, max_length=10)
    repeats: bool = False
    gifts: list[GiftBody] = Field(default_factory=list, max_length=5)
    prices: list[PriceBody] = Field(default_factory=list, max_length=500)
    bundle_quantity: Annotated[int, Field(ge=2, le=100)] | None = None
    bundle_price: MoneyBody | None = None
    limit_per_order: _Limit | None = None
    limit_per_customer: _Limit | None = None
    group: Word | None = Field(
        None, description="A SKU, or an order, gets one promotion of a group; groups stand together."
    )
    priority: Annotated[int, Field(ge=-1_000, le=1_000)] = 0
    exclusive: bool = Field(False, description="Not together with others that take off items, or off the order.")
    best_deal: bool = Field(False, description="The group stands alone: a cart gets it or all the others, the cheaper.")
    audience: AudienceBody = Field(default_factory=AudienceBody, description="For whom; empty for everybody.")
    channels: list[Channel] = Field(default_factory=list, max_length=8, description="Where; empty for everywhere.")
    margin_override_reason: Reason | None = None

    def told(self, promotion_id: str = "") -> pb.Promotion:
        """As marketing takes it."""
        return pb.Promotion(
            id=promotion_id,
            title=self.title,
            kind=KINDS[self.kind],
            starts_at=self.starts_at or "",
            ends_at=self.ends_at or "",
            skus=self.skus,
            categories=self.categories,
            percent_bp=self.percent_bp or 0,
            threshold=money_or_none(self.threshold),
            amount_off=money_or_none(self.amount_off),
            steps=[each.told() for each in self.steps],
            repeats=self.repeats,
            gifts=[pb.GiftItem(sku=each.sku, quantity=each.quantity) for each in self.gifts],
            prices=[
                pb.PromotionPrice(sku=each.sku, price=money_or_none(each.price), from_quantity=each.from_quantity)
                for each in self.prices
            ],
            bundle_quantity=self.bundle_quantity or 0,
            bundle_price=money_or_none(self.bundle_price),
            limit_per_order=self.limit_per_order or 0,
            limit_per_customer=self.limit_per_customer or 0,
            group=self.group or "",
            priority=self.priority,
            exclusive=self.exclusive,
            best_deal=self.best_deal,
            audience=pb.Audience(**self.audience.model_dump()),
            channels=self.channels,
        )


KINDS = {
    name: pb.PromotionKind.Value(f"PROMOTION_KIND_{name.upper()}")
    for name in ("limited_time", "spend_threshold", "gift", "add_on", "bundle", "price_list", "free_shipping")
}


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
        "steps": [_step(each) for each in of.steps],
        "repeats": of.repeats,
        "gifts": [{"sku": each.sku, "quantity": each.quantity} for each in of.gifts],
        "prices": [
            {"sku": each.sku, "price": money_if_any(each.price), "from_quantity": each.from_quantity}
            for each in of.prices
        ],
        "bundle_quantity": of.bundle_quantity or None,
        "bundle_price": money_if_any(of.bundle_price),
        "limit_per_order": of.limit_per_order or None,
        "limit_per_customer": of.limit_per_customer or None,
        "group": of.group or None,
        "priority": of.priority,
        "exclusive": of.exclusive,
        "best_deal": of.best_deal,
        "paused": of.paused,
        "sold": of.sold,
        "audience": {
            "tiers": list(of.audience.tiers),
            "groups": list(of.audience.groups),
            "signed_in": of.audience.signed_in,
        },
        "channels": list(of.channels),
        "margin_override_reason": of.margin_override_reason or None,
        "version": of.version,
    }


def _step(of: pb.PromotionStep) -> Json:
    return {
        "percent_bp": of.percent_bp or None,
        "amount_off": money_if_any(of.amount_off),
        "threshold": money_if_any(of.threshold),
        "units": of.units or None,
        "until": of.until or None,
    }
