"""This is where it is judged whether goods may cross a border, and what that costs: at the quote, at checkout, and before a
parcel is planned. Who stays in the country costs one comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.kit.errors import FieldError, Invalid
from services.logistics.words import is_country

from .duties import Duties, Estimate, Item, estimate
from .goods import CustomsGoods, Goods
from .restrictions import PROHIBITED, RESTRICTED, Restrictions

MISSING = "missing"
_MOST_LINES = 1_000


class InvalidCrossing(Invalid):
    """Nothing that could cross a border."""


@dataclass(frozen=True, slots=True)
class Going:
    """So many of a SKU, and what was paid for one."""

    sku: str
    quantity: int
    unit_minor: int


@dataclass(frozen=True, slots=True)
class Against:
    """What stands against a SKU's going: `kind` is `prohibited`, `restricted`, or `missing` where customs data is."""

    sku: str
    kind: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """The verdict; `estimate` None where nobody has entered the country's duties, or in another currency."""

    against: tuple[Against, ...] = ()
    estimate: Estimate | None = None

    @property
    def refused(self) -> bool:
        """Whether it may not go at all."""
        return any(one.kind == PROHIBITED for one in self.against)


class Line(Protocol):
    """A line of a parcel."""

    sku: str


class Clearance:
    """Judges what crosses a border."""

    def __init__(self, home: str, goods: CustomsGoods, restrictions: Restrictions, duties: Duties) -> None:
        self._home, self.goods, self.restrictions, self.duties = home, goods, restrictions, duties

    def abroad(self, country: str) -> bool:
        """Whether customs is in between."""
        return country not in ("", self._home)

    async def crossing(self, country: str, going: Sequence[Going], currency: str, freight_minor: int = 0) -> Crossing:
        """What stands against it and what it costs. Nothing, at home. Refuses with INVALID_CROSSING."""
        _check(country, going, freight_minor)
        if not self.abroad(country):
            return Crossing()
        known = await self.goods.of([one.sku for one in going])
        against = await self._against(country, [one.sku for one in going], known)
        table = await self.duties.of(country)
        if table is None or table.currency != currency:
            return Crossing(tuple(against))
        items = [
            Item(
                one.sku, known[one.sku].hs_code if one.sku in known else "", declared(one, known.get(one.sku), currency)
            )
            for one in going
        ]
        return Crossing(tuple(against), estimate(table, items, freight_minor))

    async def waits_for(self, country: str, lines: Sequence[Line]) -> list[str]:
        """Why a parcel there cannot leave yet, a line each; nothing at home."""
        if not self.abroad(country):
            return []
        skus = [line.sku for line in lines]
        against = await self._against(country, skus, await self.goods.of(skus))
        return [f"customs: {one.sku} {one.reason}: {one.text}" for one in against if one.kind != RESTRICTED]

    async def _against(self, country: str, skus: Sequence[str], known: Mapping[str, Goods]) -> list[Against]:
        found: list[Against] = []
        for sku in dict.fromkeys(skus):
            goods = known.get(sku, Goods(sku))
            for one in await self.restrictions.against(country, goods):
                found.append(Against(sku, one.kind, one.reason, one.text))
            if goods.missing:
                found.append(Against(sku, MISSING, "customs_data_missing", f"no {', '.join(goods.missing)}"))
        return found


def declared(one: Going, goods: Goods | None, currency: str) -> int:
    """What is declared for a line: what was paid, or the worth staff have said where that is more."""
    said = goods.declared_minor if goods and goods.declared_currency == currency else 0
    return max(one.unit_minor, said) * one.quantity


def _check(country: str, going: Sequence[Going], freight_minor: int) -> None:
    wrong = {
        "/country": is_country(country) or "an ISO 3166-1 alpha-2 code",
        "/lines": 1 <= len(going) <= _MOST_LINES or f"1 to {_MOST_LINES}",
        "/freight": 0 <= freight_minor <= 10**12 or "not below zero",
    }
    for index, one in enumerate(going[:_MOST_LINES]):
        if not (0 < one.quantity <= 10**6 and 0 <= one.unit_minor <= 10**12):
            wrong[f"/lines/{index}"] = "a quantity from 1, a price from 0"
    errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
    if errors:
        raise InvalidCrossing(errors[0].message, errors=errors)
