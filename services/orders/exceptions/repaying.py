"""This is where money goes back for goods that will not come: room taken, asked of the provider, told; once a case."""

from collections.abc import Mapping
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Conflict, Invalid, WrongState
from services.kit.ids import new_id
from services.kit.store import Store, encode
from services.orders import limits
from services.orders.cancellation import Cancellation
from services.orders.looking import OrderNotFound
from services.orders.messages.events import refund_issued
from services.orders.orders import Adjustment, Happened, Order, Sent, State
from services.orders.payments.provider import Provider
from services.orders.pricing import Share
from services.orders.refunds import RefundUnfinished
from services.orders.saga import RETRYABLE

from .cases import Case

_TRIES = 10


class NothingToRefund(WrongState):
    """All of it came back, or was given back."""


class InvalidRefund(Invalid):
    """Only what was ordered and is not back is refunded."""


class Repaying:
    """Refunds the lines of an order a case is about. Each step bears repeating."""

    def __init__(self, orders: Store[Order], cancellation: Cancellation, provider: Provider, clock: Clock) -> None:
        self._orders, self._cancellation, self._provider, self._clock = orders, cancellation, provider, clock

    async def decided(self, case: Case, lines: Mapping[str, int]) -> dict[str, int]:
        """What is given back for: these lines, or all that is not back. Refuses with NOTHING_TO_REFUND, INVALID_REFUND."""
        order = await self._got(case)
        units = dict(lines) or {line.sku: line.kept for line in order.lines if line.kept}
        if not units:
            raise NothingToRefund("there is nothing left of it")
        for number, (sku, count) in enumerate(units.items()):
            line = order.line(sku)
            if line is None or not 1 <= count <= line.kept:
                raise limits.refused(f"/lines/{number}", "not ordered, or not so many left", InvalidRefund)
        return units

    async def refund(self, case: Case) -> int:
        """Gives back what was paid for the lines decided on; an order that has not left is cancelled as a whole. Answers how
        much (minor units). Refuses with NOTHING_TO_REFUND, REFUND_UNFINISHED and what cancelling refuses with."""
        order = await self._got(case)
        if order.state in (State.PAID, State.CANCELLING, State.CANCELLED) and case.id not in order.refunds:
            cancelled = await self._cancellation.cancel(order.id, "", case.reason, staff=True)
            return cancelled.refunded_minor
        order = await self._reserved(case)
        adjustment = next(one for one in order.adjustments if one.return_id == case.id)
        if adjustment.minor:
            try:
                await self._provider.refund(order.payment_id, -adjustment.minor, case.id)
            except RETRYABLE as away:
                raise RefundUnfinished("the money will go back when this is asked again", order_id=order.id) from away
        await self._told(order, adjustment, case)
        return -adjustment.minor

    async def _got(self, case: Case) -> Order:
        order = await self._orders.get(case.order_id)
        if order is None:
            raise OrderNotFound("its order is gone")
        return order

    async def _reserved(self, case: Case) -> Order:
        """The order, with the units given up and room for their money taken, once."""
        for _ in range(_TRIES):
            order = await self._got(case)
            if case.id in order.refunds:
                return order
            shares = [_given_up(order, line) for line in case.refund_lines]
            minor = -sum(share.minor for share in shares)
            if order.refunded_minor + minor > order.captured_minor:
                raise NothingToRefund("there is nothing left of it")
            now = self._clock.now()
            adjustment = Adjustment(new_id("adj"), "refund", -minor, case.reason, now, shares, case.id)
            update: dict[str, Any] = {
                "$set": {"lines": encode(order.lines)},
                "$push": {"refunds": case.id, "adjustments": encode(adjustment)},
                "$inc": {"refunded_minor": minor},
            }
            if kept := await self._orders.change({"_id": order.id, "version": order.version}, update):
                return kept
        raise Conflict("this order keeps changing")

    async def _told(self, order: Order, adjustment: Adjustment, case: Case) -> None:
        happened = Happened(f"refunded:{case.id}", "refunded", self._clock.now(), "The money is on its way back.")
        where = {"_id": order.id, "events.key": {"$ne": happened.key}}
        units = {line.sku: line.quantity for line in case.refund_lines}
        await self._orders.change(
            where, {"$push": {"events": encode(happened)}}, refund_issued(order, adjustment, units)
        )


def _given_up(order: Order, wanted: Sent) -> Share:
    line = order.line(wanted.sku)
    if line is None or wanted.quantity > line.kept:
        raise NothingToRefund(f"{wanted.sku} has come back meanwhile", sku=wanted.sku)
    return Share(wanted.sku, -line.give_up(wanted.quantity))
