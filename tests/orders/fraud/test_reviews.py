"""This is where what was held is decided: by one of two people, once, to the end, whoever dies in the middle."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from shop.orders.v1 import holds_pb2, holds_pb2_grpc, orders_pb2
from shop.orders.v1.events_pb2 import FraudLossReported, FraudReviewClosed, OrderCancelled, OrderReleased
from shop.type.v1.money_pb2 import Money

from services.kit.errors import AlreadyExists, Conflict, Invalid, NotFound, Refused, Unavailable, WrongState
from services.kit.ids import new_id
from services.kit.rpc import call
from services.orders.fraud import screening
from tests.orders.world import World

from .desk import Desk


@pytest.fixture
async def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(screening, "PATIENCE_S", 5.0)  # a busy machine is no fraud
    desk = Desk(world)
    await desk.policy(review_at_bp=100)
    return desk


async def held(desk: Desk, device: str = "phone-1") -> orders_pb2.Order:
    """An order that waits for somebody to look at it."""
    order = await desk.buys(device, country="US")
    await desk.world.house.settled()
    assert (await desk.review(order.id)).state == "open"
    return order


async def test_a_cleared_order_is_let_go_once(desk: Desk) -> None:
    order = await held(desk)
    seen = await desk.review(order.id)
    with pytest.raises(Conflict):
        await desk.clear(order.id, seen.version + 1)
    done = await desk.clear(order.id, seen.version)
    assert (done.state, done.by, done.note) == ("cleared", "stf_1", "called")
    assert (await desk.clear(order.id, seen.version, by="stf_2")).by == "stf_1"  # the same again
    with pytest.raises(WrongState, match="it is cleared"):
        await desk.confirm(order.id)
    await desk.world.house.settled()
    house = desk.world.house
    assert [event.order_id for event in house.told(OrderReleased)] == [order.id]
    assert [event.outcome for event in house.told(FraudReviewClosed)] == ["cleared"]


async def test_a_confirmed_one_is_cancelled_refunded_and_kept_out(desk: Desk) -> None:
    order = await held(desk)
    done = await desk.confirm(order.id, (await desk.review(order.id)).version)
    assert done.state == "confirmed" and (await desk.confirm(order.id)).state == "confirmed"
    now = await desk.world.order(order.id)
    total = order.totals[-1].amount.minor
    assert now.state == orders_pb2.ORDER_STATE_CANCELLED and now.adjustments[0].amount.minor == -total
    await desk.world.house.settled()
    assert len(desk.world.house.told(OrderCancelled)) == len(desk.world.house.told(FraudReviewClosed)) == 1
    kinds = {each.kind for each in await desk.listings("deny")}
    assert kinds == {"email", "device", "address", "card"}  # never the net it came from
    with pytest.raises(WrongState, match="not accepted"):
        await desk.buys("phone-1", token="tok_other", email="other@example.com")


async def test_of_two_who_decide_at_once_one_does(desk: Desk) -> None:
    order = await held(desk)
    said = await asyncio.gather(
        *(decide(order.id, by=f"stf_{n}") for n, decide in enumerate([desk.clear, desk.confirm] * 5)),
        return_exceptions=True,
    )
    final = (await desk.review(order.id)).state
    assert final in ("cleared", "confirmed")
    done = {each.state for each in said if not isinstance(each, BaseException)}
    assert done == {final}
    assert {each.reason for each in said if isinstance(each, Refused)} <= {"FRAUD_REVIEW_CLOSED"}
    await desk.world.house.settled()
    told = desk.world.house.told
    assert (len(told(OrderReleased)), len(told(OrderCancelled))) == ((1, 0) if final == "cleared" else (0, 1))
    assert len(told(FraudReviewClosed)) == 1


async def test_a_decision_half_done_is_finished_by_the_chore(desk: Desk) -> None:
    order = await held(desk)
    desk.world.faults.always["StopShipments", "before"] = Unavailable("logistics is away")
    with pytest.raises(Unavailable):
        await desk.confirm(order.id)
    assert (await desk.review(order.id)).state == "confirming"
    desk.world.faults.always.clear()
    desk.world.house.clock.advance(seconds=30)

    async def confirmed() -> Any:
        if (await desk.review(order.id)).state != "confirmed":
            raise Unavailable("not yet")

    with pytest.raises(WrongState, match="confirm"):
        await desk.clear(order.id)
    async with asyncio.timeout(8):
        while True:
            try:
                await confirmed()
                break
            except Unavailable:
                await asyncio.sleep(0.1)
    assert (await desk.world.order(order.id)).state == orders_pb2.ORDER_STATE_CANCELLED


async def test_what_others_do_meanwhile_closes_the_review(desk: Desk) -> None:
    gone, let_go = await held(desk), await held(desk, "phone-2")
    await desk.world.cancel(gone.id)
    holds = holds_pb2_grpc.HoldsServiceStub(desk.world.service.channel)
    await call(holds.ReleaseHold, holds_pb2.ReleaseHoldRequest(order_id=let_go.id, reason="fraud_review", by="stf_7"))
    await desk.world.house.settled()
    assert (await desk.review(gone.id)).state == "cancelled"
    cleared = await desk.review(let_go.id)
    assert (cleared.state, cleared.by) == ("cleared", "stf_7")
    with pytest.raises(WrongState):
        await desk.confirm(gone.id)


async def test_who_was_refused_by_mistake_is_let_in(desk: Desk) -> None:
    await desk.policy(review_at_bp=100, block_at_bp=2_000, risky_categories=["cat_1"])
    customer = new_id("cus")
    await desk.list_(kind="customer", value=customer, verdict="deny")
    with pytest.raises(WrongState):
        await desk.buys("phone-3", customer_id=customer)
    (blocked,) = await desk.reviews("blocked")
    assert blocked.reasons[0].signal == "listed_deny" and blocked.customer_id == customer
    assert (await desk.clear(blocked.id)).state == "cleared"
    assert (await desk.buys("phone-3", customer_id=customer)).id
    assert [each.verdict for each in await desk.listings()] == ["allow"]


async def test_a_chargeback_is_written_down_once_and_keeps_its_buyer_out(desk: Desk) -> None:
    await desk.policy()
    order = await desk.buys("phone-4")
    total = order.totals[-1].amount.minor
    report = await desk.report(order_id=order.id, reference="CB-1")
    assert (report.loss.minor, report.loss.currency) == (total, "CNY")
    assert await desk.report(order_id=order.id, reference="CB-1") == report
    for other in ({"reference": "CB-2"}, {"reference": "CB-1", "loss": Money(currency="CNY", minor=1)}):
        with pytest.raises(AlreadyExists):
            await desk.report(order_id=order.id, **other)
    await desk.world.house.settled()
    assert [(each.loss.minor, each.kind) for each in desk.world.house.told(FraudLossReported)] == [
        (total, "chargeback")
    ]
    with pytest.raises(WrongState, match="not accepted"):
        await desk.buys("phone-4")


NO_LOSSES: list[dict[str, Any]] = [
    {"kind": "theft"},
    {"loss": Money(currency="USD", minor=100)},
    {"loss": Money(currency="CNY", minor=10**9)},
    {"loss": Money(currency="CNY", minor=-5)},
    {"loss": Money(currency="CNY", minor=0)},
    {"note": "x" * 501},
    {"reference": "a\nb"},
]


async def test_no_loss_can_be_so(desk: Desk) -> None:
    order = await desk.buys("phone-5")
    for said in NO_LOSSES:
        with pytest.raises(Invalid):
            await desk.report(order_id=order.id, **said)


async def test_nobody_can_be_listed_so(desk: Desk) -> None:
    order = await desk.buys("phone-6")
    good = {"kind": "device", "order_id": order.id, "verdict": "deny"}
    for wrong in (
        {"kind": "ip"},
        {"kind": "$where"},
        {"verdict": "maybe"},
        {"until": "yesterday"},
        {"until": "2020-01-01T00:00:00Z"},
        {"until": "2099-01-01T00:00:00Z"},
        {"value": "cus_1"},
        {"order_id": ""},
        {"kind": "customer"},  # a guest's order
        {"kind": "device", "value": "abc", "order_id": ""},
        {"kind": "customer", "value": "$ne", "order_id": ""},
        {"kind": "email", "value": "nobody", "order_id": ""},
    ):
        with pytest.raises(Invalid):
            await desk.list_(**(good | wrong))
    with pytest.raises(NotFound):
        await desk.list_(**(good | {"order_id": "ord_none"}))
    for bad in ("x", "ord_1", "ord_" + "$" * 5):
        with pytest.raises(NotFound):
            await desk.review(bad)
    with pytest.raises(Invalid):
        await desk.reviews("any")


NO_POLICIES: list[dict[str, Any]] = [
    {"mode": "sleep"},
    {"target_ppm": 0},
    {"capacity_per_day": 0},
    {"review_at_bp": 99},
    {"block_at_bp": 10_000},
    {"review_at_bp": 3_000, "block_at_bp": 2_500},
    {"risky_categories": ["x" * 101]},
]


async def test_no_policy_can_be_so(desk: Desk) -> None:
    before = await desk.standing()
    for wrong in NO_POLICIES:
        with pytest.raises(Invalid):
            await desk.policy(**wrong)
    assert (await desk.standing()).policy == before.policy
    with pytest.raises(Conflict):
        await desk.policy(if_version=before.policy.version + 1)


@pytest.mark.parametrize("call_", ["StopShipments", "refund"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_cancels_and_pays_back_once(desk: Desk, call_: str, when: str) -> None:
    """Logistics or the bank is away, or did it and its answer is lost: the same again goes on to the end."""
    order = await held(desk)
    desk.world.faults.once[call_, when] = ConnectionError() if call_ == "refund" else Unavailable("away")

    async def confirmed() -> None:
        with contextlib.suppress(Unavailable):
            assert (await desk.confirm(order.id)).state == "confirmed"
            return
        desk.world.house.clock.advance(seconds=11)  # whoever had it may be dead
        raise Unavailable("again")

    await insisting(confirmed)
    await desk.world.house.settled()
    total = order.totals[-1].amount.minor
    now = await desk.world.order(order.id)
    assert [each.amount.minor for each in now.adjustments] == [-total]
    assert len(desk.world.house.told(OrderCancelled)) == len(desk.world.house.told(FraudReviewClosed)) == 1


async def insisting(ask: Callable[[], Awaitable[None]]) -> None:
    for _ in range(20):
        with contextlib.suppress(Unavailable):
            return await ask()
        await asyncio.sleep(0.05)
    raise AssertionError("never settled")


@pytest.mark.long
@pytest.mark.parametrize("run", range(50))
async def test_of_two_who_decide_at_once_one_does_fifty_times(desk: Desk, run: int) -> None:
    await test_of_two_who_decide_at_once_one_does(desk)
