"""This is where it is estimated what the country of destination will take: duty and import VAT/GST. Pure but for the table.

A country has a rate for each HS prefix it distinguishes; the longest that fits counts, an empty prefix is all the rest:

    customs value = goods + freight where the country values CIF, goods alone where FOB
    duty          = Σ line's share of the customs value × duty rate, where the customs value is above the duty de minimis
    tax           = (customs value + duty) × tax rate, where the customs value is above the tax de minimis

Rates are hundredths of a percent; amounts minor units of the rate's currency; each line is rounded half up. Freight falls on
lines by value. Under DAP the receiver pays this at the door, under DDP the shop does, and adds its fee for that:
`ddp_fee_bp` of duty and tax, at least `ddp_fee_minor`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, VersionMismatch
from services.kit.store import Store
from services.logistics.remembered import Remembered
from services.logistics.words import is_country, is_text

_MOST, _MOST_LINES, _TRIES = 300, 500, 5
_ALL = 10_000


class InvalidDutyTable(Invalid):
    """Not a table of duties as it is described."""


@dataclass
class Rate:
    """What goods whose HS code begins so pay, in hundredths of a percent."""

    hs_prefix: str
    duty_bp: int
    tax_bp: int


@dataclass
class DutyTable:
    """A country's. `id` is its ISO 3166-1 alpha-2 code."""

    id: str
    currency: str
    tax_name: str = "VAT"
    cif: bool = True
    duty_de_minimis_minor: int = 0
    tax_de_minimis_minor: int = 0
    ddp: bool = False  # whether the shop offers to pay it
    ddp_fee_bp: int = 0
    ddp_fee_minor: int = 0
    rates: list[Rate] = field(default_factory=list)
    version: int = 0

    def rate(self, hs_code: str) -> Rate | None:
        """The rate of goods; None where nobody has entered one."""
        fits = [one for one in self.rates if hs_code.startswith(one.hs_prefix)]
        return max(fits, key=lambda one: len(one.hs_prefix), default=None)


@dataclass(frozen=True, slots=True)
class Item:
    """Goods that go: what is declared for all of them."""

    sku: str
    hs_code: str
    value_minor: int


@dataclass(frozen=True, slots=True)
class Due:
    """What one line pays."""

    sku: str
    value_minor: int
    duty_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What will be taken, and what it costs when the shop pays it (`ddp_minor`: duty, tax and fee; 0 when not offered)."""

    currency: str
    tax_name: str
    customs_value_minor: int
    duty_minor: int
    tax_minor: int
    ddp_fee_minor: int
    ddp_offered: bool
    lines: tuple[Due, ...]
    unknown: tuple[str, ...] = ()  # SKUs without a rate

    @property
    def ddp_minor(self) -> int:
        """What the shop would take with the order, all in."""
        return self.duty_minor + self.tax_minor + self.ddp_fee_minor if self.ddp_offered else 0


def estimate(table: DutyTable, items: Sequence[Item], freight_minor: int) -> Estimate:
    """By the formula above."""
    goods = sum(item.value_minor for item in items)
    freight = freight_minor if table.cif else 0
    value = goods + freight
    dues, unknown = [], []
    for item, share in zip(items, _shares(freight, [item.value_minor for item in items]), strict=True):
        rate = table.rate(item.hs_code)
        if rate is None:
            unknown.append(item.sku)
            rate = Rate("", 0, 0)
        worth = item.value_minor + share
        duty = _part(worth, rate.duty_bp) if value > table.duty_de_minimis_minor else 0
        tax = _part(worth + duty, rate.tax_bp) if value > table.tax_de_minimis_minor else 0
        dues.append(Due(item.sku, worth, duty, tax))
    duty, tax = sum(due.duty_minor for due in dues), sum(due.tax_minor for due in dues)
    offered = table.ddp and not unknown
    fee = max(table.ddp_fee_minor, _part(duty + tax, table.ddp_fee_bp)) if offered and duty + tax else 0
    return Estimate(table.currency, table.tax_name, value, duty, tax, fee, offered, tuple(dues), tuple(unknown))


def _part(minor: int, basis_points: int) -> int:
    return (minor * basis_points + _ALL // 2) // _ALL


def _shares(whole: int, by: Sequence[int]) -> list[int]:
    """`whole` by value, adding up; evenly to nobody where nothing is worth anything."""
    total, given, shares, seen = sum(by), 0, [], 0
    for value in by:
        seen += value
        share = whole * seen // total - given if total else 0
        shares.append(share)
        given += share
    return shares


def faults(table: DutyTable) -> list[FieldError]:
    """What is wrong with it."""
    amounts = ("duty_de_minimis_minor", "tax_de_minimis_minor", "ddp_fee_minor")
    wrong = {
        "country": is_country(table.id) or "an ISO 3166-1 alpha-2 code",
        "currency": (len(table.currency) == 3 and table.currency.isalpha()) or "an ISO 4217 code",
        "tax_name": is_text(table.tax_name, 20, 1) or "1 to 20 characters",
        "rates": 1 <= len(table.rates) <= _MOST_LINES or f"1 to {_MOST_LINES}",
        "ddp_fee_bp": 0 <= table.ddp_fee_bp <= _ALL or "0 to 10000",
        **{name: 0 <= getattr(table, name) <= 10**12 or "zero or more" for name in amounts},
    }
    found = [FieldError(f"/{name}", str(said)) for name, said in wrong.items() if said is not True]
    seen = set[str]()
    for index, rate in enumerate(table.rates):
        digits = rate.hs_prefix
        if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
            found.append(FieldError(f"/rates/{index}/hs_prefix", "up to 10 digits"))
        if digits in seen:
            found.append(FieldError(f"/rates/{index}/hs_prefix", "there twice"))
        seen.add(digits)
        if not (0 <= rate.duty_bp <= 10 * _ALL and 0 <= rate.tax_bp <= _ALL):
            found.append(FieldError(f"/rates/{index}", "duty to 1000 %, tax to 100 %"))
    return found


class Duties:
    """The tables, in memory."""

    def __init__(self, kept: Store[DutyTable]) -> None:
        self._kept = kept
        self._known = Remembered(self._read)

    async def _read(self) -> Mapping[str, DutyTable]:
        return {table.id: table for table in await self._kept.find({}, limit=_MOST)}

    async def of(self, country: str) -> DutyTable | None:
        """A country's; None where nobody has entered one."""
        return (await self._known.get()).get(country)

    async def all(self) -> list[DutyTable]:
        """By country."""
        return list((await self._known.get()).values())

    async def put(self, table: DutyTable, if_version: int = 0) -> DutyTable:
        """Makes or changes a country's. Refuses with INVALID_DUTY_TABLE, VERSION_MISMATCH."""
        if wrong := faults(table):
            raise InvalidDutyTable(wrong[0].message, errors=wrong)
        for _ in range(_TRIES):
            before = await self._kept.get(table.id)
            if if_version and (before is None or before.version != if_version):
                raise VersionMismatch("somebody else has changed it")
            table.version = before.version if before else 0
            try:
                kept = await (self._kept.save(table) if before else self._kept.insert(table))
            except (AlreadyExists, VersionMismatch):
                continue
            self._known.forget()
            return kept
        raise Conflict("this table keeps changing")
