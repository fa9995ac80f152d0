"""This is where goods are sold ahead: never more than there will be, a deposit, a balance in its window, then sent."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import grpc.aio
import pytest
from shop.orders.v1 import holds_pb2, holds_pb2_grpc, orders_pb2, payments_pb2, preorders_pb2, preorders_pb2_grpc
from shop.orders.v1.events_pb2 import BalanceDue, OrderPaid, OrderReleased, PaymentCaptured, PreorderClosed

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, Refused, WrongState
from services.kit.rpc import call
from tests.orders.world import World, settles

ME = "cus_1"


def _ahead(world: World) -> Any:
    return preorders_pb2_grpc.PreordersServiceStub(world.service.channel)


async def opened(world: World, most: int = 10, **more: Any) -> str:
    """A is sold ahead for a day, its balance due on the third and fourth, sent from the fifth."""
    now = world.house.clock.now()
    wanted: dict[str, Any] = {
        "title": "Ahead",
        "currency": "CNY",
        "items": [preorders_pb2.CampaignItem(sku="A", most=most)],
        "opens_at": rfc3339(now - timedelta(hours=1)),
        "closes_at": rfc3339(now + timedelta(days=1)),
        "deposit_bp": 2000,
        "pay_from": rfc3339(now + timedelta(days=2)),
        "pay_until": rfc3339(now + timedelta(days=4)),
        "ships_from": rfc3339(now + timedelta(days=5)),
    }
    campaign = preorders_pb2.Campaign(**{**wanted, **more})
    made = await call(_ahead(world).OpenCampaign, preorders_pb2.OpenCampaignRequest(campaign=campaign, by="stf_1"))
    return str(made.campaign.id)


async def pay(world: World, order_id: str, token: str = "tok_ok", key: str = "k1") -> orders_pb2.Order:
    """The balance."""
    asked = preorders_pb2.PayBalanceRequest(order_id=order_id, customer_id=ME, payment_token=token, request_id=key)
    order: orders_pb2.Order = (await call(_ahead(world).PayBalance, asked)).order
    return order


async def left(world: World, campaign: str) -> int:
    """How many can still be sold ahead."""
    of = (await call(_ahead(world).GetCampaign, preorders_pb2.GetCampaignRequest(id=campaign))).campaign
    return int(of.items[0].left)


async def taken(world: World, order: orders_pb2.Order) -> tuple[int, int]:
    """What the provider has taken for an order, and given back, both payments together."""
    rows = [row for row in await world.psp.ledger() if row["reference"].startswith(order.id)]
    came = sum(row["amount_minor"] for row in rows if row["kind"] == "capture")
    return came, sum(row["amount_minor"] for row in rows if row["kind"] == "refund")


async def test_a_cart_says_what_is_sold_ahead_and_not_that_it_is_out_of_stock(world: World) -> None:
    world.catalog.skus["A"].available = world.catalog.skus["B.2"].available = 0
    campaign, cart = await opened(world), await world.filled_cart({"A": 2, "B.2": 1})
    told = {message.about: message.code for message in (await world.show(cart)).messages}
    assert told == {"A": "preorder", "B.2": "out_of_stock"}
    await call(_ahead(world).EndCampaign, preorders_pb2.EndCampaignRequest(id=campaign))
    told = {message.about: message.code for message in (await world.show(cart)).messages}
    assert told == {"A": "out_of_stock", "B.2": "out_of_stock"}


async def test_a_deposit_then_its_balance_then_it_is_sent_once_its_goods_are_there(world: World) -> None:
    campaign = await opened(world)
    world.catalog.skus["A"].available = 0  # nothing is there yet
    order = await world.bought({"A": 2}, customer_id=ME)
    due = order.preorder
    assert (due.stage, due.deposit.minor, due.balance.minor, order.next_action.type) == (
        "owing",
        400,
        2200,
        "pay_balance",
    )
    assert (order.payment_state, await taken(world, order), await left(world, campaign)) == (
        "partially_captured",
        (400, 0),
        8,
    )
    assert world.catalog.holds == {}
    with pytest.raises(WrongState) as early:
        await pay(world, order.id)
    assert early.value.reason == "BALANCE_NOT_DUE"
    world.house.clock.advance(days=2)
    await world.until_order({"_id": order.id, "preorder.reminded": True})
    paid = await pay(world, order.id)
    assert (paid.preorder.stage, paid.payment_state) == ("paid", "captured")
    assert (await pay(world, order.id)).preorder.stage == "paid"  # again
    with pytest.raises(WrongState) as twice:
        await pay(world, order.id, key="k2")
    assert (twice.value.reason, await taken(world, order)) == ("NO_BALANCE", (2600, 0))
    world.house.clock.advance(days=3)
    await _waits(world, order)  # not there yet
    holding = holds_pb2_grpc.HoldsServiceStub(world.service.channel)
    with pytest.raises(WrongState) as held:
        await call(holding.ReleaseHold, holds_pb2.ReleaseHoldRequest(order_id=order.id, reason="preorder", by="stf_1"))
    assert held.value.reason == "NOT_HOLDABLE"
    world.catalog.skus["A"].available = 2
    world.catalog.skus["A"].price = 9900  # what was agreed holds
    world.house.clock.advance(minutes=16)
    await world.until_order({"_id": order.id, "preorder.stage": "ready", "preorder.next_at": None})
    assert world.catalog.holds == {order.id: {"A": 2}}
    await world.house.settled()
    assert [told.balance.minor for told in world.house.told(BalanceDue)] == [2200]
    assert [told.amount.minor for told in world.house.told(PaymentCaptured)] == [2200]
    (first,) = world.house.told(OrderPaid)
    assert (list(first.holds), list(first.classes)) == (["preorder"], ["preorder"])
    assert [told.order_id for told in world.house.told(OrderReleased)] == [order.id]


async def _waits(world: World, order: orders_pb2.Order) -> None:
    """Until it has been asked for its goods, and there were none."""
    now = world.house.clock.now()
    await world.until_order(
        {"_id": order.id, "preorder.stage": "paid", "preorder.next_at": {"$gt": now + timedelta(minutes=1)}}
    )


@pytest.mark.parametrize(("keeps", "back"), [(True, 0), (False, 400)])
@pytest.mark.parametrize("how", ["unpaid", "cancelled"])
async def test_without_its_balance_it_is_closed_and_the_deposit_kept_or_given_back(
    world: World, how: str, keeps: bool, back: int
) -> None:
    campaign = await opened(world, keeps_deposit=keeps)
    order = await world.bought({"A": 2}, customer_id=ME)
    if how == "unpaid":
        world.house.clock.advance(days=4)
        await world.until_order({"state": "cancelled", "undo": []})
        with pytest.raises(WrongState) as late:
            await pay(world, order.id)
        assert late.value.reason == "NO_BALANCE"
        await world.house.settled()
        assert [told.kept for told in world.house.told(PreorderClosed)] == [keeps]
    else:
        await world.cancel(order.id, ME)
    assert (await taken(world, order), await left(world, campaign)) == ((400, back), 10)
    assert world.catalog.holds == {}


async def test_who_has_paid_all_gets_all_of_it_back(world: World) -> None:
    await opened(world, keeps_deposit=True)
    order = await world.bought({"A": 2}, customer_id=ME)
    world.house.clock.advance(days=2)
    await pay(world, order.id)
    assert (await world.cancel(order.id, ME)).state == orders_pb2.ORDER_STATE_CANCELLED
    assert await taken(world, order) == (2600, 2600)


async def test_a_declined_balance_may_be_tried_again_under_another_key(world: World) -> None:
    await opened(world)
    order = await world.bought({"A": 2}, customer_id=ME)
    world.house.clock.advance(days=2)
    for _ in range(2):
        with pytest.raises(Refused) as no:
            await pay(world, order.id, "tok_declined")
        assert no.value.reason == "PAYMENT_DECLINED"
    assert (await pay(world, order.id, key="k2")).preorder.stage == "paid"
    assert await taken(world, order) == (2600, 0)


async def test_a_balance_its_customer_confirms(world: World) -> None:
    await opened(world)
    order = await world.bought({"A": 2}, customer_id=ME)
    world.house.clock.advance(days=2)
    waits = await pay(world, order.id, "tok_3ds")
    assert (waits.preorder.stage, waits.next_action.type, bool(waits.next_action.url)) == (
        "owing",
        "confirm_payment",
        True,
    )
    with pytest.raises(WrongState) as second:
        await pay(world, order.id, key="k2")
    assert second.value.reason == "BALANCE_IN_PROGRESS"
    confirmed = payments_pb2.ConfirmPaymentRequest(order_id=order.id, customer_id=ME)
    done = (await call(world.payments.ConfirmPayment, confirmed)).order
    assert (done.preorder.stage, await taken(world, order)) == ("paid", (2600, 0))


async def test_a_deposit_that_counts_for_more_and_amounts_that_add_up(world: World) -> None:
    await opened(world, deposit_bp=0, deposit_minor=100, worth_minor=250)
    order = await world.bought({"A": 3}, customer_id=ME)
    totals = {total.type: total.amount.minor for total in order.totals}
    assert (totals["order_discount"], order.preorder.deposit.minor) == (-450, 300)
    assert sum(minor for name, minor in totals.items() if name != "total") == totals["total"]
    assert order.preorder.balance.minor == totals["total"] - 300
    world.house.clock.advance(days=2)
    await pay(world, order.id)
    assert await taken(world, order) == (totals["total"], 0)


async def test_all_at_once_without_a_deposit(world: World) -> None:
    await opened(world, deposit_bp=0, pay_from="", pay_until="")
    order = await world.bought({"A": 2}, customer_id=ME)
    assert (order.preorder.stage, order.payment_state, order.preorder.balance.minor) == ("paid", "captured", 0)
    assert world.catalog.holds == {}
    world.house.clock.advance(days=5)
    await world.until_order({"_id": order.id, "preorder.stage": "ready", "preorder.next_at": None})
    assert world.catalog.holds == {order.id: {"A": 2}}


async def test_what_is_sold_ahead_is_ordered_by_itself(world: World) -> None:
    await opened(world)
    with pytest.raises(WrongState) as mixed:
        await world.bought({"A": 1, "B.2": 1})
    assert mixed.value.reason == "PREORDER_ALONE"
    plain = await world.bought({"B.2": 1}, customer_id=ME)
    assert not plain.HasField("preorder")


@pytest.mark.parametrize(
    "wrong",
    [
        {"deposit_bp": 2000, "deposit_minor": 5},
        {"pay_from": "", "pay_until": ""},
        {"items": []},
        {"ships_from": "2000-01-01T00:00:00Z"},
        {"worth_minor": 5},
        {"pay_until": "2000-01-01T00:00:00Z"},
        {"items": [preorders_pb2.CampaignItem(sku="A", most=10_001)]},
    ],
)
async def test_what_cannot_be_meant_is_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as no:
        await opened(world, **wrong)
    assert no.value.reason == "INVALID_CAMPAIGN"


async def test_a_sku_is_in_one_campaign_and_an_ended_one_sells_no_more(world: World) -> None:
    campaign = await opened(world)
    with pytest.raises(Refused) as twice:
        await opened(world)
    assert twice.value.reason == "SOLD_AHEAD_ALREADY"
    for _ in range(2):
        await call(_ahead(world).EndCampaign, preorders_pb2.EndCampaignRequest(id=campaign))
    order = await world.bought({"A": 1}, customer_id=ME)
    assert (order.HasField("preorder"), world.catalog.holds) == (False, {order.id: {"A": 1}})


async def test_buyers_at_once_never_get_more_than_are_sold_ahead(world: World) -> None:
    campaign = await opened(world, most=5)
    carts = [await world.filled_cart({"A": 1}) for _ in range(12)]
    requests = [world.request(cart) for cart in carts]

    async def buys(request: Any) -> Any:
        return await settles(lambda: world.check_out(request))

    answers = await asyncio.gather(*map(buys, requests), return_exceptions=True)
    refused = [no.reason for no in answers if isinstance(no, Refused)]
    assert (len(answers) - len(refused), set(refused), await left(world, campaign)) == (5, {"PREORDER_SOLD_OUT"}, 0)
    captures = [row["amount_minor"] for row in await world.psp.ledger() if row["kind"] == "capture"]
    assert captures == [200] * 5


@pytest.mark.parametrize("call_", ["charge", "find"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_at_any_step_of_a_balance_takes_it_once(world: World, call_: str, when: str) -> None:
    await opened(world)
    order = await world.bought({"A": 2}, customer_id=ME)
    world.house.clock.advance(days=2)
    reached = asyncio.Event()
    world.faults.once[call_, when] = reached
    asked = preorders_pb2.PayBalanceRequest(
        order_id=order.id, customer_id=ME, payment_token="tok_ok", request_id="once"
    )
    dying = asyncio.ensure_future(_ahead(world).PayBalance(asked, timeout=10))
    await reached.wait()
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
        await dying
    world.house.clock.advance(seconds=11)
    await world.until_order({"_id": order.id, "preorder.stage": "paid"})  # by the chore
    assert (await pay(world, order.id, key="once")).preorder.stage == "paid"
    assert await taken(world, order) == (2600, 0)
    await world.house.settled()
    assert [told.amount.minor for told in world.house.told(PaymentCaptured)] == [2200]


async def test_the_window_ends_while_it_is_paid_and_one_of_the_two_happens(world: World) -> None:
    await opened(world)
    order = await world.bought({"A": 2}, customer_id=ME)
    world.house.clock.advance(days=4, seconds=-1)
    paying = asyncio.ensure_future(settles(lambda: pay(world, order.id)))
    world.house.clock.advance(seconds=2)
    outcome: Any = (await asyncio.gather(paying, return_exceptions=True))[0]
    if isinstance(outcome, Refused):
        await world.until_order({"state": "cancelled"})
        assert await taken(world, order) == (400, 400)
    else:
        assert (outcome.preorder.stage, await taken(world, order)) == ("paid", (2600, 0))
