"""This is where the wing of carriers' connections is put together."""

from shop.logistics.v1 import connections_pb2_grpc
from shop.logistics.v1.events_pb2 import CarrierConnectionChanged, ShipmentCancelled

from services.kit.listening import Hears
from services.kit.service import Answers, Ground, Service
from services.logistics.core import Core
from services.logistics.settings import LogisticsSettings

from .api import ConnectionsApi
from .voiding import Voiding


def build(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """Carriers' connections, on the ground of logistics."""
    name, add = "ConnectionsService", connections_pb2_grpc.add_ConnectionsServiceServicer_to_server
    voiding = Voiding(core.kept, core.carriers)

    async def known() -> None:
        await core.connections.all()

    return Service(
        answers=[Answers(f"shop.logistics.v1.{name}", add, ConnectionsApi(core.connections))],
        hears=Hears({ShipmentCancelled: voiding.on_shipment_cancelled}),
        watches={CarrierConnectionChanged: core.connections.forget},
        before=[known],
    )
