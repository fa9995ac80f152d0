"""This is where a product's rating is: counted anew from its published reviews whenever one of them changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.catalog.store import Table
from services.kit.store import Document

_STARS = range(1, 6)


@dataclass
class Rating:
    """How many published reviews there are of each number of stars, and how many have photos. The id is the product's."""

    id: str
    stars: list[int] = field(default_factory=lambda: [0] * 5)  # of one star, of two …
    photos: int = 0
    version: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.stars)

    @property
    def mean_hundredths(self) -> int:
        """The mean in hundredths of a star; 0 without reviews."""
        stars = sum(n * count for n, count in zip(_STARS, self.stars, strict=True))
        return round(100 * stars / self.count) if self.count else 0

    @property
    def positive_bp(self) -> int:
        """The share of four and five stars in hundredths of a percent: what "98 % positive" may say, and no more."""
        return 10_000 * sum(self.stars[3:]) // self.count if self.count else 0


class Ratings:
    """Counts ratings."""

    def __init__(self, ratings: Table[Rating], reviews: Table[Any]) -> None:
        self._ratings, self._reviews = ratings, reviews

    async def count(self, product_id: str) -> None:
        """Counts a product's reviews anew. Who counts last has seen every review that was written before."""
        stages: Sequence[Document] = [
            {"$match": {"product_id": product_id, "state": "published"}},
            {"$group": {"_id": "$rating", "count": {"$sum": 1}, "photos": {"$sum": {"$cond": ["$photo", 1, 0]}}}},
        ]
        rows = await self._reviews.aggregate(stages)
        by_star = {row["_id"]: row["count"] for row in rows}
        stars = [by_star.get(n, 0) for n in _STARS]
        photos = sum(row["photos"] for row in rows)
        if not await self._ratings.change({"_id": product_id}, {"$set": {"stars": stars, "photos": photos}}):
            await self._ratings.write_each([self._ratings.putting(Rating(product_id, stars, photos))])

    async def of(self, product_id: str) -> Rating:
        """A product's rating; all zeros when nobody has reviewed it."""
        return await self._ratings.get(product_id) or Rating(product_id)
