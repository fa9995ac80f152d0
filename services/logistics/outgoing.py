"""This is where it is decided how an order goes out: from which warehouses, with which carrier, and until when."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.money import Money

from .allocation import Choice, Circumstances, choose
from .carriers import DEFAULT_CARRIER, Parcel
from .fleet.carrier import OWN_FLEET
from .freight import USUAL_DAYS, Freight
from .numbering import MOST_PARTS
from .rates import shop
from .shelves import Shelf
from .shipments import Shipment
from .tariffs import Consignment
from .warehouses import Warehouse, Warehouses


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
        """At the door until then: until its window ends, else so many days after what was paid leaves that warehouse."""
        if draft.own.window_until:
            return draft.own.window_until
        paid = draft.paid_at or draft.created_at
        return (warehouse.leaves(paid) if warehouse else paid) + timedelta(days=draft.promise_days or USUAL_DAYS)

    async def choose_carrier(self, parcel: Shipment) -> None:
        """The carrier that asks least, by its rate card or by its own word, of those that keep the promise; the option's own
        where nobody names a price. What our riders are to bring they bring."""
        if parcel.carrier == OWN_FLEET:
            return
        on, within = await self._on(), parcel.promise_days
        cards = [card for card in await self._freight.cards() if card.template.carrier in on]
        carded = {card.template.carrier for card in cards}
        able = await self._freight.offers.carriers(carded)
        if carded | {carrier.code for carrier in able} <= {parcel.carrier}:
            able = []  # there is nothing to choose
        offered = await self._freight.offers.of(asked(parcel), able, within or USUAL_DAYS) if able else []
        for currency in sorted({card.template.currency for card in cards} | {q.price.currency for _, q in offered}):
            sent = Consignment(parcel.region, parcel.weight_g, parcel.pieces, Money(currency, 0))
            scores, warehouse = self._freight.scores, parcel.warehouse
            if ways := shop(cards, sent, scores, warehouse=warehouse, within_days=within, offered=offered):
                parcel.carrier = ways[0].tariff.template.carrier
                parcel.reasons = [*parcel.reasons, f"carrier {parcel.carrier} by {ways[0].quote.id}: {ways[0].verdict}"]
                return


def asked(parcel: Shipment) -> Parcel:
    """What a carrier is asked of it."""
    return Parcel(
        parcel.id,
        parcel.region,
        parcel.weight_g,
        parcel.order_id,
        parcel.origin,
        parcel.sealed_address,
        parcel.pieces,
    )
