"""This is where logistics is put together: THE MAP; wings build on `core`."""

from collections.abc import Callable

from shop.logistics.v1 import carriers_pb2_grpc, freight_pb2_grpc, shipments_pb2_grpc, warehouses_pb2_grpc
from shop.logistics.v1.events_pb2 import FreightChanged
from shop.orders.v1.events_pb2 import OrderHeld, OrderPaid, OrderReaddressed, OrderReleased

from services.kit.listening import Hears
from services.kit.seal import Seal
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.wings import joined

from . import store
from .api import CarriersApi, FreightApi, ShipmentsApi, WarehousesApi
from .carrier_keys import Call, CarrierKey, CarrierKeys
from .carriers import DEFAULT_CARRIER, Carrier
from .carriers.neighbours import Line
from .carriers.sandbox import Sandbox
from .carriers.sf import Sf
from .carriers.zto import Zto
from .connections.connections import Connection, Connections, OurAccount
from .connections.service import build as connections
from .core import Core
from .customs.service import build as customs
from .customs.service import clearance
from .estimates import Estimates
from .fleet.carrier import OwnFleet
from .fleet.service import build as fleet
from .floor.service import build as floor
from .freight import EXPRESS, STANDARD, Freight
from .gazetteer.service import build as gazetteer
from .holds import Holds
from .inserts import Card, Inserts, Offer
from .labels import Labels
from .lookout.service import build as lookout
from .messages.told import shipment_planned
from .neighbours import CatalogShelves
from .offers import Offers
from .outgoing import Outgoing
from .partners.rehearsal import RehearsedLabels, RehearsedScans
from .partners.service import build as partners
from .partners.service import rehearsal
from .pickups import Pickups
from .planning import Counted, Planning
from .quality.service import build as quality
from .readdressing import Readdressing
from .reverse.service import build as reverse
from .routing.service import build as routing
from .scans import Scans
from .scorecards.scores import Scores
from .scorecards.service import build as scorecards
from .settings import LogisticsSettings
from .shipments import Shipment, Shipments
from .slots.service import build as slots
from .slots.service import delivery_windows
from .stopping import Stopping
from .tariffs import Template
from .telemetry.alerts import Alert, Alerts
from .telemetry.service import build as telemetry
from .telemetry.store import ALERTS
from .warehouses import MAIN, Warehouse, Warehouses

SETTINGS = LogisticsSettings
WINGS: tuple[Callable[[Ground[LogisticsSettings], Core], Service], ...] = (
    customs,
    fleet,
    slots,
    connections,
    gazetteer,
    lookout,
    partners,
    reverse,
    routing,
    floor,
    quality,
    scorecards,
    telemetry,
)


def build(ground: Ground[LogisticsSettings]) -> Service:
    """Logistics, on its ground."""
    core = _core(ground)
    return joined(_counter(ground, core), *(wing(ground, core) for wing in WINGS))


def _core(ground: Ground[LogisticsSettings]) -> Core:
    clock, seal = ground.clock, Seal(ground.settings.seal_key)
    carriers: dict[str, Carrier] = {}
    connected, estimates = _connected(ground, carriers, seal), Estimates()
    kept = ground.store("shipments", Shipment, store.SHIPMENTS)
    warehouses = Warehouses(ground.store("warehouses", Warehouse), clock, store.planned_since(kept))
    shipments, stopping = Shipments(kept, clock, estimates), Stopping(kept, clock)
    scores, offers = Scores(), Offers(connected.asked, connected.on)
    freight = Freight(ground.store("freight_templates", Template), carriers, clock, offers, scores)
    outgoing = Outgoing(warehouses, freight, connected.on, clock)
    shelves = CatalogShelves(ground.channel("catalog"))
    planning = Planning(
        kept,
        store.keep_together(kept, shipment_planned),
        stopping,
        warehouses,
        freight,
        carriers,
        shelves,
        clock,
        _outcomes(ground),
        Holds(kept),
        outgoing,
        crossing := clearance(ground, clock),
    )
    inserts = _inserts(ground)
    return Core(
        kept=kept,
        carriers=carriers,
        connections=connected,
        estimates=estimates,
        warehouses=warehouses,
        windows=delivery_windows(ground, warehouses, clock),
        freight=freight,
        planning=planning,
        outgoing=outgoing,
        shipments=shipments,
        stopping=stopping,
        scans=Scans(kept, shipments, connected.carrier, clock),
        keys=_keys(ground, seal),
        clearance=crossing,
        labels=Labels(kept, warehouses, carriers, seal, inserts),
        inserts=inserts,
        shelves=shelves,
        seal=seal,
        clock=clock,
        settings=ground.settings,
        scores=scores,
        alerts=Alerts(ground.store("condition_alerts", Alert, ALERTS)),
    )


def _inserts(ground: Ground[LogisticsSettings]) -> Inserts:
    cards, offers = ground.store("inserts", Card), ground.store("insert_offers", Offer)
    return Inserts(cards, offers, store.keep_cards(cards), ground.settings.seal_key, ground.clock)


def _outcomes(ground: Ground[LogisticsSettings]) -> Callable[[str], Counted]:
    """Counts what becomes of orders."""
    return ground.metrics.counter(
        "shop_orders_planned_total", "Orders made into parcels, by outcome.", ("outcome",)
    ).labels


def _keys(ground: Ground[LogisticsSettings], seal: Seal) -> CarrierKeys:
    calls = ground.store("calls", Call, store.CALLS)
    return CarrierKeys(ground.store("carrier_keys", CarrierKey), calls, seal, ground.clock)


def _connected(ground: Ground[LogisticsSettings], carriers: dict[str, Carrier], seal: Seal) -> Connections:
    """The carriers that are built in, each with our account and a line of its own; partners are added by the connections."""
    settings, clock = ground.settings, ground.clock
    sf_line, zto_line = Line(), Line()
    ground.closing.extend((sf_line.close, zto_line.close))
    kept = ground.store("connections", Connection)
    connected = Connections(kept, carriers, seal, clock, builtin=(DEFAULT_CARRIER, OwnFleet.code, "sf", "zto"))
    carriers[DEFAULT_CARRIER], carriers[OwnFleet.code] = Sandbox(clock), OwnFleet()
    carriers["sf"] = Sf(OurAccount(connected, "sf", seal), sf_line.post, clock, settings.sf_url)
    carriers["zto"] = Zto(OurAccount(connected, "zto", seal), zto_line.post, settings.zto_url)
    return connected


def _counter(ground: Ground[LogisticsSettings], core: Core) -> Service:
    """Warehouses, freight, parcels, the carriers' door."""
    settings, warehouses, freight = core.settings, core.warehouses, core.freight
    rehearsed = rehearsal(core)
    carriers = CarriersApi(
        core.keys,
        core.shipments,
        RehearsedScans(core.scans, rehearsed),
        RehearsedLabels(core.labels, rehearsed),
        Pickups(store.waiting_for(core.kept)),
    )
    waiting = ground.metrics.gauge("shop_shipments_exception", "Shipments that could not be allocated.")
    holds, planning = Holds(core.kept), core.planning
    exceptions = store.exceptions(core.kept)

    async def first_things() -> None:
        await warehouses.found(MAIN)
        await freight.found([STANDARD, EXPRESS])
        if settings.carrier_key:
            await core.keys.put(settings.carrier_key, DEFAULT_CARRIER, [settings.carrier_secret])

    async def try_exceptions() -> None:
        await planning.again()
        waiting.set(await exceptions())

    def forget(event: FreightChanged) -> None:
        warehouses.forget()
        freight.forget()

    return Service(
        answers=_doors(
            WarehousesApi(warehouses, core.clock),
            FreightApi(freight, warehouses, core.windows, core.clock),
            ShipmentsApi(core.shipments, core.stopping, holds, Readdressing(core.kept, core.clock), core.labels),
            carriers,
        ),
        hears=_hears(planning),
        watches={FreightChanged: forget},
        chores=[Chore(settings.exceptions_again_s, try_exceptions)],
        before=[first_things],
    )


def _hears(planning: Planning) -> Hears:
    return Hears(
        {
            OrderPaid: planning.on_order_paid,
            OrderHeld: planning.on_order_held,
            OrderReleased: planning.on_order_released,
            OrderReaddressed: planning.on_order_readdressed,
        }
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
