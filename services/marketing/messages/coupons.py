"""This is where coupons become protobuf messages, and protobuf messages coupons."""

from datetime import datetime

from shop.marketing.v1 import coupons_pb2

from services.kit.clock import rfc3339
from services.marketing.checking import Check
from services.marketing.coupons import Coupon, new_code, normalised

from .amounts import end, money, one_currency


def coupon_from(message: coupons_pb2.Coupon, by: str, now: datetime) -> Coupon:
    """A coupon to keep, checked; without a code it gets one. Refuses with `InvalidCoupon`."""
    check = Check()
    starts_at, ends_at = check.period(message.starts_at, message.ends_at, now)
    currency = one_currency(check, message.threshold, message.amount_off)
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


def coupon_message(coupon: Coupon) -> coupons_pb2.Coupon:
    """A coupon as the contract has it."""
    return coupons_pb2.Coupon(
        code=coupon.id,
        title=coupon.title,
        amount_off=money(coupon.currency, coupon.amount_off_minor),
        percent_bp=coupon.percent_bp,
        threshold=money(coupon.currency, coupon.threshold_minor),
        limit=coupon.limit,
        limit_per_customer=coupon.limit_per_customer,
        starts_at=rfc3339(coupon.starts_at),
        ends_at=end(coupon.ends_at),
        skus=coupon.skus,
        categories=coupon.categories,
        uses=coupon.uses,
        exclusive=coupon.exclusive,
        margin_override_reason=coupon.margin_override_reason,
    )
