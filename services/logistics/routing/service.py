"""This is where the routing wing is put together."""

from shop.logistics.v1 import reroutes_pb2_grpc

from services.kit.service import Answers, Chore, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from .api import ReroutesApi
from .reroutes import Reroutes


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The map."""
    reroutes = Reroutes(core.kept, core.shipments, core.outgoing, core.warehouses, core.shelves, core.clock)
    return Service(
        answers=[
            Answers(
                "shop.logistics.v1.ReroutesService",
                reroutes_pb2_grpc.add_ReroutesServiceServicer_to_server,
                ReroutesApi(reroutes, core.labels),
            )
        ],
        chores=[Chore(core.settings.exceptions_again_s, reroutes.again)],
    )
