"""This is where it is decided how an order goes out: from which warehouses, with which carrier, and until when."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.money import Money

from .allocation import Choice, Circumstances, choose
from .carriers import DEFAULT_CARRIER
from .fleet.carrier import OWN_FLEET
from .freight import Freight
from .numbering import MOST_PARTS
from .rates import shop
from .shelves import Shelf
from .shipments import Shipment
from .tariffs import Consignment
from .warehouses import Warehouse, Warehouses

USUAL_DAYS = 7  # where the option chosen is there no more


class Outgoing:
    """Decides; takes and keeps nothing."""

    def __init__(
        self,
        warehouses: Warehouses,
        freight: Freight,
        carriers_on: Callable[[], Awaitable[Collection[str]]],
        clock: Clock,
    ) -> None:
        self._warehouses, self._freight, self._on, self._clock = warehouses, freight, carriers_on, clock

    async def serving(self, wanted: str) -> str:
        """The carrier wanted, if it is on; else the default one, else any that is."""
        on = await self._on()
        far = [code for code in on if code != OWN_FLEET]  # riders bring within their city only
        return next((code for code in (wanted, DEFAULT_CARRIER, *far) if code in on), DEFAULT_CARRIER)

    async def routed(
        self,
        draft: Shipment,
        known: Mapping[str, Warehouse],
        shelf: Shelf,
        short: Mapping[str, set[str]],
        most: int = MOST_PARTS,
    ) -> Choice:
        """From where it is sent best in at most `most` parcels. `short`: SKUs by warehouse that are not there after all."""
        stock = {
            code: {sku: units for sku, units in units_of.items() if sku not in short.get(code, ())}
            for code, units_of in shelf.units.items()
        }
        now = self._clock.now()
        given = Circumstances(
            await self._freight.cards(),
            draft.promise_days,
            shelf.classes,
            {code: warehouse.wait_days(now) for code, warehouse in known.items()},
            await self._warehouses.full(),
            most,
        )
        return choose(draft.lines, draft.region, known, stock, given)

    def due(self, draft: Shipment, warehouse: Warehouse | None) -> datetime:
        """At the door until then: so many days after what was paid leaves that warehouse."""
        paid = draft.paid_at or draft.created_at
        return (warehouse.leaves(paid) if warehouse else paid) + timedelta(days=draft.promise_days or USUAL_DAYS)

    async def choose_carrier(self, parcel: Shipment) -> None:
        """The carrier whose rate card is best among those that keep the promise; without rate cards the option's own."""
        on = await self._on()
        cards = [card for card in await self._freight.cards() if card.template.carrier in on]
        for currency in {card.template.currency for card in cards}:
            sent = Consignment(
                parcel.region, parcel.weight_g, sum(line.quantity for line in parcel.lines), Money(currency, 0)
            )
            within = parcel.promise_days
            if ways := shop(cards, sent, self._freight.scores, warehouse=parcel.warehouse, within_days=within):
                parcel.carrier = ways[0].tariff.template.carrier
                parcel.reasons = [*parcel.reasons, f"carrier {parcel.carrier} by {ways[0].quote.id}: {ways[0].verdict}"]
                return
