"""This is where promotions become protobuf messages, and protobuf messages promotions."""

from datetime import datetime

from shop.marketing.v1 import promotions_pb2

from services.kit.clock import rfc3339
from services.marketing.checking import Check
from services.marketing.floor import FloorOverride
from services.marketing.promotions import LIMITED_TIME, SPEND_THRESHOLD, Promotion

from .amounts import end, money, one_currency

_KINDS = {
    promotions_pb2.PROMOTION_KIND_LIMITED_TIME: LIMITED_TIME,
    promotions_pb2.PROMOTION_KIND_SPEND_THRESHOLD: SPEND_THRESHOLD,
}
_KIND_NUMBERS = {kind: number for number, kind in _KINDS.items()}


def promotion_from(message: promotions_pb2.Promotion, by: str, now: datetime) -> Promotion:
    """A promotion to keep, checked. Refuses with `InvalidPromotion`."""
    check = Check()
    starts_at, ends_at = check.period(message.starts_at, message.ends_at, now)
    currency = one_currency(check, message.threshold, message.amount_off)
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


def promotion_message(promotion: Promotion) -> promotions_pb2.Promotion:
    """A promotion as the contract has it."""
    return promotions_pb2.Promotion(
        id=promotion.id,
        title=promotion.title,
        kind=_KIND_NUMBERS[promotion.kind],
        starts_at=rfc3339(promotion.starts_at),
        ends_at=end(promotion.ends_at),
        skus=promotion.skus,
        categories=promotion.categories,
        percent_bp=promotion.percent_bp,
        threshold=money(promotion.currency, promotion.threshold_minor),
        amount_off=money(promotion.currency, promotion.amount_off_minor),
        priority=promotion.priority,
        exclusive=promotion.exclusive,
        margin_override_reason=promotion.margin_override_reason,
        audience=_audience(promotion),
        channels=promotion.channels,
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
