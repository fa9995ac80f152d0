"""This is where the way back is put together."""

from collections.abc import Sequence

from pymongo import IndexModel
from shop.logistics.v1 import returns_pb2_grpc
from shop.logistics.v1.events_pb2 import ReturnParcelMoved
from shop.orders.v1.events_pb2 import ReturnChanged

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from .api import ReturnParcelsApi
from .returns import ReturnParcels
from .undelivered import Undelivered
from .ways import Way, Ways
from .windows import PickupPlan, Slot, Windows

_WAYS = [
    IndexModel([("waybill", 1)], name="waybill"),
    IndexModel([("state", 1), ("ends_at", 1)], name="due"),
    IndexModel([("state", 1), ("_id", 1)], name="state"),
]
_SLOTS = [IndexModel([("gone_at", 1)], name="gone_at", expireAfterSeconds=0)]


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The way back, on the ground of logistics."""
    plans, slots = ground.store("pickup_plans", PickupPlan), ground.store("pickup_slots", Slot, _SLOTS)
    windows = Windows(plans, slots, ground.settings.time_zone, core.clock)
    ways = Ways(ground.store("return_parcels", Way, _WAYS), core.kept, windows, core.clock)
    back = core.connections.bringing_back
    parcels = ReturnParcels(core.kept, back, core.warehouses, core.freight, windows, ways, core.clock)

    async def on_moved(events: Sequence[tuple[ReturnParcelMoved, Told]]) -> None:
        """A carrier said something about what comes back."""
        for event, _ in events:
            await ways.moved(event.return_id, event.waybill, event.state, event.revision)

    async def on_return_changed(event: ReturnChanged, told: Told) -> None:
        """A return that was called off needs no parcel."""
        if event.state == "cancelled":
            await ways.not_wanted(event.return_id)

    name, add = "ReturnParcelsService", returns_pb2_grpc.add_ReturnParcelsServiceServicer_to_server
    api = ReturnParcelsApi(parcels, ways, windows, Undelivered(core.kept, core.clock), core.shipments, core.labels)
    return Service(
        answers=[Answers(f"shop.logistics.v1.{name}", add, api)],
        hears=Hears({ReturnChanged: on_return_changed}, own={ReturnParcelMoved: on_moved}),
        chores=[Chore(ground.settings.pickups_missed_s, ways.miss)],
    )
