"""This is where what went wrong is worked off: one case a cause, contact in time, nothing sent or given back twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from shop.logistics.v1.events_pb2 import ShipmentException, ShipmentLate, ShipmentTroubled
from shop.orders.v1 import exceptions_pb2 as pb
from shop.orders.v1 import exceptions_pb2_grpc, holds_pb2, holds_pb2_grpc, orders_pb2
from shop.orders.v1.events_pb2 import (
    ClockBreached,
    ClockWarned,
    ExceptionOpened,
    ExceptionResolved,
    RefundIssued,
)
from shop.type.v1.page_pb2 import Page

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, Refused, Unavailable, WrongState
from services.kit.rpc import call

from .world import ADDRESS, World, settles


def desk(world: World) -> Any:
    return exceptions_pb2_grpc.ExceptionsServiceStub(world.service.channel)


async def listed(world: World, **more: Any) -> list[pb.OrderException]:
    request = pb.ListExceptionsRequest(**more, page=Page(limit=50))
    return list((await call(desk(world).ListExceptions, request)).exceptions)


async def opened(world: World, order_id: str, reason: str) -> pb.OrderException:
    request = pb.OpenExceptionRequest(order_id=order_id, reason=reason, by="stf_1")
    case: pb.OrderException = (await call(desk(world).OpenException, request)).exception
    return case


async def got(world: World, case_id: str) -> pb.OrderException:
    case: pb.OrderException = (await call(desk(world).GetException, pb.GetExceptionRequest(id=case_id))).exception
    return case


async def contact(world: World, case_id: str, result: str = "reached") -> pb.OrderException:
    request = pb.RecordContactRequest(id=case_id, channel="phone", result=result, note="hello", by="stf_1")
    case: pb.OrderException = (await call(desk(world).RecordContact, request)).exception
    return case


async def refund(world: World, case_id: str, **lines: int) -> pb.RefundExceptionResponse:
    wanted = [pb.ExceptionLine(sku=sku, quantity=count) for sku, count in lines.items()]
    request = pb.RefundExceptionRequest(id=case_id, lines=wanted, by="stf_1")
    answer: pb.RefundExceptionResponse = await call(desk(world).RefundException, request)
    return answer


async def reship(world: World, case_id: str, **lines: int) -> pb.ReshipExceptionResponse:
    wanted = [pb.ExceptionLine(sku=sku, quantity=count) for sku, count in lines.items()]
    request = pb.ReshipExceptionRequest(id=case_id, lines=wanted, by="stf_1")
    answer: pb.ReshipExceptionResponse = await call(desk(world).ReshipException, request)
    return answer


async def lost(world: World, lines: dict[str, int]) -> tuple[orders_pb2.Order, pb.OrderException]:
    """A parcel that left, and that nobody has."""
    order = await world.bought(lines)
    for event in (world.plan(order), world.shipped(order)):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    return order, await opened(world, order.id, "lost")


async def test_a_late_parcel_is_one_case_until_it_is_there(world: World) -> None:
    order = await world.bought({"A": 1})
    for event in (world.plan(order), world.shipped(order)):
        await world.house.tell(event, key="shp_1")
    late = ShipmentLate(shipment_id=world.plan(order).shipment_id, order_id=order.id, state="shipped")
    for _ in range(2):
        await world.house.tell(late, key="shp_1")
    await world.house.settled()
    (case,) = await listed(world, state="open")
    assert (case.reason, case.contact_clock.policy) == ("late", "exception_contact")
    await world.house.tell(world.moved(order, "delivered", 2), key="shp_1")
    await world.house.settled()
    assert [one.outcome for one in await listed(world)] == ["delivered"]
    late.state = "packed"  # an old story, told for the first time
    await world.house.tell(late, key="shp_1")
    await world.house.settled()
    assert await listed(world, state="open") == []


async def test_what_parcels_tell_is_one_case_a_cause_told_twice_and_again(world: World) -> None:
    order = await world.bought({"A": 1})
    for event in (world.plan(order), world.shipped(order)):
        await world.house.tell(event, key="shp_1")
    for revision, state in enumerate(("attempt_failed", "out_for_delivery", "attempt_failed", "exception"), 1):
        for _ in range(2):
            await world.house.tell(world.moved(order, state, revision), key="shp_1")
        await world.house.settled()
        if revision == 2:
            assert await listed(world) == []  # once nobody was there: the carrier comes again
    cases = {case.reason: case for case in await listed(world, state="open")}
    assert sorted(cases) == ["carrier_exception", "delivery_failed"]
    await world.house.tell(world.moved(order, "exception", 6), key="shp_1")
    await world.house.settled()
    again = await got(world, cases["carrier_exception"].id)
    assert [entry.what for entry in again.log] == ["opened", "again"]
    await world.house.tell(world.moved(order, "delivered", 7), key="shp_1")
    await world.house.settled()
    assert {case.outcome for case in await listed(world)} == {"delivered"}
    assert len(world.house.told(ExceptionOpened)) == len(world.house.told(ExceptionResolved)) == 2
    await world.house.tell(world.moved(order, "exception", 4), key="shp_1")  # an old story
    await world.house.settled()
    assert await listed(world, state="open") == []


async def test_goods_no_warehouse_has_open_a_case_that_closes_when_they_are_found(world: World) -> None:
    order = await world.bought({"A": 1})
    event = ShipmentException(
        shipment_id="shp_1", order_id=order.id, reasons=["main: short of A"], at=rfc3339(world.house.clock.now())
    )
    for _ in range(2):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    (case,) = await listed(world, reason="stock_out")
    assert (case.text, case.contact_clock.policy) == ("main: short of A", "exception_contact")
    await world.until_order({"_id": order.id, "classes": "stock_out"})
    await world.planned(order)
    await world.house.settled()
    assert (await got(world, case.id)).outcome == "allocated"
    await world.until_order({"_id": order.id, "classes": []})


async def test_what_the_floor_sets_aside_opens_a_case_that_closes_when_it_is_taken_up(world: World) -> None:
    order = await world.bought({"A": 1})
    event = ShipmentTroubled(
        shipment_id="shp_1", order_id=order.id, reason="short_pick", text="A: 1 of 1 not there", turn=1
    )
    for _ in range(2):
        await world.house.tell(event, key="shp_1")
    await world.house.settled()
    (case,) = await listed(world, reason="short_pick")
    assert (case.state, case.text, case.shipment_id) == ("open", "A: 1 of 1 not there", "shp_1")
    over = ShipmentTroubled(shipment_id="shp_1", order_id=order.id, reason="short_pick", turn=1, over=True)
    await world.house.tell(over, key="shp_1")
    await world.house.settled()
    assert (await got(world, case.id)).outcome == "taken_up"


async def test_many_who_hear_of_one_trouble_at_once_open_one_case(world: World) -> None:
    order = await world.bought({"A": 1})
    cases = await asyncio.gather(*(opened(world, order.id, "lost") for _ in range(8)))
    assert len({case.id for case in cases}) == 1
    await world.house.settled()
    assert len(world.house.told(ExceptionOpened)) == 1


async def test_the_customer_is_contacted_within_a_day_or_it_is_told(world: World) -> None:
    order = await world.bought({"A": 1})
    spoken, silent = await opened(world, order.id, "lost"), await opened(world, order.id, "damaged")
    world.house.clock.advance(hours=3)
    assert (await contact(world, spoken.id, "no_answer")).contact_clock.state == "running"
    kept = await contact(world, spoken.id)
    assert (kept.contact_clock.state, [one.result for one in kept.contacts]) == ("stopped", ["no_answer", "reached"])
    metric = world.service.ground.metrics.registry.get_sample_value
    assert metric("shop_exception_contact_seconds_sum", {"reason": "lost"}) == 3 * 3600
    world.house.clock.advance(hours=24)
    exceptions = world.service.ground.database["exceptions"]
    async with asyncio.timeout(10):
        while not await exceptions.find_one({"_id": silent.id, "contact_clock.told": 2}):
            await asyncio.sleep(0.02)
    await world.house.settled()
    warned = [(e.subject, e.reason) for e in world.house.told(ClockWarned) if e.policy == "exception_contact"]
    broken = [(e.subject, e.reason) for e in world.house.told(ClockBreached) if e.policy == "exception_contact"]
    assert warned == broken == [(silent.id, "damaged")]
    assert [case.id for case in await listed(world, overdue=True)] == [silent.id]
    request = pb.ResolveExceptionRequest(id=silent.id, outcome="waits", note="for the blue one", by="stf_2")
    done = (await call(desk(world).ResolveException, request)).exception
    assert (done.outcome, done.resolved_by, done.contact_clock.state) == ("waits", "stf_2", "stopped")
    assert await listed(world, overdue=True) == []
    with pytest.raises(WrongState) as closed:
        await contact(world, silent.id)
    assert closed.value.reason == "EXCEPTION_CLOSED"


async def test_a_lost_parcel_is_sent_once_more_for_nothing_and_once(world: World) -> None:
    order, case = await lost(world, {"A": 3, "B.2": 1})
    available = world.catalog.skus["A"].available
    first, again = await reship(world, case.id, A=2), await reship(world, case.id, A=2)
    assert first.order.id == again.order.id and first.exception.outcome == "reshipped"
    sent = first.order
    assert (sent.follows.order_id, sent.state, sent.totals[-1].amount.minor) == (
        order.id,
        orders_pb2.ORDER_STATE_PAID,
        0,
    )
    assert [(line.sku, line.quantity, line.total.minor) for line in sent.lines] == [("A", 2, 0)]
    assert world.catalog.skus["A"].available == available - 2
    assert (sent.priority, list(sent.classes)) == (2, ["reship"])
    whole = (await call(world.orders.GetOrder, orders_pb2.GetOrderRequest(id=sent.id, staff=True))).order
    assert whole.address.street == ADDRESS.street
    assert (
        len(
            await world.service.ground.database["orders"]
            .find({"request_id": {"$regex": f"^reship:{case.id}"}})
            .to_list()
        )
        == 1
    )


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_of_the_shelf_does_not_send_it_twice(world: World, when: str) -> None:
    order, case = await lost(world, {"A": 2})
    available = world.catalog.skus["A"].available
    world.faults.once["HoldStock", when] = Unavailable("away")
    with pytest.raises(Unavailable):
        await reship(world, case.id)
    assert (await got(world, case.id)).state == "open"
    sent = await asyncio.gather(*(settles(lambda: reship(world, case.id)) for _ in range(4)))
    assert {answer.order.follows.order_id for answer in sent} == {order.id} and len(
        {answer.order.id for answer in sent}
    ) == 1
    assert world.catalog.skus["A"].available == available - 2


async def test_what_is_not_there_is_not_sent_again_until_it_is(world: World) -> None:
    _, case = await lost(world, {"A": 2})
    world.catalog.skus["A"].available = 0
    with pytest.raises(WrongState) as none:
        await reship(world, case.id)
    assert none.value.reason == "NOT_RESHIPPABLE"
    assert (await got(world, case.id)).state == "open"
    world.catalog.skus["A"].available = 5
    assert (await reship(world, case.id)).order.lines[0].quantity == 2
    with pytest.raises(Invalid):
        await reship(world, (await lost(world, {"A": 1}))[1].id, A=2)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_money_goes_back_once_whatever_answer_is_lost(world: World, when: str) -> None:
    order, case = await lost(world, {"A": 3, "B.2": 1})
    world.faults.once["refund", when] = ConnectionResetError()
    answers = [await settled_refund(world, case.id) for _ in range(3)]
    assert {(answer.refund.minor, answer.exception.outcome) for answer in answers} == {(2000, "refunded")}
    await world.house.settled()
    (told,) = [event for event in world.house.told(RefundIssued) if event.order_id == order.id]
    assert (told.amount.minor, [(line.sku, line.quantity) for line in told.lines]) == (2000, [("A", 2)])
    kept = await world.order(order.id)
    assert [one.amount.minor for one in kept.adjustments] == [-2000]
    assert [line.returned for line in kept.lines] == [2, 0]


async def settled_refund(world: World, case_id: str) -> pb.RefundExceptionResponse:
    for _ in range(20):
        try:
            return await refund(world, case_id, A=2)
        except Unavailable:
            continue
    raise AssertionError("never refunded")


async def test_refunds_of_two_cases_never_exceed_what_was_paid(world: World) -> None:
    order, case = await lost(world, {"A": 2})
    other = await opened(world, order.id, "damaged")
    both = await asyncio.gather(refund(world, case.id), refund(world, other.id), return_exceptions=True)
    paid = [answer.refund.minor for answer in both if isinstance(answer, pb.RefundExceptionResponse)]
    refused = [answer.reason for answer in both if isinstance(answer, Refused)]
    assert paid == [2000] and refused in (["NOTHING_TO_REFUND"], ["NOTHING_TO_RETURN"])


async def test_what_has_not_left_is_cancelled_as_a_whole(world: World) -> None:
    order = await world.bought({"A": 2})
    case = await opened(world, order.id, "stock_out")
    assert (await refund(world, case.id)).refund.minor == 2600
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_CANCELLED


async def test_a_hold_for_quality_is_a_case_until_it_is_let_go(world: World) -> None:
    order = await world.bought({"A": 1})
    stub = holds_pb2_grpc.HoldsServiceStub(world.service.channel)
    await call(stub.HoldOrder, holds_pb2.HoldOrderRequest(order_id=order.id, reason="qc", by="stf_1"))
    await world.house.settled()
    (case,) = await listed(world, reason="qc", state="open")
    assert case.opened_by == "stf_1"
    world.house.clock.advance(hours=1)
    await call(stub.ReleaseHold, holds_pb2.ReleaseHoldRequest(order_id=order.id, reason="qc", by="stf_2"))
    await world.house.settled()
    assert (await got(world, case.id)).outcome == "released"
    (told,) = world.house.told(ExceptionResolved)
    assert told.open_s == timedelta(hours=1).total_seconds()
