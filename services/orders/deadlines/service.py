"""This is where the deadlines wing is put together."""

from collections.abc import Sequence
from typing import Any

from shop.logistics.v1.events_pb2 import ShipmentShipped
from shop.orders.v1 import deadlines_pb2_grpc
from shop.orders.v1.events_pb2 import OrderCancelled, ReturnChanged, ReturnRequested

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core

from .api import DeadlinesApi
from .policies import Deadlines
from .review import Review
from .ship_by import ShipBy

_RING_S = 1.0
_FOLLOW_S = 2.0
_BUCKETS = (3600, 4 * 3600, 8 * 3600, 12 * 3600, 24 * 3600, 36 * 3600, 48 * 3600, 72 * 3600, 168 * 3600)


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    took = ground.metrics.histogram(
        "shop_order_to_ship_seconds", "From paid until the last parcel left.", (), buckets=_BUCKETS
    )
    ship_by = ShipBy(core.keeping.orders, core.book, core.clock, took.observe)
    core.saga.at_payment.append(ship_by.begin)
    core.fulfilment.overtaken.append(lambda order: ship_by.sent(order.id))
    review = Review(core.keeping.returns, core.book, core.clock)

    async def on_shipment_shipped(event: ShipmentShipped, told: Told) -> None:
        """A parcel has left; the counter has noted it before."""
        await ship_by.sent(event.order_id)

    async def on_order_cancelled(events: Sequence[tuple[OrderCancelled, Told]]) -> None:
        """Nothing is to be sent any more."""
        for event, _ in events:
            await ship_by.sent(event.order_id)

    async def on_return_changed(events: Sequence[tuple[ReturnRequested | ReturnChanged, Told]]) -> None:
        """A return waits for an answer, for its customer, or for none any more."""
        for event, _ in events:
            await review.follow(event.return_id)

    return Service(
        answers=[
            Answers(
                "shop.orders.v1.DeadlinesService",
                deadlines_pb2_grpc.add_DeadlinesServiceServicer_to_server,
                DeadlinesApi(Deadlines(core.book, core.clock), ship_by),
            )
        ],
        hears=Hears(
            {ShipmentShipped: on_shipment_shipped},
            own={
                OrderCancelled: on_order_cancelled,
                ReturnRequested: on_return_changed,
                ReturnChanged: on_return_changed,
            },
        ),
        chores=[
            Chore(_RING_S, ship_by.timers.strike),
            Chore(_FOLLOW_S, ship_by.timers.follow),
            Chore(_RING_S, review.timers.strike),
            Chore(_FOLLOW_S, review.timers.follow),
        ],
        before=[core.book.refresh],
    )
