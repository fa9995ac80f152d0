"""This is where the supply wing is put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import forecasts_pb2_grpc, replenishment_pb2_grpc
from shop.catalog.v1.events_pb2 import StockMoved

from services.catalog.core import Core
from services.catalog.settings import CatalogSettings
from services.catalog.shelves.classes import SkuClass
from services.catalog.shelves.stockouts import StockoutDay
from services.catalog.store import keep
from services.kit.computing import apart
from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service

from . import store
from .api import ForecastsApi, ReplenishmentApi
from .drafting import Drafting
from .forecasts import Accuracy, Forecasts, SkuForecast
from .history import History, SalesDay
from .pasts import Pasts
from .plan import Plan, PlanLine
from .planning import Planning
from .policies import ReplenishmentPolicies, ReplenishmentPolicy
from .runs import Runs
from .service_levels import LevelTuning, ServiceLevels
from .sums import Compute

_WATCH_S = 2.0
_NIGHT_S = 60.0


@dataclass(frozen=True)
class Autopilot:
    """The wing's use cases."""

    forecasts: Forecasts
    history: History
    policies: ReplenishmentPolicies
    plan: Plan
    runs: Runs
    drafting: Drafting


def autopilot(ground: Ground[Any], core: Core, compute: Compute = apart) -> Autopilot:
    """The wing on its tables; its sums are done by `compute`."""
    settings: CatalogSettings = ground.settings
    days = keep(ground, "sales_days", SalesDay, store.HISTORY, tells=False)
    kept = keep(ground, "forecasts", SkuForecast, store.FORECASTS, tells=False)
    lines = keep(ground, "replenishment_lines", PlanLine, store.LINES, tells=False)
    wanted = keep(ground, "replenishment_policies", ReplenishmentPolicy, tells=False)
    scores = keep(ground, "forecast_accuracies", Accuracy, tells=False)
    levels = keep(ground, "service_levels", ServiceLevels, tells=False)
    # What the shelves keep is read here; its indexes are theirs.
    empty = keep(ground, "stockouts", StockoutDay, tells=False)
    classes = keep(ground, "classes", SkuClass, tells=False)
    policies = ReplenishmentPolicies(wanted, core.skus, core.clock)
    pasts = Pasts(core.days, days, empty, core.products)
    forecasts = Forecasts(kept, scores, core.products, core.skus)
    shares = settings.abc_a_percent, settings.abc_b_percent
    tuning = LevelTuning(levels, kept, core.skus, core.purchasing.items, pasts, shares, compute)
    planning = Planning(lines, kept, classes, core.skus, policies, core.purchasing, compute)
    drafting = Drafting(lines, core.skus, core.purchasing, core.notices)
    clock = core.clock
    runs = Runs(
        core.jobs, core.skus, kept, lines, pasts, forecasts, tuning, planning, drafting, policies, clock, compute
    )
    return Autopilot(forecasts, History(days, core.skus, core.clock), policies, Plan(lines), runs, drafting)


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    wing = autopilot(ground, core)

    async def on_stock_moved(events: Sequence[tuple[StockMoved, Told]]) -> None:
        """What went may have crossed its line."""
        wing.drafting.noticed([event.sku for event, _ in events if event.quantity < 0])

    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.ForecastsService",
                forecasts_pb2_grpc.add_ForecastsServiceServicer_to_server,
                ForecastsApi(wing.forecasts, wing.history),
            ),
            Answers(
                "shop.catalog.v1.ReplenishmentService",
                replenishment_pb2_grpc.add_ReplenishmentServiceServicer_to_server,
                ReplenishmentApi(wing.policies, wing.plan, wing.runs),
            ),
        ],
        hears=Hears(own={StockMoved: on_stock_moved}),
        chores=[Chore(_WATCH_S, wing.drafting.watch), Chore(_NIGHT_S, wing.runs.nightly)],
    )
