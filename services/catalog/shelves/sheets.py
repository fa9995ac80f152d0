"""This is where a count sheet and its lines are, and where it is chosen what goes on one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.content import Product
from services.catalog.fields import skus_of
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.store import Document

from .proposals import Proposals

_FIELDS = {"on_hand": 1, "version": 1, "cost": 1}


class CountState(StrEnum):
    """The life of a sheet."""

    OPEN = "open"
    APPROVED = "approved"  # being booked
    BOOKED = "booked"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of a line."""

    NONE = ""  # not yet, or it was not counted
    EQUAL = "equal"
    BOOKED = "booked"
    HELD = "held"  # fewer are there than orders hold: somebody must see to it


@dataclass
class Count:
    """A sheet of one warehouse."""

    id: str
    warehouse: str
    lines: int
    by: str
    created_at: datetime
    state: CountState = CountState.OPEN
    counters: list[str] = field(default_factory=list)
    closed_by: str = ""  # who approved it or called it off
    closed_at: datetime | None = None
    version: int = 0


@dataclass
class CountLine:
    """A SKU on a sheet; the id is `sheet|sku`. `frozen` is what the books said when it was opened, `expected` when it was
    counted; None while nobody has."""

    id: str
    count_id: str
    sku: str
    frozen: int
    sku_version: int
    currency: str
    cost_minor: int
    expected: int | None = None
    counted: int | None = None
    counted_by: str = ""
    counted_at: datetime | None = None
    outcome: Outcome = Outcome.NONE
    version: int = 0

    @property
    def difference(self) -> int:
        """Found more (or fewer) than the books said."""
        return self.counted - self.expected if self.counted is not None and self.expected is not None else 0


def line_of(count: Count, seen: Document) -> CountLine:
    """A line, with what the books say of the SKU now."""
    return CountLine(
        f"{count.id}|{seen['_id']}",
        count.id,
        seen["_id"],
        seen["on_hand"].get(count.warehouse, 0),
        seen["version"],
        seen["cost"]["currency"],
        seen["cost"]["minor"],
    )


class Choice:
    """Finds the SKUs of a sheet, and one more than it may have when there are too many."""

    most = 2_000

    def __init__(self, skus: Table[Sku], products: Table[Product], proposals: Proposals) -> None:
        self._skus, self._products, self._proposals = skus, products, proposals

    async def made(self, warehouse: str, skus: Sequence[str], category: str, proposed: int) -> list[Document]:
        """By name, by category, as proposed, or (when nothing is said) whatever lies there."""
        if skus:
            return await self._named(skus_of(skus, self.most))
        if category:
            return await self._named(await self._of_category(category))
        if proposed:
            due, _ = await self._proposals.page(warehouse, min(proposed, 100), "")
            return await self._named([proposal.sku for proposal in due])
        lying = {"_id": {"$gt": ""}, f"on_hand.{warehouse}": {"$gt": 0}}
        return await self._skus.parts(lying, _FIELDS, limit=self.most + 1)

    async def _named(self, skus: Sequence[str]) -> list[Document]:
        found = await self._skus.by_keys(skus, _FIELDS) if skus else {}
        return [found[sku] for sku in sorted(found)]

    async def _of_category(self, category: str) -> list[str]:
        products = await self._products.parts(
            {"category": category}, {"variants.sku": 1}, [("_id", -1)], limit=self.most + 1
        )
        return [variant["sku"] for product in products for variant in product["variants"]]
