"""This is where the gazetteer is put together."""

from shop.logistics.v1 import addresses_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from .addresses import DOUBTFUL, Judged
from .api import AddressesApi


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The gazetteer, on the ground of logistics."""
    seen = ground.metrics.counter("shop_addresses_judged_total", "Addresses judged, by how sure it was.", ("sure",))

    def judged(found: Judged) -> None:
        sure = "doubtful" if found.confidence < DOUBTFUL else "repaired" if found.reasons else "sure"
        seen.labels(sure).inc()

    name, add = "AddressesService", addresses_pb2_grpc.add_AddressesServiceServicer_to_server
    return Service(answers=[Answers(f"shop.logistics.v1.{name}", add, AddressesApi(judged))])
