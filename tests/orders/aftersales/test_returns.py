"""This is where returns are reviewed, called off, inspected; and no unit or fen is ever given back twice."""

import asyncio
import contextlib
import random
from datetime import timedelta

import pytest
from shop.orders.v1 import aftersales_pb2, returns_pb2
from shop.orders.v1.events_pb2 import RefundIssued, ReturnChanged, ReturnReceived, ReturnRequested
from shop.type.v1.money_pb2 import Money

from services.kit.clock import parse_time
from services.kit.errors import Refused, WrongState
from services.kit.rpc import call
from tests.orders.world import World, settles

from .counter import Counter

CNY = Money(currency="CNY", minor=100)


async def _refused(answer: object) -> str:
    with pytest.raises(Refused) as no:
        await answer  # type: ignore[misc]
    return no.value.reason


async def test_the_terms_that_held_at_purchase_count(world: World) -> None:
    counter = Counter(world)
    before = await world.delivered({"A": 1}, customer_id="cus_1")
    policy = aftersales_pb2.AfterSalesPolicy(
        scope="cat_1",
        no_reason_days=0,
        fault_days=15,
        delivery_days=7,
        excluded="custom",
        freight="customer",
        insurance="none",
        premium=CNY,
        cap=CNY,
        goods_stay=CNY,
    )
    await call(world.aftersales.PutPolicy, aftersales_pb2.PutPolicyRequest(policy=policy, by="stf_1"))
    after = await world.delivered({"A": 1}, customer_id="cus_1")
    assert await _refused(counter.open(after.id, {"A": 1}, "no_reason")) == "NOT_RETURNABLE"
    assert await _refused(counter.open(after.id, {"A": 1}, "damaged", photos=())) == "PHOTOS_NEEDED"
    assert (await counter.open(after.id, {"A": 1}, "damaged")).freight_payer == "shop"
    assert (await counter.open(before.id, {"A": 1}, "no_reason")).freight_payer == "customer"
    policy.excluded = ""
    assert (
        await _refused(call(world.aftersales.PutPolicy, aftersales_pb2.PutPolicyRequest(policy=policy)))
        == "INVALID_POLICY"
    )


async def test_after_seven_days_only_faults_count(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 2}, customer_id="cus_1")
    world.house.clock.advance(seconds=8 * 86_400)
    assert await _refused(counter.open(order.id, {"A": 1}, "no_reason")) == "WINDOW_CLOSED"
    assert (await counter.open(order.id, {"A": 1}, "quality")).state == returns_pb2.RETURN_STATE_REQUESTED


async def test_a_rejected_return_frees_its_units_and_the_clock_stands_while_its_customer_is_asked(world: World) -> None:
    counter = Counter(world)
    world.marketing.promotion = 100
    order = await world.delivered({"A": 3}, customer_id="cus_1")
    one, two = await counter.open(order.id, {"A": 1}), await counter.open(order.id, {"A": 1})
    asked = await counter.move(one.id, "ask", "Is it in its box?")
    assert (asked.state, asked.question) == (returns_pb2.RETURN_STATE_NEEDS_INFO, "Is it in its box?")
    world.house.clock.advance(seconds=3600)
    answered = await counter.move(one.id, "answer", "It is", staff=False)
    late, early = parse_time(answered.review_by), parse_time(asked.review_by)
    assert late and early and late - early == timedelta(hours=1)
    rejected = await counter.move(one.id, "reject", "It was worn")
    assert [step.state for step in rejected.steps] == ["requested", "needs_info", "requested", "rejected"]
    assert [step.by for step in rejected.steps][-2:] == ["customer", "staff"]
    assert rejected.steps[-1].text == "It was worn"
    await world.house.settled()  # its clock has heard of it
    again = await counter.move(one.id, "reject", "again")
    assert again.steps == rejected.steps and (await counter.move(one.id, "reject", "again")).version == again.version
    assert await _refused(counter.approve(one.id)) == "ILLEGAL_TRANSITION"
    three = await counter.open(order.id, {"A": 2})
    for rma in (two, three):
        await counter.approve(rma.id)
        await counter.receive(rma.id)
        await counter.refund(rma.id)
    assert await counter.given_back(order.id) == 2900  # to the fen, whatever was called off in between
    other = Counter(world, "cus_2")
    assert await _refused(other.move(two.id, "cancel", staff=False)) == "RETURN_NOT_FOUND"


async def test_each_unit_is_graded_and_what_was_not_there_is_not_paid_for(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 4}, customer_id="cus_1")
    rma = await counter.approve((await counter.open(order.id, {"A": 4}, "quality")).id)
    assert await _refused(counter.inspect(rma.id, {("A", "A"): 5})) == "INVALID_RETURN"
    found = await counter.inspect(rma.id, {("A", "A"): 1, ("A", "B"): 1, ("A", "scrap"): 1})
    assert found.refund.minor == 3000
    assert (await counter.refund(rma.id)).state == returns_pb2.RETURN_STATE_REFUNDED
    await world.house.settled()
    (told,) = world.house.told(ReturnReceived)
    assert {(row.grade, row.units) for row in told.grades} == {("A", 1), ("B", 1), ("scrap", 1)}
    assert not told.sound and [line.quantity for line in told.lines] == [3]
    assert (await world.order(order.id, "cus_1")).lines[0].returned == 3
    assert (await counter.open(order.id, {"A": 1})).refund.minor == 1000
    (first, *_) = world.house.told(ReturnRequested)
    assert (first.group, first.blames, first.kind, list(first.carriers)) == ("fault", "supplier", "return", ["sandbox"])


async def test_support_lets_go_without_the_goods_only_so_much(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 2, "B.2": 3}, customer_id="cus_1")
    small = await counter.open(order.id, {"A": 2}, "missing", "refund_only")
    large = await counter.open(order.id, {"B.2": 3}, "quality", "refund_only")
    assert not (await counter.approve(small.id, senior=False)).goods_back
    assert await _refused(counter.approve(large.id, senior=False)) == "LIMIT_EXCEEDED"
    await counter.approve(large.id, senior=True)
    for rma in (small, large):
        assert (await counter.refund(rma.id)).state == returns_pb2.RETURN_STATE_REFUNDED
    assert await counter.given_back(order.id) == 9500


@pytest.mark.parametrize("times", [2, pytest.param(50, marks=pytest.mark.long)])
async def test_of_two_who_decide_at_once_one_does(world: World, times: int) -> None:
    counter = Counter(world)
    for _ in range(times):
        order = await world.delivered({"A": 1}, customer_id="cus_1")
        rma = await counter.open(order.id, {"A": 1})
        answers = await asyncio.gather(
            counter.approve(rma.id),
            settles(lambda: counter.move(rma.id, "reject")),  # noqa: B023
            settles(lambda: counter.move(rma.id, "cancel", staff=False)),  # noqa: B023
            return_exceptions=True,
        )
        now = await counter.get(rma.id)
        returned = (await world.order(order.id, "cus_1")).lines[0].returned
        ended = now.state in (returns_pb2.RETURN_STATE_REJECTED, returns_pb2.RETURN_STATE_CANCELLED)
        assert returned == (0 if ended else 1), answers
        if ended:
            continue
        await counter.receive(rma.id)
        await asyncio.gather(*(settles(lambda: counter.refund(rma.id)) for _ in range(3)))  # noqa: B023
        assert await counter.given_back(order.id) == 1000
    await world.house.settled()
    states = [told.state for told in world.house.told(ReturnChanged)]
    assert states.count("refunded") == len(world.house.told(RefundIssued))


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.long) for n in range(2, 60))])
async def test_whatever_is_done_in_whatever_order_nothing_is_given_back_twice(world: World, seed: int) -> None:
    """Many hands do what they may and may not: claimed ≤ delivered, refunded ≤ paid, and all of it when all comes back."""
    dice, counter = random.Random(seed), Counter(world)
    world.marketing.promotion = dice.choice((0, 77, 100))
    order = await world.delivered({"A": 5, "B.2": 2}, customer_id="cus_1")
    returns: list[str] = []

    async def some() -> None:
        if not returns or dice.random() < 0.3:
            lines = dice.choice(({"A": 1}, {"A": 2}, {"B.2": 1}, {"A": 1, "B.2": 1}))
            returns.append((await counter.open(order.id, lines)).id)
            return
        rma, step = dice.choice(returns), dice.choice(("approve", "receive", "refund", "refund", "reject", "cancel"))
        if step in ("reject", "cancel"):
            await counter.move(rma, step)
        else:
            await getattr(counter, step)(rma)

    for _ in range(40 if seed == 1 else 120):
        with contextlib.suppress(WrongState):
            await some()
    paid = sum(line.total.minor for line in order.lines)
    given = await counter.given_back(order.id)
    assert given <= paid
    for rma in returns:
        with_state = await counter.get(rma)
        if with_state.state in (returns_pb2.RETURN_STATE_REQUESTED, returns_pb2.RETURN_STATE_APPROVED):
            await counter.move(rma, "cancel")
        elif with_state.state == returns_pb2.RETURN_STATE_RECEIVED:
            await counter.refund(rma)
    now = await world.order(order.id, "cus_1")
    left = {line.sku: line.quantity - line.returned for line in now.lines if line.quantity > line.returned}
    if left:
        last = await counter.open(order.id, left)
        await counter.approve(last.id)
        await counter.receive(last.id)
        await counter.refund(last.id)
    assert await counter.given_back(order.id) == paid
