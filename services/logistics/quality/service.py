"""This is where the quality wing is put together."""

from shop.logistics.v1 import quality_pb2_grpc
from shop.logistics.v1.events_pb2 import QualityFlagChanged, ShipmentPlanned, ShipmentShipped
from shop.orders.v1.events_pb2 import ReturnRequested

from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from . import store
from .api import QualityApi
from .counts import Counts, SkuDay
from .flags import Flag, Flags
from .hearing import Hearing
from .looking import Looking
from .policies import QcPolicies, QcPolicy


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The map."""
    policies = QcPolicies(ground.store("qc_policies", QcPolicy))
    days = ground.store("sku_days", SkuDay, store.DAYS)
    counts = Counts(store.count_days(days), store.sum_days(days), core.clock)
    flags = Flags(ground.store("quality_flags", Flag, store.FLAGS), counts, policies, core.clock)
    looking = Looking(core.kept, core.shipments, flags, core.clock)
    hearing = Hearing(counts, flags, looking, core.clock)
    api = QualityApi(policies, flags, looking)
    return Service(
        answers=[
            Answers("shop.logistics.v1.QualityService", quality_pb2_grpc.add_QualityServiceServicer_to_server, api)
        ],
        hears=Hears(
            {ReturnRequested: hearing.on_return_requested},
            own={ShipmentPlanned: hearing.on_shipment_planned, ShipmentShipped: hearing.on_shipment_shipped},
        ),
        watches={QualityFlagChanged: flags.forget},
        chores=[Chore(core.settings.quality_watch_s, hearing.watch)],
    )
