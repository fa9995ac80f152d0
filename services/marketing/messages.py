"""This is where marketing's things become protobuf messages, and protobuf messages its things."""

from collections.abc import Iterable
from datetime import datetime

from shop.marketing.v1 import coupons_pb2, events_pb2, promotions_pb2
from shop.type.v1 import money_pb2

from services.kit.clock import rfc3339
from services.kit.errors import FieldError, Invalid

from .checking import FOREVER, MOST_MINOR, Check, is_category, is_currency, is_sku, is_word
from .coupons import Coupon, new_code, normalised
from .evaluation import Applied, Evaluation
from .floor import FloorOverride
from .promotions import LIMITED_TIME, SPEND_THRESHOLD, Promotion
from .selection import Goods
from .shoppers import STOREFRONT, Shopper

_KINDS = {
    promotions_pb2.PROMOTION_KIND_LIMITED_TIME: LIMITED_TIME,
    promotions_pb2.PROMOTION_KIND_SPEND_THRESHOLD: SPEND_THRESHOLD,
}
_KIND_NUMBERS = {kind: number for number, kind in _KINDS.items()}
MOST_LINES = 1_000
_MOST_QUANTITY = 99_999
_MOST_PRICE = 10**12
_MOST_GROUPS = 1_000


class InvalidCart(Invalid):
    """No cart can be like this."""


def promotion_changed(promotion_id: str, at: datetime) -> events_pb2.PromotionChanged:
    """The event."""
    return events_pb2.PromotionChanged(promotion_id=promotion_id, at=rfc3339(at))


def coupon_changed(code: str, at: datetime) -> events_pb2.CouponChanged:
    """The event."""
    return events_pb2.CouponChanged(code=code, at=rfc3339(at))


def promotion_from(message: promotions_pb2.Promotion, by: str, now: datetime) -> Promotion:
    """A promotion to keep, checked. Refuses with `InvalidPromotion`."""
    check = Check()
    starts_at, ends_at = check.period(message.starts_at, message.ends_at, now)
    currency = _one_currency(check, message.threshold, message.amount_off)
    promotion = Promotion(
        id="",
        kind=_KINDS.get(message.kind, ""),
        title=check.title(message.title),
        starts_at=starts_at,
        ends_at=ends_at,
        skus=sorted(set(message.skus)),
        categories=sorted(set(message.categories)),
        percent_bp=message.percent_bp,
        currency=currency,
        threshold_minor=message.threshold.minor,
        amount_off_minor=message.amount_off.minor,
        priority=message.priority,
        exclusive=message.exclusive,
        tiers=sorted(set(message.audience.tiers)),
        groups=sorted(set(message.audience.groups)),
        signed_in=message.audience.signed_in,
        channels=sorted(set(message.channels)),
        made_by=check.by(by),
    )
    promotion.check(check)
    return promotion


def coupon_from(message: coupons_pb2.Coupon, by: str, now: datetime) -> Coupon:
    """A coupon to keep, checked; without a code it gets one. Refuses with `InvalidCoupon`."""
    check = Check()
    starts_at, ends_at = check.period(message.starts_at, message.ends_at, now)
    currency = _one_currency(check, message.threshold, message.amount_off)
    coupon = Coupon(
        id=normalised(message.code) if message.code else new_code(),
        title=check.title(message.title),
        starts_at=starts_at,
        ends_at=ends_at,
        currency=currency,
        amount_off_minor=message.amount_off.minor,
        percent_bp=message.percent_bp,
        threshold_minor=message.threshold.minor,
        limit=message.limit,
        limit_per_customer=message.limit_per_customer,
        skus=sorted(set(message.skus)),
        categories=sorted(set(message.categories)),
        exclusive=message.exclusive,
        made_by=check.by(by),
    )
    coupon.check(check)
    return coupon


def _one_currency(check: Check, threshold: money_pb2.Money, amount_off: money_pb2.Money) -> str:
    """The one currency of those amounts that are given; empty for none."""
    given = {money.currency for money in (threshold, amount_off) if money.currency or money.minor}
    check.demand(len(given) <= 1, "/amount_off/currency", "the threshold's currency")
    return min(given, default="")


def cart_from(lines: Iterable[promotions_pb2.CartLine]) -> tuple[str, list[Goods]]:
    """The currency and the goods by SKU of a cart's lines. Refuses with `InvalidCart`."""
    goods: dict[str, Goods] = {}
    currency = ""
    for place, line in enumerate(lines):
        wrong = _wrong_with(line, currency) or (place >= MOST_LINES and ("", "too many lines"))
        before = goods.get(line.sku)
        if before and before.category != line.category:
            wrong = wrong or ("/category", "the SKU's category on another line")
        if wrong:
            raise InvalidCart("this cannot be a cart", errors=[FieldError(f"/lines/{place}{wrong[0]}", wrong[1])])
        currency = line.unit_price.currency
        gross = line.quantity * line.unit_price.minor + (before.gross if before else 0)
        goods[line.sku] = Goods(line.sku, line.category, gross)
    if sum(each.gross for each in goods.values()) > 1_000 * MOST_MINOR:
        raise InvalidCart("no cart is worth that much", errors=[FieldError("/lines", "too much in all")])
    return currency, list(goods.values())


def shopper_from(message: promotions_pb2.EvaluateCartRequest) -> Shopper:
    """Who a cart is for. Refuses with `InvalidCart`."""
    words = [("/tier", message.tier), ("/channel", message.channel), *(("/groups", group) for group in message.groups)]
    errors = [FieldError(pointer, "not well-formed") for pointer, text in words if text and not is_word(text)]
    if errors or len(message.groups) > _MOST_GROUPS:
        raise InvalidCart("this is not a shopper", errors=errors)
    channel = message.channel or STOREFRONT
    return Shopper(message.customer_id, message.tier, frozenset(message.groups), channel)


def _wrong_with(line: promotions_pb2.CartLine, currency: str) -> tuple[str, str] | None:
    if not is_sku(line.sku):
        return "/sku", "not a SKU"
    if not is_category(line.category):
        return "/category", "not a category's id"
    if not 1 <= line.quantity <= _MOST_QUANTITY:
        return "/quantity", f"from 1 to {_MOST_QUANTITY}"
    price = line.unit_price
    if not is_currency(price.currency) or price.currency != (currency or price.currency):
        return "/unit_price/currency", "one currency of three capital letters"
    if not 0 <= price.minor <= _MOST_PRICE:
        return "/unit_price/minor", f"from 0 to {_MOST_PRICE}"
    return None


def _money(currency: str, minor: int) -> money_pb2.Money | None:
    return money_pb2.Money(currency=currency, minor=minor) if minor else None


def _end(moment: datetime) -> str:
    return "" if moment == FOREVER else rfc3339(moment)


def promotion_message(promotion: Promotion) -> promotions_pb2.Promotion:
    """A promotion as the contract has it."""
    return promotions_pb2.Promotion(
        id=promotion.id,
        title=promotion.title,
        kind=_KIND_NUMBERS[promotion.kind],
        starts_at=rfc3339(promotion.starts_at),
        ends_at=_end(promotion.ends_at),
        skus=promotion.skus,
        categories=promotion.categories,
        percent_bp=promotion.percent_bp,
        threshold=_money(promotion.currency, promotion.threshold_minor),
        amount_off=_money(promotion.currency, promotion.amount_off_minor),
        priority=promotion.priority,
        exclusive=promotion.exclusive,
        margin_override_reason=promotion.margin_override_reason,
        audience=_audience(promotion),
        channels=promotion.channels,
    )


def _audience(promotion: Promotion) -> promotions_pb2.Audience:
    return promotions_pb2.Audience(tiers=promotion.tiers, groups=promotion.groups, signed_in=promotion.signed_in)


def coupon_message(coupon: Coupon) -> coupons_pb2.Coupon:
    """A coupon as the contract has it."""
    return coupons_pb2.Coupon(
        code=coupon.id,
        title=coupon.title,
        amount_off=_money(coupon.currency, coupon.amount_off_minor),
        percent_bp=coupon.percent_bp,
        threshold=_money(coupon.currency, coupon.threshold_minor),
        limit=coupon.limit,
        limit_per_customer=coupon.limit_per_customer,
        starts_at=rfc3339(coupon.starts_at),
        ends_at=_end(coupon.ends_at),
        skus=coupon.skus,
        categories=coupon.categories,
        uses=coupon.uses,
        exclusive=coupon.exclusive,
        margin_override_reason=coupon.margin_override_reason,
    )


def floor_override(entry: FloorOverride) -> promotions_pb2.FloorOverride:
    """What the owner let through."""
    return promotions_pb2.FloorOverride(
        id=entry.id,
        rule=entry.rule,
        reason=entry.reason,
        at=rfc3339(entry.at),
        by=entry.by,
        below=entry.below,
        worst=entry.worst,
    )


def evaluation_message(evaluation: Evaluation) -> promotions_pb2.EvaluateCartResponse:
    """What a cart gets as the contract has it."""
    return promotions_pb2.EvaluateCartResponse(
        applied=[_applied(evaluation.currency, each) for each in evaluation.applied],
        problems=[
            promotions_pb2.CouponProblem(code=each.code, problem=each.problem, text=each.text)
            for each in evaluation.problems
        ],
    )


def _applied(currency: str, applied: Applied) -> promotions_pb2.Applied:
    return promotions_pb2.Applied(
        id=applied.id,
        scope=applied.scope,
        reason=applied.reason,
        code=applied.code,
        amount=money_pb2.Money(currency=currency, minor=applied.minor),
        skus=list(applied.shares),
        shares_minor=list(applied.shares.values()),
    )
