"""This is where money is taken later, in parts, let go, given back and collected; once, whatever is lost on the way."""

import asyncio
import uuid
from functools import partial
from typing import Any

import pytest
from shop.orders.v1 import payment_methods_pb2, payment_methods_pb2_grpc, payments_pb2
from shop.orders.v1.events_pb2 import OrderPaid, PaymentCaptured, PaymentVoided, RefundIssued
from shop.type.v1 import money_pb2

from services.kit.errors import Invalid, Refused, WrongState
from services.kit.rpc import call

from .world import World, settles


def cny(minor: int) -> money_pb2.Money:
    """So many fen."""
    return money_pb2.Money(currency="CNY", minor=minor)


async def at_shipment(world: World, method: str = "card", **more: Any) -> None:
    """Sets a method."""
    methods = payment_methods_pb2_grpc.PaymentMethodsServiceStub(world.service.channel)
    wanted: dict[str, Any] = {"enabled": True, "capture": "shipment", "at_expiry": "capture", "lasts_days": 7} | more
    method_message = payment_methods_pb2.PaymentMethod(id=method, **wanted)
    await call(methods.PutPaymentMethod, payment_methods_pb2.PutPaymentMethodRequest(method=method_message))


async def payments(world: World, order_id: str) -> payments_pb2.Payments:
    """Where an order's money is."""
    request = payments_pb2.GetPaymentsRequest(order_id=order_id)
    return (await call(world.payments.GetPayments, request)).payments


async def capture(world: World, order_id: str, minor: int = 0, key: str = "") -> payments_pb2.Payments:
    """Staff take money."""
    amount = cny(minor) if minor else None
    request = payments_pb2.CapturePaymentRequest(
        order_id=order_id, amount=amount, request_id=key or uuid.uuid4().hex, by="stf_1"
    )
    return (await call(world.payments.CapturePayment, request)).payments


async def void(world: World, order_id: str, key: str = "") -> payments_pb2.Payments:
    """Staff let go."""
    request = payments_pb2.VoidPaymentRequest(order_id=order_id, request_id=key or uuid.uuid4().hex, by="stf_1")
    return (await call(world.payments.VoidPayment, request)).payments


async def refund(world: World, order_id: str, minor: int = 0, key: str = "", **lines: int) -> payments_pb2.Payments:
    """Staff give back."""
    request = payments_pb2.RefundPaymentRequest(
        order_id=order_id,
        amount=cny(minor) if minor else None,
        lines=[payments_pb2.RefundLine(sku=sku, quantity=count) for sku, count in lines.items()],
        reason="goodwill",
        request_id=key or uuid.uuid4().hex,
        by="stf_1",
    )
    return (await call(world.payments.RefundPayment, request)).payments


async def books(world: World, order_id: str) -> tuple[int, int]:
    """What the provider's own books say: taken and given back."""
    [payment] = await world.psp.payments(order_id)
    return payment["captured_minor"], payment["refunded_minor"]


async def ship(world: World, order: Any, *events: str) -> None:
    """Logistics tells."""
    for event in (world.plan(order), world.shipped(order)):
        await world.house.tell(event, key=order.id)
    for number, state in enumerate(events, 1):
        await world.house.tell(world.moved(order, state, number), key=order.id)
    await world.house.settled()


@pytest.mark.parametrize("token", ["tok_ok", "tok_3ds"])
async def test_money_is_authorised_at_checkout_and_taken_when_the_first_parcel_leaves(world: World, token: str) -> None:
    await at_shipment(world)
    order = await world.bought({"A": 2}, token)
    if token == "tok_3ds":
        [payment] = await world.psp.payments(order.id)
        await world.psp.customer_confirms(payment["id"])
        await call(world.payments.ConfirmPayment, payments_pb2.ConfirmPaymentRequest(order_id=order.id))
    now = await payments(world, order.id)
    assert (now.state, now.authorised.minor, now.captured.minor, now.left.minor) == ("authorised", 2600, 0, 2600)
    assert await books(world, order.id) == (0, 0)
    await world.house.settled()
    assert [told.total.minor for told in world.house.told(OrderPaid)] == [2600]
    await ship(world, order)
    await ship(world, order)  # again
    now = await payments(world, order.id)
    assert (now.state, now.captured.minor, now.left.minor) == ("captured", 2600, 0)
    assert await books(world, order.id) == (2600, 0)
    assert [told.amount.minor for told in world.house.told(PaymentCaptured)] == [2600]


async def test_it_is_taken_in_parts_and_the_rest_let_go(world: World) -> None:
    await at_shipment(world)
    order = await world.bought({"A": 2})
    with pytest.raises(WrongState) as early:
        await void(world, order.id)
    assert early.value.reason == "CANCEL_INSTEAD"
    assert (await capture(world, order.id, 1000, "k1")).state == "partially_captured"
    assert (await capture(world, order.id, 1000, "k1")).captured.minor == 1000  # again
    with pytest.raises(Invalid) as reused:
        await capture(world, order.id, 999, "k1")
    assert reused.value.reason == "KEY_REUSED"
    with pytest.raises(WrongState) as more:
        await capture(world, order.id, 1601)
    assert (more.value.reason, more.value.meta["left_minor"]) == ("NOTHING_TO_CAPTURE", "1600")
    gone = await void(world, order.id)
    assert (gone.captured.minor, gone.voided.minor, gone.left.minor) == (1000, 1600, 0)
    [payment] = await world.psp.payments(order.id)
    assert (payment["captured_minor"], payment["released_minor"]) == (1000, 1600)
    assert (await refund(world, order.id, 1000)).state == "refunded"
    with pytest.raises(WrongState):
        await refund(world, order.id, 1)
    await world.house.settled()
    assert [told.amount.minor for told in world.house.told(PaymentVoided)] == [1600]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["capture", "void", "refund"])
async def test_a_lost_answer_is_asked_for_and_never_guessed(world: World, step: str, when: str) -> None:
    await at_shipment(world)
    order = await world.bought({"A": 2})
    await capture(world, order.id, 600)
    moves = {"capture": capture, "void": void, "refund": refund}
    world.faults.once[step, when] = ConnectionError()
    minor = {"capture": 500, "refund": 500}.get(step)
    arguments = [minor] if minor else []
    await settles(lambda: moves[step](world, order.id, *arguments, key="once"))  # type: ignore[operator]
    await settles(lambda: moves[step](world, order.id, *arguments, key="once"))  # type: ignore[operator]
    taken, back = {"capture": (1100, 0), "void": (600, 0), "refund": (600, 500)}[step]
    assert await books(world, order.id) == (taken, back)
    now = await payments(world, order.id)
    assert (now.captured.minor, now.refunded.minor) == (taken, back)


async def test_what_is_claimed_and_not_done_is_done_by_the_chore(world: World) -> None:
    order = await world.bought({"A": 2})
    world.psp.cut = True
    with pytest.raises(Refused) as away:
        await refund(world, order.id, 700)
    assert away.value.reason == "MONEY_UNFINISHED"
    now = await payments(world, order.id)
    assert [(m.kind, m.state) for m in now.movements] == [("capture", "done"), ("refund", "asked")]
    world.psp.cut = False
    world.house.clock.advance(seconds=11)
    await world.until_order({"_id": order.id, "movements.step": "done"})
    assert await books(world, order.id) == (2600, 700)
    await world.house.settled()
    assert [told.amount.minor for told in world.house.told(RefundIssued)] == [700]


async def test_lines_are_refunded_at_what_was_paid_for_exactly_those_units(world: World) -> None:
    world.marketing.promotion = 100  # over three units of A and one of B.2
    order = await world.bought({"A": 3, "B.2": 1})
    first = await refund(world, order.id, A=1)
    second = await refund(world, order.id, A=2)
    paid = next(line for line in (await world.order(order.id)).lines if line.sku == "A").total.minor
    assert first.refunded.minor in (paid // 3, paid // 3 + 1)
    assert second.refunded.minor == paid
    with pytest.raises(WrongState) as nothing:
        await refund(world, order.id, A=1)
    assert nothing.value.reason == "NOTHING_TO_RETURN"
    cancelled = await world.cancel(order.id)
    assert sum(-a.amount.minor for a in cancelled.adjustments) == 5500 - 100 + 600
    assert await books(world, order.id) == (6000, 6000)


async def _many_refunds(world: World, runs: int) -> None:
    for _ in range(runs):
        order = await world.bought({"A": 1})
        asked = [settles(partial(_tried, world, order.id, 100)) for _ in range(20)]
        won = sum(await asyncio.gather(*asked))
        assert won == 16
        assert await books(world, order.id) == (1600, 1600)
        stored = await world.order(order.id)
        assert sum(-a.amount.minor for a in stored.adjustments) == 1600


async def _tried(world: World, order_id: str, minor: int, key: str = "") -> bool:
    try:
        await refund(world, order_id, minor, key or uuid.uuid4().hex)
    except WrongState as no:
        if no.reason != "NOTHING_TO_REFUND":
            raise
        return False
    return True


async def test_twenty_partial_refunds_at_once_never_exceed_what_was_taken(world: World) -> None:
    await _many_refunds(world, 1)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_twenty_partial_refunds_at_once_fifty_times(world: World) -> None:
    await _many_refunds(world, 50)


async def test_an_authorisation_is_taken_before_it_runs_out_or_let_go_as_it_is_set(world: World) -> None:
    await at_shipment(world)
    order = await world.bought({"A": 1})
    await at_shipment(world, at_expiry="void")
    other = await world.bought({"A": 1})
    world.house.clock.advance(days=6, hours=13)
    await world.until_order({"_id": order.id, "captured_minor": 1600})
    await world.until_order({"_id": other.id, "paying.voided_minor": 1600})
    assert await books(world, order.id) == (1600, 0)
    assert [p["status"] for p in await world.psp.payments(other.id)] == ["voided"]


async def test_an_authorised_order_that_is_cancelled_takes_nothing(world: World) -> None:
    await at_shipment(world)
    order = await world.bought({"A": 1})
    assert (await world.cancel(order.id)).payment_state == "voided"
    assert [p["status"] for p in await world.psp.payments(order.id)] == ["voided"]
    with pytest.raises(WrongState) as over:
        await capture(world, order.id)
    assert over.value.reason == "ORDER_NOT_LIVING"
    assert world.catalog.skus["A"].available == 100


async def test_a_wallet_is_paid_at_its_own_page(world: World) -> None:
    order = await world.bought({"A": 1}, "", payment_method="alipay")
    assert (order.next_action.type, order.payment_method) == ("confirm_payment", "alipay")
    [payment] = await world.psp.payments(order.id)
    await world.psp.customer_confirms(payment["id"])
    request = payments_pb2.ConfirmPaymentRequest(order_id=order.id)
    assert (await call(world.payments.ConfirmPayment, request)).order.payment_state == "captured"
    assert await books(world, order.id) == (1600, 0)


async def test_cash_is_collected_at_the_door_and_a_refused_parcel_brings_none(world: World) -> None:
    order = await world.bought({"A": 1}, "", payment_method="cod", customer_id="cus_1")
    refused = await world.bought({"A": 1}, "", payment_method="cod", customer_id="cus_1")
    assert (order.payment_state, await world.psp.payments(order.id)) == ("to_collect", [])
    await world.house.settled()
    assert [told.to_collect.minor for told in world.house.told(OrderPaid)] == [1600, 1600]
    await ship(world, order, "delivered")
    assert (await payments(world, order.id)).state == "collected"
    for event in (world.plan(refused, "shp_2"), world.shipped(refused, "shp_2")):
        await world.house.tell(event, key=refused.id)
    await world.house.tell(world.moved(refused, "rejected", 1, "shp_2"), key=refused.id)
    await world.house.settled()
    now = await payments(world, refused.id)
    assert (now.state, now.captured.minor, now.voided.minor) == ("voided", 0, 1600)
    with pytest.raises(WrongState):
        await refund(world, refused.id, 1)
    assert (await refund(world, order.id, 600)).movements[-1].via == "transfer"


async def test_cash_is_for_some_orders_only(world: World) -> None:
    for lines, customer, why in (({"A": 1}, "", "members_only"), ({"B.2": 99}, "cus_1", "amount")):
        with pytest.raises(WrongState) as no:
            await world.bought(lines, "", payment_method="cod", customer_id=customer)
        assert (no.value.reason, no.value.meta["why"]) == ("PAYMENT_METHOD_NOT_OFFERED", why)
    with pytest.raises(Invalid):
        await world.bought({"A": 1}, "", payment_method="cheque")
    with pytest.raises(Invalid):
        await world.bought({"A": 1}, "", payment_method="card")
    assert world.catalog.holds == {}
