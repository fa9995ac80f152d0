"""This is where price rules hear what changed about their SKUs: somebody set a price, or moved a product."""

from collections.abc import Sequence

from shop.catalog.v1.events_pb2 import PriceChanged, ProductChanged

from services.kit.events import Told

from .scheduling import Scheduling


class Heard:
    """What rules listen to. They look at how things are, not at what is told: to be told twice is no harm."""

    def __init__(self, scheduling: Scheduling) -> None:
        self._scheduling = scheduling

    async def on_price_changed(self, events: Sequence[tuple[PriceChanged, Told]]) -> None:
        """A rule still runs: it takes its share off the new price."""
        await self._scheduling.prices_changed(list({event.sku for event, _ in events}))

    async def on_product_changed(self, events: Sequence[tuple[ProductChanged, Told]]) -> None:
        """New in a category, or gone from it."""
        await self._scheduling.products_changed(list({sku for event, _ in events for sku in event.skus}))
