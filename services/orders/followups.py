"""This is where goods are sent once more for nothing: an order of its own that follows another (O21)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, WrongState
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.kit.store import Store

from . import limits
from .aftersales.cover import FollowUp
from .cancellation import OrderBusy
from .leases import LEASE
from .lines import OrderLine
from .looking import OrderNotFound
from .orders import Happened, Order, State
from .pricing import Discount, Share, Total
from .quotes import SkuQuote
from .saga import Saga
from .sorting import URGENT_FIRST

RESHIP = "reship"
_AGAIN = 20  # follow-ups of one cause that may come to nothing (no stock) before nobody tries any more


class NotReshippable(WrongState):
    """Only what was paid for is sent again; or there is none of it now."""


class InvalidReship(Invalid):
    """Only what was ordered is sent again, and not more of it."""


class Quoting(Protocol):
    """Who knows what things cost now: catalog."""

    async def quote(self, skus: list[str]) -> list[SkuQuote]:
        """Those of these SKUs that exist."""
        ...


class Followups:
    """Makes orders that follow others."""

    def __init__(self, orders: Store[Order], saga: Saga, shelf: Quoting, seal: Seal, clock: Clock) -> None:
        self._orders, self._saga, self._shelf = orders, saga, shelf
        self._seal, self._clock = seal, clock

    async def reship(self, order_id: str, lines: Mapping[str, int], cause: str) -> Order:
        """The order that sends these lines (all of them when none are named) once more, paid with nothing; again for the
        same cause answers the same. Refuses with ORDER_NOT_FOUND, NOT_RESHIPPABLE, INVALID_RESHIP, ORDER_BUSY."""
        before = await self._orders.get(order_id)
        if before is None:
            raise OrderNotFound("no such order")
        if before.paid_at is None:
            raise NotReshippable(f"it is {before.state.value}")
        wanted = dict(lines) or {line.sku: line.quantity for line in before.lines}
        for number in range(_AGAIN):
            request_id = f"{RESHIP}:{cause}:{number}"
            known = await self._orders.one({"request_id": request_id})
            if known is not None and known.state in (State.REFUSED, State.DECLINED):
                continue  # there was none of it then
            if known is None:
                made = await self._saga.drive(await self._kept(await self._drafted(before, wanted, request_id)))
            else:
                made = await self._gone_on(known)
            if made.refusal:
                raise NotReshippable(made.refusal.detail or "there is none of it", why=made.refusal.reason)
            return made
        raise NotReshippable("it has come to nothing too often")

    async def _kept(self, order: Order) -> Order:
        try:
            return await self._orders.insert(order)
        except AlreadyExists as taken:
            raise OrderBusy("it is being made at this moment", retry_after_s=1) from taken

    async def _gone_on(self, order: Order) -> Order:
        """The order at its end. One that somebody stopped half-way with is gone on with once their lease is over."""
        if order.state is not State.CHECKING_OUT:
            return order
        taken = await self._saga.take_over(order)
        if taken is None:
            raise OrderBusy("it is being made at this moment", retry_after_s=1)
        return await self._saga.drive(taken)

    async def _drafted(self, before: Order, wanted: Mapping[str, int], request_id: str) -> Order:
        order_id, now = new_id("ord"), self._clock.now()
        lines = await self._lines(before, wanted)
        worth = sum(line.subtotal for line in lines)
        shares = [Share(line.sku, line.subtotal) for line in lines if line.subtotal]
        address = self._seal.open(before.sealed_address, before.id)
        email = self._seal.open(before.sealed_email, before.id) if before.sealed_email else b""
        return Order(
            id=order_id,
            request_id=request_id,
            fingerprint=b"",
            cart_id="",
            cart_claim="",
            customer_id=before.customer_id,
            state=State.CHECKING_OUT,
            currency=before.currency,
            lines=lines,
            totals=[
                Total("subtotal", worth),
                *([Total("items_discount", -worth)] if worth else []),
                Total("fulfillment", 0),
                Total("total", 0),
            ],
            discounts=[Discount(RESHIP, "items", RESHIP, "", worth, shares)] if worth else [],
            coupons=[],
            points=0,
            delivery=replace(before.delivery, price_minor=0),
            region=before.region,
            sealed_address=self._seal.close(address, order_id),
            sealed_email=self._seal.close(email, order_id) if email else b"",
            sealed_token=b"",
            placed_at=now,
            due_at=now + LEASE,
            events=[Happened("placed", "placed", now, "Sent once more.")],
            follow_up=FollowUp(before.id, RESHIP, before.root_id),
            classes=[RESHIP],
            priority=URGENT_FIRST,
            channel=before.channel,
            customer_type=before.customer_type,
            account_id=before.account_id,
        )

    async def _lines(self, before: Order, wanted: Mapping[str, int]) -> list[OrderLine]:
        quotes = {quote.sku: quote for quote in await self._shelf.quote(list(wanted))}
        lines: list[OrderLine] = []
        for number, (sku, quantity) in enumerate(wanted.items()):
            bought, quote = before.line(sku), quotes.get(sku)
            if bought is None or not 1 <= quantity <= bought.quantity:
                raise limits.refused(f"/lines/{number}", "not ordered, or not so many", InvalidReship)
            if quote is None:
                raise NotReshippable(f"{sku} is sold no more: refund it", sku=sku)
            unit = quote.price_minor
            line = OrderLine(
                sku=sku,
                product_id=bought.product_id,
                title=bought.title,
                category=bought.category,
                quantity=quantity,
                unit_minor=unit,
                discount_minor=unit * quantity,
                points_minor=0,
                cost_minor=quote.cost_minor,
                weight_g=bought.weight_g,
            )
            lines.append(line)
        return lines
