"""This is where carriers that can be asked say what a parcel costs: beside rate cards, which say it for the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from services.kit.errors import Refused

from .carriers import Carrier, Offer, Parcel
from .freight_rules import WEIGHT
from .tariffs import Quote, Tariff, Template

log = logging.getLogger(__name__)
_PATIENCE_S = 3.0
Offered = tuple[Tariff, Quote]


class Offers:
    """Asks for prices: each carrier that is on, has an account with us, and has no rate card. Who does not answer in three
    seconds has no price this time."""

    def __init__(
        self,
        able: Callable[[str], Awaitable[list[Carrier]]],
        on: Callable[[], Awaitable[Collection[str]]],
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._able, self._on, self._patience_s = able, on, patience_s

    async def carriers(self, carded: Collection[str]) -> list[Carrier]:
        """Who would be asked."""
        able = [carrier for carrier in await self._able("rate") if carrier.code not in carded]
        on = await self._on() if able else ()
        return [carrier for carrier in able if carrier.code in on]

    async def of(self, parcel: Parcel, carriers: Collection[Carrier], days: int) -> list[Offered]:
        """What they ask for it. Who does not say how long it takes is taken to keep the `days` that were promised."""
        asked = await asyncio.gather(*(self._ask(carrier, parcel) for carrier in carriers))
        return [
            _offered(carrier, offer, offer.days or days)
            for carrier, offers in zip(carriers, asked, strict=True)
            for offer in offers
        ]

    async def _ask(self, carrier: Carrier, parcel: Parcel) -> list[Offer]:
        try:
            return await asyncio.wait_for(carrier.rate(parcel), self._patience_s)
        except (Refused, TimeoutError) as away:
            log.info("%s names no price for %s: %s", carrier.code, parcel.shipment_id, getattr(away, "reason", "late"))
            return []


def _offered(carrier: Carrier, offer: Offer, days: int) -> Offered:
    key, currency = f"{carrier.code}:{offer.service}", offer.price.currency
    tariff = Tariff(Template(key, carrier.title, WEIGHT, currency, [], carrier.code, rate_card=True))
    return tariff, Quote(key, carrier.title, offer.price, days, days, "the carrier's own price")
