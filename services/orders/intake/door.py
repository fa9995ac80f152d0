"""This is where orders of all channels come in: kept first, then made orders, once each, whoever stops half-way.

What was sent is kept before anything else is done with it, under the channel's own id. From then on it ends as an order or
as an exception somebody looks at; the chore goes on with what was left, so that nothing depends on its being sent again.
"""

import asyncio
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Refused
from services.kit.ids import new_id
from services.kit.seal import Seal
from services.kit.store import Store
from services.orders.addresses import Address
from services.orders.checkout import KeyInProgress, KeyReused, Purchase
from services.orders.leases import LEASE, go_on_with_due
from services.orders.orders import IN_STORE, Order, State
from services.orders.saga import RETRYABLE, CheckoutUnfinished, Saga
from services.orders.screens import Screens

from .channel_orders import OTHER_REASON, REASONS, ChannelOrder, ChannelOrders, ChannelOrderState
from .channels import Channel, Channels
from .drafts import Draft, DraftLine, InvalidChannelOrder, checked, repaired, unpacked
from .events import stuck, taken
from .ordering import Ordering, flags_of

if TYPE_CHECKING:
    from google.protobuf.message import Message

log = logging.getLogger(__name__)
_MOST = 100
_AT_ONCE = 8
_PRICE_TRIES = 3
Count = Callable[[str, str], None]  # one more of this kind of channel with this outcome


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer: how it is kept and whether that is the first answer once more; or why it is not kept."""

    channel_order_id: str
    order: ChannelOrder | None = None
    replayed: bool = False
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """What staff puts in the place of what was sent; empty: as it is."""

    lines: tuple[DraftLine, ...] = ()
    address: Address | None = None
    delivery_option: str = ""


class Door:
    """Takes orders in."""

    def __init__(
        self,
        kept: Store[ChannelOrder],
        orders: Store[Order],
        looking: ChannelOrders,
        channels: Channels,
        ordering: Ordering,
        screens: Screens,
        saga: Saga,
        seal: Seal,
        clock: Clock,
        count: Count,
    ) -> None:
        self._kept, self._orders, self._looking, self._channels = kept, orders, looking, channels
        self._ordering, self._screens, self._saga = ordering, screens, saga
        self._seal, self._clock, self._count = seal, clock, count

    async def take_in(self, channel: Channel, drafts: Sequence[Draft]) -> list[Taken]:
        """An answer each, in order. Refuses with INVALID_CHANNEL_ORDER when there are none or more than 100."""
        if not 1 <= len(drafts) <= _MOST:
            raise InvalidChannelOrder("too many", errors=[FieldError("/orders", f"1 to {_MOST}")])
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(draft: Draft) -> Taken:
            async with room:
                try:
                    order, replayed = await self._once(channel, checked(draft, channel))
                except Refused as no:
                    return Taken(draft.channel_order_id, refused=no)
                return Taken(draft.channel_order_id, order, replayed)

        return list(await asyncio.gather(*map(one, drafts)))

    async def retry(self, key: str, if_version: int, repair: Repair) -> ChannelOrder:
        """An exception once more, repaired. Refuses with CHANNEL_ORDER_NOT_FOUND, NOT_AN_EXCEPTION, VERSION_MISMATCH,
        INVALID_CHANNEL_ORDER."""
        record = await self._looking.get(key)
        channel = await self._channels.get(record.channel)
        update: dict[str, object] = {"$inc": {"attempt": 1}}
        begun: dict[str, object] = {
            "state": ChannelOrderState.TAKING.value,
            "reason": "",
            "detail": "",
            "due_at": self._clock.now() + LEASE,
        }
        if record.sealed_draft:
            draft = repaired(self.draft_of(record), repair.lines, repair.address, repair.delivery_option)
            begun["sealed_draft"] = self._seal.close(checked(draft, channel).packed(), record.id)
        # What was repaired is what was read, whoever else repairs it.
        begun_at = await self._looking.moved(key, if_version or record.version, update | {"$set": begun})
        return await self._through(begun_at)

    def draft_of(self, record: ChannelOrder) -> Draft:
        """What was sent, or repaired last."""
        return unpacked(self._seal.open(record.sealed_draft, record.id))

    async def round(self) -> int:
        """The chore: goes on with what was left half-way; answers how many there were."""
        return await go_on_with_due(self._kept, "due_at", self._clock.now(), self._through, _AT_ONCE)

    async def _once(self, channel: Channel, draft: Draft) -> tuple[ChannelOrder, bool]:
        now, key = self._clock.now(), new_id("chn")
        record = ChannelOrder(
            id=key,
            channel=channel.id,
            channel_order_id=draft.channel_order_id,
            kind=channel.kind,
            state=ChannelOrderState.TAKING,
            fingerprint=draft.fingerprint(),
            sealed_draft=self._seal.close(draft.packed(), key),
            taken_at=now,
            due_at=now + LEASE,
        )
        try:
            await self._kept.insert(record)
        except AlreadyExists:
            return await self._again(record)
        return await self._through(record), False

    async def _again(self, sent: ChannelOrder) -> tuple[ChannelOrder, bool]:
        """Under this number something was sent before. Refuses with KEY_REUSED, KEY_IN_PROGRESS."""
        number = {"channel": sent.channel, "channel_order_id": sent.channel_order_id}
        earlier = await self._kept.one(number)
        if earlier is None:
            raise KeyInProgress("try again", retry_after_s=1)
        if not hmac.compare_digest(earlier.fingerprint, sent.fingerprint):
            raise KeyReused("under this number the channel sent another order")
        if earlier.state is not ChannelOrderState.TAKING:
            return earlier, True
        now = self._clock.now()
        free = {"_id": earlier.id, "state": ChannelOrderState.TAKING.value, "due_at": {"$lte": now}}
        mine = await self._kept.change(free, {"$set": {"due_at": now + LEASE}})
        if mine is None:
            raise KeyInProgress("the first of these requests is still at it", retry_after_s=1)
        return await self._through(mine), False

    async def _through(self, record: ChannelOrder) -> ChannelOrder:
        """An order, or an exception. Whoever calls holds its lease. Refuses with CHECKOUT_UNFINISHED when something is away:
        the chore goes on."""
        try:
            for tries_left in reversed(range(_PRICE_TRIES)):
                order = await self._ordered(record)
                refusal = order.refusal
                if refusal is None:
                    return await self._done(record, order)
                if refusal.reason != "PRICE_CHANGED" or not tries_left:
                    return await self._stuck(record, refusal.reason, refusal.detail)
                # The price we remembered was old, and is forgotten now: what was sold elsewhere is sold.
                record = await self._next_attempt(record)
        except RETRYABLE as away:
            await self._let_go(record)
            raise CheckoutUnfinished("it is kept, and goes on as soon as possible") from away
        except Refused as no:
            return await self._stuck(record, no.reason, no.detail)
        raise AssertionError("unreachable")

    async def _ordered(self, record: ChannelOrder) -> Order:
        """The order of this attempt, driven as far as it goes."""
        earlier = await self._orders.one({"request_id": record.request_id})
        if earlier is not None:
            return await self._driven(earlier)
        draft, channel = self.draft_of(record), await self._channels.get(record.channel)
        order = await self._ordering.make(record, draft, channel)
        if order.fulfilment != IN_STORE:
            await self._screens.look(order, _purchase(record, draft, order.customer_id))
        try:
            await self._orders.insert(order)
        except AlreadyExists as raced:
            raise KeyInProgress("somebody else is at it", retry_after_s=1) from raced
        return await self._saga.drive(order)

    async def _driven(self, order: Order) -> Order:
        if order.state is not State.CHECKING_OUT:
            return order
        mine = await self._saga.take_over(order)
        if mine is None:
            raise KeyInProgress("somebody else is at it", retry_after_s=1)
        return await self._saga.drive(mine)

    async def _next_attempt(self, record: ChannelOrder) -> ChannelOrder:
        where = {"_id": record.id, "state": ChannelOrderState.TAKING.value, "attempt": record.attempt}
        more = await self._kept.change(where, {"$inc": {"attempt": 1}})
        if more is None:
            raise KeyInProgress("somebody else is at it", retry_after_s=1)
        return more

    async def _done(self, record: ChannelOrder, order: Order) -> ChannelOrder:
        record.order_id, record.flags = order.id, flags_of(order)
        fields = {
            "state": ChannelOrderState.ORDERED.value,
            "order_id": order.id,
            "flags": record.flags,
            "sealed_draft": b"",
            "due_at": None,
        }
        return await self._ended(record, fields, taken(record, self._clock.now()), "ordered")

    async def _stuck(self, record: ChannelOrder, refusal: str, detail: str) -> ChannelOrder:
        record.reason = REASONS.get(refusal, OTHER_REASON)
        fields = {
            "state": ChannelOrderState.EXCEPTION.value,
            "reason": record.reason,
            "detail": f"{refusal}: {detail}"[:300],
            "due_at": None,
        }
        return await self._ended(record, fields, stuck(record, self._clock.now()), record.reason)

    async def _ended(
        self, record: ChannelOrder, fields: Mapping[str, object], told: "Message", outcome: str
    ) -> ChannelOrder:
        where = {"_id": record.id, "state": ChannelOrderState.TAKING.value, "attempt": record.attempt}
        ended = await self._kept.change(where, {"$set": fields}, told)
        if ended is None:
            return await self._looking.get(record.id)  # somebody took over and was faster
        self._count(record.kind.value, outcome)
        return ended

    async def _let_go(self, record: ChannelOrder) -> None:
        where = {"_id": record.id, "state": ChannelOrderState.TAKING.value, "attempt": record.attempt}
        await self._kept.change(where, {"$set": {"due_at": self._clock.now()}})


def _purchase(record: ChannelOrder, draft: Draft, customer_id: str) -> Purchase:
    """As screens look at it."""
    return Purchase(
        cart_id="",
        customer_id=customer_id,
        payment_method=draft.payment_method,
        payment_token=draft.payment_token,
        points=0,
        email=draft.email,
        request_id=record.request_id,
        fingerprint=record.fingerprint,
    )
