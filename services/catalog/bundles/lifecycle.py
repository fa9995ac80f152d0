"""This is where it shows which products are past their best, each night: nothing happens by itself (C25)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from services.catalog.baskets import SkuDay
from services.catalog.content import ListingState, Product
from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.parts import told_by_parts
from services.catalog.reviews.ratings import Rating
from services.catalog.skus import Movement, Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.store import Document, decode_cursor, encode, encode_cursor

from .affinity import Affinity
from .signs import BEFORE, LATELY, Action, Signs, proposed, reasons

KIND = "lifecycle_review"
_PARTNER_BP = 2_000  # so many who bought it bought the other too
_AT_ONCE = 100  # products a step
_SUCCESSORS = 20
_EVERY = timedelta(days=1)
_READ = {"title": 1, "category": 1, "variants.sku": 1}
_RETURNED = "^ret_"  # a shipment that was stopped comes back under its own id


@dataclass
class LifecycleProposal:
    """What might be done with a product; the id is the product's. Of `rank` the smallest is the worst."""

    id: str
    title: str
    action: Action
    other: str
    units: int
    before: int
    trend_bp: int
    returned_bp: int
    rating: int
    available: int
    rank: int
    run: str
    computed_at: datetime
    reasons_en: list[str] = field(default_factory=list)
    reasons_zh: list[str] = field(default_factory=list)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Tables:
    """What is read."""

    products: Table[Product]
    skus: Table[Sku]
    days: Table[SkuDay]
    movements: Table[Movement]
    ratings: Table[Rating]


class Lifecycle:
    """Reviews all that is on sale each night, and when asked to."""

    def __init__(
        self, proposals: Table[LifecycleProposal], read: Tables, affinity: Affinity, jobs: Jobs, clock: Clock
    ) -> None:
        self._proposals, self._read, self._affinity, self._jobs, self._clock = proposals, read, affinity, jobs, clock
        jobs.kinds[KIND] = self._step

    async def start(self, by: str) -> Job:
        """Begins; answers the run that is under way if there is one."""
        return await self._jobs.start(KIND, "What is past its best", by, only="all")

    async def nightly(self) -> None:
        """Begins when the last run is a day old."""
        last, _ = await self._jobs.page(KIND, 1, "")
        if not last or last[0].created_at <= self._clock.now() - _EVERY:
            await self.start("catalog")

    async def page(self, action: Action | None, limit: int, cursor: str) -> tuple[list[LifecycleProposal], str]:
        """The worst first, and where the next page starts."""
        size, where = min(limit or 20, 100), dict[str, Any]({"action": action.value} if action else {})
        if cursor:
            rank, key = decode_cursor(cursor, 2)
            where["$or"] = [{"rank": {"$gt": rank}}, {"rank": rank, "_id": {"$gt": key}}]
        found = await self._proposals.find(where, [("rank", 1), ("_id", 1)], size + 1)
        last = found[size - 1] if len(found) > size else None
        return found[:size], encode_cursor(last.rank, last.id) if last else ""

    async def _step(self, job: Job) -> Progress:
        where: dict[str, Any] = {"state": ListingState.LIVE.value, "_id": {"$gt": job.cursor}}
        products = await self._read.products.parts(where, _READ, limit=_AT_ONCE)
        if not products:
            await self._forget(job.id)
            return Progress(job.done, job.done, over=True)
        signs = await self._signs(products, job.created_at)
        counts: dict[str, int] = {}
        for product in products:
            if kept := await self._looked_at(product, signs[product["_id"]], job):
                counts[kept.action.value] = counts.get(kept.action.value, 0) + 1
                fields = {name: value for name, value in encode(kept).items() if name not in _NOT_SET}
                await self._proposals.write_each([self._proposals.setting(kept.id, fields)])
        return Progress(job.done + len(products), 0, products[-1]["_id"], counts)

    async def _forget(self, run: str) -> None:
        while old := await self._proposals.parts({"run": {"$ne": run}}, {"_id": 1}, limit=_AT_ONCE):
            await self._proposals.remove([row["_id"] for row in old])

    async def _looked_at(self, product: Document, signs: Signs, job: Job) -> LifecycleProposal | None:
        if not (signs.falls or signs.displeases):
            return None
        successor = await self._successor(product, signs.units, job.created_at)
        partner = next(
            (each for each in await self._affinity.partners(product["_id"]) if each.confidence_bp >= _PARTNER_BP), None
        )
        action = proposed(signs, successor=bool(successor), partner=partner is not None)
        if action is None:
            return None
        other = successor if action is Action.REPLACE else ""
        if action is Action.BUNDLE and partner:
            other = partner.product["_id"]
        en, zh = reasons(signs)
        return LifecycleProposal(
            id=product["_id"],
            title=product["title"],
            action=action,
            other=other,
            units=signs.units,
            before=signs.before,
            trend_bp=signs.trend_bp,
            returned_bp=signs.returned_bp,
            rating=signs.rating,
            available=signs.available,
            rank=signs.trend_bp - signs.returned_bp,
            run=job.id,
            computed_at=job.created_at,
            reasons_en=en,
            reasons_zh=zh,
        )

    async def _successor(self, product: Document, units: int, at: datetime) -> str:
        """The newer product of its category that sells best, if it sells more. Ids rise with time."""
        newer = await self._read.products.parts(
            {
                "category": product["category"],
                "state": ListingState.LIVE.value,
                "_id": {"$gt": product["_id"]},
                "in_stock": True,
            },
            _READ,
            [("_id", -1)],
            _SUCCESSORS,
        )
        sold = await self._sold(newer, at.date() - timedelta(days=LATELY), at.date())
        best = max(newer, key=lambda each: sold[each["_id"]], default=None)
        return best["_id"] if best and sold[best["_id"]] > units else ""

    async def _signs(self, products: Sequence[Document], at: datetime) -> dict[str, Signs]:
        end = at.date()
        since, middle = end - timedelta(days=LATELY + BEFORE), end - timedelta(days=LATELY)
        lately, before = await self._sold(products, middle, end), await self._sold(products, since, middle)
        sold, returned = await self._moved(products, at - timedelta(days=LATELY + BEFORE))
        ratings = await self._read.ratings.get_many([product["_id"] for product in products])
        stock = await self._read.skus.by_keys(_skus(products), {"available": 1, "parts": 1})
        await told_by_parts(self._read.skus, stock.values())
        signs = {}
        for product in products:
            key, rating = product["_id"], ratings.get(product["_id"], Rating(product["_id"]))
            skus = [variant["sku"] for variant in product["variants"]]
            signs[key] = Signs(
                units=lately[key],
                before=before[key],
                sold=sum(sold.get(sku, 0) for sku in skus),
                returned=sum(returned.get(sku, 0) for sku in skus),
                rating=rating.mean_hundredths,
                ratings=rating.count,
                available=sum(stock[sku]["available"] for sku in skus if sku in stock),
            )
        return signs

    async def _sold(self, products: Sequence[Document], since: date, until: date) -> dict[str, int]:
        """Units by product, days without a sale included."""
        days = {"$gte": since.isoformat(), "$lt": until.isoformat()}
        total = {"_id": "$sku", "units": {"$sum": "$units"}}
        match = {"sku": {"$in": _skus(products)}, "day": days}
        rows = await self._read.days.aggregate([{"$match": match}, {"$group": total}]) if products else []
        units = {row["_id"]: int(row["units"]) for row in rows}
        return {
            product["_id"]: sum(units.get(variant["sku"], 0) for variant in product["variants"]) for product in products
        }

    async def _moved(
        self, products: Sequence[Document], since: datetime
    ) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Units sold and units that customers sent back, by SKU, as the ledger has it."""
        back = {"$and": [{"$eq": ["$reason", "return"]}, {"$regexMatch": {"input": "$reference", "regex": _RETURNED}}]}
        sales = {"$cond": [{"$eq": ["$reason", "sale"]}, {"$multiply": ["$quantity", -1]}, 0]}
        total = {
            "_id": "$sku",
            "sold": {"$sum": sales},
            "back": {"$sum": {"$cond": [back, "$quantity", 0]}},
        }
        match = {"sku": {"$in": _skus(products)}, "at": {"$gte": since}}
        rows = await self._read.movements.aggregate([{"$match": match}, {"$group": total}])
        return {row["_id"]: row["sold"] for row in rows}, {row["_id"]: row["back"] for row in rows}


_NOT_SET = ("id", "version")


def _skus(products: Sequence[Document]) -> list[str]:
    return [variant["sku"] for product in products for variant in product["variants"]]
