"""This is where forecasts are kept and shown (C43), each beside how wrong it has been, and how right all are (K28)."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

from services.catalog.content import Product
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.errors import NotFound
from services.kit.store import found

_TREND = 28
_PAGE = 20_000


class ForecastNotFound(NotFound):
    """There is no such product, or nothing has been forecast for it yet."""


@dataclass
class SkuForecast:
    """What is foreseen of a SKU; the id is the SKU. Units, by week ahead and in all (see `sums.Foreseen`).

    `value_minor`: the last 13 weeks' units at today's price, what classes are made by.
    """

    id: str
    product_id: str
    category: str
    made_at: datetime
    run: str
    value_minor: int
    weeks: float
    weekly: list[float]
    low: list[float]
    high: list[float]
    totals: list[list[float]]
    spread: list[float]
    recent: list[float]
    trials: list[list[float]]
    stock_class: str = ""  # until it was planned for the first time
    version: int = 0


@dataclass
class ClassScore:
    """How wrong the forecasts of a class were: sums over its SKUs (see `trials.PARTS`)."""

    stock_class: str
    skus: int
    trials: list[list[float]]


@dataclass
class Accuracy:
    """The scores of a run. The id is its day."""

    id: str
    made_at: datetime
    classes: list[ClassScore] = field(default_factory=list)
    version: int = 0


def added(one: ClassScore, other: ClassScore) -> ClassScore:
    """Both together, under the name of the first."""
    rows = zip(one.trials, other.trials, strict=True)
    trials = [[mine + theirs for mine, theirs in zip(*row, strict=True)] for row in rows]
    return ClassScore(one.stock_class, one.skus + other.skus, trials)


def overall(accuracy: Accuracy) -> ClassScore:
    """All classes together."""
    first, *others = accuracy.classes
    return reduce(added, others, ClassScore("all", first.skus, first.trials))


class Forecasts:
    """Shows what is foreseen."""

    def __init__(
        self,
        forecasts: Table[SkuForecast],
        accuracies: Table[Accuracy],
        products: Table[Product],
        skus: Table[Sku],
    ) -> None:
        self._forecasts, self._accuracies, self._products, self._skus = forecasts, accuracies, products, skus

    async def of_product(self, key: str) -> tuple[str, list[SkuForecast]]:
        """The forecasts of a product's SKUs, by the product's id or the SKU of one. Refuses with FORECAST_NOT_FOUND."""
        product_id = key
        if sku := (await self._skus.by_keys([key], {"product_id": 1})).get(key):
            product_id = sku["product_id"]
        missing = ForecastNotFound("there is no such product, or no forecast of it yet")
        product = found(await self._products.get(product_id), missing)
        there = await self._forecasts.get_many([variant.sku for variant in product.variants])
        if not there:
            raise missing
        return product_id, [there[variant.sku] for variant in product.variants if variant.sku in there]

    async def accuracy(self) -> list[Accuracy]:
        """How right they have been, the latest first."""
        return await self._accuracies.find({}, [("_id", -1)], _TREND)

    async def score(self, run: str, day: str, at: datetime) -> None:
        """Adds up how wrong the forecasts of a run were, class by class, a page at a time; again changes nothing."""
        scores: dict[str, ClassScore] = {}
        after = ""
        while page := await self._forecasts.parts({"_id": {"$gt": after}}, {"_id": 1}, limit=_PAGE):
            among, after = {"_id": {"$gt": after, "$lte": page[-1]["_id"]}, "run": run}, page[-1]["_id"]
            groups = {"_id": "$stock_class", "n": {"$sum": 1}} | _sums()
            for row in await self._forecasts.aggregate([{"$match": among}, {"$group": groups}]):
                trials = [[row[f"t{k}{p}"] for p in range(_PARTS)] for k in range(_TRIALS)]
                name = row["_id"] or ""
                of_page = ClassScore(name, row["n"], trials)
                scores[name] = added(scores[name], of_page) if name in scores else of_page
        planned = [scores[name] for name in sorted(scores) if name]  # what is others' to plan has no class
        if planned:
            await self._accuracies.write_each([self._accuracies.replacing(Accuracy(day, at, planned))])


_TRIALS, _PARTS = 3, 5  # of `trials.py`, which is not loaded here


def _sums() -> dict[str, object]:
    return {
        f"t{k}{p}": {"$sum": {"$arrayElemAt": [{"$arrayElemAt": ["$trials", k]}, p]}}
        for k in range(_TRIALS)
        for p in range(_PARTS)
    }
