"""This is where money goes back for goods that will not come: decided on, moved by the order's payments; once a case."""

from collections.abc import Mapping

from services.kit.errors import Invalid, WrongState
from services.kit.store import Store
from services.orders import limits
from services.orders.cancellation import Cancellation
from services.orders.looking import OrderNotFound
from services.orders.orders import Order, State
from services.orders.paying import Step
from services.orders.payments.claims import NothingToRefund, Wanted, known
from services.orders.payments.moving import Moving

from .cases import Case


class InvalidRefund(Invalid):
    """Only what was ordered and is not back is refunded."""


class RefundFailed(WrongState):
    """The provider does not give it back: see the order's payments."""


class Repaying:
    """Refunds the lines of an order a case is about. Each step bears repeating."""

    def __init__(self, orders: Store[Order], cancellation: Cancellation, moving: Moving) -> None:
        self._orders, self._cancellation, self._moving = orders, cancellation, moving

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

    async def refund(self, case: Case, by: str) -> int:
        """Gives back what was paid for the lines decided on; an order that has not left is cancelled as a whole. Answers how
        much (minor units). Refuses with NOTHING_TO_REFUND, NOTHING_TO_RETURN, REFUND_FAILED, MONEY_UNFINISHED and what
        cancelling refuses with."""
        order = await self._got(case)
        if order.state in (State.PAID, State.CANCELLING, State.CANCELLED):
            cancelled = await self._cancellation.cancel(order.id, "", case.reason, staff=True)
            return cancelled.refunded_minor
        units = {line.sku: line.quantity for line in case.refund_lines}
        order = await self._moving.refund(order.id, case.id, by, Wanted(0, units, case.reason))
        movement = known(order.movements, case.id)
        if movement is None or movement.step is Step.FAILED:
            raise RefundFailed("the provider does not give it back")
        return movement.minor

    async def _got(self, case: Case) -> Order:
        order = await self._orders.get(case.order_id)
        if order is None:
            raise OrderNotFound("its order is gone")
        return order
