"""This is where the margins are put together."""

from shop.catalog.v1 import assortment_pb2_grpc, margins_pb2_grpc

from services.catalog.core import Core
from services.catalog.store import keep
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from . import store
from .api import AssortmentApi, MarginsApi
from .assortment import Assortment, IndustryAverage
from .cost_models import CostChange, CostModel, CostModels
from .floor import FloorGate
from .overrides import MarginOverride, OverrideEntry, Overrides
from .reviewing import Reviewing
from .scanning import KIND, Scanning
from .searching import Shelf
from .suggesting import Suggesting
from .terms import Standing

_LAPSE_S = 10.0


def build(ground: Ground[Settings], core: Core) -> Service:
    """The map."""
    overrides = Overrides(
        keep(ground, "margin_overrides", MarginOverride, store.OVERRIDES, tells=False),
        keep(ground, "margin_override_entries", OverrideEntry, store.OVERRIDE_ENTRIES, tells=False),
        core.skus,
        core.clock,
    )
    models = CostModels(
        keep(ground, "cost_models", CostModel, store.COST_MODELS, tells=False),
        keep(ground, "cost_changes", CostChange, store.COST_CHANGES, tells=False),
        core.categories,
        core.skus,
        core.clock,
    )
    standing = Standing(models, overrides, core.skus)
    shelf = Shelf(core.skus, models, overrides, standing)
    scanning = Scanning(core.jobs, core.notices, core.categories, shelf, overrides)
    models.when_changed(scanning.start)
    overrides.when_ended(scanning.start)
    core.jobs.kinds[KIND] = scanning.step
    gate = FloorGate(standing)
    core.gates.of_listings.append(gate)
    core.gates.of_prices.append(gate)
    averages = keep(ground, "industry_averages", IndustryAverage, tells=False)
    door = MarginsApi(models, overrides, standing, shelf, Reviewing(core.days, core.skus, standing, core.clock))
    roles = AssortmentApi(
        Assortment(core.skus, averages, standing, core.categories, core.clock), Suggesting(shelf, averages, core.skus)
    )
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.AssortmentService",
                assortment_pb2_grpc.add_AssortmentServiceServicer_to_server,
                roles,
            ),
            Answers("shop.catalog.v1.MarginsService", margins_pb2_grpc.add_MarginsServiceServicer_to_server, door),
        ],
        chores=[Chore(_LAPSE_S, scanning.lapse)],
    )
