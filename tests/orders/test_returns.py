"""This is where goods come back and exactly what was paid for them goes back."""

import asyncio
import uuid

import pytest
from shop.orders.v1 import orders_pb2, returns_pb2
from shop.orders.v1.events_pb2 import RefundIssued, ReturnReceived, ReturnRequested
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Invalid, NotFound, Refused, Unavailable, WrongState
from services.kit.rpc import call

from .world import World, settles


async def _open(
    world: World, order_id: str, lines: dict[str, int], key: str = "", customer_id: str = "cus_1", reason: str = "size"
) -> returns_pb2.OpenReturnResponse:
    request = returns_pb2.OpenReturnRequest(
        order_id=order_id,
        customer_id=customer_id,
        lines=[returns_pb2.ReturnLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()],
        reason=reason,
        photos=["https://example.com/1.jpg"],
        request_id=key or uuid.uuid4().hex,
    )
    return await call(world.returns.OpenReturn, request)


async def _received(world: World, return_id: str) -> None:
    await call(world.returns.ApproveReturn, returns_pb2.ApproveReturnRequest(id=return_id, by="stf_1"))
    request = returns_pb2.ReceiveReturnRequest(id=return_id, by="stf_1", sound=True)
    await call(world.returns.ReceiveReturn, request)


async def _refund(world: World, return_id: str) -> returns_pb2.Return:
    return (await call(world.returns.RefundReturn, returns_pb2.RefundReturnRequest(id=return_id, by="stf_2"))).rma


async def test_a_line_returned_in_parts_gives_back_what_was_paid_to_the_fen(world: World) -> None:
    world.marketing.promotion = 100
    order = await world.delivered({"A": 3, "B.2": 1}, customer_id="cus_1", points=100)
    paid = 5500 - 100 - 100
    refunds = []
    for lines in ({"A": 1}, {"A": 1, "B.2": 1}, {"A": 1}):
        rma = (await _open(world, order.id, lines)).rma
        await _received(world, rma.id)
        refunded = await _refund(world, rma.id)
        assert refunded.state == returns_pb2.RETURN_STATE_REFUNDED
        assert sum(share.amount.minor for share in refunded.allocation) == refunded.refund.minor
        refunds.append(refunded.refund.minor)
    assert sum(refunds) == paid
    assert [p["refunded_minor"] for p in await world.psp.payments(order.id)] == [paid]
    there = await world.order(order.id, "cus_1")
    assert sum(adjustment.amount.minor for adjustment in there.adjustments) == -paid
    assert [line.returned for line in there.lines] == [3, 1]
    assert world.crm.balance == 500  # everything came back, and with it the points
    await world.house.settled()
    assert [told.amount.minor for told in world.house.told(RefundIssued)] == refunds
    assert [told.goods.minor for told in world.house.told(RefundIssued)] == refunds
    assert [[line.quantity for line in told.lines] for told in world.house.told(ReturnReceived)] == [[1], [1, 1], [1]]
    assert len(world.house.told(ReturnRequested)) == 3


async def test_the_same_request_opens_one_return(world: World) -> None:
    order = await world.delivered({"A": 5}, customer_id="cus_1")
    answers = await asyncio.gather(
        *(settles(lambda: _open(world, order.id, {"A": 1}, "k1")) for _ in range(5)), return_exceptions=True
    )
    fine = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len({answer.rma.id for answer in fine}) == 1
    assert {no.reason for no in answers if isinstance(no, Refused)} <= {"RETURN_BUSY"}
    again = await _open(world, order.id, {"A": 1}, "k1")
    assert again.replayed
    assert (await world.order(order.id, "cus_1")).lines[0].returned == 1


async def test_no_more_comes_back_than_was_bought(world: World) -> None:
    order = await world.delivered({"A": 3}, customer_id="cus_1")
    answers = await asyncio.gather(
        *(settles(lambda: _open(world, order.id, {"A": 1})) for _ in range(6)), return_exceptions=True
    )
    opened = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert (await world.order(order.id, "cus_1")).lines[0].returned == len(opened) <= 3
    while len(opened) < 3:
        opened.append(await _open(world, order.id, {"A": 1}))
    with pytest.raises(WrongState) as refused:
        await _open(world, order.id, {"A": 1})
    assert refused.value.reason == "NOTHING_TO_RETURN"


async def test_twenty_refunds_at_once_give_back_once(world: World) -> None:
    order = await world.delivered({"A": 2}, customer_id="cus_1")
    rma = (await _open(world, order.id, {"A": 1})).rma
    await _received(world, rma.id)
    answers = await asyncio.gather(*(settles(lambda: _refund(world, rma.id)) for _ in range(20)))
    assert {answer.id for answer in answers} == {rma.id}
    assert [p["refunded_minor"] for p in await world.psp.payments(order.id)] == [1000]
    await world.house.settled()
    assert len(world.house.told(RefundIssued)) == 1
    assert [a.amount.minor for a in (await world.order(order.id, "cus_1")).adjustments] == [-1000]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_refund_cut_short_is_finished(world: World, when: str) -> None:
    order = await world.delivered({"A": 2}, customer_id="cus_1")
    rma = (await _open(world, order.id, {"A": 2})).rma
    await _received(world, rma.id)
    world.faults.once["refund", when] = ConnectionError()
    with pytest.raises(Unavailable):
        await _refund(world, rma.id)
    world.house.clock.advance(seconds=11)
    returns = world.service.ground.database["returns"]
    async with asyncio.timeout(10):
        while not await returns.find_one({"state": "refunded"}):
            await asyncio.sleep(0.02)
    assert [p["refunded_minor"] for p in await world.psp.payments(order.id)] == [2000]
    await world.house.settled()
    assert len(world.house.told(RefundIssued)) == 1


async def test_steps_cannot_be_skipped_but_may_be_repeated(world: World) -> None:
    order = await world.delivered({"A": 1}, customer_id="cus_1")
    rma = (await _open(world, order.id, {"A": 1})).rma
    with pytest.raises(WrongState) as refused:
        await _refund(world, rma.id)
    assert refused.value.reason == "ILLEGAL_TRANSITION"
    with pytest.raises(WrongState):
        await call(world.returns.ReceiveReturn, returns_pb2.ReceiveReturnRequest(id=rma.id, by="stf_1"))
    for _ in range(2):
        await call(world.returns.ApproveReturn, returns_pb2.ApproveReturnRequest(id=rma.id, by="stf_1"))
    await call(world.returns.ReceiveReturn, returns_pb2.ReceiveReturnRequest(id=rma.id, by="stf_1"))
    await call(world.returns.ReceiveReturn, returns_pb2.ReceiveReturnRequest(id=rma.id, by="stf_1"))
    with pytest.raises(WrongState):
        await call(world.returns.ApproveReturn, returns_pb2.ApproveReturnRequest(id=rma.id, by="stf_1"))
    with pytest.raises(NotFound):
        await _refund(world, "ret_unknown")


async def test_what_is_no_return_is_refused(world: World) -> None:
    order = await world.bought({"A": 1}, customer_id="cus_1")
    with pytest.raises(WrongState) as early:
        await _open(world, order.id, {"A": 1})
    assert early.value.reason == "NOT_DELIVERED"
    with pytest.raises(NotFound):
        await _open(world, order.id, {"A": 1}, customer_id="cus_2")
    for lines, reason in (({}, "size"), ({"A": 0}, "size"), ({"A": 1}, "because")):
        with pytest.raises(Invalid) as refused:
            await _open(world, order.id, lines, reason=reason)
        assert refused.value.reason == "INVALID_RETURN"


async def test_returns_are_listed_newest_first_page_by_page(world: World) -> None:
    order = await world.delivered({"A": 5}, customer_id="cus_1")
    opened = [(await _open(world, order.id, {"A": 1})).rma.id for _ in range(3)]
    page = await call(world.returns.ListReturns, returns_pb2.ListReturnsRequest(page=Page(limit=2)))
    rest = await call(
        world.returns.ListReturns, returns_pb2.ListReturnsRequest(page=Page(limit=2, cursor=page.next_cursor))
    )
    assert [rma.id for rma in (*page.returns, *rest.returns)] == opened[::-1]
    assert rest.next_cursor == ""
    mine = returns_pb2.ListReturnsRequest(customer_id="cus_2")
    assert list((await call(world.returns.ListReturns, mine)).returns) == []


async def test_orders_are_listed_newest_first_and_only_ones_own(world: World) -> None:
    mine = [(await world.bought({"A": 1}, customer_id="cus_1")).id for _ in range(3)]
    theirs = (await world.bought({"A": 1}, customer_id="cus_2")).id
    with pytest.raises(WrongState):
        await world.bought({"A": 1}, "tok_declined", customer_id="cus_1")

    async def ids(**more: object) -> tuple[list[str], str]:
        answer = await call(world.orders.ListOrders, orders_pb2.ListOrdersRequest(**more))  # type: ignore[arg-type]
        return [order.id for order in answer.orders], answer.next_cursor

    first, cursor = await ids(customer_id="cus_1", page=Page(limit=2))
    second, end = await ids(customer_id="cus_1", page=Page(limit=2, cursor=cursor))
    assert ([*first, *second], end) == (mine[::-1], "")
    assert (await ids(staff=True))[0] == [theirs, *mine[::-1]]
    assert len((await ids(staff=True, state=orders_pb2.ORDER_STATE_DECLINED))[0]) == 1
    for bad in ({"page": Page(limit=101)}, {"page": Page(limit=-1)}, {"page": Page(cursor="zz")}):
        with pytest.raises(Invalid):
            await ids(staff=True, **bad)
    with pytest.raises(Refused) as nobody:
        await ids()
    assert nobody.value.reason == "NOT_SIGNED_IN"
