"""This is where freight templates are kept, and what sending costs is asked of all of them."""

from collections.abc import Mapping
from dataclasses import replace

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, VersionMismatch
from services.kit.store import Store

from .carriers import Parcel
from .freight_rules import WEIGHT, problems
from .messages.told import freight_changed
from .offers import Offers
from .rates import USUAL, Candidate, Scores, Weights, neutral, shop
from .regions import PROVINCES, Region, province
from .remembered import Remembered
from .tariffs import Consignment, Quote, Tariff, Template, Zone
from .words import is_country, is_text

_MOST_TEMPLATES = 500
_MOST_UNITS = 1_000_000_000
_MOST_MM3 = 10**15
_MOST_CATEGORIES = 200
_TRIES = 5
USUAL_DAYS = 7  # where nothing else is promised


class InvalidTemplate(Invalid):
    """Not a freight template as it is described."""


class InvalidConsignment(Invalid):
    """Nothing that could be sent."""


def checked_consignment(sent: Consignment) -> Consignment:
    """The consignment. Refuses with `InvalidConsignment`."""
    place = sent.region
    wrong = {
        "/region/country": is_country(place.country) or "an ISO 3166-1 alpha-2 code",
        "/region/province": is_text(place.province, 64) or "at most 64 printable characters",
        "/weight_g": 0 <= sent.weight_g <= _MOST_UNITS or f"0 to {_MOST_UNITS} grams",
        "/pieces": 0 <= sent.pieces <= _MOST_UNITS or f"0 to {_MOST_UNITS} units",
        "/volume_mm3": 0 <= sent.volume_mm3 <= _MOST_MM3 or f"0 to {_MOST_MM3} mm³",
        "/categories": len(sent.categories) <= _MOST_CATEGORIES or f"at most {_MOST_CATEGORIES}",
        "/goods/minor": sent.goods.minor >= 0 or "not below zero",
        "/goods/currency": (len(sent.goods.currency) == 3 and sent.goods.currency.isalpha()) or "an ISO 4217 code",
    }
    errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
    if errors:
        raise InvalidConsignment("this cannot be sent", errors=errors)
    return sent


class Freight:
    """The templates, in memory; a quote is a pure function of them. `scores`: what is known of carriers."""

    def __init__(
        self,
        kept: Store[Template],
        carriers: Mapping[str, object],
        clock: Clock,
        offers: Offers,
        scores: Scores = neutral,
    ) -> None:
        self._kept, self._carriers, self._clock = kept, carriers, clock
        self.offers, self.scores = offers, scores
        self._known = Remembered(self._read)
        self.forget = self._known.forget

    async def _read(self) -> dict[str, Tariff]:
        return {template.id: Tariff(template) for template in await self._kept.find({}, limit=_MOST_TEMPLATES)}

    async def quotes(self, sent: Consignment, warehouse: str = "", wait_days: int = 0) -> list[Quote]:
        """The ways to send it from there that customers are offered, cheapest first. `wait_days`: until it leaves at all.

        Refuses with `InvalidConsignment`.
        """
        checked_consignment(sent)
        known = await self._known.get()
        offered = [tariff for tariff in known.values() if not tariff.template.rate_card]
        made = [quote for tariff in offered if (quote := tariff.quote(sent, warehouse))]
        if wait_days:
            made = [replace(q, min_days=q.min_days + wait_days, max_days=q.max_days + wait_days) for q in made]
        return sorted(made, key=lambda quote: (quote.price.minor, quote.id))

    async def shopped(
        self,
        sent: Consignment,
        weights: Weights = USUAL,
        *,
        warehouse: str = "",
        within_days: int = 0,
        origin: Region | None = None,
    ) -> list[Candidate]:
        """Every carrier's way, the best first, each with why; carriers that can be asked are. Refuses with
        `InvalidConsignment`."""
        checked_consignment(sent)
        known = (await self._known.get()).values()
        carded = {tariff.template.carrier for tariff in known if tariff.template.rate_card}
        asked = Parcel("quote", sent.region, sent.weight_g, origin=origin or Region(), pieces=sent.pieces)
        offered = await self.offers.of(asked, await self.offers.carriers(carded), within_days or USUAL_DAYS)
        return shop(known, sent, self.scores, weights, warehouse=warehouse, within_days=within_days, offered=offered)

    async def cards(self) -> list[Tariff]:
        """What carriers charge the shop."""
        return [tariff for tariff in (await self._known.get()).values() if tariff.template.rate_card]

    async def option(self, template_id: str) -> Tariff | None:
        """The way of sending that a customer chose; None if it is there no more."""
        return (await self._known.get()).get(template_id)

    async def all(self) -> list[Template]:
        """Every template, by id."""
        return [tariff.template for tariff in (await self._known.get()).values()]

    async def put(self, template: Template) -> Template:
        """Makes or changes one. Refuses with `InvalidTemplate`."""
        if errors := problems(template, self._carriers):
            raise InvalidTemplate("this is no freight template", errors=errors)
        for _ in range(_TRIES):
            event = freight_changed(template.id, self._clock.now())
            before = await self._kept.get(template.id)
            try:
                if before is None:
                    kept = await self._kept.insert(template, event)
                else:
                    template.version = before.version
                    kept = await self._kept.save(template, event)
            except (AlreadyExists, VersionMismatch):
                continue
            self.forget()
            return kept
        raise Conflict("this template keeps changing")

    async def found(self, first: list[Template]) -> None:
        """Gives a shop that has none its first templates."""
        if await self._kept.find({}, limit=1):
            return
        for template in first:
            try:
                await self._kept.insert(template)
            except AlreadyExists:
                continue  # another replica was quicker


_REMOTE = ["新疆", "西藏", "內蒙古"]
STANDARD = Template(
    "standard",
    "標準快遞 Standard",
    WEIGHT,
    "CNY",
    [
        Zone(["CN"], _REMOTE, 1000, 1800, 1000, 1200, 0, 4, 8),
        Zone(["CN"], [], 1000, 800, 1000, 200, 9900, 2, 4),
        Zone([], [], 500, 6000, 500, 3000, 0, 7, 15),
    ],
)
# Next day is promised only where it can be kept.
_NEAR = [name for name in PROVINCES if name not in {province(far) for far in (*_REMOTE, "香港", "澳門", "臺灣")}]
EXPRESS = Template("express", "次日達 Express", WEIGHT, "CNY", [Zone(["CN"], _NEAR, 1000, 1800, 1000, 600, 0, 1, 1)])
