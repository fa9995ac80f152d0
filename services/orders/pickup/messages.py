"""This is where what is picked up becomes protobuf."""

from shop.orders.v1 import pickups_pb2 as pb

from services.kit.clock import rfc3339

from .handing import Seen
from .pickups import MOST_ATTEMPTS
from .points import Point, Store


def point_message(point: Point) -> pb.PickupPoint:
    """A store, and whether the cart can be picked up there."""
    return pb.PickupPoint(store=store_message(point.store), available=not point.short, short=point.short)


def store_message(store: Store) -> pb.Store:
    """A store."""
    return pb.Store(
        code=store.code,
        title=store.title,
        province=store.province,
        city=store.city,
        district=store.district,
        street=store.street,
        hours=store.hours,
    )


def pickup_message(seen: Seen) -> pb.Pickup:
    """How far it has come."""
    pickup = seen.pickup
    return pb.Pickup(
        order_id=seen.order.id,
        store=seen.order.store,
        state=pickup.state.value,
        code=seen.code,
        attempts_left=MOST_ATTEMPTS - pickup.attempts,
        ready_at=rfc3339(pickup.ready_at),
        expires_at=rfc3339(pickup.expires_at),
        collected_at=rfc3339(pickup.collected_at),
        by=pickup.by,
        version=seen.order.version,
    )
