"""This is where the media library is put together."""

from typing import Any

from shop.catalog.v1 import media_pb2_grpc

from services.catalog.content import Product
from services.catalog.core import Core
from services.catalog.settings import CatalogSettings
from services.catalog.store import Table, keep
from services.kit.service import Answers, Chore, Ground, Service

from . import store
from .api import MediaApi
from .assets import Asset, Picture
from .gate import PictureGate, Standard
from .library import Library
from .rights import Declarations, Licences

_LOOK_S = 60.0  # what it looks for ends by the day; a look that finds nothing is one read of an index


def library(ground: Ground[Any], products: Table[Product]) -> Library:
    """The pictures: other wings look here, too, and say which they show."""
    assets = keep(ground, "media", Asset, store.ASSETS, tells=False)
    return Library(assets, keep(ground, "media_pictures", Picture, tells=False), products, ground.clock)


def build(ground: Ground[Any], core: Core) -> Service:
    """The library's doors, its gate before listings, and its chore."""
    settings: CatalogSettings = ground.settings
    assets, standard = core.library.assets, Standard(settings.main_image_white_percent / 100)
    core.gates.of_listings.append(PictureGate(assets, core.clock, standard, development=core.development))
    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.MediaService",
                media_pb2_grpc.add_MediaServiceServicer_to_server,
                MediaApi(core.library, Declarations(assets, core.clock), standard),
            )
        ],
        chores=[Chore(_LOOK_S, Licences(assets, core.notices, core.clock).look)],
    )
