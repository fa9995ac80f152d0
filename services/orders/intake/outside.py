"""This is where money is on the books that a channel or a till has taken: evidence of what it says, settled afterwards.

To the saga it is a payment provider like any other: asked to charge it writes down what was taken, asked to give back it
writes down what the channel has to give back. What really came is compared when the channel settles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid
from services.kit.money import Money
from services.kit.store import Store
from services.orders import limits
from services.orders.payments.provider import Moved, Payment, ProviderConflict, ProviderRefused

from .channel_orders import ChannelOrder
from .channels import Channels

KIND = "external"
_MOST_ROWS = 500


class InvalidSettlement(Invalid):
    """No settlement can be so."""


@dataclass
class ExternalPayment:
    """Money taken outside, in minor units of `currency`. `settlement`: `open`, `matched` or `differs`."""

    id: str
    order_id: str
    channel: str
    channel_order_id: str
    method: str
    reference: str
    currency: str
    amount_minor: int
    taken_at: datetime
    refunded_minor: int = 0
    refunds: list[str] = field(default_factory=list)
    voided: bool = False
    settlement: str = "open"
    settled_minor: int = 0
    settled_by: str = ""
    fee_minor: int = 0
    version: int = 0

    @property
    def due_minor(self) -> int:
        """What the channel owes us of it, before its fee."""
        return 0 if self.voided else self.amount_minor - self.refunded_minor

    def seen(self) -> Payment:
        """As the saga sees it."""
        if self.voided:
            return Payment(self.id, "voided", self.amount_minor, currency=self.currency)
        return Payment(
            self.id, "captured", self.amount_minor, self.amount_minor, self.refunded_minor, currency=self.currency
        )


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """What a channel settled of one order: taken less given back, before its fee."""

    channel_order_id: str
    currency: str
    settled_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class Finding:
    """`matched`, `differs`, or `unknown` where we know of no such payment."""

    channel_order_id: str
    outcome: str
    expected_minor: int
    settled_minor: int


def payment_id(order_id: str) -> str:
    """One payment an order."""
    return f"{KIND}_{order_id}"


def token_of(record: ChannelOrder, method: str, reference: str) -> str:
    """What the saga hands over to be charged: whose money it is."""
    return "|".join((KIND, record.channel, method, reference.replace("|", "/"), record.channel_order_id))


class Outside:
    """The provider of what was paid outside."""

    def __init__(self, kept: Store[ExternalPayment], clock: Clock) -> None:
        self._kept, self._clock = kept, clock

    async def charge(self, reference: str, amount: Money, token: str, *, capture: bool = True) -> Payment:
        """Writes down what was taken, once an order."""
        _, channel, method, number, channel_order_id = token.split("|", 4)
        payment = ExternalPayment(
            id=payment_id(reference),
            order_id=reference,
            channel=channel,
            channel_order_id=channel_order_id,
            method=method,
            reference=number,
            currency=amount.currency,
            amount_minor=amount.minor,
            taken_at=self._clock.now(),
        )
        try:
            await self._kept.insert(payment)
        except AlreadyExists:
            return await self._of(payment.id)
        return payment.seen()

    async def find(self, reference: str) -> Payment | None:
        """The payment of an order."""
        kept = await self._kept.get(payment_id(reference))
        return kept.seen() if kept else None

    async def capture(self, payment_id: str, minor: int = 0, key: str = "") -> Payment:
        """It is captured from the beginning."""
        return await self._of(payment_id)

    async def confirm(self, payment_id: str) -> Payment:
        """There is nothing to confirm."""
        return await self._of(payment_id)

    async def void(self, payment_id: str, key: str = "") -> None:
        """The order came to nothing: all of it is to be given back by who took it."""
        await self._kept.change({"_id": payment_id}, {"$set": {"voided": True}})

    async def refund(self, payment_id: str, minor: int, key: str) -> None:
        """Writes down what is to be given back by who took it, once a key."""
        kept = await self._kept.get(payment_id)
        if kept is None:
            raise ProviderRefused("no such payment")
        if key == f"{kept.order_id}:undo":  # it never became an order: what was sold is tried again under another
            await self.void(payment_id)
            return
        where = {
            "_id": payment_id,
            "refunds": {"$ne": key},
            "refunded_minor": {"$lte": kept.amount_minor - minor},
        }
        update = {"$inc": {"refunded_minor": minor}, "$push": {"refunds": key}}
        if await self._kept.change(where, update) is None:
            again = await self._kept.get(payment_id)
            if again is None or key not in again.refunds:
                raise ProviderConflict("more would go back than came")

    async def movements(self, payment_id: str) -> list[Moved]:
        """What was taken, and each refund by its key; how much each was is written down in the order alone."""
        kept = await self._kept.get(payment_id)
        if kept is None:
            return []
        taken = Moved("0", "capture", kept.order_id, kept.amount_minor, kept.currency)
        return [taken, *(Moved(str(n), "refund", key, 0, kept.currency) for n, key in enumerate(kept.refunds, 1))]

    async def _of(self, payment_id: str) -> Payment:
        kept = await self._kept.get(payment_id)
        if kept is None:
            raise ProviderConflict("no such payment")
        return kept.seen()


class Settlements:
    """Compares what channels settle with what they said they had taken."""

    def __init__(self, kept: Store[ExternalPayment], channels: Channels) -> None:
        self._kept, self._channels = kept, channels

    async def settle(self, channel: str, settlement: str, rows: Sequence[SettlementRow]) -> list[Finding]:
        """A finding each; the same again finds the same. Refuses with CHANNEL_NOT_FOUND, INVALID_SETTLEMENT."""
        await self._channels.get(channel)
        number = limits.text(settlement, "/settlement", 64, InvalidSettlement, needed=True)
        if not 1 <= len(rows) <= _MOST_ROWS:
            raise limits.refused("/rows", f"1 to {_MOST_ROWS}", InvalidSettlement)
        ids = list(dict.fromkeys(row.channel_order_id for row in rows))
        where = {"channel": channel, "channel_order_id": {"$in": ids}}
        # What came to nothing and was tried again has more than one; the living one is settled.
        found = await self._kept.find(where, sort=[("voided", -1), ("_id", 1)], limit=_MOST_ROWS * 4)
        known = {payment.channel_order_id: payment for payment in found}
        return [await self._one(known.get(row.channel_order_id), row, number) for row in rows]

    async def _one(self, payment: ExternalPayment | None, row: SettlementRow, number: str) -> Finding:
        if payment is None:
            return Finding(row.channel_order_id, "unknown", 0, row.settled_minor)
        fits = (payment.currency, payment.due_minor) == (row.currency, row.settled_minor)
        outcome = "matched" if fits else "differs"
        found = {
            "settlement": outcome,
            "settled_minor": row.settled_minor,
            "fee_minor": row.fee_minor,
            "settled_by": number,
        }
        await self._kept.change({"_id": payment.id}, {"$set": found})
        return Finding(row.channel_order_id, outcome, payment.due_minor, row.settled_minor)

    async def page(self, channel: str, settlement: str, limit: int, cursor: str) -> tuple[list[ExternalPayment], str]:
        """Newest first."""
        where: dict[str, object] = {"settlement": settlement or {"$in": ["open", "matched", "differs"]}}
        if channel:
            where["channel"] = channel
        return await self._kept.page(where, limit, cursor)
