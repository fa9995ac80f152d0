"""This is where promotions become protobuf messages, and protobuf messages promotions."""

from datetime import datetime

from shop.marketing.v1 import promotions_pb2

from services.kit.clock import rfc3339
from services.marketing.checking import FOREVER, Check
from services.marketing.floor import FloorOverride
from services.marketing.promotions import KINDS, PRICE_LIST, GiftItem, Promotion, SetPrice, Step
from services.marketing.soundness import check_promotion

from .amounts import end, money

_KINDS = {promotions_pb2.PromotionKind.Value(f"PROMOTION_KIND_{kind.upper()}"): kind for kind in KINDS}
_KIND_NUMBERS = {kind: number for number, kind in _KINDS.items()}


def kind_number(kind: str) -> promotions_pb2.PromotionKind.ValueType:
    """A kind as the contract has it."""
    return _KIND_NUMBERS[kind]


def promotion_from(message: promotions_pb2.Promotion, by: str, now: datetime) -> Promotion:
    """A promotion to keep, checked. Refuses with `InvalidPromotion`."""
    check = Check()
    starts_at, ends_at = check.period(message.starts_at, message.ends_at, now)
    kind = _KINDS.get(message.kind, "")
    prices = [SetPrice(each.sku, each.price.minor, each.from_quantity or 1) for each in message.prices]
    promotion = Promotion(
        id=message.id,
        kind=kind,
        title=check.title(message.title),
        starts_at=starts_at,
        ends_at=ends_at,
        skus=sorted({each.sku for each in prices} if kind == PRICE_LIST else set(message.skus)),
        categories=sorted(set(message.categories)),
        percent_bp=message.percent_bp,
        currency=_currency(check, message),
        threshold_minor=message.threshold.minor,
        amount_off_minor=message.amount_off.minor,
        steps=[_step(check, place, each) for place, each in enumerate(message.steps)],
        repeats=message.repeats,
        gifts=[GiftItem(each.sku, each.quantity or 1) for each in message.gifts],
        prices=prices,
        bundle_quantity=message.bundle_quantity,
        bundle_minor=message.bundle_price.minor,
        limit_per_order=message.limit_per_order,
        limit_per_customer=message.limit_per_customer,
        group=message.group,
        priority=message.priority,
        exclusive=message.exclusive,
        best_deal=message.best_deal,
        tiers=sorted(set(message.audience.tiers)),
        groups=sorted(set(message.audience.groups)),
        signed_in=message.audience.signed_in,
        channels=sorted(set(message.channels)),
        made_by=check.by(by),
    )
    check_promotion(promotion, check)
    return promotion


def _step(check: Check, place: int, message: promotions_pb2.PromotionStep) -> Step:
    return Step(
        percent_bp=message.percent_bp,
        off_minor=message.amount_off.minor,
        threshold_minor=message.threshold.minor,
        units=message.units,
        until=check.time(message.until, f"/steps/{place}/until", FOREVER) if message.until else None,
    )


def _currency(check: Check, message: promotions_pb2.Promotion) -> str:
    """The one currency of all amounts."""
    amounts = [("/threshold", message.threshold), ("/amount_off", message.amount_off)]
    amounts += [("/bundle_price", message.bundle_price)]
    for place, step in enumerate(message.steps):
        amounts += [(f"/steps/{place}/threshold", step.threshold), (f"/steps/{place}/amount_off", step.amount_off)]
    amounts += [(f"/prices/{place}/price", price.price) for place, price in enumerate(message.prices)]
    given = [(pointer, each.currency) for pointer, each in amounts if each.currency or each.minor]
    for pointer, currency in given:
        check.demand(currency == given[0][1], f"{pointer}/currency", "the same currency for all amounts")
    return given[0][1] if given else ""


def promotion_message(promotion: Promotion, sold: int = 0) -> promotions_pb2.Promotion:
    """A promotion as the contract has it, and how many units of it were taken."""
    currency = promotion.currency
    prices = [
        promotions_pb2.PromotionPrice(sku=each.sku, price=money(currency, each.minor), from_quantity=each.from_quantity)
        for each in promotion.prices
    ]
    return promotions_pb2.Promotion(
        id=promotion.id,
        title=promotion.title,
        kind=_KIND_NUMBERS[promotion.kind],
        starts_at=rfc3339(promotion.starts_at),
        ends_at=end(promotion.ends_at),
        skus=promotion.skus,
        categories=promotion.categories,
        percent_bp=promotion.percent_bp,
        threshold=money(currency, promotion.threshold_minor),
        amount_off=money(currency, promotion.amount_off_minor),
        steps=[_step_message(currency, each) for each in promotion.steps],
        repeats=promotion.repeats,
        gifts=[promotions_pb2.GiftItem(sku=each.sku, quantity=each.quantity) for each in promotion.gifts],
        prices=prices,
        bundle_quantity=promotion.bundle_quantity,
        bundle_price=money(currency, promotion.bundle_minor),
        limit_per_order=promotion.limit_per_order,
        limit_per_customer=promotion.limit_per_customer,
        group=promotion.group,
        priority=promotion.priority,
        exclusive=promotion.exclusive,
        best_deal=promotion.best_deal,
        paused=promotion.paused,
        margin_override_reason=promotion.margin_override_reason,
        audience=_audience(promotion),
        channels=promotion.channels,
        sold=sold,
        version=promotion.version,
    )


def _step_message(currency: str, step: Step) -> promotions_pb2.PromotionStep:
    return promotions_pb2.PromotionStep(
        percent_bp=step.percent_bp,
        amount_off=money(currency, step.off_minor),
        threshold=money(currency, step.threshold_minor),
        units=step.units,
        until=rfc3339(step.until),
    )


def _audience(promotion: Promotion) -> promotions_pb2.Audience:
    return promotions_pb2.Audience(tiers=promotion.tiers, groups=promotion.groups, signed_in=promotion.signed_in)


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
