"""This is where the shelves are put together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    classes_pb2_grpc,
    counts_pb2_grpc,
    grades_pb2_grpc,
    lowstock_pb2_grpc,
    readings_pb2_grpc,
    stockhealth_pb2_grpc,
    transfers_pb2_grpc,
)
from shop.catalog.v1.events_pb2 import AvailabilityChanged, StockMoved

from services.catalog.core import Core
from services.catalog.settings import CatalogSettings
from services.catalog.store import keep
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service

from . import api, store
from .classes import Classes, SkuClass
from .counts import Counts
from .grades import Grades
from .health import Health, HealthItem, ShelfMonth
from .lowstock import LowLine, LowStock, StockPolicy
from .neighbours import shelf_feed
from .proposals import Proposal, Proposals
from .readings import Readings, ShelfReading
from .selling import Selling
from .sheets import Choice, Count, CountLine
from .stockouts import StockoutDay, Stockouts, Turn
from .transfers import Transfer, Transfers

_LOOK_S = 1.0
_FINISH_S = 30.0
_ROLL_S = 600.0


@dataclass
class _Shelves:
    """The features."""

    stockouts: Stockouts
    classes: Classes
    lowstock: LowStock
    proposals: Proposals
    counts: Counts
    transfers: Transfers
    health: Health
    readings: Readings


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    shelves = _features(ground, core)
    return Service(
        answers=[
            _door("Grades", grades_pb2_grpc, api.GradesApi(Grades(core.stock))),
            _door("Transfers", transfers_pb2_grpc, api.TransfersApi(shelves.transfers)),
            _door("Counts", counts_pb2_grpc, api.CountsApi(shelves.counts, shelves.proposals)),
            _door("LowStock", lowstock_pb2_grpc, api.LowStockApi(shelves.lowstock)),
            _door("StockHealth", stockhealth_pb2_grpc, api.StockHealthApi(shelves.health)),
            _door("Classes", classes_pb2_grpc, api.ClassesApi(shelves.classes)),
            _door("Readings", readings_pb2_grpc, api.ReadingsApi(shelves.readings)),
        ],
        hears=Hears(
            own={
                StockMoved: shelves.lowstock.on_stock_moved,
                AvailabilityChanged: _both(
                    shelves.stockouts.on_availability_changed, shelves.lowstock.on_availability_changed
                ),
            }
        ),
        feeds=[shelf_feed(shelves.readings)],
        chores=[
            Chore(_LOOK_S, shelves.lowstock.look_around),
            Chore(_FINISH_S, shelves.counts.finish),
            Chore(_FINISH_S, shelves.readings.tell),
            Chore(_ROLL_S, shelves.stockouts.roll),
            Chore(_ROLL_S, shelves.classes.weekly),
            Chore(_ROLL_S, shelves.health.nightly),
        ],
    )


def _door(name: str, stubs: Any, servicer: object) -> Answers:
    return Answers(f"shop.catalog.v1.{name}Service", getattr(stubs, f"add_{name}ServiceServicer_to_server"), servicer)


def _both(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    async def told(events: Any) -> None:
        await first(events)
        await second(events)

    return told


def _features(ground: Ground[Any], core: Core) -> _Shelves:
    settings: CatalogSettings = ground.settings
    clock, jobs = core.clock, core.jobs
    stockouts = Stockouts(
        keep(ground, "turns", Turn, store.TURNS, tells=False),
        keep(ground, "stockouts", StockoutDay, store.STOCKOUTS, tells=False),
        clock,
    )
    kept = keep(ground, "classes", SkuClass, store.CLASSES, tells=False)
    classes = Classes(core.skus, core.days, kept, jobs, settings, clock)
    selling = Selling(core.days, stockouts)
    lowstock = LowStock(
        keep(ground, "stock_policies", StockPolicy, tells=False),
        keep(ground, "low_lines", LowLine, store.LOW_LINES, tells=False),
        core.skus,
        selling,
        core.notices,
        settings.low_cover_days,
        clock,
    )
    proposed = keep(ground, "count_proposals", Proposal, store.PROPOSALS, tells=False)
    proposals = Proposals(proposed, settings, clock)
    counts = Counts(
        keep(ground, "counts", Count, store.COUNTS, tells=False),
        keep(ground, "count_lines", CountLine, store.COUNT_LINES, tells=False),
        core.skus,
        Choice(core.skus, core.products, proposals),
        proposals,
        core.notices,
        settings,
        clock,
    )
    transfers = Transfers(keep(ground, "transfers", Transfer, store.TRANSFERS, tells=False), core.skus, clock)
    tables = (
        core.skus,
        core.movements,
        keep(ground, "shelf_months", ShelfMonth, tells=False),
        keep(ground, "health", HealthItem, store.HEALTH, tells=False),
    )
    health = Health(tables, selling, lowstock, classes, proposals, jobs, settings, clock)
    said = keep(ground, "shelf_readings", ShelfReading, store.READINGS, tells=False)
    readings = Readings(said, core.skus, proposals, core.notices, settings, clock)
    return _Shelves(stockouts, classes, lowstock, proposals, counts, transfers, health, readings)
