"""This is where coupons become protobuf messages, and protobuf messages coupons."""

from datetime import datetime

from shop.marketing.v1 import coupons_pb2, promotions_pb2

from services.kit.clock import rfc3339
from services.kit.errors import FieldError, Invalid
from services.marketing.checking import Check
from services.marketing.coupons import Coupon, new_code, normalised
from services.marketing.templates import TEMPLATES, Template

from .amounts import end, money, one_currency


class UnknownTemplate(Invalid):
    """There is no such template."""


def coupon_from(message: coupons_pb2.Coupon, by: str, now: datetime, template: str = "") -> Coupon:
    """A coupon to keep, checked; without a code it gets one. Refuses with `InvalidCoupon`, `UnknownTemplate`."""
    if template:
        if template not in TEMPLATES:
            raise UnknownTemplate(errors=[FieldError("/template", f"one of {', '.join(TEMPLATES)}")])
        begun = template_message(TEMPLATES[template]).coupon
        begun.MergeFrom(message)
        message = begun
    check = Check()
    starts_at, ends_at = check.period(message.starts_at, message.ends_at, now)
    currency = one_currency(check, message.threshold, message.amount_off, message.budget)
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
        tiers=sorted(set(message.audience.tiers)),
        groups=sorted(set(message.audience.groups)),
        signed_in=message.audience.signed_in,
        channels=sorted(set(message.channels)),
        budget_minor=message.budget.minor,
        vouchers_only=message.vouchers_only,
        valid_days=message.valid_days,
        claim_limit=message.claim_limit,
        claims_per_customer=message.claims_per_customer,
        grantable=message.grantable,
        alike_per_order=message.alike_per_order or 1,
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
        budget=money(coupon.currency, coupon.budget_minor),
        given=money(coupon.currency, coupon.given_minor),
        audience=promotions_pb2.Audience(tiers=coupon.tiers, groups=coupon.groups, signed_in=coupon.signed_in),
        channels=coupon.channels,
        paused=coupon.paused,
        vouchers_only=coupon.vouchers_only,
        valid_days=coupon.valid_days,
        claim_limit=coupon.claim_limit,
        claims_per_customer=coupon.claims_per_customer,
        grantable=coupon.grantable,
        alike_per_order=coupon.alike_per_order,
        claims=coupon.claims,
    )


def template_message(template: Template) -> coupons_pb2.CouponTemplate:
    """A template as the contract has it."""
    coupon = coupons_pb2.Coupon(
        title=template.title,
        amount_off=money(template.currency, template.amount_off_minor),
        threshold=money(template.currency, template.threshold_minor),
        valid_days=template.valid_days,
        limit_per_customer=template.limit_per_customer,
        vouchers_only=template.vouchers_only,
        claims_per_customer=template.claims_per_customer,
        grantable=template.grantable,
    )
    return coupons_pb2.CouponTemplate(id=template.id, purpose=template.purpose, coupon=coupon)


def given_by(request: coupons_pb2.TakeCouponsRequest) -> dict[str, int]:
    """What each code to be taken takes off."""
    amounts = [*request.given_minor, *[0] * len(request.codes)]
    return dict(zip(request.codes, amounts, strict=False))
