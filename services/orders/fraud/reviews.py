"""This is where staff look at what was held or refused: the queue, the reasons, and what they make of each.

An order that is held opens a review when it is paid; a checkout that was refused leaves one that is `blocked`. A decision is
first claimed in the review by one conditional write, so that of two people one decides; then done (released, or cancelled,
refunded and kept out), each step fit to be repeated; a chore goes on with what somebody left half-done. Every decision is a
label the next training learns from.

    open, blocked ─► clearing ─► cleared        open ─► cancelled (its customer did, before anybody looked)
    open, blocked ─► confirming ─► confirmed
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.store import Store
from services.orders import limits
from services.orders.cancellation import TooLateToCancel
from services.orders.leases import LEASE, go_on_with_due
from services.orders.orders import Order

from .listings import Listings
from .messages import fraud_blocked, fraud_review_closed, fraud_review_opened
from .reports import KEPT_OUT, Reports
from .scoring import Decision, Reason
from .screening import HOLD
from .trails import Listing

log = logging.getLogger(__name__)
STATES = ("open", "clearing", "cleared", "confirming", "confirmed", "cancelled", "blocked")
_UNDECIDED = ["open", "blocked"]
_LET_IN = timedelta(days=30)
_AT_ONCE = 8


class InvalidFraudReview(Invalid):
    """No review can be asked for so."""


class FraudReviewNotFound(NotFound):
    """Nobody held or refused that."""


class FraudReviewClosed(WrongState):
    """It was decided otherwise."""


@dataclass
class Review:
    """What was held or refused; `id` is the order's. `held`: there is an order, and its money."""

    id: str
    state: str
    score_bp: int
    reasons: list[Reason]
    features: dict[str, float]
    marks: dict[str, str]
    model: int
    total_minor: int
    currency: str
    customer_id: str
    at: datetime
    held: bool = True
    request_id: str = ""
    decided_at: datetime | None = None
    due_at: datetime | None = None
    by: str = ""
    note: str = ""
    version: int = 0

    @property
    def reason(self) -> str:
        """The strongest."""
        return self.reasons[0].signal if self.reasons else ""


class Releasing(Protocol):
    """Who lets go of holds."""

    async def release(self, order_id: str, reason: str, by: str) -> object:
        """Lets go of one; again changes nothing."""
        ...


class Cancelling(Protocol):
    """Who cancels."""

    async def cancel(self, order_id: str, customer_id: str, reason: str, *, staff: bool = False) -> Order:
        """The order, cancelled and its money on its way back; again changes nothing."""
        ...


@dataclass(frozen=True)
class Hands:
    """Who does what is decided."""

    releasing: Releasing
    cancelling: Cancelling
    listings: Listings
    reports: Reports


@dataclass
class Reviews:
    """The queue."""

    reviews: Store[Review]
    hands: Hands
    clock: Clock
    _kinds: dict[str, str] = field(default_factory=lambda: {"clearing": "cleared", "confirming": "confirmed"})

    async def open(self, order: Order, decision: Decision) -> None:
        """A held order is paid for: somebody is to look at it. Again changes nothing."""
        review = _review(order, decision, "open", self.clock.now())
        await self._insert(review, fraud_review_opened(review))

    async def block(self, order: Order, decision: Decision, request_id: str) -> None:
        """A checkout was refused: staff see why."""
        review = _review(order, decision, "blocked", self.clock.now())
        review.held, review.request_id = False, request_id
        await self._insert(review, fraud_blocked(review))

    async def _insert(self, review: Review, event: Any) -> None:
        try:
            await self.reviews.insert(review, event)
        except AlreadyExists:
            log.debug("%s is looked at already", review.id)

    async def page(self, state: str, limit: int, cursor: str) -> tuple[list[Review], str]:
        """Newest first. Refuses with INVALID_FRAUD_REVIEW, CURSOR_INVALID."""
        if state and state not in STATES:
            raise InvalidFraudReview("no such state", errors=[FieldError("/state", ", ".join(STATES))])
        return await self.reviews.page({"state": {"$in": [state] if state else list(STATES)}}, limit, cursor)

    async def get(self, order_id: str) -> Review:
        """One. Refuses with FRAUD_REVIEW_NOT_FOUND."""
        found = await self.reviews.get(order_id) if limits.is_id(order_id, "ord") else None
        if found is None:
            raise FraudReviewNotFound("nobody held or refused that")
        return found

    async def clear(self, order_id: str, if_version: int, note: str, by: str) -> Review:
        """It is not fraud."""
        return await self._decided(order_id, "clearing", if_version, note, by)

    async def confirm(self, order_id: str, if_version: int, note: str, by: str) -> Review:
        """It is fraud."""
        return await self._decided(order_id, "confirming", if_version, note, by)

    async def _decided(self, order_id: str, doing: str, if_version: int, note: str, by: str) -> Review:
        said = limits.text(note, "/note", 500, InvalidFraudReview)
        review = await self.get(order_id)
        if review.state in _UNDECIDED:
            if if_version and review.version != if_version:
                raise VersionMismatch("the review has changed")
            review = await self._claimed(review, doing, said, by)
        if review.state not in (doing, self._kinds[doing]):
            raise FraudReviewClosed(f"it is {review.state}")
        return review if review.state == self._kinds[doing] else await self._go_on(review)

    async def _claimed(self, review: Review, doing: str, note: str, by: str) -> Review:
        """Of two who decide at once one does; the other is told what it is by now."""
        now = self.clock.now()
        claim = {"state": doing, "by": by, "note": note, "decided_at": now, "due_at": now + LEASE}
        where = {"_id": review.id, "state": {"$in": _UNDECIDED}, "version": review.version}
        return await self.reviews.change(where, {"$set": claim}) or await self.get(review.id)

    async def _go_on(self, review: Review) -> Review:
        if review.state == "clearing":
            await self._let_go(review)
        else:
            await self._undo(review)
        outcome = self._kinds[review.state]
        update = {"$set": {"state": outcome, "due_at": None}}
        where = {"_id": review.id, "state": review.state}
        closed = fraud_review_closed(review, outcome, self.clock.now())
        return await self.reviews.change(where, update, closed) or await self.get(review.id)

    async def _let_go(self, review: Review) -> None:
        if review.held:
            try:
                await self.hands.releasing.release(review.id, HOLD, review.by)
            except (WrongState, NotFound) as no:  # its customer did not wait, or somebody let it go
                log.info("%s is cleared; its hold is gone already: %s", review.id, no.reason)
            return
        known = [mark for kind, mark in review.marks.items() if kind in ("customer", "email")]
        await self._list(review, "allow", known, _LET_IN)

    async def _undo(self, review: Review) -> None:
        await self._list(review, "deny", list(review.marks.values()), KEPT_OUT)
        if not review.held:
            return
        try:
            await self.hands.cancelling.cancel(review.id, "", "fraud", staff=True)
        except TooLateToCancel:  # somebody let it go before: it is lost
            await self.hands.reports.report(review.id, "confirmed_fraud", None, "", review.note, review.by)

    async def _list(self, review: Review, verdict: str, marks: list[str], time: timedelta) -> None:
        at = review.decided_at or self.clock.now()
        listing = Listing(verdict, at + time, review.by, f"review of {review.id}", at)
        await self.hands.listings.put_all(marks, listing)

    async def overtaken(self, order_id: str, outcome: str, by: str) -> None:
        """Its order went on its way or came to an end before anybody looked: `cleared` or `cancelled`."""
        review = await self.reviews.get(order_id)
        if review is None or review.state != "open":
            return
        now = self.clock.now()
        update = {"$set": {"state": outcome, "by": by, "decided_at": now}}
        await self.reviews.change({"_id": order_id, "state": "open"}, update, fraud_review_closed(review, outcome, now))

    async def round(self) -> int:
        """The chore: goes on with decisions somebody left half-done; answers how many were due."""
        return await go_on_with_due(self.reviews, "due_at", self.clock.now(), self._go_on, _AT_ONCE)


def _review(order: Order, decision: Decision, state: str, at: datetime) -> Review:
    return Review(
        id=order.id,
        state=state,
        score_bp=decision.score_bp,
        reasons=decision.reasons,
        features=decision.features,
        marks=decision.marks,
        model=decision.model,
        total_minor=order.total_minor,
        currency=order.currency,
        customer_id=order.customer_id,
        at=at,
    )
