"""This is where what becomes of subscriptions becomes the events others hear."""

from datetime import datetime
from typing import Any

from shop.orders.v1 import events_pb2

from services.kit.clock import rfc3339
from services.orders.messages.addresses import money

from .terms import Subscription


def _told(of: Subscription, at: datetime) -> dict[str, Any]:
    return {
        "subscription_id": of.id,
        "customer_id": of.customer_id,
        "plan": of.plan,
        "cycle": of.cycle,
        "at": rfc3339(at),
    }


def renewal_ahead(of: Subscription, at: datetime) -> events_pb2.RenewalAhead:
    """It is ordered soon."""
    agreed = money(of.currency, of.agreed_minor)
    return events_pb2.RenewalAhead(**_told(of, at), due_at=rfc3339(of.due_at), amount=agreed)


def subscription_renewed(of: Subscription, order_id: str, at: datetime) -> events_pb2.SubscriptionRenewed:
    """It is ordered."""
    return events_pb2.SubscriptionRenewed(**_told(of, at), order_id=order_id)


def renewal_failed(of: Subscription, reason: str, retry_at: datetime | None, at: datetime) -> events_pb2.RenewalFailed:
    """It could not be ordered."""
    return events_pb2.RenewalFailed(**_told(of, at), reason=reason, retry_at=rfc3339(retry_at))


def renewal_skipped(of: Subscription, reason: str, at: datetime) -> events_pb2.RenewalSkipped:
    """It is not ordered this time."""
    return events_pb2.RenewalSkipped(**_told(of, at), reason=reason)


def subscription_changed(of: Subscription, at: datetime) -> events_pb2.SubscriptionChanged:
    """It begins, pauses, goes on, or ends."""
    return events_pb2.SubscriptionChanged(**_told(of, at), state=of.state.value, why=of.why)
