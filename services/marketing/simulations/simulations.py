"""This is where a promotion or a coupon is tried on the orders of the last days, as a job of small steps.

A step prices a page of past baskets twice and looks up the lowest prices of what the rule made cheaper; between baskets it
lets others have the loop. What it has found is in the job's counts: `day|currency|sum`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from services.kit.clock import Clock, parse_time, rfc3339
from services.kit.errors import FieldError, Invalid
from services.kit.store import Store
from services.marketing.coupons import Coupon
from services.marketing.evaluation import Entered
from services.marketing.jobs import Job, Jobs, Progress
from services.marketing.promotions import Promotion
from services.marketing.rules import Rules

from .replaying import PastBasket, Replayed, Trial, replay

KIND, MOST_DAYS = "simulation", 90
_MOST_RUNNING, _AT_ONCE = 10_000, 10


class InvalidSimulation(Invalid):
    """Nothing, or too much, to try."""


class PastOrders(Protocol):
    """Knows what was bought: orders."""

    async def page(self, start: datetime, end: datetime, cursor: str, /) -> tuple[Sequence[PastBasket], str]:
        """Baskets of a period, oldest first, and where to go on."""
        ...


class LowestPrices(Protocol):
    """Knows the margin floor: catalog."""

    async def lowest(self, skus: Sequence[str], /) -> dict[str, int | None]:
        """The lowest price of each SKU of which it is known what it costs; None: no price would do."""
        ...


class Simulations:
    """Begins and does them."""

    def __init__(
        self, jobs: Jobs, promotions: Store[Promotion], orders: PastOrders, prices: LowestPrices, clock: Clock
    ) -> None:
        self._jobs, self._promotions, self._orders = jobs, promotions, orders
        self._prices, self._clock = prices, clock
        jobs.kinds[KIND] = self._step

    async def start(self, rule: Promotion | Coupon, days: int, by: str, request_id: str) -> Job:
        """Begins one with a checked rule. Refuses with `InvalidSimulation`."""
        if not 0 <= days <= MOST_DAYS:
            raise InvalidSimulation(errors=[FieldError("/days", f"from 1 to {MOST_DAYS}")])
        now = self._clock.now()
        parameters = {
            "kind": type(rule).__name__,
            "rule": msgspec.json.encode(rule).decode(),
            "from": rfc3339(now - timedelta(days=days or MOST_DAYS)),
            "until": rfc3339(now),
            "at": rfc3339(max(now, rule.starts_at)),
        }
        return await self._jobs.start("sim", KIND, by, parameters, request_id)

    async def get(self, simulation_id: str) -> Job:
        """How far it is. Refuses with `JobNotFound`."""
        return await self._jobs.get(simulation_id, KIND)

    async def _step(self, job: Job) -> Progress:
        start, end = (parse_time(job.parameters[name]) for name in ("from", "until"))
        if start is None or end is None:
            raise InvalidSimulation("a simulation without its days")
        baskets, cursor = await self._orders.page(start, end, job.cursor)
        trial = await self._trial(job)
        replayed = []
        for place, basket in enumerate(baskets):
            replayed.append(replay(basket, trial))
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)
            trial = _counted(trial, replayed[-1])
        cheaper = {line.sku for each in replayed if each.touched for line in each.basket.lines}
        lowest = await self._prices.lowest(sorted(cheaper)) if cheaper else {}
        counts: dict[str, int] = {}
        for each in replayed:
            for name, value in each.sums(lowest).items():
                for day in (f"{each.basket.placed_at:%Y-%m-%d}", ""):
                    key = f"{day}|{each.basket.currency}|{name}"
                    counts[key] = counts.get(key, 0) + value
        days = (end - start).days
        done = (baskets[-1].placed_at - start).days if cursor else days
        return Progress(done, days, cursor, counts, over=not cursor)

    async def _trial(self, job: Job) -> Trial:
        at = parse_time(job.parameters["at"]) or self._clock.now()
        running = {"ends_at": {"$gt": at}, "starts_at": {"$lte": at}}
        others = await self._promotions.find(running, [("ends_at", 1)], _MOST_RUNNING)
        text, before = job.parameters["rule"], Rules(others)
        if job.parameters["kind"] == Coupon.__name__:
            coupon = msgspec.json.decode(text, type=Coupon)
            used = replace(
                coupon,
                vouchers_only=False,
                limit_per_customer=0,
                uses=_so_far(job, "touched"),
                given_minor=_so_far(job, "discount_minor"),
            )
            entered = [Entered(coupon.id, used)]
            return Trial(coupon.id, before, before, entered, *_whom(coupon), at)
        promotion = msgspec.json.decode(text, type=Promotion)
        return Trial(promotion.id, before, Rules([*others, promotion]), [], *_whom(promotion), at)


def _whom(rule: Promotion | Coupon) -> tuple[str, frozenset[str]]:
    return (rule.tiers[0] if rule.tiers else ""), frozenset(rule.groups)


def _so_far(job: Job, name: str) -> int:
    return sum(value for key, value in job.counts.items() if key.startswith("|") and key.endswith(f"|{name}"))


def _counted(trial: Trial, replayed: Replayed) -> Trial:
    """The trial after a basket: a coupon's uses and money run out as they would."""
    if not replayed.touched or not trial.entered or trial.entered[0].coupon is None:
        return trial
    [entered] = trial.entered
    coupon = trial.entered[0].coupon
    used = replace(coupon, uses=coupon.uses + 1, given_minor=coupon.given_minor + max(0, replayed.discount_minor))
    return replace(trial, entered=[replace(entered, coupon=used)])
