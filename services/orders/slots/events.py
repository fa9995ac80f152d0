"""This is where it becomes an event that an order is brought in another window."""

from datetime import datetime

from shop.orders.v1 import events_pb2

from services.kit.clock import rfc3339
from services.orders.messages.events import window_message
from services.orders.orders import Order


def delivery_window_changed(order: Order, was: str, by: str, at: datetime) -> events_pb2.DeliveryWindowChanged:
    """It is brought then."""
    return events_pb2.DeliveryWindowChanged(
        order_id=order.id,
        customer_id=order.customer_id,
        window=window_message(order.window) if order.window else None,
        was=was,
        by=by,
        at=rfc3339(at),
        to_send=order.to_send,
    )
