"""This is where sending gets its price: templates by zone, first unit and further units, free from an amount on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, VersionMismatch
from services.kit.money import Money
from services.kit.store import Store

from .freight_rules import problems
from .messages.told import freight_changed
from .regions import PROVINCES, Region, province
from .remembered import Remembered
from .words import is_country, is_text

_MOST_TEMPLATES = 500
_MOST_UNITS = 1_000_000_000
_TRIES = 5
_NO_MINOR_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF"})


@dataclass
class Zone:
    """What one zone pays, in minor units of the template's currency. Units are grams or pieces.

    No countries means every other country, no provinces all of the countries; `free_from` 0 means never free.
    """

    countries: list[str]
    provinces: list[str]
    first_units: int
    first_price: int
    step_units: int
    step_price: int
    free_from: int
    min_days: int
    max_days: int


@dataclass
class Template:
    """A way of sending; `by` is `weight` (grams) or `piece`. The first zone that fits is used."""

    id: str
    title: str
    by: str
    currency: str
    zones: list[Zone]
    carrier: str = "sandbox"
    version: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """One way to send it and why it costs that; days until it is at the door."""

    id: str
    title: str
    price: Money
    min_days: int
    max_days: int
    reason: str


@dataclass(frozen=True, slots=True)
class Consignment:
    """What is to be sent: grams, units, and what the goods cost after discounts."""

    region: Region
    weight_g: int
    pieces: int
    goods: Money


class InvalidTemplate(Invalid):
    """Not a freight template as it is described."""


class InvalidConsignment(Invalid):
    """Nothing that could be sent."""


@dataclass
class _Reach:
    """A zone's countries and provinces, ready to be asked."""

    zone: Zone
    countries: frozenset[str] = field(init=False)
    provinces: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.countries = frozenset(self.zone.countries)
        self.provinces = frozenset(province(name) for name in self.zone.provinces)

    def fits(self, country: str, place: str) -> bool:
        return (not self.countries or country in self.countries) and (not self.provinces or place in self.provinces)


class Tariff:
    """A template ready to be asked. Pure."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._reaches = [_Reach(zone) for zone in template.zones]

    def zone(self, region: Region) -> Zone | None:
        """The first zone that fits, or None where this does not go."""
        place = province(region.province)
        return next((reach.zone for reach in self._reaches if reach.fits(region.country, place)), None)

    def quote(self, sent: Consignment) -> Quote | None:
        """first price + further steps begun × step price, or nothing from `free_from` on; None where this does not go."""
        if sent.goods.currency != self.template.currency or (zone := self.zone(sent.region)) is None:
            return None
        template, by_weight = self.template, self.template.by == "weight"
        steps = -(-max(0, (sent.weight_g if by_weight else sent.pieces) - zone.first_units) // zone.step_units)
        if zone.free_from and sent.goods.minor >= zone.free_from:
            price, reason = 0, f"滿 {_spelled(zone.free_from, template.currency)} 包郵 free shipping"
        else:
            price = zone.first_price + steps * zone.step_price
            reason = _reason(zone, template.currency, "g" if by_weight else "件 pcs", steps)
        return Quote(template.id, template.title, Money(template.currency, price), zone.min_days, zone.max_days, reason)


def _reason(zone: Zone, currency: str, unit: str, steps: int) -> str:
    first = f"首 first {zone.first_units} {unit} {_spelled(zone.first_price, currency)}"
    if not steps:
        return first
    return f"{first} + 續 {steps} × {zone.step_units} {unit} {_spelled(zone.step_price, currency)}"


def _spelled(minor: int, currency: str) -> str:
    return f"{currency} {minor}" if currency in _NO_MINOR_UNITS else f"{currency} {minor // 100}.{minor % 100:02d}"


def checked_consignment(sent: Consignment) -> Consignment:
    """The consignment. Refuses with `InvalidConsignment`."""
    place = sent.region
    wrong = {
        "/region/country": is_country(place.country) or "an ISO 3166-1 alpha-2 code",
        "/region/province": is_text(place.province, 64) or "at most 64 printable characters",
        "/weight_g": 0 <= sent.weight_g <= _MOST_UNITS or f"0 to {_MOST_UNITS} grams",
        "/pieces": 0 <= sent.pieces <= _MOST_UNITS or f"0 to {_MOST_UNITS} units",
        "/goods/minor": sent.goods.minor >= 0 or "not below zero",
        "/goods/currency": (len(sent.goods.currency) == 3 and sent.goods.currency.isalpha()) or "an ISO 4217 code",
    }
    errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
    if errors:
        raise InvalidConsignment("this cannot be sent", errors=errors)
    return sent


class Freight:
    """The templates, in memory; a quote is a pure function of them."""

    def __init__(self, kept: Store[Template], carriers: Mapping[str, object], clock: Clock) -> None:
        self._kept, self._carriers, self._clock = kept, carriers, clock
        self._known = Remembered(self._read)
        self.forget = self._known.forget

    async def _read(self) -> dict[str, Tariff]:
        return {template.id: Tariff(template) for template in await self._kept.find({}, limit=_MOST_TEMPLATES)}

    async def quotes(self, sent: Consignment) -> list[Quote]:
        """The ways to send it, cheapest first. Refuses with `InvalidConsignment`."""
        checked_consignment(sent)
        known = await self._known.get()
        made = [quote for tariff in known.values() if (quote := tariff.quote(sent))]
        return sorted(made, key=lambda quote: (quote.price.minor, quote.id))

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
    "weight",
    "CNY",
    [
        Zone(["CN"], _REMOTE, 1000, 1800, 1000, 1200, 0, 4, 8),
        Zone(["CN"], [], 1000, 800, 1000, 200, 9900, 2, 4),
        Zone([], [], 500, 6000, 500, 3000, 0, 7, 15),
    ],
)
# Next day is promised only where it can be kept.
_NEAR = [name for name in PROVINCES if name not in {province(far) for far in (*_REMOTE, "香港", "澳門", "臺灣")}]
EXPRESS = Template("express", "次日達 Express", "weight", "CNY", [Zone(["CN"], _NEAR, 1000, 1800, 1000, 600, 0, 1, 1)])
