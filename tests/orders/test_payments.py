"""This is where a payment is confirmed by its customer and told of by its provider."""

import asyncio
import base64
import hashlib
import hmac
import json

import pytest
from shop.orders.v1 import orders_pb2, payments_pb2
from shop.orders.v1.events_pb2 import CheckoutRefused, OrderPaid

from services.kit.errors import Invalid, NotSignedIn, Refused, WrongState
from services.kit.rpc import call

from .world import World

SECRET = "whsec_cHNwLWRldmVsb3BtZW50LXdlYmhvb2stc2VjcmV0"


async def _confirm(world: World, order_id: str, customer_id: str = "") -> orders_pb2.Order:
    request = payments_pb2.ConfirmPaymentRequest(order_id=order_id, customer_id=customer_id)
    return (await call(world.payments.ConfirmPayment, request)).order


def _webhook(world: World, order_id: str, amount: int, **more: object) -> payments_pb2.ReceiveWebhookRequest:
    payment = {"id": "pay_1", "reference": order_id, "amount_minor": amount, "currency": "CNY", "status": "captured"}
    body = json.dumps({"type": "payment.captured", "payment": payment | more}).encode()
    timestamp = str(int(world.house.clock.now().timestamp()))
    webhook_id = f"msg_{hashlib.sha256(body).hexdigest()[:20]}"
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return payments_pb2.ReceiveWebhookRequest(
        provider="sandbox",
        webhook_id=webhook_id,
        timestamp=timestamp,
        signature="v1,bm90IG91cnM= v1," + base64.b64encode(signature).decode(),
        body=body,
    )


async def test_three_d_secure_waits_for_the_customer_and_goes_on(world: World) -> None:
    cart = await world.filled_cart({"A": 1})
    request = world.request(cart, "tok_3ds")
    first = await world.check_out(request)
    assert first.order.state == orders_pb2.ORDER_STATE_AWAITING_CONFIRMATION
    assert first.order.next_action.type == "confirm_payment"
    [payment] = await world.psp.payments(first.order.id)
    await world.psp.customer_confirms(payment["id"])
    paid = await _confirm(world, first.order.id)
    assert paid.state == orders_pb2.ORDER_STATE_PAID
    assert (await _confirm(world, first.order.id)).state == orders_pb2.ORDER_STATE_PAID  # again
    assert (await world.show(cart)).state == "ordered"
    replay = await world.check_out(request)
    assert (replay.replayed, replay.order.state) == (True, first.order.state)  # the first answer, as it was
    await world.house.settled()
    assert len(world.house.told(OrderPaid)) == 1


async def test_confirm_webhook_and_retry_at_once_pay_once(world: World) -> None:
    order = await world.bought({"A": 1}, "tok_3ds")
    [payment] = await world.psp.payments(order.id)
    await world.psp.customer_confirms(payment["id"])
    webhook = _webhook(world, order.id, 1600)
    told = [call(world.payments.ReceiveWebhook, webhook) for _ in range(5)]
    await asyncio.gather(*told, *(_confirm(world, order.id) for _ in range(5)))
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_PAID
    await world.house.settled()
    assert len(world.house.told(OrderPaid)) == 1
    assert [p["captured_minor"] for p in await world.psp.payments(order.id)] == [1600]


async def test_what_is_not_confirmed_in_time_is_let_go(world: World) -> None:
    cart = await world.filled_cart({"A": 2})
    order = (await world.check_out(world.request(cart, "tok_3ds"))).order
    assert world.catalog.skus["A"].available == 98
    world.house.clock.advance(minutes=16)
    await world.until_order({"state": "declined", "undo": []}, lease_s=11)
    assert world.catalog.skus["A"].available == 100
    assert [p["status"] for p in await world.psp.payments(order.id)] == ["voided"]
    assert (await world.order(order.id)).refusal == "CONFIRMATION_EXPIRED"
    await world.house.settled()
    assert [told.reason for told in world.house.told(CheckoutRefused)] == ["CONFIRMATION_EXPIRED"]
    assert (await world.check_out(world.request(cart))).order.state == orders_pb2.ORDER_STATE_PAID


async def test_what_was_confirmed_and_never_told_is_found_out(world: World) -> None:
    order = await world.bought({"A": 2}, "tok_3ds")
    [payment] = await world.psp.payments(order.id)
    await world.psp.customer_confirms(payment["id"])
    world.house.clock.advance(minutes=16)
    await world.until_order({"state": "paid"}, lease_s=11)


async def test_an_order_that_waits_for_nobody_has_nothing_to_confirm(world: World) -> None:
    order = await world.bought({"A": 1})
    with pytest.raises(WrongState) as refused:
        await _confirm(world, order.id)
    assert refused.value.reason == "NOTHING_TO_CONFIRM"
    theirs = await world.bought({"A": 1}, "tok_3ds", customer_id="cus_1")
    with pytest.raises(Refused) as another:
        await _confirm(world, theirs.id, "cus_2")
    assert another.value.reason == "ORDER_NOT_FOUND"


async def test_forged_old_and_garbled_webhooks_are_refused(world: World) -> None:
    order = await world.bought({"A": 1}, "tok_3ds")
    good = _webhook(world, order.id, 1600)

    async def refused(**change: object) -> str:
        bad = payments_pb2.ReceiveWebhookRequest()
        bad.CopyFrom(good)
        for name, value in change.items():
            setattr(bad, name, value)
        with pytest.raises(Refused) as no:
            await call(world.payments.ReceiveWebhook, bad)
        return no.value.reason

    assert await refused(signature="v1,AAAA") == "BAD_SIGNATURE"
    assert await refused(signature="") == "BAD_SIGNATURE"
    assert await refused(signature="v1,§") == "BAD_SIGNATURE"
    assert await refused(body=good.body + b" ") == "BAD_SIGNATURE"
    assert await refused(timestamp=str(int(good.timestamp) - 301)) == "BAD_SIGNATURE"
    assert await refused(timestamp="now") == "BAD_SIGNATURE"
    assert await refused(provider="another") == "UNKNOWN_PROVIDER"
    world.house.clock.advance(minutes=6)
    with pytest.raises(NotSignedIn):
        await call(world.payments.ReceiveWebhook, good)
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_AWAITING_CONFIRMATION


async def test_a_webhook_we_do_not_understand_is_refused_and_a_strange_one_changes_nothing(world: World) -> None:
    order = await world.bought({"A": 1}, "tok_3ds")
    [payment] = await world.psp.payments(order.id)
    await world.psp.customer_confirms(payment["id"])
    with pytest.raises(Invalid) as refused:
        await call(world.payments.ReceiveWebhook, _webhook(world, order.id, 1600, amount_minor="all of it"))
    assert refused.value.reason == "INVALID_WEBHOOK"
    await call(world.payments.ReceiveWebhook, _webhook(world, "ord_unknown", 1600))
    await call(world.payments.ReceiveWebhook, _webhook(world, order.id, 1))
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_AWAITING_CONFIRMATION
    counted = world.service.ground.metrics.registry.get_sample_value("shop_checkouts_total", {"outcome": "mismatch"})
    assert counted == 1
    await call(world.payments.ReceiveWebhook, _webhook(world, order.id, 1600))
    assert (await world.order(order.id)).state == orders_pb2.ORDER_STATE_PAID


async def test_money_for_an_order_that_came_to_nothing_goes_back(world: World) -> None:
    """The customer confirms in the very moment the order is given up."""
    order = await world.bought({"A": 1}, "tok_3ds")
    [payment] = await world.psp.payments(order.id)
    await world.psp.customer_confirms(payment["id"])
    gone = {"$set": {"state": "declined", "cart_claim": "", "due_at": None}}
    await world.service.ground.database["orders"].update_one({"_id": order.id}, gone)
    for _ in range(2):
        await call(world.payments.ReceiveWebhook, _webhook(world, order.id, 1600))
    assert [(p["captured_minor"], p["refunded_minor"]) for p in await world.psp.payments(order.id)] == [(1600, 1600)]
