"""This is where a coupon's limits are held against a model: any sequence of takes, releases, tidying and suspensions."""

import asyncio
import itertools
from collections.abc import Coroutine, Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from services.kit.errors import WrongState
from services.marketing.coupons import Coupon
from tests.house import House
from tests.marketing.test_takings_crashes import Desk

LIMIT, OF_CUSTOMER, BUDGET = 3, 2, 1_000
orders = some.sampled_from([f"ord_{number}" for number in range(7)])


class Limits(RuleBasedStateMachine):
    """The coupon and what it should have counted: on a real database, from a thread of its own; every run has a coupon of
    its own."""

    desk: ClassVar[Desk]
    loop: ClassVar[asyncio.AbstractEventLoop]
    numbers: ClassVar[Iterator[int]]

    def __init__(self) -> None:
        super().__init__()
        self.code, self.paused = f"M{next(self.numbers)}", False
        self.taken, self.gone = dict[str, int](), set[str]()
        self.takings = self.desk.takings()
        start = self.desk.clock.now()
        coupon = Coupon(self.code, "", start, limit=LIMIT, limit_per_customer=OF_CUSTOMER, budget_minor=BUDGET)
        coupon.currency, coupon.made = "CNY", self.code
        self.done(self.desk.counts.insert(coupon))

    def done(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def order(self, order: str) -> str:
        return f"{order}_{self.code}"

    def expected(self, order: str, minor: int) -> bool:
        if order in self.taken or order in self.gone:
            return order in self.taken
        mates = [each for each in self.taken if customer_of(each) == customer_of(order)]
        room = len(self.taken) < LIMIT and len(mates) < OF_CUSTOMER
        return room and not self.paused and sum(self.taken.values()) + minor <= BUDGET

    @rule(order=orders, minor=some.integers(1, 700))
    def take(self, order: str, minor: int) -> None:
        expected = self.expected(order, minor)
        try:
            self.done(self.takings.take(self.order(order), customer_of(order), {self.code: minor}))
        except WrongState:
            assert not expected
            self.gone.add(order)
        else:
            assert expected
            self.taken.setdefault(order, minor)

    @rule(order=orders)
    def release(self, order: str) -> None:
        self.done(self.takings.release(self.order(order), customer_of(order), [self.code]))
        self.taken.pop(order, None)
        self.gone.add(order)

    @rule()
    def tidy(self) -> None:
        self.desk.clock.advance(hours=2)
        self.done(self.takings.tidy())

    @rule(paused=some.booleans())
    def suspend(self, paused: bool) -> None:
        self.done(self.desk.counts.change({"_id": self.code}, {"$set": {"paused": paused}}))
        self.paused = paused

    @invariant()
    def counted(self) -> None:
        coupon = self.done(self.desk.counts.get(self.code))
        assert (coupon.uses, coupon.given_minor) == (len(self.taken), sum(self.taken.values()))
        for customer in ("cus_0", "cus_1"):
            uses = self.done(self.desk.customer_uses.get(f"{self.code}|{customer}"))
            mine = [self.order(each) for each in self.taken if customer_of(each) == customer]
            assert sorted(uses.orders if uses else []) == sorted(mine)


def customer_of(order: str) -> str:
    """Two customers share the orders."""
    return f"cus_{int(order[-1]) % 2}"


async def run(house: House, examples: int, steps: int) -> None:
    desk = Desk(house)
    await desk.open()
    here = {"desk": desk, "loop": asyncio.get_running_loop(), "numbers": itertools.count()}
    made = type("LimitsHere", (Limits,), here)
    bounds = settings(max_examples=examples, stateful_step_count=steps, deadline=None, database=None)
    await asyncio.to_thread(run_state_machine_as_test, made, settings=bounds)


async def test_limits_hold_as_a_model_says(house: House) -> None:
    await run(house, examples=8, steps=18)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_limits_hold_as_a_model_says_at_length(house: House) -> None:
    await run(house, examples=150, steps=40)
