"""This is where money that moves after checkout becomes the events others hear."""

from datetime import datetime

from shop.orders.v1 import events_pb2 as pb

from services.kit.clock import rfc3339
from services.orders.orders import Order
from services.orders.paying import CARD, Movement

from .addresses import money


def payment_captured(order: Order, movement: Movement, at: datetime) -> pb.PaymentCaptured:
    """Money came in after checkout."""
    return pb.PaymentCaptured(
        order_id=order.id,
        movement_id=movement.id,
        payment_id=movement.payment_id,
        method=order.paying.method if order.paying else CARD,
        kind=movement.kind.value,
        amount=money(order.currency, movement.minor),
        at=rfc3339(at),
    )


def payment_voided(order: Order, movement: Movement, at: datetime) -> pb.PaymentVoided:
    """Money that was authorised is let go."""
    return pb.PaymentVoided(
        order_id=order.id,
        movement_id=movement.id,
        payment_id=movement.payment_id,
        method=order.paying.method if order.paying else CARD,
        amount=money(order.currency, movement.minor),
        reason=movement.reason,
        at=rfc3339(at),
    )
