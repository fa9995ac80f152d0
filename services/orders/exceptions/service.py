"""This is where the exceptions wing is put together."""

from typing import Any

from shop.logistics.v1.events_pb2 import (
    ParcelLost,
    ParcelMoved,
    ParcelStuck,
    ShipmentException,
    ShipmentLate,
    ShipmentPlanned,
    ShipmentRerouted,
    ShipmentTroubled,
)
from shop.orders.v1 import exceptions_pb2_grpc
from shop.orders.v1.events_pb2 import OrderCancelled, OrderHeld, OrderPaid, OrderReleased

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.orders.core import Core

from . import store
from .api import ExceptionsApi
from .cases import Case, Cases
from .desk import Desk
from .hearing import Hearing
from .repaying import Repaying

_RING_S, _FOLLOW_S, _COUNT_S = 1.0, 2.0, 5.0
_BUCKETS = (600, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 24 * 3600, 48 * 3600, 72 * 3600)


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    kept = ground.store("exceptions", Case, store.CASES)
    seconds = ground.metrics.histogram(
        "shop_exception_contact_seconds", "From opened until the customer was spoken to.", ("reason",), buckets=_BUCKETS
    )
    open_now = ground.metrics.gauge("shop_exceptions_open", "Exceptions that are open.", ("reason",))

    def contacted_after(reason: str, passed_s: float) -> None:
        seconds.labels(reason).observe(passed_s)

    cases = Cases(kept, core.book, core.clock, contacted_after)
    repaying = Repaying(core.keeping.orders, core.cancellation, core.moving)
    desk = Desk(cases, core.orders, core.readdressing, core.followups, repaying, core.cancellation)
    hearing, counted = Hearing(cases, core.keeping.orders), store.counted(kept)
    seen: set[str] = set()

    async def count() -> None:
        counts = await counted()
        seen.update(counts)
        for reason in seen:
            open_now.labels(reason).set(counts.get(reason, 0))

    return Service(
        answers=[
            Answers(
                "shop.orders.v1.ExceptionsService",
                exceptions_pb2_grpc.add_ExceptionsServiceServicer_to_server,
                ExceptionsApi(desk, core.seal),
            )
        ],
        hears=_hears(hearing),
        chores=[
            Chore(_RING_S, cases.timers.strike),
            Chore(_FOLLOW_S, cases.timers.follow),
            Chore(_COUNT_S, count),
        ],
    )


def _hears(hearing: Hearing) -> Hears:
    return Hears(
        {
            ShipmentException: hearing.on_shipment_exception,
            ShipmentTroubled: hearing.on_shipment_troubled,
            ShipmentRerouted: hearing.on_shipment_rerouted,
            ParcelMoved: hearing.on_parcel_moved,
            ShipmentLate: hearing.on_shipment_late,
            ParcelStuck: hearing.on_parcel_stuck,
            ParcelLost: hearing.on_parcel_lost,
        },
        batches={ShipmentPlanned: hearing.on_shipments_planned},
        own={
            OrderPaid: hearing.on_order_paid,
            OrderHeld: hearing.on_order_held,
            OrderReleased: hearing.on_order_released,
            OrderCancelled: hearing.on_order_cancelled,
        },
    )
