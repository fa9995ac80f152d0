"""This is where what a cart gets beside discounts is read from marketing's answer, and shown."""

from shop.marketing.v1 import promotions_pb2
from shop.orders.v1 import carts_pb2

from services.orders.benefits import Claim, FreightOff, Offer
from services.orders.losing import Losses

from .addresses import money


def claim(message: promotions_pb2.Claim) -> Claim:
    """Units to take."""
    at_most = message.at_most if message.counted else None
    return Claim(message.promotion_id, message.units, at_most, message.limit_per_customer)


def claim_message(units: Claim) -> promotions_pb2.Claim:
    """Units to take, or to give back."""
    return promotions_pb2.Claim(
        promotion_id=units.promotion_id,
        units=units.units,
        at_most=units.at_most or 0,
        counted=units.at_most is not None,
        limit_per_customer=units.limit_per_customer,
    )


def freight_off(message: promotions_pb2.FreightOff) -> FreightOff | None:
    """What comes off the freight; None for nothing."""
    return FreightOff(message.id, message.most.minor, message.reason) if message.id else None


def offer(message: promotions_pb2.Offer) -> Offer:
    """What could be had."""
    kind = promotions_pb2.PromotionKind.Name(message.kind).removeprefix("PROMOTION_KIND_").lower()
    missing, skus = message.missing.minor, tuple(message.skus)
    return Offer(message.id, kind, message.code, message.text, missing, message.missing_units, skus)


def offer_message(of: Offer, currency: str) -> carts_pb2.Offer:
    """What could be had, as the customer sees it."""
    return carts_pb2.Offer(
        id=of.id,
        kind=of.kind,
        code=of.code,
        text=of.text,
        missing=money(currency, of.missing_minor) if of.missing_minor else None,
        missing_units=of.missing_units,
        skus=of.skus,
    )


def losses_message(losses: Losses) -> carts_pb2.PreviewRemovalResponse:
    """What a cart would lose with a line."""
    currency = losses.currency
    lost = [
        carts_pb2.Lost(id=each.id, reason=each.reason, amount=money(currency, each.minor), gifts=each.gifts)
        for each in losses.lost
    ]
    before, after = money(currency, losses.before_minor), money(currency, losses.after_minor)
    return carts_pb2.PreviewRemovalResponse(lost=lost, total_before=before, total_after=after)
