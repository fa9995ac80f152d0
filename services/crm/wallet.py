"""This is where a customer's points add up: dated lots, what each order did, and a ledger. Pure.

All of it is one document, so that one conditional save keeps every rule: balance = sum of the lots = sum of the ledger,
never below zero, and each order, return and refund counted once, in whatever order they are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.kit.errors import WrongState

_ORDERS = 500  # remembered; what concerns an older one is too old to count
_ENTRIES = 500
_COMPENSATED = 200


class PointsShort(WrongState):
    """There are not as many points; `balance` in meta says how many there are."""


class PointsReturned(WrongState):
    """This order's points have been given back: it is over, and cannot spend any more."""


class PointsSpent(WrongState):
    """This order has spent another number of points already."""


@dataclass(frozen=True, slots=True)
class Earning:
    """One point for `minor_per_point` minor units of goods, good for `lasts`."""

    minor_per_point: int
    lasts: timedelta


@dataclass
class Lot:
    """Points that came together and expire together; `reference` is the order they came from."""

    points: int
    expires_at: datetime
    reference: str


@dataclass
class Entry:
    """One line of the ledger. `reason`: delivered, spent, returned, refunded, expired."""

    points: int
    reason: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """An entry just made, and the balance after it."""

    entry: Entry
    balance: int


@dataclass
class Owed:
    """Points a refund should have taken and did not find; the next that come pay it."""

    points: int
    reference: str


@dataclass
class Refund:
    """Money for goods that went back."""

    id: str
    goods_minor: int
    at: datetime


@dataclass
class OrderPoints:
    """What one order did to the wallet."""

    order_id: str
    goods_minor: int = 0
    delivered_at: datetime | None = None
    refunds: list[Refund] = field(default_factory=list)
    reversed: int = 0
    spent: list[Lot] = field(default_factory=list)
    returned: bool = False


@dataclass
class GivenTier:
    """A tier somebody was given for what went wrong, and until when."""

    tier: str
    until: datetime


@dataclass
class Wallet:
    """A customer's points, and what they have spent (minor units by currency, refunds taken off)."""

    id: str
    balance: int = 0
    lots: list[Lot] = field(default_factory=list)  # soonest to expire first
    owed: list[Owed] = field(default_factory=list)
    orders: list[OrderPoints] = field(default_factory=list)  # oldest first
    entries: list[Entry] = field(default_factory=list)  # newest last
    spent: dict[str, int] = field(default_factory=dict)
    paid_orders: list[str] = field(default_factory=list)  # counted in `spent`; oldest first
    expires_next: datetime | None = None
    compensated: list[str] = field(default_factory=list)  # compensations that were given; the last ones
    gift: GivenTier | None = None
    tier: str = "basic"  # as it was told last
    version: int = 0

    def usable(self, now: datetime) -> int:
        """What can be spent now."""
        return sum(lot.points for lot in self.lots if lot.expires_at > now)

    def expire(self, now: datetime) -> list[Move]:
        """Takes out what has expired."""
        due = [lot for lot in self.lots if lot.expires_at <= now]
        self.lots = [lot for lot in self.lots if lot.expires_at > now]
        return [self._enter(-lot.points, "expired", lot.reference, lot.expires_at) for lot in due]

    def spend(self, order_id: str, points: int, now: datetime) -> list[Move] | None:
        """An order's points, soonest to expire first; None when it has spent them already. Refuses with POINTS_SHORT,
        POINTS_RETURNED, POINTS_SPENT."""
        order = self._order(order_id)
        if order is None or order.returned:
            raise PointsReturned("the order's points have been given back")
        if order.spent:
            if sum(lot.points for lot in order.spent) != points:
                raise PointsSpent("the order has spent another number of points")
            return None
        if self.usable(now) < points:
            raise PointsShort("not enough points", balance=self.usable(now))
        order.spent = self._take(points)
        return [self._enter(-points, "spent", order_id, now)]

    def give_back(self, order_id: str, now: datetime) -> list[Move] | None:
        """What an order spent, expiring as before; None when that is done. An order that has spent nothing yet is marked
        too: a late call of its checkout must not spend any more."""
        order = self._order(order_id)
        if order is None or order.returned:
            return None
        order.returned = True
        return self._put(order.spent, "returned", order_id, now)

    def deliver(self, order_id: str, goods_minor: int, at: datetime, earning: Earning) -> list[Move] | None:
        """The points of a delivered order, less those of goods already refunded; None when it has them."""
        order = self._order(order_id)
        if order is None or order.delivered_at:
            return None
        order.goods_minor, order.delivered_at = goods_minor, at
        lot = Lot(goods_minor // earning.minor_per_point, at + earning.lasts, order_id)
        moves = self._put([lot], "delivered", order_id, at)
        refunds, order.refunds = order.refunds, []
        for refund in refunds:
            order.refunds.append(refund)
            moves += self._reverse(order, refund, earning)
        return moves

    def refund(self, order_id: str, refund: Refund, currency: str, earning: Earning) -> list[Move] | None:
        """Takes back the points of refunded goods, if the order has been given any; None when that is done."""
        order = self._order(order_id)
        if order is None or any(known.id == refund.id for known in order.refunds):
            return None
        self.spent[currency] = self.spent.get(currency, 0) - refund.goods_minor
        order.refunds.append(refund)
        return self._reverse(order, refund, earning) if order.delivered_at else []

    def given(self, now: datetime) -> str:
        """The tier that was given, as long as it lasts."""
        return self.gift.tier if self.gift and self.gift.until > now else ""

    def compensate(
        self, reference: str, points: int, at: datetime, earning: Earning, gift: GivenTier | None = None
    ) -> list[Move] | None:
        """Points or a tier for what went wrong, once a reference; None when it has them."""
        if reference in self.compensated:
            return None
        self.compensated = [*self.compensated, reference][-_COMPENSATED:]
        self.gift = gift or self.gift
        return self._put([Lot(points, at + earning.lasts, reference)], "compensation", reference, at)

    def _reverse(self, order: OrderPoints, refund: Refund, earning: Earning) -> list[Move]:
        # What is kept is worth what it would have earned alone: refunds in any parts take the same in the end.
        kept = max(0, order.goods_minor - sum(known.goods_minor for known in order.refunds))
        earned = order.goods_minor // earning.minor_per_point
        due = earned - kept // earning.minor_per_point - order.reversed
        order.reversed += due
        there = min(due, self.balance)
        if due > there:
            self.owed.append(Owed(due - there, refund.id))
        if there <= 0:
            return []
        self._take(there)
        return [self._enter(-there, "refunded", refund.id, refund.at)]

    def _put(self, lots: Sequence[Lot], reason: str, reference: str, at: datetime) -> list[Move]:
        points = sum(lot.points for lot in lots)
        if not points:
            return []
        self.lots = sorted([*self.lots, *map(replace, lots)], key=_soonest)
        return [self._enter(points, reason, reference, at), *self._pay(points, at)]

    def _pay(self, points: int, at: datetime) -> list[Move]:
        moves = []
        while self.owed and points:
            debt = self.owed[0]
            paid = min(points, debt.points)
            self._take(paid)
            moves.append(self._enter(-paid, "refunded", debt.reference, at))
            points, debt.points = points - paid, debt.points - paid
            if not debt.points:
                self.owed.pop(0)
        return moves

    def _take(self, points: int) -> list[Lot]:
        taken: list[Lot] = []
        while points:
            lot = self.lots[0]
            part = min(points, lot.points)
            taken.append(Lot(part, lot.expires_at, lot.reference))
            lot.points, points = lot.points - part, points - part
            if not lot.points:
                self.lots.pop(0)
        return taken

    def _enter(self, points: int, reason: str, reference: str, at: datetime) -> Move:
        self.balance += points
        entry = Entry(points, reason, reference, at)
        self.entries = [*self.entries, entry][-_ENTRIES:]
        return Move(entry, self.balance)

    def _order(self, order_id: str) -> OrderPoints | None:
        """The order's record, a new one if need be; None for one that is older than all that are remembered."""
        for order in self.orders:
            if order.order_id == order_id:
                return order
        if len(self.orders) >= _ORDERS and order_id < self.orders[0].order_id:
            return None
        fresh = OrderPoints(order_id)
        self.orders = sorted([*self.orders, fresh], key=lambda order: order.order_id)[-_ORDERS:]
        return fresh


def _soonest(lot: Lot) -> tuple[datetime, str]:
    return lot.expires_at, lot.reference
