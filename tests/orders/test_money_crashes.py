"""This is where money that moves is cut off at every step, or raced for: it moves once, and the order says what is true."""

import asyncio
import contextlib
import random
import uuid
from functools import partial
from typing import Any

import grpc.aio
import pytest
from shop.orders.v1 import orders_pb2, payments_pb2
from shop.orders.v1.events_pb2 import OrderPaid, PaymentCaptured, RefundIssued

from services.kit.errors import Refused, WrongState

from .test_inbox import told, webhook
from .test_moving import at_shipment, books, capture, cny, payments, ship
from .world import World, settles

WHEN = ("before", "after")


async def _killed(world: World, call: str, when: str, asking: Any) -> None:
    """Cuts whoever is asking at this step, starts another instance, and lets the lease run out."""
    reached = asyncio.Event()
    world.faults.once[call, when] = reached
    dying = asyncio.ensure_future(asking)
    await reached.wait()
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
        await dying
    await world.another_instance()
    world.house.clock.advance(seconds=11)


@pytest.mark.parametrize("when", WHEN)
async def test_a_refund_killed_at_any_step_goes_back_once(world: World, when: str) -> None:
    order = await world.bought({"A": 2})
    request = payments_pb2.RefundPaymentRequest(
        order_id=order.id, amount=cny(700), reason="goodwill", request_id=uuid.uuid4().hex, by="stf_1"
    )
    await _killed(world, "refund", when, world.payments.RefundPayment(request, timeout=10))
    await world.until_order({"_id": order.id, "movements.step": "done"})
    await settles(lambda: _again(world, request))
    assert await books(world, order.id) == (2600, 700)
    await world.house.settled()
    assert [event.amount.minor for event in world.house.told(RefundIssued)] == [700]
    assert (await payments(world, order.id)).refunded.minor == 700


async def _again(world: World, request: payments_pb2.RefundPaymentRequest) -> None:
    await world.payments.RefundPayment(request, timeout=10)


@pytest.mark.parametrize("when", WHEN)
async def test_a_capture_killed_at_any_step_is_taken_once(world: World, when: str) -> None:
    await at_shipment(world)
    order = await world.bought({"A": 2})
    request = payments_pb2.CapturePaymentRequest(order_id=order.id, request_id=uuid.uuid4().hex, by="stf_1")
    await _killed(world, "capture", when, world.payments.CapturePayment(request, timeout=10))
    await ship(world, order)
    await world.until_order({"_id": order.id, "movements.step": "done"})
    assert await books(world, order.id) == (2600, 0)
    await world.house.settled()
    assert [event.amount.minor for event in world.house.told(PaymentCaptured)] == [2600]


@pytest.mark.parametrize(("call", "when"), [(call, when) for call in ("HoldStock", "charge") for when in WHEN])
@pytest.mark.parametrize("method", ["card", "cod"])
async def test_a_checkout_that_is_paid_later_is_killed_at_any_step(
    world: World, method: str, call: str, when: str
) -> None:
    if (method, call) == ("cod", "charge"):
        return  # nobody is charged
    await at_shipment(world)
    cart = await world.filled_cart({"A": 2}, "cus_1")
    token = "tok_ok" if method == "card" else ""
    request = world.request(cart, token, customer_id="cus_1", payment_method=method)
    await _killed(world, call, when, world.checkout.Checkout(request, timeout=10))
    order = (await world.insisting(request)).order
    assert order.payment_state == ("authorised" if method == "card" else "to_collect")
    made = await world.psp.payments(order.id)
    assert [(p["status"], p["captured_minor"]) for p in made] == ([("authorised", 0)] if method == "card" else [])
    assert world.catalog.holds == {order.id: {"A": 2}}
    await world.house.settled()
    assert len(world.house.told(OrderPaid)) == 1


@pytest.mark.parametrize("when", ["never", *WHEN])
async def test_a_second_payment_is_charged_once_and_refunds_take_from_it_first(world: World, when: str) -> None:
    order = await world.bought({"A": 1})
    moving = _moving(world)
    if when != "never":
        world.faults.once["charge", when] = ConnectionError()
    for _ in range(2):
        charged = await settles(lambda: moving.charge(order.id, "balance", 900, "tok_ok", "stf_1", beyond=True))
    assert (charged.captured_minor, [m.step for m in charged.movements]) == (2500, ["done"])
    [second] = await world.psp.payments(f"{order.id}-balance")
    assert second["captured_minor"] == 900
    with pytest.raises(WrongState, match="left to be charged"):
        await moving.charge(order.id, "more", 1, "tok_ok", "stf_1")
    declined = await moving.charge(order.id, "again", 50, "tok_declined", "stf_1", beyond=True)
    assert (declined.movements[-1].step, declined.movements[-1].detail) == ("failed", "card_declined")
    request = payments_pb2.RefundPaymentRequest(
        order_id=order.id, amount=cny(1000), reason="goodwill", request_id=uuid.uuid4().hex, by="stf_1"
    )
    await world.payments.RefundPayment(request, timeout=5)
    assert (await world.psp.payments(f"{order.id}-balance"))[0]["refunded_minor"] == 900
    assert await books(world, order.id) == (1600, 100)
    await world.cancel(order.id)
    assert await books(world, order.id) == (1600, 1600)


def _moving(world: World) -> Any:
    """What a wing builds on: the shop's own, on this house's collections."""
    from services.kit.seal import Seal
    from services.orders.payments.moving import Moving
    from services.orders.payments.sandbox import SandboxProvider
    from services.orders.store import Keeping

    ground = world.service.ground
    provider = SandboxProvider(ground.settings.psp_url, ground.settings.psp_secret)
    ground.closing.append(provider.close)
    keeping = Keeping(ground)
    return Moving(keeping.orders, provider, Seal(ground.settings.seal_key), ground.clock, lambda kind, step: None)


async def _cancelled_shipped_and_paid_at_once(world: World, runs: int) -> set[int]:
    """The customer confirms, the provider tells, somebody cancels, the warehouse ships: one of them wins, all agree."""
    await at_shipment(world)
    ends: set[int] = set()
    for run in range(runs):
        order = await world.bought({"A": 1}, "tok_3ds" if run % 2 else "tok_ok")
        [payment] = await world.psp.payments(order.id)
        if run % 2:
            await world.psp.customer_confirms(payment["id"])
        confirm = payments_pb2.ConfirmPaymentRequest(order_id=order.id)
        everybody = [
            _tolerant(world.payments.ConfirmPayment(confirm, timeout=5)),
            _tolerant(told(world, webhook(world, f"all{run}", order.id, 1600))),
            _tolerant(settles(partial(_cancelled_later, world, order.id, random.Random(run).choice([0, 0.01, 0.03])))),
            _warehouse(world, order),
        ]
        random.Random(run).shuffle(everybody)
        await asyncio.gather(*everybody)
        world.house.clock.advance(seconds=11)
        await world.house.settled()
        ends.add(await _agreed(world, order))
    return ends


async def _cancelled_later(world: World, order_id: str, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await world.cancel(order_id)


async def _tolerant(asking: Any) -> None:
    with contextlib.suppress(Refused, grpc.aio.AioRpcError):
        await asking


async def _warehouse(world: World, order: orders_pb2.Order) -> None:
    """Sends what is paid; of leaving and stopping one wins, here."""
    while (await world.order(order.id)).state == orders_pb2.ORDER_STATE_AWAITING_CONFIRMATION:
        await asyncio.sleep(0.005)
    if (await world.order(order.id)).paid_at and order.id not in world.logistics.stopped:
        world.logistics.shipped.add(order.id)
        await ship(world, order)


async def _agreed(world: World, order: orders_pb2.Order) -> int:
    """The state the order ends in, once its books and the provider's agree."""
    last: Any = None
    for _ in range(100):
        now = await payments(world, order.id)
        state = (await world.order(order.id)).state
        taken, back = await books(world, order.id)
        if state == orders_pb2.ORDER_STATE_SHIPPED and (taken, back) == (1600, 0) and now.captured.minor == 1600:
            return state
        dead = (orders_pb2.ORDER_STATE_CANCELLED, orders_pb2.ORDER_STATE_DECLINED)
        if state in dead and taken == back and now.left.minor * now.captured.minor == 0:
            assert world.logistics.shipped.isdisjoint({order.id}) or not (await world.order(order.id)).paid_at
            return state
        world.house.clock.advance(seconds=11)
        await asyncio.sleep(0.05)
        last = (state, taken, back, now)
    raise AssertionError(last)


async def test_cancel_against_ship_against_pay(world: World) -> None:
    await _cancelled_shipped_and_paid_at_once(world, 2)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_cancel_against_ship_against_pay_fifty_times(world: World) -> None:
    assert len(await _cancelled_shipped_and_paid_at_once(world, 50)) >= 2  # each has won


async def test_a_capture_the_provider_refuses_gives_its_room_back(world: World) -> None:
    """The authorisation was let go at the provider's own desk, and nobody told."""
    await at_shipment(world)
    order = await world.bought({"A": 1})
    [payment] = await world.psp.payments(order.id)
    provider = _moving(world)._provider
    await provider.void(payment["id"])
    taken = await capture(world, order.id)
    assert [(m.kind, m.state, m.detail) for m in taken.movements] == [("capture", "failed", "PROVIDER_CONFLICT")]
    assert (taken.captured.minor, taken.left.minor) == (0, 1600)
    await told(world, webhook(world, "void", order.id, 1600))
    assert (await payments(world, order.id)).state == "voided"
