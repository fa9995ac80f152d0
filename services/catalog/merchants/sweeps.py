"""This is where listings are looked at again after a licence, a standing or a demand has changed: a job, by fifties."""

from collections.abc import Mapping

from services.catalog.categories import Categories
from services.catalog.content import ListingState, Product
from services.catalog.gates import Gate, Moment
from services.catalog.jobs import Job, Progress
from services.catalog.store import Table
from services.catalog.takedowns import Takedowns

KIND = "qualifications"
_AT_A_TIME = 50


def by_merchant(merchant_id: str) -> dict[str, str]:
    """A job's parameters: everything of a merchant."""
    return {"merchant_id": merchant_id}


def by_category(category: str) -> dict[str, str]:
    """A job's parameters: a category and all below it."""
    return {"category": category}


class Sweeps:
    """Takes down what the gate has something against, each listing with its reason."""

    def __init__(self, products: Table[Product], gate: Gate, takedowns: Takedowns, categories: Categories) -> None:
        self._products, self._gate, self._takedowns, self._categories = products, gate, takedowns, categories

    async def step(self, job: Job) -> Progress:
        """Fifty listings, in the order of their ids."""
        among = await self._among(job.parameters)
        total = job.total or await self._count(among)
        after = among | {"_id": {"$gt": job.cursor}}
        products = await self._products.find(after, [("_id", 1)], _AT_A_TIME)
        down = 0
        for product, findings in zip(products, await self._gate.look(products, Moment.RESCAN), strict=True):
            if worst := next((each for each in findings if each.blocks), None):
                down += await self._takedowns.take_down(product.id, worst.code, worst.en, worst.zh, job.by)
        cursor = products[-1].id if products else job.cursor
        done = job.done + len(products)
        return Progress(done, max(total, done), cursor, {"taken_down": down}, over=len(products) < _AT_A_TIME)

    async def _among(self, parameters: Mapping[str, str]) -> dict[str, object]:
        if merchant_id := parameters.get("merchant_id"):
            return {"merchant_id": merchant_id, "state": ListingState.LIVE.value}
        categories = await self._categories.with_descendants(parameters["category"])
        return {"category": {"$in": categories}, "state": ListingState.LIVE.value}

    async def _count(self, among: Mapping[str, object]) -> int:
        counted = await self._products.aggregate([{"$match": among}, {"$count": "total"}])
        return int(counted[0]["total"]) if counted else 0
