"""This is where it is named what the wings of logistics share: parcels, carriers, warehouses, freight, keys, labels."""

from collections.abc import MutableMapping
from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.seal import Seal
from services.kit.store import Store

from .carrier_keys import CarrierKeys
from .carriers import Carrier
from .connections.connections import Connections
from .customs.clearance import Clearance
from .estimates import Estimates
from .freight import Freight
from .inserts import Inserts
from .labels import Labels
from .neighbours import CatalogShelves
from .outgoing import Outgoing
from .planning import Planning
from .scans import Scans
from .scorecards.scores import Scores
from .settings import LogisticsSettings
from .shipments import Shipment, Shipments
from .slots.windows import Windows
from .stopping import Stopping
from .telemetry.alerts import Alerts
from .warehouses import Warehouses


@dataclass(frozen=True)
class Core:
    """What a wing is built on beside its ground. A wing writes parcels by conditional atomic writes of its own fields,
    everything else through the use cases."""

    kept: Store[Shipment]
    carriers: MutableMapping[str, Carrier]
    connections: Connections
    estimates: Estimates
    warehouses: Warehouses
    windows: Windows  # when riders bring orders
    freight: Freight
    shipments: Shipments
    stopping: Stopping
    scans: Scans
    keys: CarrierKeys
    labels: Labels
    clearance: Clearance
    inserts: Inserts
    shelves: CatalogShelves
    planning: Planning
    outgoing: Outgoing
    seal: Seal
    clock: Clock
    settings: LogisticsSettings
    scores: Scores  # how good carriers are, from memory
    alerts: Alerts  # what devices say is wrong
