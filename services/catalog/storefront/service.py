"""This is where the storefront is put together."""

from typing import Any

from shop.catalog.v1 import pages_pb2_grpc, scarcity_pb2_grpc, store_pb2_grpc, storefront_pb2_grpc

from services.catalog.core import Core
from services.catalog.settings import CatalogSettings
from services.catalog.store import keep
from services.kit.service import Answers, Ground, Service

from . import store
from .api import PagesApi, ScarcityApi, StoreApi, StorefrontApi
from .front import Fronts
from .modules import Front
from .pages import Pages
from .profile import Profile, Profiles
from .scarcity import Scarcities
from .sections import ProductPage
from .sold import Sales


def build(ground: Ground[Any], core: Core) -> Service:
    """Pages, scarcity, the profile and the front page."""
    settings: CatalogSettings = ground.settings
    library, clock = core.library, core.clock
    sales = Sales(core.days, clock, settings.sold_days)
    pages = keep(ground, "pages", ProductPage, store.PAGES, tells=False)
    profiles = keep(ground, "store", Profile, tells=False)
    fronts = keep(ground, "storefront", Front, tells=False)
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.PagesService",
                pages_pb2_grpc.add_PagesServiceServicer_to_server,
                PagesApi(Pages(pages, core.writing, library, core.gates, sales, clock)),
            ),
            Answers(
                "shop.catalog.v1.ScarcityService",
                scarcity_pb2_grpc.add_ScarcityServiceServicer_to_server,
                ScarcityApi(Scarcities(core.writing, sales, settings.scarcity_units)),
            ),
            Answers(
                "shop.catalog.v1.StoreService",
                store_pb2_grpc.add_StoreServiceServicer_to_server,
                StoreApi(Profiles(profiles, library, core.gates, clock)),
            ),
            Answers(
                "shop.catalog.v1.StorefrontService",
                storefront_pb2_grpc.add_StorefrontServiceServicer_to_server,
                StorefrontApi(Fronts(fronts, core.products, core.skus, core.categories, library, core.gates, clock)),
            ),
        ]
    )
