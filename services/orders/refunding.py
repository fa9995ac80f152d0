"""This is where money goes back: room taken in the order, asked of the provider, written down; once a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Conflict, NotFound, Unavailable, WrongState
from services.kit.ids import new_id
from services.kit.money import split
from services.kit.store import Store, encode

from .messages.events import refund_issued
from .orders import Adjustment, Happened, Order
from .payments.moving import Moving
from .pricing import Share
from .saga import RETRYABLE

_TRIES = 20


class RefundUnfinished(Unavailable):
    """The money will go back; something needed for it is away. Asking again goes on at once."""


class MoreThanPaid(WrongState):
    """More would go back than was paid."""


class OrderKeepsChanging(Conflict):
    """Others change it all the time: try again."""


class OrderGone(NotFound):
    """There is no such order."""


@dataclass(frozen=True, slots=True)
class Giving:
    """Money to give back. `key` is what may happen once in an order; the provider is asked by `provider_key`.

    `capped`: what there is no room for is left out instead of refused; with `behind` the room is what nobody can ask back
    for goods any more. `units` are how many of each SKU it gives back for.
    """

    key: str
    provider_key: str
    minor: int
    reason: str
    type: str = "refund"
    shares: Sequence[Share] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    return_id: str = ""
    capped: bool = False
    behind: bool = False

    def amount(self, order: Order) -> int:
        """What of it goes back, once room is taken (minor units)."""
        return self.minor - order.short.get(self.key, 0)


class MoneyBack:
    """Gives money back. Each step bears repeating."""

    def __init__(self, orders: Store[Order], moving: Moving, clock: Clock) -> None:
        self._orders, self._moving, self._clock = orders, moving, clock

    async def pay(self, order_id: str, giving: Giving) -> Order:
        """The order with the money given back. Refuses with ORDER_GONE, MORE_THAN_PAID, REFUND_UNFINISHED."""
        order = await self._reserved(order_id, giving)
        minor = giving.amount(order)
        if minor:
            try:
                await self._moving.pay_out(order, minor, giving.provider_key)
            except RETRYABLE as away:
                raise RefundUnfinished("the money will go back as soon as possible", order_id=order_id) from away
        return await self._written_down(order, giving, minor)

    async def _reserved(self, order_id: str, giving: Giving) -> Order:
        """The order, with room for it taken once: what goes back never exceeds what came."""
        for _ in range(_TRIES):
            order = await self._orders.get(order_id)
            if order is None:
                raise OrderGone("there is no such order")
            if giving.key in order.refunds:
                return order
            short = _short(order, giving)
            where = {"_id": order.id, "refunds": {"$ne": giving.key}, "refunded_minor": order.refunded_minor}
            minor = giving.minor - short
            grown = {"refunded_minor": minor}
            if giving.type == "compensation":
                grown["compensated_minor"] = minor
            update: dict[str, Any] = {"$push": {"refunds": giving.key}, "$inc": grown}
            if short:
                update["$set"] = {f"short.{giving.key}": short}
            reserved = await self._orders.change(where, update)
            if reserved is not None:
                return reserved
        raise OrderKeepsChanging("this order keeps changing", retry_after_s=1)

    async def _written_down(self, order: Order, giving: Giving, minor: int) -> Order:
        if not minor and giving.type != "refund":
            return order
        now = self._clock.now()
        happened = Happened(f"refunded:{giving.key}", "refunded", now, "The money is on its way back.")
        shares = _shares(giving, minor)
        adjustment = Adjustment(
            new_id("adj"), giving.type, -minor, giving.reason, now, shares, giving.return_id, giving.provider_key
        )
        told = refund_issued(order, adjustment, giving.units)
        where = {"_id": order.id, "events.key": {"$ne": happened.key}}
        update: dict[str, Any] = {"$push": {"events": encode(happened), "adjustments": encode(adjustment)}}
        back = {f"lines.{n}.refunded": giving.units.get(line.sku, 0) for n, line in enumerate(order.lines)}
        if any(back.values()):
            update["$inc"] = {path: count for path, count in back.items() if count}
        return await self._orders.change(where, update, told) or order


def _short(order: Order, giving: Giving) -> int:
    """How much of it there is no room for; refuses what must not be cut."""
    room = order.captured_minor - order.refunded_minor - (_owed(order) if giving.behind else 0)
    short = max(0, giving.minor - max(0, room))
    # Who was compensated in cash before has had that much already.
    if short and not giving.capped and not 0 < short <= order.compensated_minor:
        raise MoreThanPaid("more would go back than was paid")
    return short


def _owed(order: Order) -> int:
    """What may still be asked back for goods."""
    back = sum(-a.minor for a in order.adjustments if a.type != "compensation")
    return max(0, sum(line.paid for line in order.lines) - back)


def _shares(giving: Giving, minor: int) -> list[Share]:
    if minor == giving.minor or not giving.shares:
        return [Share(share.sku, -share.minor) for share in giving.shares]
    cut = split(minor, [share.minor for share in giving.shares])
    return [Share(share.sku, -part) for share, part in zip(giving.shares, cut, strict=True)]
