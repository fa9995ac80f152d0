"""This is where it is told that a promotion or a coupon changed."""

from datetime import datetime

from shop.marketing.v1 import events_pb2

from services.kit.clock import rfc3339


def promotion_changed(promotion_id: str, at: datetime) -> events_pb2.PromotionChanged:
    """The event."""
    return events_pb2.PromotionChanged(promotion_id=promotion_id, at=rfc3339(at))


def coupon_changed(code: str, at: datetime) -> events_pb2.CouponChanged:
    """The event."""
    return events_pb2.CouponChanged(code=code, at=rfc3339(at))
