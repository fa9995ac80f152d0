"""This is where each product has its role: traffic items draw people in, profit items earn, image items are the anchor.

A role is kept with the SKUs that play it, beside what everybody buys from: no version rises, no purchase minds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.catalog.categories import Categories
from services.catalog.fields import MAX_MINOR, Faults
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import Invalid
from services.kit.money import Money
from services.kit.store import decode_cursor, encode_cursor

from .costs import WHOLE_BP
from .terms import Standing

PROFIT_TARGET_BP = 6_000
UNDER_FROM_BP, UNDER_TO_BP = 1_000, 1_500  # a traffic item is 10 to 15 % under its industry's average
_MOST, _MOST_AVERAGES = 100, 5_000


class Role(StrEnum):
    """What a product is there for."""

    TRAFFIC = "traffic"
    PROFIT = "profit"
    IMAGE = "image"


class InvalidRole(Invalid):
    """No such role."""


class InvalidAverage(Invalid):
    """No average can be like this."""


@dataclass
class IndustryAverage:
    """What others ask on average for one unit in a category (its id)."""

    id: str
    average: Money
    source: str
    at: datetime
    by: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class OffTarget:
    """Something off target."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Offender:
    """A traffic item outside its band; `under_bp` is how far it is under the average."""

    sku: str
    product_id: str
    category: str
    price: Money
    average: Money
    under_bp: int
    warning: OffTarget


@dataclass(frozen=True, slots=True)
class Report:
    """How the shelf is made up; counts are of SKUs on sale."""

    skus: int
    by_role: dict[Role, int]
    in_band: int
    too_dear: int
    too_cheap: int
    without_average: int

    @property
    def profit_share_bp(self) -> int:
        """Profit items of all."""
        return self.by_role[Role.PROFIT] * WHOLE_BP // self.skus if self.skus else 0

    @property
    def warnings(self) -> list[OffTarget]:
        """What is off target, for people."""
        found = []
        if self.skus and self.profit_share_bp < PROFIT_TARGET_BP:
            share, target = self.profit_share_bp // 100, PROFIT_TARGET_BP // 100
            en = f"profit items are {share} % of all SKUs on sale; {target} % is the target"
            found.append(OffTarget("profit_share_low", en, f"利润款占在售 SKU 的 {share}%，目标为 {target}%"))
        if self.too_dear:
            en = f"{self.too_dear} traffic items are less than 10 % under their industry's average"
            found.append(OffTarget("traffic_too_dear", en, f"{self.too_dear} 个引流款低于行业均价不足 10%"))
        if self.too_cheap:
            en = f"{self.too_cheap} traffic items are more than 15 % under their industry's average"
            found.append(OffTarget("traffic_too_cheap", en, f"{self.too_cheap} 个引流款低于行业均价超过 15%"))
        if self.without_average:
            en = f"of {self.without_average} traffic items nobody has said what others ask"
            found.append(OffTarget("no_industry_average", en, f"{self.without_average} 个引流款缺少行业均价"))
        return found


def band(average_minor: int) -> tuple[int, int]:
    """The lowest and the highest price of a traffic item."""
    lowest = -(-average_minor * (WHOLE_BP - UNDER_TO_BP) // WHOLE_BP)
    return lowest, average_minor * (WHOLE_BP - UNDER_FROM_BP) // WHOLE_BP


def judged(price_minor: int, average_minor: int) -> OffTarget | None:
    """What is the matter with a traffic item's price."""
    lowest, highest = band(average_minor)
    if price_minor > highest:
        en, zh = f"it should cost {highest} at most to draw people in", f"引流款售价最高应为 {highest}"
        return OffTarget("traffic_too_dear", en, zh)
    if price_minor < lowest:
        en, zh = f"{lowest} would draw as many people in", f"售价 {lowest} 即可引流，现价过低"
        return OffTarget("traffic_too_cheap", en, zh)
    return None


class Assortment:
    """Gives roles, and looks how the shelf is made up."""

    def __init__(
        self,
        skus: Table[Sku],
        averages: Table[IndustryAverage],
        standing: Standing,
        categories: Categories,
        clock: Clock,
    ) -> None:
        self._skus, self._averages, self._standing = skus, averages, standing
        self._categories, self._clock = categories, clock

    async def set_role(self, id_or_sku: str, role: Role | None, by: str) -> tuple[str, list[str]]:
        """Gives all SKUs of a product a role, or none. Refuses with PRODUCT_NOT_FOUND."""
        product_id, found = await self._standing.of_product(id_or_sku)
        skus = [unit.sku for unit, _ in found]
        kept = {"role": role.value if role else "", "role_by": by, "role_at": self._clock.now()}
        update = {"$set": kept} if role else {"$unset": kept}
        await self._skus.touch([({"_id": sku, "product_id": product_id}, update) for sku in skus])
        return product_id, skus

    async def put_average(self, category: str, average: Money, source: str, by: str) -> IndustryAverage:
        """Keeps what others ask. Refuses with UNKNOWN_CATEGORY, INVALID_AVERAGE."""
        faults = Faults()
        faults.currency("/average/currency", average.currency)
        faults.number("/average/minor", average.minor, 1, MAX_MINOR)
        source = faults.text("/source", source, 300)
        faults.refuse(InvalidAverage)
        await self._categories.must_exist(category)
        kept = IndustryAverage(category, average, source, self._clock.now(), by)
        said = {"average": {"currency": average.currency, "minor": average.minor}, "source": source}
        update = {"$set": said | {"at": kept.at, "by": by}}
        if not await self._averages.change({"_id": category}, update):
            await self._averages.write_each([self._averages.putting(kept)])
        return kept

    async def averages(self, limit: int, cursor: str) -> tuple[list[IndustryAverage], str]:
        """By category, and where the next page starts."""
        size = min(limit or 20, _MOST)
        after = decode_cursor(cursor, 1)[0] if cursor else ""
        items = await self._averages.find({"_id": {"$gt": after}}, limit=size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def report(self) -> Report:
        """How the shelf is made up now: three counts over indexes."""
        (all_of_them,) = await self._skus.aggregate([{"$match": {"live": True}}, {"$count": "n"}], "margins") or [
            {"n": 0}
        ]
        by_role: list[dict[str, Any]] = [
            {"$match": {"role": {"$in": [role.value for role in Role]}, "live": True}},
            {"$group": {"_id": "$role", "n": {"$sum": 1}}},
        ]
        counted = {each["_id"]: each["n"] for each in await self._skus.aggregate(by_role, "roles")}
        by_category: list[dict[str, Any]] = [
            {"$match": {"role": Role.TRAFFIC.value, "live": True}},
            {"$group": {"_id": {"category": "$category", "currency": "$price.currency"}, "n": {"$sum": 1}}},
        ]
        traffic = {
            (each["_id"]["category"], each["_id"]["currency"]): each["n"]
            for each in await self._skus.aggregate(by_category, "roles")
        }
        known = await self._known(sorted({category for category, _ in traffic}))
        dear, cheap = await self._outside(known, dear=True), await self._outside(known, dear=False)
        with_average = sum(n for (category, currency), n in traffic.items() if _has(known, category, currency))
        return Report(
            skus=all_of_them["n"],
            by_role={role: counted.get(role.value, 0) for role in Role},
            in_band=with_average - dear - cheap,
            too_dear=dear,
            too_cheap=cheap,
            without_average=sum(traffic.values()) - with_average,
        )

    async def _known(self, categories: Sequence[str]) -> dict[str, Money]:
        return {key: each.average for key, each in (await self._averages.get_many(categories)).items()}

    async def _outside(self, known: dict[str, Money], *, dear: bool) -> int:
        conditions = [_outside(category, average, dear=dear) for category, average in known.items()]
        if not conditions:
            return 0
        where = {"role": Role.TRAFFIC.value, "live": True, "$or": conditions}
        counted = await self._skus.aggregate([{"$match": where}, {"$count": "n"}], "roles")
        return int(counted[0]["n"]) if counted else 0

    async def offenders(self, limit: int, cursor: str) -> tuple[list[Offender], str]:
        """Traffic items outside their band by category and SKU, and where the next page starts."""
        size = min(limit or 20, _MOST)
        averages = await self._averages.find({"_id": {"$gt": ""}}, limit=_MOST_AVERAGES)
        known = {each.id: each.average for each in averages}
        sides = [_outside(key, average, dear=dear) for key, average in known.items() for dear in (True, False)]
        if not sides:
            return [], ""
        where: dict[str, Any] = {"role": Role.TRAFFIC.value, "live": True, "$or": sides}
        if cursor:
            category, sku = decode_cursor(cursor, 2)
            further = [{"category": category, "_id": {"$gt": sku}}, {"category": {"$gt": category}}]
            where = {"$and": [where, {"$or": further}]}
        fields = {"product_id": 1, "category": 1, "price": 1}
        found = await self._skus.parts(where, fields, [("category", 1), ("_id", 1)], size + 1)
        items = [
            offender
            for each in found[:size]
            if (
                offender := _offender(
                    each["_id"], each["product_id"], each["category"], Money(**each["price"]), known[each["category"]]
                )
            )
        ]
        last = found[size - 1] if len(found) > size else None
        return items, encode_cursor(last["category"], last["_id"]) if last else ""


def _has(known: dict[str, Money], category: str, currency: str) -> bool:
    return category in known and known[category].currency == currency


def _outside(category: str, average: Money, *, dear: bool) -> dict[str, Any]:
    lowest, highest = band(average.minor)
    price = {"$gt": highest} if dear else {"$lt": lowest}
    return {"category": category, "price.currency": average.currency, "price.minor": price}


def _offender(sku: str, product_id: str, category: str, price: Money, average: Money) -> Offender | None:
    warning = judged(price.minor, average.minor)
    under_bp = (average.minor - price.minor) * WHOLE_BP // average.minor
    return Offender(sku, product_id, category, price, average, under_bp, warning) if warning else None
