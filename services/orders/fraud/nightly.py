"""This is where a night's work is done, once, by whichever replica claims it: weights are learnt anew in a process of
their own, categories' mean prices counted, thresholds moved by what was lost.

Good is an order that was paid, let pass or cleared, and has not come back within the two weeks chargebacks mostly take;
fraud is what was reported or confirmed. What was refused and never looked at has no label.
"""

import logging
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.kit.clock import Clock
from services.kit.store import Store, encode

from .policy import FraudPolicy, Observed, Policies
from .reports import FraudReport
from .reviews import Review
from .scoring import Model, unpacked
from .screening import Models
from .signals import BIAS, SIGNALS
from .thresholds import Lost, Thresholds, moved
from .training import FEWEST_FRAUDS, Learnt, Sample, learn

log = logging.getLogger(__name__)
_HOUR = 2  # UTC: from then on a night's work may begin
_LEASE = timedelta(minutes=10)
_LEARNT_FROM, _RIPE, _LOSSES, _QUEUE = timedelta(days=120), timedelta(days=14), timedelta(days=30), timedelta(days=7)
MOST_GOOD = 10_000
_GONE_WELL = ("paid", "shipped", "delivered")
Compute = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Past:
    """What of an order is counted. `lines`: category, minor units a unit, units."""

    id: str
    state: str
    currency: str
    captured_minor: int
    paid_at: datetime | None
    risk: bytes
    lines: list[tuple[str, int, int]]


class Archive(Protocol):
    """Where the past is read."""

    def past(self, since: datetime) -> AsyncIterator[list[Past]]:
        """Orders placed since then, in order of time."""
        ...

    async def reported(self, since: datetime) -> list[FraudReport]:
        """Losses written down since then."""
        ...

    async def decided(self, since: datetime) -> list[Review]:
        """Reviews of orders since then."""
        ...


@dataclass
class Findings:
    """What the past says. `samples` by order id, which sorts by time."""

    goods: int = 0
    good: list[tuple[str, dict[str, float]]] = field(default_factory=list)
    bad: list[tuple[str, dict[str, float]]] = field(default_factory=list)
    value: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    orders: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    spent: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def means(self) -> dict[str, float]:
        """Mean price of a unit by `category/currency`."""
        return {name: round(minor / units, 2) for name, (minor, units) in self.spent.items() if units}

    def samples(self) -> list[Sample]:
        """In order of time; a good one stands for those that were left out."""
        stands_for = self.goods / len(self.good) if self.good else 1.0
        rows = [(key, Sample(found, False, stands_for)) for key, found in self.good]
        rows += [(key, Sample(found, True)) for key, found in self.bad]
        return [sample for _, sample in sorted(rows, key=lambda row: row[0])]


class Nightly:
    """The night's work."""

    def __init__(
        self,
        archive: Archive,
        policies: Store[FraudPolicy],
        models: Store[Model],
        policy: Policies,
        used: Models,
        clock: Clock,
        compute: Compute,
    ) -> None:
        self._archive, self._policies, self._models = archive, policies, models
        self._policy, self._used, self._clock, self._compute = policy, used, clock, compute

    async def look(self) -> None:
        """The chore of every replica: the newest policy and model."""
        await self._policy.look()
        self._used.now = await self._models.get("model") or self._used.now

    async def round(self) -> bool:
        """The chore: does this night's work if nobody has; whether it did."""
        now = self._clock.now()
        if now.hour < _HOUR:
            return False
        night = now.date().isoformat()
        policy = await self._policy.made()
        if policy.worked_on == night or (policy.nightly_at and policy.nightly_at > now):
            return False
        claimed = await self._policies.change(
            {"_id": policy.id, "version": policy.version}, {"$set": {"nightly_at": now + _LEASE}}
        )
        if claimed is None:
            return False  # another replica was faster
        await self._work(claimed, night, now)
        return True

    async def _work(self, policy: FraudPolicy, night: str, now: datetime) -> None:
        reports = await self._archive.reported(now - _LEARNT_FROM)
        reviews = await self._archive.decided(now - _LEARNT_FROM)
        found = await self._read(now, {each.id for each in reports}, reviews)
        await self._learn(found, now)
        queue = [each for each in reviews if each.held and each.at > now - _QUEUE]
        await self._move(policy, night, now, _lost(found, reports, now), len(queue) / _QUEUE.days)

    async def _read(self, now: datetime, reported: set[str], reviews: list[Review]) -> Findings:
        found, chance = Findings(), random.Random(now.date().toordinal())
        confirmed = {each.id for each in reviews if each.state in ("confirming", "confirmed")}
        cleared = {each.id for each in reviews if each.state == "cleared"}
        for review in reviews:  # what was refused has no order
            if not review.held and review.id in confirmed:
                found.bad.append((review.id, review.features))
            elif not review.held and review.id in cleared:
                _good(found, review.id, review.features, chance)
        async for orders in self._archive.past(now - _LEARNT_FROM):
            for order in orders:
                _value(found, order, now)
                decision = unpacked(order.risk)
                if decision is None:
                    continue
                if order.id in reported or order.id in confirmed:
                    found.bad.append((order.id, decision.features))
                elif order.state in _GONE_WELL and (order.id in cleared or _ripe(order, now)):
                    _good(found, order.id, decision.features, chance)
        return found

    async def _learn(self, found: Findings, now: datetime) -> None:
        """New means; new weights where there is enough to learn from and they are better."""
        model = await self._models.get("model") or Model()
        update: dict[str, Any] = {"means": found.means()}
        if len(found.bad) >= FEWEST_FRAUDS and found.good:
            rules = {name: signal.weight for name, signal in SIGNALS.items()}
            learnt: Learnt = await self._compute(learn, found.samples(), rules, BIAS, model.weights, model.bias)
            log.info("learnt from %d frauds: AUC %.3f, taken: %s", len(found.bad), learnt.auc, learnt.taken)
            if learnt.taken:
                update |= {"bias": learnt.bias, "weights": learnt.weights, "auc_bp": round(10_000 * learnt.auc)}
                update |= {"trained_at": now, "orders": len(found.good) + len(found.bad), "frauds": len(found.bad)}
                update["made"] = model.made + 1
        if not model.version:
            await self._models.insert(replace(model, **update))
        else:
            await self._models.change({"_id": model.id, "version": model.version}, {"$set": encode(update)})
        self._used.now = await self._models.get(model.id) or model

    async def _move(self, policy: FraudPolicy, night: str, now: datetime, lost: list[Lost], reviews: float) -> None:
        at = Thresholds(policy.review_at_bp, policy.block_at_bp)
        then, why = moved(at, lost, policy.target_ppm, reviews, policy.capacity_per_day)
        if not policy.adaptive:
            then = at
        losses = [(each.currency, each.loss_minor, each.value_minor, each.orders) for each in lost]
        done: dict[str, Any] = {
            "review_at_bp": then.review_at_bp,
            "block_at_bp": then.block_at_bp,
            "observed": encode(Observed(now, losses, round(reviews, 2), why)),
            "worked_on": night,
            "nightly_at": None,
        }
        # Staff may have changed it meanwhile: then what they say holds, and the night's work is done again.
        where = {"_id": policy.id, "version": policy.version}
        kept = await self._policies.change(where, {"$set": done})
        if kept is None:
            await self._policies.change({"_id": policy.id}, {"$set": {"nightly_at": None}})
        await self._policy.look()


def _good(found: Findings, key: str, features: dict[str, float], chance: random.Random) -> None:
    """A reservoir: each of however many good orders is as likely to be learnt from."""
    found.goods += 1
    if len(found.good) < MOST_GOOD:
        found.good.append((key, features))
    elif (place := chance.randrange(found.goods)) < MOST_GOOD:
        found.good[place] = (key, features)


def _value(found: Findings, order: Past, now: datetime) -> None:
    if order.paid_at is None or order.paid_at <= now - _LOSSES:
        return
    found.value[order.currency] += order.captured_minor
    found.orders[order.currency] += 1
    for category, unit_minor, quantity in order.lines:
        spent = found.spent[f"{category}/{order.currency}"]
        spent[0] += unit_minor * quantity
        spent[1] += quantity


def _ripe(order: Past, now: datetime) -> bool:
    return order.paid_at is not None and order.paid_at <= now - _RIPE


def _lost(found: Findings, reports: list[FraudReport], now: datetime) -> list[Lost]:
    loss: dict[str, int] = defaultdict(int)
    for each in reports:
        if each.at > now - _LOSSES:
            loss[each.currency] += each.loss_minor
    return [
        Lost(currency, loss[currency], found.value[currency], found.orders[currency])
        for currency in sorted({*loss, *found.value})
    ]
