"""This is where returns are answered within 24 hours: yes, no, or what is still to be known; and called off."""

from collections.abc import Collection, Sequence
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import VersionMismatch
from services.kit.store import Store
from services.orders import limits
from services.orders.lines import OrderLine
from services.orders.orders import Happened, Order

from .intake import Together
from .messages.returns import return_changed
from .policies import Policies
from .reasons import GOODS_COME_BACK, Kind
from .returns import (
    CANCELLABLE,
    REJECTABLE,
    IllegalTransition,
    InvalidReturn,
    LimitExceeded,
    Return,
    ReturnBusy,
    ReturnNotFound,
    ReturnState,
    step,
)
from .statistics import Statistics

_TRIES = 10


class Reviewing:
    """Looks at returns and answers them."""

    def __init__(
        self,
        returns: Store[Return],
        orders: Store[Order],
        together: Together,
        statistics: Statistics,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._returns, self._orders, self._together = returns, orders, together
        self._statistics, self._policies, self._clock = statistics, policies, clock

    async def get(self, return_id: str, customer_id: str = "", *, staff: bool = True) -> Return:
        """One return; another's is not found. Refuses with RETURN_NOT_FOUND."""
        rma = await self._returns.get(return_id) if limits.is_id(return_id, "ret") else None
        if rma is None or not (staff or rma.customer_id in ("", customer_id)):
            raise ReturnNotFound("no such return")
        return rma

    async def page(
        self, customer_id: str, order_id: str, state: ReturnState | None, limit: int, cursor: str
    ) -> tuple[list[Return], str]:
        """Newest first, and where the next page starts. Refuses with INVALID_PAGE, CURSOR_INVALID."""
        where: dict[str, Any] = {"state": {"$in": [state.value] if state else [each.value for each in ReturnState]}}
        if limits.customer_id(customer_id):
            where["customer_id"] = customer_id
        if order_id:
            where["order_id"] = order_id
        return await self._returns.page(where, limit, cursor)

    async def approve(self, return_id: str, by: str, *, goods_stay: bool = False, senior: bool = True) -> Return:
        """Says yes; again changes nothing. `goods_stay`: nothing need come back. What is let go so, or was never there, is
        bounded for who is not `senior`. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION, LIMIT_EXCEEDED."""
        rma = await self.get(return_id)
        goods_back = rma.kind in GOODS_COME_BACK and not goods_stay
        if rma.state is ReturnState.REQUESTED and not goods_back and not senior:
            await self._within_limit(rma)
        done = {
            "state": ReturnState.APPROVED.value,
            "goods_back": goods_back,
            "by.approved": limits.text(by, "/by", 64),
        }
        return await self._moved(rma, [ReturnState.REQUESTED], ReturnState.APPROVED, done, by)

    async def ask(self, return_id: str, by: str, question: str) -> Return:
        """Asks the customer for more; the clock stands meanwhile. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION."""
        text = limits.text(question, "/text", 500, InvalidReturn, needed=True)
        done = {"state": ReturnState.NEEDS_INFO.value, "question": text, "asked_at": self._clock.now()}
        rma = await self.get(return_id)
        return await self._moved(rma, [ReturnState.REQUESTED], ReturnState.NEEDS_INFO, done, by, text)

    async def supply(self, return_id: str, customer_id: str, text: str, photos: Sequence[str]) -> Return:
        """The customer answers; the clock goes on. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION, INVALID_RETURN."""
        note = limits.text(text, "/text", 500, InvalidReturn, needed=not photos)
        rma = await self.get(return_id, customer_id, staff=False)
        if len(rma.photos) + len(photos) > 20:
            raise limits.refused("/photos", "at most twenty in all", InvalidReturn)
        paused = self._clock.now() - (rma.asked_at or self._clock.now())
        done = {
            "state": ReturnState.REQUESTED.value,
            "asked_at": None,
            "review_by": rma.review_by + paused,
            "photos": [*rma.photos, *photos],
        }
        return await self._moved(rma, [ReturnState.NEEDS_INFO], ReturnState.REQUESTED, done, "customer", note)

    async def reject(self, return_id: str, by: str, why: str) -> Return:
        """Says no, and why; the units can be claimed again. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION."""
        text = limits.text(why, "/reason", 500, InvalidReturn, needed=True)
        return await self._ended(return_id, ReturnState.REJECTED, REJECTABLE, by, text)

    async def cancel(self, return_id: str, customer_id: str, why: str, *, staff: bool = False) -> Return:
        """Its customer, or staff, calls it off before anything is on its way. Refuses with RETURN_NOT_FOUND,
        ILLEGAL_TRANSITION."""
        text = limits.text(why, "/reason", 500, InvalidReturn)
        await self.get(return_id, customer_id, staff=staff)
        return await self._ended(return_id, ReturnState.CANCELLED, CANCELLABLE, "staff" if staff else "customer", text)

    async def _within_limit(self, rma: Return) -> None:
        order = await self._orders.get(rma.order_id)
        categories = {line.category for line in order.lines} if order else set()
        bounds = [(await self._policies.of(category)).goods_stay_minor for category in sorted(categories)]
        limit = min(bounds, default=0)
        if rma.worth_minor > limit and rma.kind is not Kind.RESHIP:
            raise LimitExceeded("more than you may let go without the goods", limit=limit, amount=rma.worth_minor)

    async def _moved(
        self,
        rma: Return,
        from_states: Collection[ReturnState],
        state: ReturnState,
        done: dict[str, Any],
        by: str,
        text: str = "",
    ) -> Return:
        now = self._clock.now()
        where = {"_id": rma.id, "state": {"$in": [each.value for each in from_states]}}
        update = {"$set": done, "$push": {"steps": step(state, now, limits.text(by, "/by", 64), text)}}
        changed = await self._returns.change(where, update, return_changed(rma, state, now))
        return changed or await self._was(rma.id, state)

    async def _ended(
        self, return_id: str, state: ReturnState, from_states: Collection[ReturnState], by: str, text: str
    ) -> Return:
        """Nothing comes of it: in one transaction its units are free again."""
        for _ in range(_TRIES):
            rma = await self.get(return_id)
            order = await self._orders.get(rma.order_id)
            left = rma.way_back is not None and rma.way_back.state != "label_created"
            if rma.state not in from_states or order is None or left:
                return await self._was(return_id, state)
            now = self._clock.now()
            for line in rma.lines:
                take_back(order.line(line.sku), line.quantity, line.refund_minor, line.credit_minor)
            order.events.append(Happened(f"{state.value}:{rma.id}", f"return_{state.value}", now, text[:200]))
            was, rma.state, rma.due_at = rma.state, state, None
            update = {
                "$set": {"state": state.value, "due_at": None, f"by.{state.value}": limits.text(by, "/by", 64)},
                "$push": {"steps": step(state, now, by, text)},
            }

            async def both(
                session: Any, rma: Return = rma, was: ReturnState = was, order: Order = order, update: Any = update
            ) -> None:
                where = {"_id": rma.id, "state": was.value}
                told = return_changed(rma, state, self._clock.now())
                if await self._returns.change(where, update, told, session=session) is None:
                    raise VersionMismatch("it has just changed")
                await self._orders.save(order, session=session)
                await self._statistics.asked(rma, rma.requested_at, session, sign=-1)

            try:
                await self._together(both)
                return await self.get(return_id)
            except VersionMismatch:
                continue
        raise ReturnBusy("the order keeps changing", retry_after_s=1)

    async def _was(self, return_id: str, state: ReturnState) -> Return:
        """It is in that state already, or cannot get there."""
        rma = await self.get(return_id)
        if rma.state is not state:
            raise IllegalTransition(f"it is {rma.state.value}")
        return rma


def take_back(line: OrderLine | None, count: int, refund: int, credit: int) -> None:
    """Units of a line are kept after all, with what was to go back for them (minor units)."""
    if line is not None:
        line.take_back(count, refund)
        line.credit_minor += credit
