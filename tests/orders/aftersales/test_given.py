"""This is where the way back is insured and paid for, customers are compensated, and units are counted as they move."""

import asyncio
from functools import partial

import pytest
from shop.logistics.v1.events_pb2 import ReturnParcelReceived, ReturnPickupChanged
from shop.orders.v1 import aftersales_pb2 as pb
from shop.orders.v1 import carts_pb2, returns_pb2
from shop.orders.v1.events_pb2 import CompensationGranted, OrderPaid, RefundIssued, ReturnChanged

from services.kit.clock import rfc3339
from services.kit.errors import Refused
from services.kit.rpc import call
from tests.orders.world import World, settles

from .counter import Counter


async def _insured(world: World, lines: dict[str, int], premium: int = 100) -> str:
    """An order at the door whose way back is insured."""
    cart = await world.filled_cart(lines, "cus_1")
    key = carts_pb2.CartKey(cart_id=cart, customer_id="cus_1")
    offer = await call(world.aftersales.OfferInsurance, pb.OfferInsuranceRequest(key=key))
    assert (offer.offered, offer.premium.minor, offer.cap.minor) == (True, 100, 1200)
    order = (await world.check_out(world.request(cart, customer_id="cus_1", return_insurance_minor=premium))).order
    for event in (world.plan(order), world.shipped(order), world.moved(order, "delivered", 1)):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    return order.id


async def test_the_way_back_is_followed_and_its_insurance_pays_once_without_being_asked(world: World) -> None:
    counter = Counter(world)
    order_id = await _insured(world, {"A": 3})
    order = await world.order(order_id, "cus_1")
    totals = {total.type: total.amount.minor for total in order.totals}
    assert totals["return_insurance"] == 100 and sum(totals.values()) - totals["total"] == totals["total"]
    assert [p["captured_minor"] for p in await world.psp.payments(order_id)] == [totals["total"]]
    assert world.house.told(OrderPaid)[0].return_insurance.minor == 100
    rma = await counter.open(order_id, {"A": 1}, "no_reason")
    with pytest.raises(Refused) as early:
        await counter.book(rma.id)
    assert early.value.reason == "ILLEGAL_TRANSITION"
    await counter.approve(rma.id)
    booked = await counter.book(rma.id, "pickup")
    assert (await counter.book(rma.id)).way_back.waybill == booked.way_back.waybill == "RB0"
    await counter.parcel(booked, "in_transit", 2)
    await counter.parcel(booked, "picked_up", 1)
    await counter.parcel(booked, "delivered", 3)
    await counter.parcel(booked, "delivered", 3)
    now = await counter.get(rma.id)
    assert (now.state, now.way_back.state) == (returns_pb2.RETURN_STATE_ARRIVED, "delivered")
    # Of ¥9 the way back, what was paid for freight and insurance may go back in money; the rest of it in points.
    assert await counter.given_back(order_id) == 700
    told = world.house.told(CompensationGranted)
    assert [(one.points, one.by) for one in told] == [(200, "policy")]
    for lines in ({"A": 1}, {"A": 1}):
        other = await counter.open(order_id, lines)
        await counter.approve(other.id)
        await counter.parcel(await counter.book(other.id), "picked_up", 1)
        await counter.receive(other.id)
        await counter.refund(other.id)
    await counter.receive(rma.id)
    await counter.refund(rma.id)
    assert await counter.given_back(order_id) == totals["total"]  # goods, freight, premium: all that was paid, no more
    assert "arrived" in {one.state for one in world.house.told(ReturnChanged)}


async def test_a_premium_that_was_not_shown_is_not_charged(world: World) -> None:
    with pytest.raises(Refused) as no:
        await _insured(world, {"A": 1}, premium=50)
    assert (no.value.reason, no.value.meta["premium"]) == ("INSURANCE_CHANGED", "100")
    order = await world.bought({"A": 1}, customer_id="cus_1")
    assert "return_insurance" not in {total.type for total in order.totals}


async def _grant(world: World, order_id: str, reason: str) -> pb.Compensation:
    request = pb.GrantCompensationRequest(order_id=order_id, reason=reason, by="stf_1")
    return (await call(world.aftersales.GrantCompensation, request)).compensation


async def test_lateness_is_compensated_by_the_table_once_and_written_down(world: World) -> None:
    order = await world.bought({"A": 10}, customer_id="cus_1")
    plan = world.plan(order)
    plan.deliver_by = rfc3339(world.house.clock.now())
    for event in (plan, world.shipped(order)):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    with pytest.raises(Refused) as early:
        await _grant(world, order.id, "late_delivery")
    assert early.value.reason == "NOTHING_DUE"
    world.house.clock.advance(seconds=30 * 3600)
    granted = await asyncio.gather(*(settles(lambda: _grant(world, order.id, "late_delivery")) for _ in range(5)))
    assert {(one.id, one.points, one.late_hours, one.by) for one in granted} == {(granted[0].id, 200, 30, "stf_1")}
    cash = await _grant(world, order.id, "damaged")
    assert (cash.cash.minor, cash.rule.percent_bp) == (1000, 1000)
    assert await Counter(world).given_back(order.id) == 1000
    await world.house.settled()
    assert [(one.reason, one.points) for one in world.house.told(CompensationGranted)] == [
        ("late_delivery", 200),
        ("damaged", 0),
    ]
    assert [a.type for a in (await world.order(order.id, "cus_1")).adjustments] == ["compensation"]
    there = await call(world.aftersales.GetCompensations, pb.GetCompensationsRequest(order_id=order.id))
    assert [one.reason for one in there.compensations] == ["late_delivery", "damaged"]


async def test_what_was_compensated_does_not_go_back_a_second_time_with_the_goods(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 10}, customer_id="cus_1")
    await _grant(world, order.id, "damaged")
    await _grant(world, order.id, "quality")
    rma = await counter.approve((await counter.open(order.id, {"A": 10}, "damaged")).id)
    await counter.receive(rma.id)
    assert (await counter.refund(rma.id)).state == returns_pb2.RETURN_STATE_REFUNDED
    (payment,) = await world.psp.payments(order.id)
    assert payment["refunded_minor"] == payment["captured_minor"] == 10_600
    await world.house.settled()
    assert sum(one.amount.minor for one in world.house.told(RefundIssued)) == 10_600


async def test_an_orders_compensations_are_bounded_together(world: World) -> None:
    rules = [pb.CompensationRule(reason=reason, kind="cash", minor=400) for reason in ("damaged", "quality", "missing")]
    table = pb.CompensationRules(rules=rules)
    table.order_max.currency, table.order_max.minor = "CNY", 600
    await call(world.aftersales.PutCompensationRules, pb.PutCompensationRulesRequest(rules=table, by="stf_1"))
    order = await world.delivered({"A": 10}, customer_id="cus_1")
    answers = await asyncio.gather(
        *(settles(partial(_grant, world, order.id, rule.reason)) for rule in rules),
        return_exceptions=True,
    )
    given = [one.cash.minor for one in answers if isinstance(one, pb.Compensation)]
    refused = [one.reason for one in answers if isinstance(one, Refused)]
    assert sorted(given) == [200, 400] and refused == ["COMPENSATION_EXHAUSTED"]
    assert await Counter(world).given_back(order.id) == 600


async def test_a_coupon_is_granted_as_a_voucher_once_and_in_points_when_it_cannot_be(world: World) -> None:
    world.marketing.coupons["SORRY"] = 500
    rules = [
        pb.CompensationRule(reason="service", kind="coupon", minor=500, coupon="SORRY"),
        pb.CompensationRule(reason="missing", kind="coupon", minor=300, coupon="GONE"),
    ]
    table = pb.CompensationRules(rules=rules)
    table.order_max.currency, table.order_max.minor = "CNY", 5000
    await call(world.aftersales.PutCompensationRules, pb.PutCompensationRulesRequest(rules=table, by="stf_1"))
    order = await world.delivered({"A": 1}, customer_id="cus_1")
    world.faults.once["GrantVoucher", "after"] = ConnectionError()
    with pytest.raises(Refused):
        await _grant(world, order.id, "service")
    given = await _grant(world, order.id, "service")
    assert (given.voucher, given.points, given.done) == ("vch_0", 0, True)
    instead = await _grant(world, order.id, "missing")
    assert (instead.voucher, instead.points) == ("", 300)
    assert world.marketing.granted == {given.id: "vch_0"}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_compensation_cut_short_is_given_once(world: World, when: str) -> None:
    order = await world.delivered({"A": 10}, customer_id="cus_1")
    world.faults.once["refund", when] = ConnectionError()
    with pytest.raises(Refused):
        await _grant(world, order.id, "damaged")
    world.house.clock.advance(seconds=11)
    kept = world.service.ground.database["compensations"]
    async with asyncio.timeout(10):
        while not await kept.find_one({"_id": order.id, "grants.0.done": True}):
            await asyncio.sleep(0.02)
    assert await Counter(world).given_back(order.id) == 1000


async def _counted(world: World, by: str) -> dict[str, tuple[int, int, int]]:
    answer = await call(world.aftersales.GetReturnStatistics, pb.GetReturnStatisticsRequest(by=by))
    return {row.key: (row.delivered, row.asked, row.received) for row in answer.counts}


async def test_units_are_counted_as_they_are_delivered_asked_back_called_off_and_received(world: World) -> None:
    counter = Counter(world)
    order = await world.delivered({"A": 4, "B.2": 1}, customer_id="cus_1")
    one = await counter.open(order.id, {"A": 2}, "size")
    two = await counter.open(order.id, {"A": 1, "B.2": 1}, "quality")
    await counter.move(two.id, "reject")
    await counter.approve(one.id)
    await counter.receive(one.id)
    async with asyncio.timeout(10):
        while (await _counted(world, "sku")).get("A", (0, 0, 0))[0] != 4:
            await asyncio.sleep(0.05)
    assert await _counted(world, "sku") == {"A": (4, 2, 2), "B.2": (1, 0, 0)}
    assert await _counted(world, "category") == {"cat_1": (5, 2, 2)}
    assert await _counted(world, "region") == {"CN/浙江省": (5, 2, 2)}
    assert await _counted(world, "warehouse") == {"main": (5, 2, 2)}
    assert await _counted(world, "carrier") == {"sandbox": (5, 2, 2)}
    assert await _counted(world, "reason") == {"size": (0, 2, 2), "quality": (0, 0, 0)}
    month = f"{world.house.clock.now():%Y-%m}"
    request = pb.GetReturnStatisticsRequest(by="sku", period=month)
    request.page.limit = 1
    first = await call(world.aftersales.GetReturnStatistics, request)
    request.page.cursor = first.next_cursor
    second = await call(world.aftersales.GetReturnStatistics, request)
    assert [row.key for row in (*first.counts, *second.counts)] == ["A", "B.2"] and not second.next_cursor
    with pytest.raises(Refused):
        await call(world.aftersales.GetReturnStatistics, pb.GetReturnStatisticsRequest(by="customer"))


async def test_a_pickup_is_moved_missed_called_off_and_booked_anew_and_staff_scan_it_in(world: World) -> None:
    counter = Counter(world)
    order_id = (await world.delivered({"A": 1})).id
    rma = await counter.open(order_id, {"A": 1}, "no_reason")
    await counter.approve(rma.id)
    booked = await counter.book(rma.id, "pickup")

    async def told(what: str, window: str) -> returns_pb2.Return:
        event = ReturnPickupChanged(
            return_id=rma.id,
            order_id=order_id,
            waybill=booked.way_back.waybill,
            what=what,
            window=window,
            at=rfc3339(world.house.clock.now()),
        )
        for _ in range(2):  # told again it changes nothing
            await world.house.tell(event, key="shp_r")
        await world.house.settled()
        return await counter.get(rma.id)

    moved = await told("rebooked", "2026-12-01 09:00-12:00")
    assert moved.way_back.window == "2026-12-01 09:00-12:00"
    assert [step.state for step in moved.steps].count("pickup_rebooked") == 1
    assert (await told("missed", "2026-12-01 09:00-12:00")).way_back.waybill == booked.way_back.waybill
    assert not (await told("cancelled", "")).HasField("way_back")
    world.logistics.booked.clear()
    world.logistics.booked["ret_other"] = "RB0"
    again = await counter.book(rma.id)
    assert again.way_back.waybill == "RB1"
    assert (await told("rebooked", "2026-12-02 09:00-12:00")).way_back.window == ""  # of the parcel that was called off

    await world.house.tell(ReturnParcelReceived(return_id=rma.id, order_id=order_id, waybill="RB1"), key="shp_r")
    await world.house.settled()
    assert (await counter.get(rma.id)).state == returns_pb2.RETURN_STATE_ARRIVED
