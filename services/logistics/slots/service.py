"""This is where the wing of delivery windows is put together."""

from shop.logistics.v1 import slots_pb2_grpc
from shop.logistics.v1.events_pb2 import FreightChanged
from shop.orders.v1.events_pb2 import DeliveryWindowChanged

from services.kit.clock import Clock
from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.holds import NotPlannedYet
from services.logistics.settings import LogisticsSettings
from services.logistics.warehouses import Warehouses

from . import store
from .api import SlotsApi
from .awaiting import Awaiting
from .neighbours import OrdersSlots
from .slots import Slot, Slots
from .sweeping import Sweeper
from .windows import DeliveryWindow, Windows

_HEARD_OF = 8  # times a change is told before nobody waits any more for its order to be planned


def delivery_windows(ground: Ground[LogisticsSettings], warehouses: Warehouses, clock: Clock) -> Windows:
    """The windows; what sending costs says which ways have some."""
    kept = ground.store("delivery_windows", DeliveryWindow, store.WINDOWS)
    return Windows(kept, warehouses, ground.settings.fleet_zone, clock)


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The map."""
    awaiting = Awaiting(core.kept)
    slots = Slots(ground.store("slots", Slot, store.SLOTS), core.windows, awaiting, core.clock)
    sweeper = Sweeper(slots, OrdersSlots(ground.channel("orders")), core.clock)
    asked = ground.metrics.counter("shop_delivery_slots_total", "Places asked for, by what came of it.", ("outcome",))

    async def on_changed(event: DeliveryWindowChanged, told: Told) -> None:
        """Its parcels are awaited then, whoever was away."""
        if event.to_send and told.deliveries <= _HEARD_OF and not await awaiting.heard_of(event.order_id):
            raise NotPlannedYet("this order is not heard of yet")
        await slots.settle(event.order_id, event.window.slot, event.window.revision)

    async def sweep() -> None:
        if freed := await sweeper.sweep():
            asked.labels("swept").inc(freed)

    def forget(_: FreightChanged) -> None:
        core.windows.forget()

    name, add = "SlotsService", slots_pb2_grpc.add_SlotsServiceServicer_to_server
    api = SlotsApi(core.windows, slots, lambda outcome: asked.labels(outcome).inc())
    return Service(
        answers=[Answers(f"shop.logistics.v1.{name}", add, api)],
        hears=Hears({DeliveryWindowChanged: on_changed}),
        watches={FreightChanged: forget},
        chores=[Chore(core.settings.slots_swept_s, sweep)],
    )
