"""This is where a compensation is granted, once an order and reason, and given: money, points, a coupon, a tier."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Refused, VersionMismatch, WrongState
from services.kit.ids import new_id
from services.kit.store import Store
from services.orders import limits
from services.orders.leases import EPOCH, LEASE
from services.orders.looking import Orders
from services.orders.orders import Order, State
from services.orders.refunding import Giving, MoneyBack
from services.orders.saga import RETRYABLE

from .compensations import (
    LATE,
    REASONS,
    RULES,
    Compensations,
    Grant,
    InvalidCompensation,
    Rule,
    Rules,
    check,
    late_hours,
    worth,
)
from .messages.returns import compensation_granted
from .returns import ReturnBusy

log = logging.getLogger(__name__)
_TRIES = 10
_AT_ONCE = 8
_PAID = (State.PAID, State.SHIPPED, State.DELIVERED)


class NothingDue(WrongState):
    """The table gives nothing for this reason, or not yet (metadata: late_hours)."""


class CompensationExhausted(WrongState):
    """The order has been given all that it may be (metadata: most)."""


class Vouchers(Protocol):
    """Who gives coupons away: marketing."""

    async def grant(self, customer_id: str, grant: Grant) -> str:
        """The id of the customer's voucher, once a grant."""
        ...


class Compensating:
    """Compensates."""

    def __init__(
        self,
        rules: Store[Rules],
        kept: Store[Compensations],
        looking: Orders,
        money: MoneyBack,
        vouchers: Vouchers,
        point_value: int,
        clock: Clock,
    ) -> None:
        self._rules, self._kept, self._looking, self._vouchers = rules, kept, looking, vouchers
        self._money, self._point_value, self._clock = money, point_value, clock

    async def rules(self) -> Rules:
        """The table."""
        return await self._rules.get(RULES) or Rules()

    async def put(self, rules: Sequence[Rule], order_max_minor: int, currency: str, if_version: int, by: str) -> Rules:
        """Publishes the table. Refuses with INVALID_COMPENSATION, VERSION_MISMATCH."""
        check(rules, order_max_minor)
        there = await self._rules.get(RULES)
        seen = there.version if there else 0
        if if_version and if_version != seen:
            raise VersionMismatch(f"the rules have changed since version {if_version}")
        new = Rules(RULES, list(rules), order_max_minor, currency, by, self._clock.now(), seen)
        return await (self._rules.save(new) if there else self._rules.insert(new))

    async def of(self, order_id: str) -> Compensations:
        """What an order was given. Refuses with ORDER_NOT_FOUND."""
        order = await self._looking.get(order_id, "", staff=True)
        return await self._kept.get(order.id) or Compensations(order.id, order.customer_id, order.currency)

    async def grant(self, order_id: str, reason: str, by: str, return_id: str = "") -> Compensations:
        """Gives what the table says; for the same reason again changes nothing. Refuses with ORDER_NOT_FOUND, NOTHING_DUE,
        COMPENSATION_EXHAUSTED, INVALID_COMPENSATION, REFUND_UNFINISHED."""
        if reason not in REASONS:
            raise limits.refused("/reason", f"one of {', '.join(REASONS)}", InvalidCompensation)
        order = await self._looking.get(order_id, "", staff=True)
        if order.state not in _PAID:
            raise NothingDue("it is not a living order", late_hours=0)
        for _ in range(_TRIES):
            kept = await self._kept.get(order.id) or Compensations(order.id, order.customer_id, order.currency)
            if kept.of(reason):
                return await self._given(kept, order)
            grant = await self._due(order, kept, reason, by)
            grant.return_id = return_id if limits.is_id(return_id, "ret") else ""
            kept.grants.append(grant)
            kept.worth_minor += grant.worth_minor
            kept.due_at = self._clock.now() + LEASE
            try:
                kept = await (self._kept.save(kept) if kept.version else self._kept.insert(kept))
            except (AlreadyExists, VersionMismatch):
                continue
            return await self._given(kept, order)
        raise ReturnBusy("others compensate it too", retry_after_s=1)

    async def round(self) -> int:
        """The chore: goes on with what somebody left half-done."""
        now = self._clock.now()
        due = await self._kept.find({"due_at": {"$gt": EPOCH, "$lte": now}}, sort=[("due_at", 1)], limit=_AT_ONCE)
        for kept in due:
            try:
                await self._given(kept, await self._looking.get(kept.id, "", staff=True))
            except Refused as no:
                log.warning("%s is not compensated yet: %s", kept.id, no.reason)
        return len(due)

    async def _due(self, order: Order, kept: Compensations, reason: str, by: str) -> Grant:
        rules, now = await self.rules(), self._clock.now()
        late = late_hours(order, reason, now)
        rule = rules.rule(reason, late)
        if rule is None or (reason in LATE and not late):
            raise NothingDue("nothing is due for that", late_hours=late)
        value = worth(rule, order.goods_minor, self._point_value)
        left = rules.order_max_minor - kept.worth_minor
        if value > 0 >= left:
            raise CompensationExhausted("it has been given all that it may be", most=rules.order_max_minor)
        value = min(value, left)
        cash = value if rule.kind == "cash" else 0
        points = value // self._point_value if rule.kind in ("points", "coupon") and order.customer_id else 0
        return Grant(new_id("cmp"), reason, rule, late, value, cash, points, limits.text(by, "/by", 64), now)

    async def _given(self, kept: Compensations, order: Order) -> Compensations:
        """Gives what is due; each bears repeating."""
        for grant in [grant for grant in kept.grants if not grant.done]:
            paid = await self._money_of(grant, order)
            voucher = await self._voucher_of(grant, order)
            rest = -(-(grant.minor - paid) // self._point_value) if order.customer_id else 0
            points = 0 if voucher else grant.points + rest
            done = replace(grant, cash_minor=paid, points=points, voucher=voucher, done=True)
            where = {"_id": kept.id, "grants": {"$elemMatch": {"id": grant.id, "done": False}}}
            index = kept.grants.index(grant)
            fields = {name: getattr(done, name) for name in ("cash_minor", "points", "voucher", "done")}
            update = {"$set": {f"grants.{index}.{name}": value for name, value in fields.items()} | {"due_at": None}}
            told = compensation_granted(kept, done, self._clock.now())
            kept = await self._kept.change(where, update, told) or await self._kept.get(kept.id) or kept
        return kept

    async def _voucher_of(self, grant: Grant, order: Order) -> str:
        """The voucher, once a grant; empty when none is to be granted, or cannot be: then there are points."""
        if grant.rule.kind != "coupon" or not grant.rule.coupon or not order.customer_id:
            return ""
        try:
            return await self._vouchers.grant(order.customer_id, grant)
        except RETRYABLE:
            raise
        except Refused as no:
            log.warning("%s: no voucher of %s: %s", grant.id, grant.rule.coupon, no.reason)
            return ""

    async def _money_of(self, grant: Grant, order: Order) -> int:
        if not grant.minor:
            return 0
        giving = Giving(grant.id, grant.id, grant.minor, grant.reason, "compensation", capped=True)
        return giving.amount(await self._money.pay(order.id, giving))
