"""This is where subscriptions are renewed by themselves: reminded, ordered through the door all channels use, tried again
when the card is declined, skipped or held when the goods or the price are not as agreed.

What is asked for is written down before it is asked, under a number made of subscription, cycle and attempt, and another
attempt begins only once the one before is closed for good: at most one order a cycle, whoever stops where.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Refused
from services.kit.seal import Seal
from services.kit.store import Store
from services.orders.intake.channel_orders import (
    REASONS,
    ChannelOrder,
    ChannelOrders,
    ChannelOrderState,
    NotAnException,
)
from services.orders.intake.channels import SUBSCRIPTIONS
from services.orders.intake.door import Door
from services.orders.intake.drafts import unpacked
from services.orders.leases import go_on_with_due
from services.orders.saga import RETRYABLE

from .cycles import cycle_at
from .events import renewal_ahead, renewal_failed, renewal_skipped, subscription_changed, subscription_renewed
from .plans import ACCEPT, HOLD, Plan, Plans
from .subscriptions import Pricing, Subscriptions
from .terms import State, Subscription, following

log = logging.getLogger(__name__)
_AT_ONCE = 8
_REMEMBERED = 24
_TOMORROW = timedelta(days=1)
DECLINED, STOCK_OUT, PRICE = "payment_declined", "stock_out", "price_changed"


class Renewing:
    """The chore."""

    def __init__(
        self,
        kept: Store[Subscription],
        plans: Plans,
        drafting: Subscriptions,
        pricing: Pricing,
        door: Door,
        taken: ChannelOrders,
        seal: Seal,
        clock: Clock,
        count: Callable[[str], None],
    ) -> None:
        self._kept, self._plans, self._drafting, self._pricing = kept, plans, drafting, pricing
        self._door, self._taken, self._seal, self._clock, self._count = door, taken, seal, clock, count

    async def round(self) -> int:
        """Looks after a few that are due; answers how many were."""
        return await go_on_with_due(self._kept, "wake_at", self._clock.now(), self._attend, _AT_ONCE)

    async def _attend(self, of: Subscription) -> None:
        plan = await self._plans.get(of.plan)
        now, remind_at = self._clock.now(), of.due_at - timedelta(days=plan.remind_days)
        if of.sealed_draft:
            await self._ordered(of, plan)  # somebody stopped half-way
        elif of.state is not State.ACTIVE:
            await self._set(of, {"wake_at": None})
        elif of.failures == 0 and now < min(remind_at, of.due_at):
            await self._set(of, {"wake_at": remind_at})
        elif of.failures == 0 and now < of.due_at:
            told = [renewal_ahead(of, now)] if of.reminded < of.cycle else []
            await self._set(of, {"reminded": of.cycle, "wake_at": of.due_at}, *told)
        else:
            await self._renewed(of, plan, now)

    async def _renewed(self, of: Subscription, plan: Plan, now: datetime) -> None:
        newest = cycle_at(of.first_at, of.zone, of.every, of.cycle, now)
        if newest > of.cycle:  # nobody was there when those were due: only the newest is ordered
            await self._set(of, following(of, newest, now), renewal_skipped(of, "missed", now))
            return
        try:
            total = await self._pricing.total(self._drafting.draft(of), SUBSCRIPTIONS)
        except RETRYABLE:
            raise
        except Refused as no:
            await self._failed(of, plan, REASONS.get(no.reason, "refused"))
            return
        if total > of.agreed_minor and plan.on_price_rise != ACCEPT:
            await self._costs_more(of, plan, now)
            return
        draft = replace(self._drafting.draft(of), total_minor=total)
        asked = await self._set(of, {"sealed_draft": self._seal.close(draft.packed(), of.id)})
        if asked is not None:
            await self._ordered(asked, plan)

    async def _ordered(self, of: Subscription, plan: Plan) -> None:
        """Asks the door; again answers the same."""
        draft = unpacked(self._seal.open(of.sealed_draft, of.id))
        (answer,) = await self._door.take_in(SUBSCRIPTIONS, [draft])
        if answer.refused is not None:
            if isinstance(answer.refused, RETRYABLE):
                raise answer.refused
            await self._failed(of, plan, "refused")
            return
        record = answer.order
        if record is not None and record.state is ChannelOrderState.EXCEPTION:
            record = await self._closed(record)
        if record is None:
            return
        if record.state is ChannelOrderState.ORDERED:
            await self._done(of, record.order_id)
        elif record.state is ChannelOrderState.CLOSED:
            await self._failed(of, plan, record.reason)

    async def _closed(self, record: ChannelOrder) -> ChannelOrder:
        """Nobody makes an order of it any more; as it is, when somebody just has."""
        try:
            return await self._taken.close(record.id, 0, "renewal", "subscriptions")
        except NotAnException:
            return await self._taken.get(record.id)

    async def _done(self, of: Subscription, order_id: str) -> None:
        now = self._clock.now()
        fields = following(of, of.cycle + 1, now) | {"orders": [*of.orders, order_id][-_REMEMBERED:]}
        if await self._set(of, _awake(fields, of), subscription_renewed(of, order_id, now)):
            self._count("renewed")

    async def _failed(self, of: Subscription, plan: Plan, reason: str) -> None:
        now = self._clock.now()
        retry = {"sealed_draft": b"", "attempt": of.attempt + 1, "failures": of.failures + 1}
        self._count(reason)
        if reason == PRICE:  # it changed in this very moment: look again at what it costs
            await self._set(of, retry | {"failures": of.failures, "wake_at": now})
        elif reason == DECLINED and of.failures < len(plan.retry_days):
            at = now + timedelta(days=plan.retry_days[of.failures])
            await self._set(of, retry | {"wake_at": at}, renewal_failed(of, reason, at, now))
        elif reason == DECLINED:
            await self._paused(of, reason, retry, renewal_failed(of, reason, None, now))
        elif reason == STOCK_OUT and plan.on_stock_out == HOLD:
            told = [] if of.failures else [renewal_failed(of, reason, now + _TOMORROW, now)]
            await self._set(of, retry | {"wake_at": now + _TOMORROW}, *told)
        else:
            await self._skipped(of, reason)

    async def _costs_more(self, of: Subscription, plan: Plan, now: datetime) -> None:
        self._count("price_rise")
        if plan.on_price_rise == HOLD:
            await self._paused(of, "price_rise", {}, renewal_failed(of, "price_rise", None, now))
        else:
            await self._skipped(of, "price_rise")

    async def _skipped(self, of: Subscription, reason: str) -> None:
        now = self._clock.now()
        await self._set(of, _awake(following(of, of.cycle + 1, now), of), renewal_skipped(of, reason, now))

    async def _paused(self, of: Subscription, why: str, fields: dict[str, Any], *told: Any) -> None:
        state = {"state": State.PAUSED.value, "why": why, "wake_at": None}
        changed = subscription_changed(replace(of, state=State.PAUSED, why=why), self._clock.now())
        await self._set(of, fields | state, *told, changed)

    async def _set(self, of: Subscription, fields: dict[str, Any], *told: Any) -> Subscription | None:
        return await self._kept.change({"_id": of.id, "version": of.version}, {"$set": fields}, *told)


def _awake(fields: dict[str, Any], of: Subscription) -> dict[str, Any]:
    """One that was paused or cancelled meanwhile sleeps."""
    return fields if of.state is State.ACTIVE else fields | {"wake_at": None}
