"""This is where customers review what they bought: one review a customer and product, photo reviews first (C16).

A review of somebody who bought it is read by others at once, unless its text should be looked at first; anybody else's waits
for that. What counts are published reviews: after each change of one, the product's rating is counted anew from all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.baskets import Basket
from services.catalog.fields import Faults
from services.catalog.notices import Notices
from services.catalog.products import Products
from services.catalog.store import Table
from services.kit.clock import Clock, rfc3339
from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.store import decode_cursor, encode_cursor, found

from .moderation import reasons_to_wait
from .ratings import Ratings

BAD, GOOD = 2, 4  # stars at most, and at least
_MOST, _PHOTOS, _HELPED = 100, 9, 2_000
BAD_REVIEW = "bad_review"


class InvalidReview(Invalid):
    """Not what a review is."""


class ReviewNotFound(NotFound):
    """There is no such review."""


class ReviewDecided(WrongState):
    """Somebody has decided on it, or it was withdrawn."""


class ReviewState(StrEnum):
    """The life of a review."""

    PENDING = "pending"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass
class Reply:
    """What the shop answers, for all to read."""

    text: str
    by: str
    at: datetime


@dataclass
class Review:
    """What a customer thinks of a product. The id names both, so that there is one. `photo` is whether it has any."""

    id: str
    product_id: str
    customer_id: str
    rating: int
    title: str
    text: str
    photos: list[str]
    verified: bool
    at: datetime
    state: ReviewState
    photo: bool = False
    waits_for: list[str] = field(default_factory=list)
    helpful: int = 0
    helped: list[str] = field(default_factory=list)  # who said so
    reply: Reply | None = None
    decided_by: str = ""
    reason: str = ""
    version: int = 0


def review_id(product_id: str, customer_id: str) -> str:
    """One a customer and product."""
    return f"rev_{product_id.removeprefix('prd_')}.{customer_id.removeprefix('cus_')}"


class Reviews:
    """Takes reviews in, shows them, decides on them."""

    def __init__(
        self,
        reviews: Table[Review],
        baskets: Table[Basket],
        products: Products,
        ratings: Ratings,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._reviews, self._baskets, self._products = reviews, baskets, products
        self._ratings, self._notices, self._clock = ratings, notices, clock

    async def write(
        self, product_id: str, customer_id: str, rating: int, title: str, text: str, photos: Sequence[str]
    ) -> Review:
        """Writes a customer's review, or writes it anew. Refuses with PRODUCT_NOT_FOUND, INVALID_REVIEW."""
        title, text = _checked(rating, title, text, photos)
        product = (await self._products.show(product_id, staff=False))[0]
        key, now = review_id(product.id, customer_id), self._clock.now()
        bought = {"customer_id": customer_id, "lines.product_id": product.id}
        verified = bool(customer_id) and bool(await self._baskets.parts(bought, {"_id": 1}, limit=1))
        waits = reasons_to_wait(title, text) + ([] if verified else ["not_bought"])
        state = ReviewState.PENDING if waits else ReviewState.PUBLISHED
        review = Review(
            key, product.id, customer_id, rating, title, text, list(photos), verified, now, state, bool(photos), waits
        )
        content = {
            "rating": rating,
            "title": title,
            "text": text,
            "photos": list(photos),
            "photo": bool(photos),
            "verified": verified,
            "at": now,
            "state": state.value,
            "waits_for": waits,
            "decided_by": "",
            "reason": "",
        }
        if await self._reviews.write_each([self._reviews.inserting(review)]):  # there is one: it is written anew
            review = found(await self._reviews.change({"_id": key}, {"$set": content}), ReviewNotFound())
        await self._ratings.count(product.id)
        if rating <= BAD:
            await self._warn(review, product.title)
        return review

    async def _warn(self, review: Review, title: str) -> None:
        """Who is unhappy is called first (R16): staff are told at once."""
        en = f"{review.rating} of 5 stars for {title!r}: {review.title or review.text[:80]}"
        zh = f"“{title}”收到 {review.rating} 星评价：{review.title or review.text[:80]}"
        await self._notices.raise_once(f"{review.id}:{rfc3339(review.at)}", BAD_REVIEW, review.id, en, zh)

    async def page(
        self, product_id: str, rating: int, photos: bool, limit: int, cursor: str
    ) -> tuple[str, list[Review], str]:
        """The product's id and what customers read: reviews with photos first, then the newest; where the next page starts.

        Refuses with PRODUCT_NOT_FOUND, CURSOR_INVALID.
        """
        product = (await self._products.show(product_id, staff=False))[0]
        where: dict[str, object] = {"product_id": product.id, "state": ReviewState.PUBLISHED.value}
        if rating:
            where["rating"] = rating
        if photos:
            where["photo"] = True
        if cursor:
            photo, at, key = decode_cursor(cursor, 3)
            moment, had = datetime.fromisoformat(str(at)), bool(photo)
            later = [{"photo": had, "at": {"$lt": moment}}, {"photo": had, "at": moment, "_id": {"$lt": key}}]
            where["$or"] = [*later, {"photo": False}] if had else later
        size = min(limit or 20, _MOST)
        items = await self._reviews.find(where, [("photo", -1), ("at", -1), ("_id", -1)], size + 1)
        last = items[min(size, len(items)) - 1] if items else None
        more = encode_cursor(int(last.photo), last.at.isoformat(), last.id) if last and len(items) > size else ""
        return product.id, items[:size], more

    async def queue(self, state: ReviewState, limit: int, cursor: str) -> tuple[list[Review], str]:
        """What staff look at, oldest first. Refuses with CURSOR_INVALID."""
        where: dict[str, object] = {"state": state.value}
        if cursor:
            at, key = decode_cursor(cursor, 2)
            moment = datetime.fromisoformat(str(at))
            where["$or"] = [{"at": {"$gt": moment}}, {"at": moment, "_id": {"$gt": key}}]
        size = min(limit or 20, _MOST)
        items = await self._reviews.find(where, [("at", 1), ("_id", 1)], size + 1)
        more = encode_cursor(items[size - 1].at.isoformat(), items[size - 1].id) if len(items) > size else ""
        return items[:size], more

    async def decide(self, key: str, publish: bool, reason: str, by: str) -> Review:
        """Publishes or rejects one that waits or is published. Refuses with REVIEW_NOT_FOUND, REVIEW_DECIDED."""
        faults = Faults()
        reason = faults.text("/reason", reason, 300, least=0 if publish else 1)
        faults.refuse(InvalidReview)
        state = ReviewState.PUBLISHED if publish else ReviewState.REJECTED
        where = {"_id": key, "state": {"$in": [ReviewState.PENDING.value, ReviewState.PUBLISHED.value]}}
        decided = await self._reviews.change(
            where, {"$set": {"state": state.value, "decided_by": by, "reason": reason, "waits_for": []}}
        )
        if decided is None:
            there = await self.get(key)
            raise ReviewDecided(f"it is {there.state.value}", state=there.state.value)
        await self._ratings.count(decided.product_id)
        return decided

    async def withdraw(self, product_id: str, customer_id: str) -> None:
        """A customer takes theirs back. Refuses with REVIEW_NOT_FOUND."""
        key = review_id(product_id, customer_id)
        withdrawn = {"$set": {"state": ReviewState.WITHDRAWN.value, "title": "", "text": "", "photos": []}}
        review = found(await self._reviews.change({"_id": key}, withdrawn), ReviewNotFound("there is no such review"))
        await self._ratings.count(review.product_id)

    async def reply(self, key: str, text: str, by: str) -> Review:
        """The shop answers, or answers anew. Refuses with REVIEW_NOT_FOUND, INVALID_REVIEW."""
        faults = Faults()
        text = faults.text("/text", text, 2_000, least=1, lines=True)
        faults.refuse(InvalidReview)
        reply = {"$set": {"reply": {"text": text, "by": by, "at": self._clock.now()}}}
        return found(await self._reviews.change({"_id": key}, reply), ReviewNotFound("there is no such review"))

    async def help(self, key: str, customer_id: str) -> Review:
        """Somebody found it helpful; each counts once, their own review not. Refuses with REVIEW_NOT_FOUND."""
        where = {
            "_id": key,
            "state": ReviewState.PUBLISHED.value,
            "customer_id": {"$ne": customer_id},
            "helped": {"$ne": customer_id},
            f"helped.{_HELPED - 1}": {"$exists": False},
        }
        update = {"$inc": {"helpful": 1}, "$push": {"helped": customer_id}}
        return await self._reviews.change(where, update) or await self.get(key)

    async def get(self, key: str) -> Review:
        """Refuses with REVIEW_NOT_FOUND."""
        return found(await self._reviews.get(key), ReviewNotFound("there is no such review"))


def _checked(rating: int, title: str, text: str, photos: Sequence[str]) -> tuple[str, str]:
    faults = Faults()
    faults.number("/rating", rating, 1, 5)
    title, text = faults.text("/title", title, 120), faults.text("/text", text, 4_000, lines=True)
    if len(photos) > _PHOTOS:
        faults.add("/photos", f"must be at most {_PHOTOS}")
    for i, photo in enumerate(photos[:_PHOTOS]):
        faults.url(f"/photos/{i}", photo)
    faults.refuse(InvalidReview)
    return title, text
