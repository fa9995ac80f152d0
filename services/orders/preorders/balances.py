"""This is where the balance of a pre-order is paid: in its window, once (O10)."""

import re

from services.kit.clock import Clock, rfc3339
from services.kit.errors import WrongState
from services.orders import limits
from services.orders.looking import Orders
from services.orders.orders import Order, State
from services.orders.paying import Movement, Step
from services.orders.payments.claims import TooMuchCharged, known
from services.orders.payments.moving import Moving
from services.orders.payments.provider import PaymentDeclined

from .terms import Preorder, Stage

_NOT_WORDS = re.compile(r"[^0-9A-Za-z]")


class NoBalance(WrongState):
    """The order has no balance to pay (metadata: stage, if it is a pre-order)."""


class BalanceNotDue(WrongState):
    """Its window is not open yet (metadata: begins)."""


class BalanceOverdue(WrongState):
    """Its window is over (metadata: until)."""


class BalanceInProgress(WrongState):
    """Another payment of it is on its way: see the order, try again once that has failed."""


class Balances:
    """Pays balances."""

    def __init__(self, looking: Orders, moving: Moving, clock: Clock) -> None:
        self._looking, self._moving, self._clock = looking, moving, clock

    async def pay(self, order_id: str, customer_id: str, token: str, request_id: str) -> Order:
        """The order with its balance paid, or waiting for its customer (`next_action`); the same request again answers the
        same. Refuses with ORDER_NOT_FOUND, NO_BALANCE, BALANCE_NOT_DUE, BALANCE_OVERDUE, BALANCE_IN_PROGRESS,
        PAYMENT_DECLINED, MONEY_UNFINISHED."""
        limits.payment_token(token)
        purpose = f"balance{_NOT_WORDS.sub('', limits.request_id(request_id))}"
        order = await self._looking.get(order_id, customer_id)
        preorder = order.preorder
        if preorder is None:
            raise NoBalance("it is no pre-order")
        key = f"{order.id}-{purpose}"
        earlier = known(order.movements, key)
        if earlier is None:
            self._due(order, preorder)
        minor = earlier.minor if earlier else order.total_minor - preorder.deposit_minor
        try:
            order = await self._moving.charge(order.id, purpose, minor, token, "customer")
        except TooMuchCharged as raced:
            raise BalanceInProgress("another payment of it is on its way, or done") from raced
        return _answered(order, known(order.movements, key))

    def _due(self, order: Order, preorder: Preorder) -> None:
        if order.state is not State.PAID or preorder.stage is not Stage.OWING:
            raise NoBalance("nothing is owed", stage=preorder.stage.value)
        now = self._clock.now()
        if preorder.pay_from and now < preorder.pay_from:
            raise BalanceNotDue("its window is not open yet", begins=rfc3339(preorder.pay_from))
        if preorder.pay_until and now >= preorder.pay_until:
            raise BalanceOverdue("its window is over", until=rfc3339(preorder.pay_until))


def _answered(order: Order, movement: Movement | None) -> Order:
    if movement is not None and movement.step is Step.FAILED:
        code = movement.detail or "declined"
        raise PaymentDeclined("the payment was declined", decline_code=code, order_id=order.id)
    return order
