"""This is where it is watched that returns are answered within a day (O17): the clock stands while the customer is asked."""

from typing import Any

from services.kit.clock import Clock
from services.kit.sla import SlaClock, Step, Terms, begun, paused, resumed, stopped
from services.kit.store import Store, encode
from services.orders.aftersales.returns import Return, ReturnState
from services.orders.holding import WAITS_FOR_CUSTOMER
from services.orders.messages.events import clock_told
from services.orders.timers import TermsBook, Timers

from .policies import RETURN_REVIEW


class Review:
    """Keeps a return's clock where its state says. Hearing of a change late or twice comes to the same."""

    def __init__(self, returns: Store[Return], book: TermsBook, clock: Clock) -> None:
        self._returns, self._book, self._clock = returns, book, clock
        self.timers = Timers(returns, "review_clock", book, _told, clock)

    async def follow(self, return_id: str) -> None:
        """Begins, pauses, resumes or stops the clock of a return that has changed."""
        rma = await self._returns.get(return_id)
        if rma is None:
            return
        if rma.review_clock is None:
            clock = begun(RETURN_REVIEW, self._book.newest, rma.requested_at)
            unbegun = {"_id": rma.id, "review_clock": None}
            rma = await self._returns.change(unbegun, {"$set": {"review_clock": encode(clock)}})
        if rma is not None:
            await self.timers.change(rma, self._as_is(rma))

    def _as_is(self, rma: Return) -> Any:
        now = self._clock.now()

        def kept(clock: SlaClock, terms: Terms) -> SlaClock:
            if rma.state is ReturnState.REQUESTED:
                return resumed(clock, terms, now)
            if rma.state is ReturnState.NEEDS_INFO:
                return paused(clock, terms, WAITS_FOR_CUSTOMER, rma.asked_at or now)
            return stopped(clock, terms, now)

        return kept


def _told(rma: Return, clock: SlaClock, step: Step) -> Any:
    return clock_told(rma.id, rma.order_id, clock, step, rma.reason)
