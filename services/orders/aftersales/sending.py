"""This is where something is sent instead: the same anew, or others, as an order of its own through the usual saga.

The order that follows up takes its stock by a hold and its parcel by `OrderPaid`, as every order does. What was paid for the
goods it stands for is its `credit_minor`, so that it can come back for what it is worth; only a difference is charged.
"""

import logging
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, WrongState
from services.kit.money import split
from services.kit.store import Store
from services.orders import limits
from services.orders.leases import LEASE, go_on_with_due
from services.orders.orders import DEAD, Order, State
from services.orders.pricing import Share
from services.orders.quotes import SkuQuote
from services.orders.refunding import Giving, MoneyBack
from services.orders.saga import Saga

from .followups import Followups, Instead
from .messages.returns import return_changed
from .reasons import SENT_ANEW
from .returns import IllegalTransition, Return, ReturnNotFound, ReturnState, step

log = logging.getLogger(__name__)
_AT_ONCE = 8


class NothingInstead(WrongState):
    """What was asked for cannot be sent (metadata: sku, why): give the money back instead."""


class DifferenceChanged(WrongState):
    """It costs another amount than was shown (metadata: difference): look at the return again."""


class Shelves(Protocol):
    """Who knows SKUs: catalog."""

    async def quote(self, skus: list[str]) -> list[SkuQuote]:
        """Those of these SKUs that exist."""
        ...


class Sending:
    """Sends what is to be sent. Each step bears repeating."""

    def __init__(
        self,
        returns: Store[Return],
        orders: Store[Order],
        followups: Followups,
        shelves: Shelves,
        saga: Saga,
        money: MoneyBack,
        clock: Clock,
    ) -> None:
        self._returns, self._orders, self._followups = returns, orders, followups
        self._shelves, self._saga, self._money, self._clock = shelves, saga, money, clock

    async def send(self, return_id: str, by: str) -> Return:
        """Sends it, or asks for what it costs more; again changes nothing. Refuses with RETURN_NOT_FOUND,
        ILLEGAL_TRANSITION, NOTHING_INSTEAD, CHECKOUT_UNFINISHED."""
        who, rma = limits.text(by, "/by", 64), await self._get(return_id)
        if rma.state in (ReturnState.SENDING, ReturnState.SENT, ReturnState.AWAITING_PAYMENT):
            return rma
        if rma.kind not in SENT_ANEW or rma.state is not ready_state(rma):
            raise IllegalTransition(f"it is {rma.state.value}")
        instead = await self._instead(rma)
        if instead.difference <= 0:
            return await self._begin(rma, instead, who, "")
        return await self._moved(
            rma, ReturnState.AWAITING_PAYMENT, who, difference_minor=instead.difference, **{"by.sent": who}
        )

    async def pay(self, return_id: str, customer_id: str, token: str) -> Return:
        """The customer pays the difference. Refuses with RETURN_NOT_FOUND, ILLEGAL_TRANSITION, DIFFERENCE_CHANGED,
        PAYMENT_DECLINED, OUT_OF_STOCK …"""
        limits.payment_token(token)
        rma = await self._get(return_id)
        if rma.customer_id not in ("", customer_id):
            raise ReturnNotFound("no such return")
        if rma.state in (ReturnState.SENDING, ReturnState.SENT):
            return rma
        if rma.state is not ReturnState.AWAITING_PAYMENT:
            raise IllegalTransition(f"it is {rma.state.value}")
        instead = await self._instead(rma)
        if instead.difference != rma.difference_minor:
            await self._returns.change(
                {"_id": rma.id, "state": rma.state.value}, {"$set": {"difference_minor": instead.difference}}
            )
            raise DifferenceChanged("it costs another amount now", difference=instead.difference)
        return await self._begin(rma, instead, "customer", token)

    async def round(self) -> int:
        """The chore: looks what became of what was being sent; answers how many were due."""
        state = {"state": ReturnState.SENDING.value}
        return await go_on_with_due(self._returns, "due_at", self._clock.now(), self._go_on, _AT_ONCE, state)

    async def called_off(self, order_id: str) -> None:
        """An order that was sent for a return is cancelled: what is owed for the goods is owed again."""
        rma = await self._returns.one({"follow_up": order_id})
        if rma is not None and rma.state in (ReturnState.SENT, ReturnState.SENDING):
            await self._back(rma, "CANCELLED")

    async def _instead(self, rma: Return) -> Instead:
        order = await self._orders.get(rma.order_id)
        if order is None:
            raise ReturnNotFound("its order is gone")
        wanted = [(one.sku, one.quantity) for one in rma.wants] or [
            (line.sku, line.quantity) for line in rma.lines if line.quantity
        ]
        quotes = {quote.sku: quote for quote in await self._shelves.quote([sku for sku, _ in wanted])}
        for sku, _ in wanted:
            quote = quotes.get(sku)
            if quote is None or not quote.live or quote.currency != rma.currency:
                raise NothingInstead(f"{sku} is not on sale", sku=sku, why="NOT_ON_SALE")
        return Instead.of(rma, order, [(quotes[sku], count) for sku, count in wanted])

    async def _begin(self, rma: Return, instead: Instead, by: str, token: str) -> Return:
        order = await self._followups.drafted(rma, instead, token)
        sending = {"follow_up": order.id, "due_at": self._clock.now() + LEASE, "difference_minor": instead.difference}
        more = {"by.sent": by, "unsendable": ""}
        taken = await self._moved(rma, ReturnState.SENDING, by, **sending, **more)
        if taken.follow_up != order.id:
            return taken  # somebody else was faster
        try:
            await self._orders.insert(order)
        except AlreadyExists:  # whoever began before was only slow: theirs is the one
            return await self._adopted(taken, order.request_id)
        if (await self._get(rma.id)).follow_up != order.id:
            await self._saga.refuse(order, NothingInstead("it was too slow", sku="", why="UNFINISHED"), [])
            return await self._get(rma.id)
        return await self._settled(taken, await self._saga.drive(order))

    async def _adopted(self, rma: Return, request_id: str) -> Return:
        order = await self._orders.one({"request_id": request_id})
        if order is None:
            return rma
        where = {"_id": rma.id, "state": rma.state.value, "follow_up": rma.follow_up}
        taken = await self._returns.change(where, {"$set": {"follow_up": order.id}})
        return await self._settled(taken, order) if taken else await self._get(rma.id)

    async def _go_on(self, rma: Return) -> Return:
        order = await self._orders.get(rma.follow_up)
        if order is None:  # whoever began it stopped before it was kept
            return await self._back(rma, "UNFINISHED")
        return await self._settled(rma, order)

    async def _settled(self, rma: Return, order: Order) -> Return:
        if order.state in DEAD:
            return await self._back(rma, order.refusal.reason if order.refusal else "CANCELLED")
        if order.state in (State.CHECKING_OUT, State.AWAITING_CONFIRMATION, State.CANCELLING):
            return rma
        if rma.difference_minor < 0 and order.follow_up:
            await self._give_back(rma, order.follow_up.root_id)
        return await self._moved(rma, ReturnState.SENT, rma.by.get("sent", ""), due_at=None)

    async def _give_back(self, rma: Return, root_id: str) -> None:
        """What is sent is worth less: the difference, as far as it was paid in money."""
        minor = min(-rma.difference_minor, rma.worth_minor)
        key = f"{rma.id}:difference"
        weights = [line.refund_minor for line in rma.lines]
        parts = split(minor, weights) if root_id == rma.order_id else []
        shares = [Share(line.sku, part) for line, part in zip(rma.lines, parts, strict=False) if part]
        if minor:
            giving = Giving(key, key, minor, "exchange", shares=shares, return_id=rma.id, capped=True)
            await self._money.pay(root_id, giving)

    async def _back(self, rma: Return, why: str) -> Return:
        """It could not be sent: whoever looks at it next can try again, or give the money back."""
        paid = rma.difference_minor > 0 and why != "CANCELLED"
        state = ReturnState.AWAITING_PAYMENT if paid else ready_state(rma)
        # One that was never kept may still come: whoever tries again uses its request id, so that there is one of them.
        attempts = rma.attempts + (why != "UNFINISHED")
        changed = await self._moved(rma, state, "", follow_up="", unsendable=why, due_at=None, attempts=attempts)
        log.info("%s: nothing could be sent: %s", rma.id, why)
        return changed

    async def _moved(self, rma: Return, state: ReturnState, by: str, **fields: object) -> Return:
        now = self._clock.now()
        where = {"_id": rma.id, "state": rma.state.value, "follow_up": rma.follow_up}
        update = {"$set": {"state": state.value, **fields}, "$push": {"steps": step(state, now, by)}}
        changed = await self._returns.change(where, update, return_changed(rma, state, now))
        return changed or await self._get(rma.id)

    async def _get(self, return_id: str) -> Return:
        rma = await self._returns.get(return_id) if limits.is_id(return_id, "ret") else None
        if rma is None:
            raise ReturnNotFound("no such return")
        return rma


def ready_state(rma: Return) -> ReturnState:
    """Where a return is when its own part is done: its goods back, or none awaited."""
    return ReturnState.RECEIVED if rma.goods_back else ReturnState.APPROVED
