"""This is where the wing of bundles is put together."""

from collections.abc import Sequence
from typing import Any

from shop.catalog.v1 import bundles_pb2_grpc
from shop.catalog.v1.events_pb2 import ProductChanged

from services.catalog.availability import Availability
from services.catalog.core import Core
from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Ground, Service

from .api import BundlesApi
from .bundles import Bundles


def build(ground: Ground[Any], core: Core) -> Service:
    """The map."""
    availability = Availability(core.skus, core.clock)
    bundles = Bundles(core.skus, core.products, core.writing, core.gates, core.costs, availability, core.clock)

    async def on_product_changed(events: Sequence[tuple[ProductChanged, Told]]) -> None:
        """A part may cost something else now."""
        await bundles.follow_costs(sorted({sku for event, _ in events for sku in event.skus}))

    return Service(
        answers=[
            Answers(
                "shop.catalog.v1.BundlesService",
                bundles_pb2_grpc.add_BundlesServiceServicer_to_server,
                BundlesApi(bundles),
            )
        ],
        hears=Hears(own={ProductChanged: on_product_changed}),
    )
