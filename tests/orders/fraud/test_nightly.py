"""This is where a night's work is tried: what it learns from, what it moves, and that it is done once."""

import random
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from services.kit.ids import id_of_moment
from services.kit.service import Ground
from services.orders.fraud.nightly import Nightly, Past
from services.orders.fraud.policy import FraudPolicy, Policies
from services.orders.fraud.reports import FraudReport
from services.orders.fraud.reviews import Review
from services.orders.fraud.scoring import Decision, Model, packed
from services.orders.fraud.screening import Models
from services.orders.fraud.store import Keeping
from tests.orders.world import World

from .desk import Desk


async def here(work: Callable[..., Any], *args: Any) -> Any:
    """Computes where it is asked."""
    return work(*args)


class Archive:
    """A past that was made up: `frauds` of the guests were reported, nobody else."""

    def __init__(self, now: Any, orders: int, frauds: int) -> None:
        self.now, chance = now, random.Random(1)
        self.orders: list[Past] = []
        self.reports: list[FraudReport] = []
        for n in range(orders):
            at = now - timedelta(days=100) + n * timedelta(days=99) / orders
            fraud = n % (orders // max(1, frauds)) == 0 and len(self.reports) < frauds
            found = {"guest": 1.0, "risky_category": 1.0} if fraud or chance.random() < 0.05 else {"first_order": 1.0}
            risk = packed(Decision(10, "pass", "pass", [], found, {}, "k", 0))
            self.orders.append(Past(id_of_moment("ord", at), "paid", "CNY", 10_000, at, risk, [("tea", 5_000, 2)]))
            if fraud:
                report = FraudReport(
                    self.orders[-1].id, "chargeback", 10_000, "CNY", "", "", "stf_1", now - timedelta(days=1)
                )
                self.reports.append(report)
        self.reviews: list[Review] = []

    async def past(self, since: Any) -> AsyncIterator[list[Past]]:
        for n in range(0, len(self.orders), 100):
            yield self.orders[n : n + 100]

    async def reported(self, since: Any) -> list[FraudReport]:
        return self.reports

    async def decided(self, since: Any) -> list[Review]:
        return self.reviews


@pytest.fixture
def keeping(world: World) -> Keeping:
    ground: Ground[Any] = world.service.ground
    orders: Any = next(store for store in ground.stores if store.name == "orders")
    world.house.clock.at = world.house.clock.now().replace(hour=12)
    return Keeping(ground, orders, world.house.clock)


def nightly(world: World, keeping: Keeping, archive: Any) -> Nightly:
    policy = Policies(keeping.policies, world.house.clock, "enforce")
    return Nightly(archive, keeping.policies, keeping.models, policy, Models(), world.house.clock, here)


async def test_a_night_learns_and_moves_the_thresholds_once(world: World, keeping: Keeping) -> None:
    archive = Archive(world.house.clock.now(), 2_000, 60)
    works = [nightly(world, keeping, archive) for _ in range(3)]
    done = [await work.round() for work in works]
    assert done == [True, False, False]
    model, policy = await keeping.models.get("model"), await keeping.policies.get("policy")
    assert isinstance(model, Model) and isinstance(policy, FraudPolicy)
    assert (model.made, model.frauds) == (1, 60) and model.auc_bp > 9_000
    assert model.weight("risky_category") > 0.8 and model.means == {"tea/CNY": 5_000.0}
    # 60 orders lost of the last 30 days' 606: far over the target, so a full step down.
    assert policy.review_at_bp < 1_000 and policy.block_at_bp < 6_000
    assert policy.observed and "target 1000" in policy.observed.why and policy.worked_on
    standing = await Desk(world).standing()
    assert standing.policy.review_at_bp == policy.review_at_bp
    assert standing.observed.losses[0].loss.minor == 600_000 and standing.observed.losses[0].ppm > 90_000


async def test_the_next_night_works_again_and_what_staff_fixed_stays(world: World, keeping: Keeping) -> None:
    desk = Desk(world)
    await desk.policy(adaptive=False, review_at_bp=700)
    archive = Archive(world.house.clock.now(), 400, 3)
    work = nightly(world, keeping, archive)
    assert await work.round() and not await work.round()
    world.house.clock.advance(days=1)
    assert await work.round()
    model, policy = await keeping.models.get("model"), await keeping.policies.get("policy")
    assert model and policy and (model.made, policy.review_at_bp, policy.block_at_bp) == (0, 700, 6_000)
    assert policy.observed and policy.observed.losses[0][1] == 30_000


async def test_a_replica_that_died_in_the_night_is_replaced(world: World, keeping: Keeping) -> None:
    class Dying(Archive):
        async def reported(self, since: Any) -> list[FraudReport]:
            raise RuntimeError("killed")

    now = world.house.clock.now()
    with pytest.raises(RuntimeError):
        await nightly(world, keeping, Dying(now, 10, 1)).round()
    other = nightly(world, keeping, Archive(now, 200, 1))
    assert not await other.round()  # it may still live
    world.house.clock.advance(minutes=11)
    assert await other.round()


async def test_real_orders_are_read_back_as_they_were_bought(world: World, keeping: Keeping) -> None:
    desk = Desk(world)
    await desk.policy(review_at_bp=100)
    one = await desk.buys("phone-1", lines={"A": 2})
    two = await desk.buys("phone-2", country="US")
    await world.house.settled()
    await desk.confirm(two.id)
    work = nightly(world, keeping, keeping)
    now = world.house.clock.now()
    found = await work._read(now, {one.id}, await keeping.decided(now - timedelta(days=9)))
    assert {key for key, _ in found.bad} == {one.id, two.id} and not found.good  # too young to be called good
    assert found.value == {"CNY": sum(each.totals[-1].amount.minor for each in (one, two))}
    assert found.means() == {"cat_1/CNY": 1_000.0}
    assert await work.round() and (await keeping.models.get("model") or Model()).means == {"cat_1/CNY": 1_000.0}
