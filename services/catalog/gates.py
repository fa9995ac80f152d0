"""This is where a listing is looked at before customers may see it: each gate says what it has against it, where, and why.

The same gates stand before publishing, before every change of what is on sale, and go over all of it again when a rule has
changed (C06, C20). A finding is said in English and in Chinese. Pure.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services.kit.errors import FieldError, WrongState
from services.kit.money import Money

from .content import Product

_MOST_SAID = 50


class Moment(StrEnum):
    """Why it is looked at."""

    REVIEW = "review"  # handed in, approved or published
    EDIT = "edit"  # on sale, and about to change
    IMPORT = "import"  # a row of a file would put it on sale, or change what is
    RESCAN = "rescan"  # a rule, a licence or a list has changed


@dataclass(frozen=True, slots=True)
class Finding:
    """What a gate has against a listing."""

    code: str  # BANNED_WORD
    pointer: str  # /title
    en: str
    zh: str
    suggestion: str = ""  # what to write or do instead
    text: str = ""  # what was found there
    blocks: bool = True  # False: advice
    position: int | None = None  # of what was found, in characters from the start of that text

    @property
    def error(self) -> FieldError:
        """As a refusal says it."""
        return FieldError(self.pointer, f"{self.en} / {self.zh}")


class ListingRefused(WrongState):
    """A gate has something against it; `errors` say what and where."""


class Gate(Protocol):
    """Looks at listings."""

    async def look(self, products: Sequence[Product], moment: Moment) -> Sequence[Sequence[Finding]]:
        """What there is against each product, in the order given; many at once, for files have many rows."""
        ...


@dataclass(frozen=True, slots=True)
class Repricing:
    """A price that is about to change."""

    sku: str
    product_id: str
    merchant_id: str
    category: str
    before: Money
    price: Money
    cost: Money
    weight_g: int
    live: bool
    by: str


class PriceGate(Protocol):
    """Looks at prices."""

    async def look_at_prices(self, changes: Sequence[Repricing]) -> Sequence[Sequence[Finding]]:
        """What there is against each change, in the order given."""
        ...


class Gates:
    """All gates there are; the wings of catalog add theirs when they are built."""

    def __init__(self) -> None:
        self.of_listings: list[Gate] = []
        self.of_prices: list[PriceGate] = []

    async def look(self, products: Sequence[Product], moment: Moment) -> list[list[Finding]]:
        """What all gates together have against each product."""
        return _by_thing(len(products), await asyncio.gather(*(g.look(products, moment) for g in self.of_listings)))

    async def look_at_prices(self, changes: Sequence[Repricing]) -> list[list[Finding]]:
        """What all gates together have against each change of a price."""
        return _by_thing(len(changes), await asyncio.gather(*(g.look_at_prices(changes) for g in self.of_prices)))

    async def demand(self, product: Product, moment: Moment) -> list[Finding]:
        """The advice there is. Refuses with LISTING_REFUSED when anything blocks."""
        (findings,) = await self.look([product], moment)
        return demand_none(findings)

    async def demand_price(self, change: Repricing) -> list[Finding]:
        """The advice there is. Refuses with LISTING_REFUSED when anything blocks."""
        (findings,) = await self.look_at_prices([change])
        return demand_none(findings)


def demand_none(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that are mere advice. Refuses with LISTING_REFUSED when one blocks."""
    if blocking := [finding for finding in findings if finding.blocks]:
        said = "; ".join(f"{finding.pointer}: {finding.en}" for finding in blocking[:3])
        codes = ",".join(dict.fromkeys(finding.code for finding in blocking))
        raise ListingRefused(said, errors=[finding.error for finding in blocking[:_MOST_SAID]], codes=codes)
    return list(findings)


def _by_thing(count: int, answers: Sequence[Sequence[Sequence[Finding]]]) -> list[list[Finding]]:
    return [[finding for answer in answers for finding in answer[i]] for i in range(count)]
