"""This is the map of merchants: who answers, what stands before a listing, what gets attention by itself."""

from zoneinfo import ZoneInfo

from shop.catalog.v1 import merchant_applications_pb2_grpc, merchants_pb2_grpc, requirements_pb2_grpc

from services.catalog.core import Core
from services.catalog.settings import CatalogSettings
from services.catalog.store import keep
from services.kit.seal import Seal
from services.kit.service import Answers, Chore, Ground, Service

from . import store
from .api import ApplicationsApi, MerchantsApi, RequirementsApi
from .applications import Application, Applications
from .attending import Attending
from .licensing import Licensing
from .merchants import Merchant, Merchants
from .papers import Days
from .penalties import Penalties
from .points import Thresholds
from .qualifications import Qualifications
from .requirements import Demand, Requirements
from .sweeps import KIND, Sweeps

_ATTEND_S = 0.5


def build(ground: Ground[CatalogSettings], core: Core) -> Service:
    """Merchants, on catalog's ground."""
    chosen, clock, seal = ground.settings, core.clock, Seal(ground.settings.seal_key)
    days = Days(ZoneInfo(chosen.shop_timezone))
    thresholds = Thresholds(
        chosen.penalty_warning_points, chosen.penalty_suspension_points, chosen.penalty_closure_points
    )
    kept = keep(ground, "merchants", Merchant, store.MERCHANTS, tells=False)
    applied = keep(ground, "merchant_applications", Application, store.APPLICATIONS, tells=False)
    merchants = Merchants(kept, seal, thresholds, clock)
    applications = Applications(applied, kept, core.categories, seal, days, clock)
    demands = keep(ground, "category_demands", Demand, tells=False)
    requirements = Requirements(demands, core.categories, core.jobs)
    gate = Qualifications(kept, requirements, core.categories, thresholds, clock)
    core.gates.of_listings.append(gate)
    core.jobs.kinds[KIND] = Sweeps(core.products, gate, core.takedowns, core.categories).step
    licensing = Licensing(merchants, core.categories, days, clock)
    penalties = Penalties(merchants, core.products, clock)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.MerchantsService",
                merchants_pb2_grpc.add_MerchantsServiceServicer_to_server,
                MerchantsApi(merchants, licensing, penalties, clock),
            ),
            Answers(
                "shop.catalog.v1.MerchantApplicationsService",
                merchant_applications_pb2_grpc.add_MerchantApplicationsServiceServicer_to_server,
                ApplicationsApi(applications),
            ),
            Answers(
                "shop.catalog.v1.RequirementsService",
                requirements_pb2_grpc.add_RequirementsServiceServicer_to_server,
                RequirementsApi(requirements),
            ),
        ],
        chores=[Chore(_ATTEND_S, Attending(kept, core.notices, core.jobs, thresholds, clock).attend)],
        before=[merchants.begin_with_own],
    )
