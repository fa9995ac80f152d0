"""This is where logistics is put together: THE MAP."""

from typing import ClassVar

from shop.logistics.v1 import carriers_pb2_grpc, freight_pb2_grpc, shipments_pb2_grpc, warehouses_pb2_grpc
from shop.logistics.v1.events_pb2 import FreightChanged
from shop.orders.v1.events_pb2 import OrderPaid

from services.kit.listening import Hears
from services.kit.seal import Seal
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from . import store
from .api import CarriersApi, FreightApi, ShipmentsApi, WarehousesApi
from .carrier_keys import Call, CarrierKey, CarrierKeys
from .carriers import DEFAULT_CARRIER, Carrier
from .carriers.sandbox import Sandbox
from .freight import EXPRESS, STANDARD, Freight, Template
from .labels import Labels
from .messages.told import shipment_planned
from .neighbours import CatalogShelves
from .pickups import Pickups
from .planning import Planning
from .scans import Scans
from .shipments import Shipment, Shipments
from .warehouses import MAIN, Warehouse, Warehouses


class LogisticsSettings(Settings):
    """Beside what every service needs: the sandbox carrier's key, and how often exceptions are tried again."""

    SECRETS: ClassVar[tuple[str, ...]] = ("seal_key", "carrier_secret")

    carrier_key: str = "dev-carrier"
    carrier_secret: str = "whsec_ZGV2LWNhcnJpZXItc2VjcmV0LTAwMDAwMDAwMDAwMA=="  # noqa: S105 development only, refused elsewhere
    exceptions_again_s: float = 15.0


SETTINGS = LogisticsSettings


def build(ground: Ground[LogisticsSettings]) -> Service:
    """Everything logistics answers, hears and does."""
    settings, clock, seal = ground.settings, ground.clock, Seal(ground.settings.seal_key)
    carriers: dict[str, Carrier] = {carrier.code: carrier for carrier in (Sandbox(),)}
    kept = ground.store("shipments", Shipment, store.SHIPMENTS)

    warehouses = Warehouses(ground.store("warehouses", Warehouse), clock)
    freight = Freight(ground.store("freight_templates", Template), carriers, clock)
    shipments = Shipments(kept, clock)
    keys = CarrierKeys(ground.store("carrier_keys", CarrierKey), ground.store("calls", Call, store.CALLS), seal, clock)
    labels = Labels(kept, warehouses, carriers, seal)
    partners = CarriersApi(
        keys, shipments, Scans(kept, shipments, carriers, clock), labels, Pickups(store.waiting_for(kept))
    )

    outcomes = ground.metrics.counter(
        "shop_orders_planned_total", "Orders made into parcels, by outcome.", ("outcome",)
    )
    waiting = ground.metrics.gauge("shop_shipments_exception", "Shipments that could not be allocated.")
    together = store.keep_together(kept, shipment_planned)
    shelves = CatalogShelves(ground.channel("catalog"))
    planning = Planning(kept, together, shipments, warehouses, freight, carriers, shelves, clock, outcomes.labels)
    exceptions = store.exceptions(kept)

    async def first_things() -> None:
        await warehouses.found(MAIN)
        await freight.found([STANDARD, EXPRESS])
        if settings.carrier_key:
            await keys.put(settings.carrier_key, DEFAULT_CARRIER, [settings.carrier_secret])

    async def try_exceptions() -> None:
        await planning.again()
        waiting.set(await exceptions())

    def forget(event: FreightChanged) -> None:
        warehouses.forget()
        freight.forget()

    return Service(
        answers=_doors(WarehousesApi(warehouses), FreightApi(freight), ShipmentsApi(shipments, labels), partners),
        hears=Hears({OrderPaid: planning.on_order_paid}),
        watches={FreightChanged: forget},
        chores=[Chore(settings.exceptions_again_s, try_exceptions)],
        before=[first_things],
    )


def _doors(
    warehouses: WarehousesApi, freight: FreightApi, shipments: ShipmentsApi, carriers: CarriersApi
) -> list[Answers]:
    v1 = "shop.logistics.v1"
    return [
        Answers(f"{v1}.WarehousesService", warehouses_pb2_grpc.add_WarehousesServiceServicer_to_server, warehouses),
        Answers(f"{v1}.FreightService", freight_pb2_grpc.add_FreightServiceServicer_to_server, freight),
        Answers(f"{v1}.ShipmentsService", shipments_pb2_grpc.add_ShipmentsServiceServicer_to_server, shipments),
        Answers(f"{v1}.CarriersService", carriers_pb2_grpc.add_CarriersServiceServicer_to_server, carriers),
    ]
