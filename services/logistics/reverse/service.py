"""This is where the way back is put together."""

from shop.logistics.v1 import returns_pb2_grpc

from services.kit.service import Answers, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from .api import ReturnParcelsApi
from .returns import ReturnParcels


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """The way back, on the ground of logistics."""
    parcels = ReturnParcels(core.kept, core.carriers, core.warehouses, core.freight, core.clock)
    name, add = "ReturnParcelsService", returns_pb2_grpc.add_ReturnParcelsServiceServicer_to_server
    return Service(answers=[Answers(f"shop.logistics.v1.{name}", add, ReturnParcelsApi(parcels))])
