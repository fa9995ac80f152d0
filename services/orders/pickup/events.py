"""This is where what becomes of orders in stores becomes the events others hear."""

from datetime import datetime

from shop.orders.v1 import events_pb2

from services.kit.clock import rfc3339
from services.orders.orders import Order

from .pickups import Pickup


def pickup_ready(order: Order, pickup: Pickup, at: datetime) -> events_pb2.PickupReady:
    """It lies there. Its code is told to nobody but its customer, by the gateway."""
    return events_pb2.PickupReady(
        order_id=order.id,
        customer_id=order.customer_id,
        store=order.store,
        expires_at=rfc3339(pickup.expires_at),
        at=rfc3339(at),
    )


def pickup_waiting(order: Order, pickup: Pickup, at: datetime) -> events_pb2.PickupWaiting:
    """Nobody has come yet."""
    return events_pb2.PickupWaiting(
        order_id=order.id,
        customer_id=order.customer_id,
        store=order.store,
        expires_at=rfc3339(pickup.expires_at),
        at=rfc3339(at),
    )


def pickup_expired(order: Order, at: datetime) -> events_pb2.PickupExpired:
    """Nobody came."""
    return events_pb2.PickupExpired(order_id=order.id, customer_id=order.customer_id, store=order.store, at=rfc3339(at))
