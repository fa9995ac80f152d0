"""This is where the wing that watches parcels under way is put together."""

from shop.logistics.v1 import tracking_pb2_grpc
from shop.logistics.v1.events_pb2 import ParcelMoved

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.estimates import DoorTimes
from services.logistics.settings import LogisticsSettings

from . import store
from .api import TrackingApi
from .asking import Asking
from .learning import Learning
from .standing import Standing

_MOST_SHOWN = 200
_LEARN_S = 120.0
_ERROR_H = (3, 6, 12, 18, 24, 36, 48, 72, 120)


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The lookout, on the ground of logistics."""
    lanes, settings = ground.store("door_times", DoorTimes, store.LANES), core.settings
    windows = ground.metrics.counter(
        "shop_delivery_windows_total", "Delivered parcels that had been given a window.", ("carrier", "outcome")
    )
    errors = ground.metrics.histogram(
        "shop_delivery_estimate_error_hours", "Hours the estimate was wrong by.", ("carrier",), buckets=_ERROR_H
    )

    def measured(carrier: str, hit: bool, error_h: float) -> None:
        windows.labels(carrier, "held" if hit else "missed").inc()
        errors.labels(carrier).observe(error_h)

    standing = Standing(core.kept, core.connections, core.clock)
    asking = Asking(core.kept, core.scans, core.connections, core.labels.address, core.clock, settings.track_again_s)
    learning = Learning(core.kept, store.busiest(lanes), store.adding(lanes), core.estimates, measured)
    name, add = "TrackingService", tracking_pb2_grpc.add_TrackingServiceServicer_to_server
    api = TrackingApi(core.shipments, standing, store.busiest(lanes, _MOST_SHOWN))
    return Service(
        answers=[Answers(f"shop.logistics.v1.{name}", add, api)],
        hears=Hears(own={ParcelMoved: learning.on_parcels_moved}),
        chores=[
            Chore(settings.lookout_s, standing.round),
            Chore(settings.lookout_s, asking.round),
            Chore(_LEARN_S, learning.read),
        ],
        before=[learning.read],
    )
