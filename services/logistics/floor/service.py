"""This is where the fulfilment floor is put together."""

from collections.abc import Sequence

from shop.logistics.v1 import inserts_pb2_grpc, manifests_pb2_grpc, packing_pb2_grpc, waves_pb2_grpc
from shop.logistics.v1.events_pb2 import ShipmentRerouted

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from . import store
from .api import PackingApi, WavesApi
from .bins import Bin, Bins
from .couriers import Couriers
from .inserts_api import InsertsApi
from .manifests import Manifest, Manifests
from .manifests_api import ManifestsApi
from .packing import Packing, PackRules
from .picklists import PickList, PickLists
from .troubles import Troubles
from .waves import Wave, Waves

_WATCH_S = 2.0


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The map."""
    bins, listed = Bins(ground.store("bins", Bin)), ground.store("pick_lists", PickList, store.LISTS)
    troubles = Troubles(core.kept, core.shipments, core.clock)
    waves = Waves(core.kept, ground.store("waves", Wave, store.WAVES), listed, bins, core.clock)
    packing = Packing(ground.store("pack_rules", PackRules), core.shipments)
    written = ground.store("manifests", Manifest, store.MANIFESTS)
    couriers = Couriers(core.carriers, core.warehouses, core.kept)
    manifests = Manifests(written, core.kept, core.shipments, couriers, core.clock)
    waves_api = WavesApi(waves, PickLists(listed, troubles, core.clock), bins, troubles, core.labels)
    v1, packs = "shop.logistics.v1", PackingApi(packing, core.labels)
    handed = ManifestsApi(manifests, core.keys)

    async def on_rerouted(events: Sequence[tuple[ShipmentRerouted, Told]]) -> None:
        for event, _ in events:
            await troubles.rerouted(event.shipment_id)

    return Service(
        answers=[
            Answers(f"{v1}.WavesService", waves_pb2_grpc.add_WavesServiceServicer_to_server, waves_api),
            Answers(f"{v1}.PackingService", packing_pb2_grpc.add_PackingServiceServicer_to_server, packs),
            Answers(f"{v1}.ManifestsService", manifests_pb2_grpc.add_ManifestsServiceServicer_to_server, handed),
            Answers(
                f"{v1}.InsertsService", inserts_pb2_grpc.add_InsertsServiceServicer_to_server, InsertsApi(core.inserts)
            ),
        ],
        hears=Hears(own={ShipmentRerouted: on_rerouted}),
        chores=[Chore(_WATCH_S, manifests.go_on), Chore(_WATCH_S, waves.finish_broken)],
    )
