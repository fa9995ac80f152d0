"""This is where a freight template is asked what sending costs: zones in order, units begun, and when it is free. Pure."""

from dataclasses import dataclass, field

from services.kit.money import Money

from .freight_rules import PIECE, VOLUME
from .regions import Region, province

_MM3_A_CM3 = 1000
_NO_MINOR_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF"})
_UNIT = {PIECE: "件 pcs", VOLUME: "cm³"}


@dataclass
class Zone:
    """What one zone pays, in minor units of the template's currency. Units are grams, pieces or cm³.

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
class FreeRule:
    """When freight is free: all that is said must hold. 0 and an empty list say nothing."""

    title: str
    from_minor: int = 0
    from_pieces: int = 0
    up_to_weight_g: int = 0
    countries: list[str] = field(default_factory=list)
    provinces: list[str] = field(default_factory=list)
    except_provinces: list[str] = field(default_factory=list)


@dataclass
class Template:
    """A way of sending; `by` is `weight` (grams), `piece` or `volume` (cm³). The first zone that fits is used.

    `divisor`: mm³ that weigh a gram (0: the actual weight is charged). A `rate_card` is what a carrier charges the shop.
    """

    id: str
    title: str
    by: str
    currency: str
    zones: list[Zone]
    carrier: str = "sandbox"
    divisor: int = 0
    free_rules: list[FreeRule] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    except_categories: list[str] = field(default_factory=list)
    warehouses: list[str] = field(default_factory=list)
    rate_card: bool = False
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
    """What is to be sent: grams, units, what the goods cost after discounts, mm³ (0: not measured), their categories."""

    region: Region
    weight_g: int
    pieces: int
    goods: Money
    volume_mm3: int = 0
    categories: tuple[str, ...] = ()


def chargeable_g(weight_g: int, volume_mm3: int, divisor: int) -> int:
    """The greater of the actual weight and the volume's, in whole grams, rounded up (max(actual, L·W·H / divisor))."""
    return max(weight_g, -(-volume_mm3 // divisor)) if divisor else weight_g


class _Reach:
    """Countries and provinces, ready to be asked."""

    def __init__(self, countries: list[str], provinces: list[str], but: list[str] | None = None) -> None:
        self._countries = frozenset(countries)
        self._provinces = frozenset(map(province, provinces))
        self._but = frozenset(map(province, but or ()))

    def fits(self, country: str, place: str) -> bool:
        return (
            (not self._countries or country in self._countries)
            and (not self._provinces or place in self._provinces)
            and place not in self._but
        )


class Tariff:
    """A template ready to be asked."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._zones = [(zone, _Reach(zone.countries, zone.provinces)) for zone in template.zones]
        self._rules = [(r, _Reach(r.countries, r.provinces, r.except_provinces)) for r in template.free_rules]
        self._only, self._never = frozenset(template.categories), frozenset(template.except_categories)
        self._warehouses = frozenset(template.warehouses)

    def zone(self, region: Region) -> Zone | None:
        """The first zone that fits, or None where this does not go."""
        place = province(region.province)
        return next((zone for zone, reach in self._zones if reach.fits(region.country, place)), None)

    def takes(self, sent: Consignment, warehouse: str = "") -> bool:
        """Whether it is for such goods, and from there."""
        if self._warehouses and warehouse not in self._warehouses:
            return False
        return self._never.isdisjoint(sent.categories) and (
            not self._only or bool(sent.categories and self._only.issuperset(sent.categories))
        )

    def chargeable_g(self, sent: Consignment) -> int:
        """Grams that count."""
        return chargeable_g(sent.weight_g, sent.volume_mm3, self.template.divisor)

    def quote(self, sent: Consignment, warehouse: str = "") -> Quote | None:
        """first price + further steps begun × step price, or nothing where a rule says so; None where this does not go."""
        template = self.template
        if sent.goods.currency != template.currency or not self.takes(sent, warehouse):
            return None
        if (zone := self.zone(sent.region)) is None:
            return None
        units = self._units(sent)
        steps = -(-max(0, units - zone.first_units) // zone.step_units)
        price, reason = zone.first_price + steps * zone.step_price, self._free(zone, sent)
        if reason:
            price = 0
        else:
            reason = self._why(zone, steps, sent)
        return Quote(template.id, template.title, Money(template.currency, price), zone.min_days, zone.max_days, reason)

    def _units(self, sent: Consignment) -> int:
        if self.template.by == PIECE:
            return sent.pieces
        if self.template.by == VOLUME:
            return -(-sent.volume_mm3 // _MM3_A_CM3)
        return self.chargeable_g(sent)

    def _free(self, zone: Zone, sent: Consignment) -> str:
        """Why it is free; empty when it is not."""
        if zone.free_from and sent.goods.minor >= zone.free_from:
            return f"滿 {_spelled(zone.free_from, self.template.currency)} 包郵 free shipping"
        if not self._rules:
            return ""
        place, grams = province(sent.region.province), self.chargeable_g(sent)
        for rule, reach in self._rules:
            if (
                sent.goods.minor >= rule.from_minor
                and sent.pieces >= rule.from_pieces
                and (not rule.up_to_weight_g or grams <= rule.up_to_weight_g)
                and reach.fits(sent.region.country, place)
            ):
                return f"{rule.title}: 包郵 free shipping"
        return ""

    def _why(self, zone: Zone, steps: int, sent: Consignment) -> str:
        currency, unit = self.template.currency, _UNIT.get(self.template.by, "g")
        said = f"首 first {zone.first_units} {unit} {_spelled(zone.first_price, currency)}"
        if steps:
            said += f" + 續 {steps} × {zone.step_units} {unit} {_spelled(zone.step_price, currency)}"
        if self.template.by not in _UNIT and (grams := self.chargeable_g(sent)) > sent.weight_g:
            said += f"; 體積重 by volume {grams} g"
        return said


def _spelled(minor: int, currency: str) -> str:
    return f"{currency} {minor}" if currency in _NO_MINOR_UNITS else f"{currency} {minor // 100}.{minor % 100:02d}"
