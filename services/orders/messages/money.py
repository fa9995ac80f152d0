"""This is where money that moves after checkout becomes the events others hear."""

from datetime import datetime
from typing import TYPE_CHECKING

from shop.orders.v1 import events_pb2 as pb

from services.kit.clock import rfc3339
from services.orders.orders import Order
from services.orders.paying import CARD, Movement

from .addresses import money

if TYPE_CHECKING:
    from services.orders.settlement.payouts import Payout


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


def payout_reconciled(payout: "Payout", at: datetime) -> pb.PayoutReconciled:
    """What a provider paid out is compared with our books."""
    currency = payout.currency
    return pb.PayoutReconciled(
        payout_id=payout.id,
        provider=payout.provider,
        captured=money(currency, payout.captured_minor),
        refunded=money(currency, payout.refunded_minor),
        fees=money(currency, payout.fees_minor),
        net=money(currency, payout.net_minor),
        difference=money(currency, payout.difference_minor),
        captures=payout.captures,
        waited_s=payout.waited_s,
        paid_out_at=rfc3339(payout.paid_out_at or at),
    )
