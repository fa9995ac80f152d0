"""This is where points are earned, spent, given back, taken back and expire: one conditional save each."""

import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch
from services.kit.money import Money
from services.kit.store import Store

from .customers import CustomerNotFound
from .messages import customer_changed, points_moved
from .races import until_saved
from .tiers import Tiers
from .wallet import Earning, GivenTier, Move, Refund, Wallet

_MOST = 1_000_000_000
_PAID_ORDERS = 500
_EXPIRE_AT_ONCE = 200
Rule = Callable[[Wallet], Sequence[Move] | None]


class InvalidPoints(Invalid):
    """Not a number of points that can be spent."""


class Points:
    """The wallets of all customers. A wallet is opened when it is first needed, for customers that exist."""

    def __init__(
        self,
        wallets: Store[Wallet],
        exists: Callable[[str], Awaitable[bool]],
        clock: Clock,
        earning: Earning,
        tiers: Tiers,
    ) -> None:
        self._wallets, self._exists, self._clock, self._earning = wallets, exists, clock, earning
        self._tiers = tiers

    async def look(self, customer_id: str) -> Wallet:
        """The wallet as it is now, without what has expired. Refuses with CUSTOMER_NOT_FOUND."""
        wallet = await self._wallets.get(customer_id)
        if wallet is None:
            await self._check(customer_id)
            wallet = Wallet(customer_id)
        wallet.expire(self._clock.now())
        return wallet

    async def spend(self, customer_id: str, order_id: str, points: int) -> int:
        """Spends on an order, once; answers what is left. Refuses with POINTS_SHORT, CUSTOMER_NOT_FOUND, INVALID_POINTS,
        POINTS_RETURNED, POINTS_SPENT."""
        if not 1 <= points <= _MOST:
            raise InvalidPoints(errors=[FieldError("/points", f"1 to {_MOST}")])
        now = self._clock.now()
        return await self._move(customer_id, lambda wallet: wallet.spend(order_id, points, now))

    async def give_back(self, customer_id: str, order_id: str) -> int:
        """Gives back what an order spent, once; answers what there is now. Refuses with CUSTOMER_NOT_FOUND."""
        now = self._clock.now()
        return await self._move(customer_id, lambda wallet: wallet.give_back(order_id, now))

    async def order_paid(self, customer_id: str, order_id: str, goods: Money) -> None:
        """Counts an order towards the tier, once, in one update."""
        if not re.fullmatch("[A-Z]{3}", goods.currency):
            raise Invalid("no such currency")
        new = {
            "_id": customer_id,
            "paid_orders": {"$ne": order_id},
            # One older than all that are remembered may have been counted long ago.
            "$or": [{f"paid_orders.{_PAID_ORDERS - 1}": {"$exists": False}}, {"paid_orders.0": {"$lt": order_id}}],
        }
        remembered = {"paid_orders": {"$each": [order_id], "$sort": 1, "$slice": -_PAID_ORDERS}}
        update = {"$inc": {f"spent.{goods.currency}": goods.minor}, "$push": remembered}
        wallet = await self._wallets.change(new, update)
        if wallet is None:
            await self._open(customer_id)
            wallet = await self._wallets.change(new, update) or await self._wallets.get(customer_id)
        if wallet:
            await self._tell_tier(wallet)

    async def order_delivered(self, customer_id: str, order_id: str, goods: Money, at: datetime) -> None:
        """Gives the points of an order, once."""
        await self._move(customer_id, lambda wallet: wallet.deliver(order_id, max(0, goods.minor), at, self._earning))

    async def compensated(
        self, customer_id: str, reference: str, points: int, at: datetime, gift: GivenTier | None = None
    ) -> None:
        """Gives points or a tier for what went wrong, once a reference."""
        if not 0 <= points <= _MOST:
            raise InvalidPoints(errors=[FieldError("/points", f"1 to {_MOST}")])
        await self._move(customer_id, lambda wallet: wallet.compensate(reference, points, at, self._earning, gift))

    async def refund_issued(self, customer_id: str, order_id: str, refund: Refund, currency: str) -> None:
        """Takes back the points of what was refunded, and takes it off what counts towards the tier, once."""
        await self._move(customer_id, lambda wallet: wallet.refund(order_id, refund, currency, self._earning))

    async def expire_due(self) -> int:
        """Takes out what has expired, the longest due first; answers how many wallets that was. Bears company."""
        now = self._clock.now()
        due = await self._wallets.find(
            {"expires_next": {"$lte": now, "$type": "date"}}, [("expires_next", 1)], _EXPIRE_AT_ONCE
        )
        for wallet in due:
            try:
                await self._save(wallet, wallet.expire(now))
            except VersionMismatch:
                continue  # it has just moved: whoever moved it took out what was due
        return len(due)

    async def _move(self, customer_id: str, rule: Rule) -> int:
        async def attempt() -> int:
            wallet = await self._wallets.get(customer_id) or await self._opened(customer_id)
            now = self._clock.now()
            moves = wallet.expire(now)
            more = rule(wallet)
            if more is not None:
                await self._save(wallet, [*moves, *more])
            return wallet.usable(now)

        return await until_saved(attempt)

    async def _save(self, wallet: Wallet, moves: Sequence[Move]) -> None:
        ends = [lot.expires_at for lot in wallet.lots[:1]]
        if wallet.given(self._clock.now()) and wallet.gift:
            ends.append(wallet.gift.until)
        wallet.expires_next = min(ends, default=None)
        tier, told = self._tiers.of(wallet.spent, wallet.given(self._clock.now())), list[Message]()
        if tier != wallet.tier:
            wallet.tier = tier
            told.append(customer_changed(wallet.id, "tier", self._clock.now()))
        await self._wallets.save(wallet, *(points_moved(wallet.id, move) for move in moves), *told)

    async def _tell_tier(self, wallet: Wallet) -> None:
        """Rare, so it is a write of its own: what a crash leaves out is told when the order is told again."""
        tier = self._tiers.of(wallet.spent, wallet.given(self._clock.now()))
        if tier != wallet.tier:
            told = customer_changed(wallet.id, "tier", self._clock.now())
            await self._wallets.change({"_id": wallet.id, "tier": wallet.tier}, {"$set": {"tier": tier}}, told)

    async def _opened(self, customer_id: str) -> Wallet:
        await self._open(customer_id)
        return await self._wallets.get(customer_id) or Wallet(customer_id)

    async def _open(self, customer_id: str) -> None:
        await self._check(customer_id)
        with contextlib.suppress(AlreadyExists):
            await self._wallets.insert(Wallet(customer_id))

    async def _check(self, customer_id: str) -> None:
        if not await self._exists(customer_id):
            raise CustomerNotFound("no such customer")
