"""This is where it is on the books what accounts owe: claimed against their limit at checkout, released when money comes in.

To the saga it is a payment provider like any other. A receivable and what its account owes change in one transaction, so
that the limit is kept whoever orders at the same time, and every amount is claimed and released once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, NotFound, WrongState
from services.kit.money import Money
from services.kit.store import Store
from services.orders import limits
from services.orders.payments.provider import Moved, Payment, ProviderConflict

from .accounts import Account

KIND = "terms"


class CreditExceeded(WrongState):
    """The account would owe more than it may, or may not order (metadata: left, minor units)."""


class ReceivableNotFound(NotFound):
    """Nothing is owed for such an order."""


class MoreThanOwed(WrongState):
    """More came in than is owed (metadata: open, minor units)."""


class InvalidAmount(Invalid):
    """An amount is above zero."""


@dataclass
class Receivable:
    """What an account owes for an order; its id is the order's. Amounts in minor units. `moves` are the keys of what was
    paid and given back, so that each counts once."""

    id: str
    account_id: str
    purchase_order: str
    currency: str
    amount_minor: int
    at: datetime
    due_at: datetime
    paid_minor: int = 0
    refunded_minor: int = 0
    moves: list[str] = field(default_factory=list)
    settled: bool = False
    version: int = 0

    @property
    def open_minor(self) -> int:
        """What is owed still; what was paid and then given back is not owed again."""
        return max(0, self.amount_minor - self.refunded_minor - self.paid_minor)

    def seen(self) -> Payment:
        """As the saga sees it."""
        amount = self.amount_minor
        return Payment(f"{KIND}_{self.id}", "captured", amount, amount, self.refunded_minor, currency=self.currency)


Together = Callable[[Callable[[Any], Awaitable[None]]], Awaitable[None]]


def token_of(account_id: str, purchase_order: str) -> str:
    """What the saga hands over to be charged. No customer can send one: it has a bar in it."""
    return f"{KIND}|{account_id}|{purchase_order}"


class Receivables:
    """The provider of what is paid on terms, and its books."""

    def __init__(self, kept: Store[Receivable], accounts: Store[Account], together: Together, clock: Clock) -> None:
        self._kept, self._accounts, self._together, self._clock = kept, accounts, together, clock

    async def charge(self, reference: str, amount: Money, token: str, *, capture: bool = True) -> Payment:
        """Claims it against the account's limit, once an order. Refuses with CREDIT_EXCEEDED."""
        _, account_id, purchase_order = token.split("|", 2)
        account, now = await self._accounts.get(account_id), self._clock.now()
        if account is None or account.currency != amount.currency:
            raise CreditExceeded("no such account in that currency", left=0)
        due_at = now + timedelta(days=account.terms_days)
        owed = Receivable(reference, account_id, purchase_order, amount.currency, amount.minor, now, due_at)
        after = {"$add": ["$used_minor", amount.minor]}
        room = {"_id": account_id, "open": True, "$expr": {"$lte": [after, "$limit_minor"]}}

        async def claim(session: Any) -> None:
            await self._kept.insert(owed, session=session)
            if await self._accounts.change(room, {"$inc": {"used_minor": amount.minor}}, session=session) is None:
                left = max(0, account.limit_minor - account.used_minor)
                raise CreditExceeded("the account would owe more than it may", left=left)

        try:
            await self._together(claim)
        except AlreadyExists:
            return await self._seen(reference)
        return owed.seen()

    async def find(self, reference: str) -> Payment | None:
        """What is owed for an order."""
        owed = await self._kept.get(reference)
        return owed.seen() if owed else None

    async def capture(self, payment_id: str, minor: int = 0, key: str = "") -> Payment:
        """It counts from the beginning."""
        return await self._seen(payment_id.removeprefix(f"{KIND}_"))

    async def confirm(self, payment_id: str) -> Payment:
        """There is nothing to confirm."""
        return await self._seen(payment_id.removeprefix(f"{KIND}_"))

    async def void(self, payment_id: str, key: str = "") -> None:
        """Nothing of it is owed any more."""
        owed = await self._kept.get(payment_id.removeprefix(f"{KIND}_"))
        if owed is not None:
            await self.refund(payment_id, owed.amount_minor - owed.refunded_minor, f"{owed.id}:void")

    async def refund(self, payment_id: str, minor: int, key: str) -> None:
        """So much less is owed, once a key; what was paid already is credited by hand."""
        moved = await self._moved(payment_id.removeprefix(f"{KIND}_"), "refunded_minor", minor, f"refund:{key}")
        if moved is None:
            raise ProviderConflict("more would go back than came")

    async def movements(self, payment_id: str) -> list[Moved]:
        """What was claimed; how much each refund was is written down in the order alone."""
        owed = await self._kept.get(payment_id.removeprefix(f"{KIND}_"))
        return [Moved("0", "capture", owed.id, owed.amount_minor, owed.currency)] if owed else []

    async def settle(self, order_id: str, minor: int, reference: str) -> Receivable:
        """Money came in, once a reference. Refuses with RECEIVABLE_NOT_FOUND, MORE_THAN_OWED."""
        number = limits.text(reference, "/reference", 64, needed=True)
        if minor <= 0:
            raise limits.refused("/minor", "above zero", InvalidAmount)
        owed = await self._kept.get(order_id)
        if owed is None:
            raise ReceivableNotFound("nothing is owed for such an order")
        if f"paid:{number}" not in owed.moves and minor > owed.open_minor:
            raise MoreThanOwed("more came in than is owed", open=owed.open_minor)
        moved = await self._moved(order_id, "paid_minor", minor, f"paid:{number}")
        if moved is None:
            raise MoreThanOwed("more came in than is owed", open=owed.open_minor)
        return moved

    async def page(
        self, account_id: str, *, overdue: bool, settled: bool, limit: int, cursor: str
    ) -> tuple[list[Receivable], str]:
        """Newest first."""
        where: dict[str, object] = {"settled": settled}
        if account_id:
            where["account_id"] = account_id
        if overdue:
            where["due_at"] = {"$lte": self._clock.now()}
        return await self._kept.page(where, limit, cursor)

    async def _moved(self, order_id: str, what: str, minor: int, key: str) -> Receivable | None:
        """Less is owed by so much, once a key; None when that would be more than there is."""
        result: list[Receivable | None] = [None]

        async def both(session: Any) -> None:
            result[0] = None
            owed = await self._kept.get(order_id)
            if owed is None or key in owed.moves:
                result[0] = owed
                return
            room = owed.amount_minor - owed.refunded_minor if what == "refunded_minor" else owed.open_minor
            if minor > room:
                return
            before = owed.open_minor
            setattr(owed, what, getattr(owed, what) + minor)
            update = {
                "$inc": {what: minor},
                "$push": {"moves": key},
                "$set": {"settled": owed.open_minor == 0},
            }
            seen = {"_id": order_id, "version": owed.version}
            result[0] = await self._kept.change(seen, update, session=session)
            if result[0] is None:
                raise ProviderConflict("it is being changed by another")
            released = {"$inc": {"used_minor": owed.open_minor - before}}
            await self._accounts.change({"_id": owed.account_id}, released, session=session)

        await self._together(both)
        return result[0]

    async def _seen(self, order_id: str) -> Payment:
        owed = await self._kept.get(order_id)
        if owed is None:
            raise ProviderConflict("nothing is owed for it")
        return owed.seen()
