"""This is where prices fall and everybody who paid more is given the difference, by a sweep or on request; once."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from shop.orders.v1 import returns_pb2
from shop.orders.v1.events_pb2 import RefundIssued
from shop.orders.v1.price_protection_pb2 import (
    GuaranteePriceRequest,
    ListPriceDropsRequest,
    PutProtectionPolicyRequest,
)

from services.kit.clock import rfc3339
from services.kit.errors import Conflict, Invalid, NotFound, Unavailable, WrongState
from services.kit.rpc import call
from tests.orders.world import World

from .shop import claim, falls, insists, put, standing, stub, swept


async def refunded(world: World, order_id: str) -> list[int]:
    """What the provider's own books say."""
    return [payment["refunded_minor"] for payment in await world.psp.payments(order_id)]


async def give_back(world: World, order_id: str, units: int) -> int:
    """A return to its end; what came back."""
    asked = returns_pb2.OpenReturnRequest(
        order_id=order_id,
        customer_id="cus_1",
        lines=[returns_pb2.ReturnLine(sku="A", quantity=units)],
        reason="size",
        request_id=uuid.uuid4().hex,
    )
    rma = (await call(world.returns.OpenReturn, asked)).rma
    await call(world.returns.ApproveReturn, returns_pb2.ApproveReturnRequest(id=rma.id, by="stf_1"))
    await call(world.returns.ReceiveReturn, returns_pb2.ReceiveReturnRequest(id=rma.id, by="stf_1", sound=True))
    done = await call(world.returns.RefundReturn, returns_pb2.RefundReturnRequest(id=rma.id, by="stf_2"))
    return int(done.rma.refund.minor)


async def test_two_drops_a_partial_return_and_a_coupon_give_one_correct_refund(world: World) -> None:
    world.marketing.coupons["TEN"] = 100
    cart = await world.filled_cart({"A": 3}, "cus_1")
    await world.add_coupon(cart, "TEN", "cus_1")
    order = (await world.check_out(world.request(cart, customer_id="cus_1"))).order
    for event in (world.plan(order), world.shipped(order), world.moved(order, "delivered", 1)):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    assert (await standing(world, order.id)).lines[0].paid.minor == 2_900  # 967, 967, 966

    first = await swept(world, await falls(world, 950))
    assert (first.looked, first.entitled, first.paid, first.amount.minor) == (1, 1, 1, 50)
    assert await give_back(world, order.id, 1) == 950
    second = await swept(world, await falls(world, 900))
    assert second.amount.minor == 100
    higher = await swept(world, await falls(world, 940))
    assert (higher.looked, higher.entitled) == (1, 0)  # cheaper than before, not than what is left
    assert await refunded(world, order.id) == [50 + 950 + 100]
    assert await give_back(world, order.id, 2) == 1_800
    assert await refunded(world, order.id) == [2_900]

    there = await world.order(order.id, "cus_1")
    told = [(each.type, each.amount.minor) for each in there.adjustments]
    assert told == [("price_adjustment", -50), ("refund", -950), ("price_adjustment", -100), ("refund", -1_800)]
    await world.house.settled()
    issued = world.house.told(RefundIssued)
    assert sum(each.amount.minor for each in issued) == 2_900
    assert [sum(line.quantity for line in each.lines) for each in issued] == [0, 1, 0, 2]


async def test_a_claim_pays_at_once_and_again_changes_nothing(world: World) -> None:
    await put(world, mode="claim")
    order = await world.bought({"A": 2, "B.2": 1}, customer_id="cus_1")
    drops = [await falls(world, 900), await falls(world, 800), await falls(world, 2_000, "B.2")]
    await world.house.settled()
    assert [(await swept(world, drop)).paid for drop in drops] == [0, 0, 0]
    seen = await standing(world, order.id)
    assert (seen.claimable.minor, seen.mode, list(seen.payments)) == (900, "claim", [])
    assert [(line.sku, line.units) for line in seen.lines] == [("A", 2), ("B.2", 1)]
    answers = await asyncio.gather(*(insists(world, order.id) for _ in range(10)))
    assert {sum(each.amount.minor for each in answer.payments) for answer in answers} == {900}
    assert await refunded(world, order.id) == [900]
    after = await standing(world, order.id)
    assert (after.claimable.minor, [each.paid for each in after.payments]) == (0, [True] * 3)
    assert [(line.sku, line.left.minor) for line in after.lines] == [("A", 1_600), ("B.2", 2_000)]
    with pytest.raises(NotFound):
        await claim(world, order.id, "cus_2")


async def test_a_claim_may_be_made_for_a_week_after_the_thirty_days(world: World) -> None:
    await put(world, mode="claim")
    orders = [await world.bought({"A": 1}, customer_id="cus_1") for _ in range(2)]
    world.house.clock.advance(days=29)
    await falls(world, 900)
    world.house.clock.advance(days=2)
    await falls(world, 100)  # too late to count
    await world.house.settled()
    assert (await claim(world, orders[0].id)).payments[0].amount.minor == 100
    world.house.clock.advance(days=7)
    with pytest.raises(WrongState) as refused:
        await claim(world, orders[1].id)
    assert refused.value.reason == "NOT_PROTECTED"


async def test_a_sweep_looks_at_who_paid_before_and_at_nobody_else(world: World) -> None:
    others = await world.bought({"B.2": 1}, customer_id="cus_2")
    orders = [await world.bought({"A": 1}, customer_id=f"cus_{number}") for number in range(3)]
    cancelled = await world.bought({"A": 1}, customer_id="cus_9")
    await world.cancel(cancelled.id, "cus_9")
    drop = await falls(world, 700)
    world.house.clock.advance(seconds=1)
    later = await world.bought({"A": 1}, customer_id="cus_4")
    done = await swept(world, drop)
    assert (done.looked, done.entitled, done.paid, done.amount.minor) == (4, 3, 3, 900)
    assert [await refunded(world, order.id) for order in orders] == [[300]] * 3
    assert await refunded(world, others.id) == await refunded(world, later.id) == [0]
    assert await refunded(world, cancelled.id) == [cancelled.totals[-1].amount.minor]


async def test_told_twice_a_price_falls_once_and_a_rise_or_a_flash_sale_is_no_drop(world: World) -> None:
    order = await world.bought({"A": 1}, customer_id="cus_1")
    drop = await falls(world, 900, event_id="evt_same")
    await falls(world, 900, event_id="evt_same")
    await falls(world, 2_000, old=1_000)
    flash = await falls(world, 100, cause="flash_steps")
    await swept(world, drop)
    assert (await swept(world, flash)).state == "ignored"
    await world.house.settled()
    assert len((await call(stub(world).ListPriceDrops, ListPriceDropsRequest(sku="A"))).drops) == 2
    assert await refunded(world, order.id) == [100]
    assert [each.drop_id for each in (await claim(world, order.id)).payments] == [drop]


async def test_caps_of_order_and_customer_and_the_number_of_payments_hold_in_a_race(world: World) -> None:
    await put(world, mode="claim", cap_order_minor=250, cap_customer_minor=600, most_claims=3)
    orders = [await world.bought({"A": 1}, customer_id="cus_1") for _ in range(5)]
    await falls(world, 700)
    await world.house.settled()
    answers = await asyncio.gather(*(insists(world, order.id) for order in orders))
    paid = sorted(sum(each.amount.minor for each in answer.payments) for answer in answers)
    assert paid == [0, 0, 100, 250, 250]
    assert sorted([(await refunded(world, order.id))[0] for order in orders]) == paid
    world.house.clock.advance(days=20)  # the window is 90 days: it is still full
    assert not (await claim(world, next(o.id for o, a in zip(orders, answers, strict=True) if not a.payments))).payments


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_of_the_provider_pays_once(world: World, when: str) -> None:
    await put(world, mode="claim")
    order = await world.bought({"A": 1}, customer_id="cus_1")
    await falls(world, 900)
    await world.house.settled()
    world.faults.once["refund", when] = ConnectionError()
    with pytest.raises(Unavailable) as refused:
        await claim(world, order.id)
    assert refused.value.reason == "PROTECTION_UNFINISHED"
    assert not (await standing(world, order.id)).payments[0].paid
    world.house.clock.advance(seconds=11)
    await world.until_order({"_id": order.id, "adjustments.type": "price_adjustment", "protecting_at": None})
    assert await refunded(world, order.id) == [100]
    await world.house.settled()
    assert len(world.house.told(RefundIssued)) == 1


async def test_a_cancelled_order_gives_back_what_is_left(world: World) -> None:
    order = await world.bought({"A": 2}, customer_id="cus_1")
    total = order.totals[-1].amount.minor
    await swept(world, await falls(world, 900))
    await world.cancel(order.id, "cus_1")
    assert await refunded(world, order.id) == [total]
    there = await world.order(order.id, "cus_1")
    assert [each.amount.minor for each in there.adjustments] == [-200, 200 - total]
    await swept(world, await falls(world, 500))
    assert await refunded(world, order.id) == [total]


async def test_a_policy_is_put_against_the_version_that_was_read(world: World) -> None:
    kept = await put(world, days=14)
    assert (kept.days, kept.version, list(kept.excluded_causes)) == (14, 1, ["flash_steps"])
    with pytest.raises(Conflict) as stale:
        await call(stub(world).PutProtectionPolicy, PutProtectionPolicyRequest(policy=kept, if_version=7))
    assert stale.value.reason == "VERSION_MISMATCH"
    with pytest.raises(Invalid) as refused:
        await put(world, days=0, mode="sometimes")
    assert {error.pointer for error in refused.value.errors} == {"/days", "/mode"}


async def test_what_support_promised_holds_after_the_policy_ended(world: World) -> None:
    """An agent may promise a longer price guarantee (M29): bounded, claimed like any, seen by staff only."""
    order = await world.bought({"A": 1}, customer_id="cus_1")
    until = world.house.clock.now() + timedelta(days=60)

    async def promise(days: int, reason: str = "came late") -> Any:
        at = rfc3339(world.house.clock.now() + timedelta(days=days))
        asked = GuaranteePriceRequest(order_id=order.id, until=at, reason=reason, by="stf_1")
        return (await call(stub(world).GuaranteePrice, asked)).protection

    for days, reason in ((-1, "came late"), (200, "came late"), (60, "x")):
        with pytest.raises(Invalid) as refused:
            await promise(days, reason)
        assert refused.value.reason == "INVALID_GUARANTEE" and refused.value.errors
    made = await promise(60)
    assert made.covered_until == rfc3339(until) and [each.by for each in made.guarantees] == ["stf_1"]
    assert len((await promise(60)).guarantees) == 1  # the same again
    world.house.clock.advance(days=50)
    fallen = await swept(world, await falls(world, 900))
    assert fallen.looked == 0  # beyond the policy nobody is paid unasked
    seen = await standing(world, order.id)
    assert (seen.claimable.minor, list(seen.guarantees)) == (100, [])
    await claim(world, order.id)
    assert await refunded(world, order.id) == [100]
