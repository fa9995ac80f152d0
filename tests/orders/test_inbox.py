"""This is where webhooks are kept once and applied in any order, twice, late, and again; whatever they say is asked for."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
from typing import Any

import pytest
from shop.orders.v1 import payments_pb2
from shop.orders.v1.events_pb2 import RefundIssued
from shop.type.v1 import page_pb2

from services.kit.errors import Invalid, NotFound, Refused
from services.kit.rpc import call

from .test_moving import at_shipment, books, capture, payments, refund, ship
from .test_payments import SECRET
from .world import World, settles


def webhook(world: World, name: str, order_id: str, minor: int, key: str | None = None) -> Any:
    """A signed webhook under this id; of a refund asked for with `key`."""
    payment = {"id": "pay_1", "reference": order_id, "amount_minor": minor, "currency": "CNY", "status": "captured"}
    refunded = {} if key is None else {"refund": {"id": "rfd_1", "key": key}}
    body = json.dumps({"type": "payment.refunded", "payment": payment} | refunded).encode()
    timestamp = str(int(world.house.clock.now().timestamp()))
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = hmac.digest(secret, f"{name}.{timestamp}.".encode() + body, hashlib.sha256)
    return payments_pb2.ReceiveWebhookRequest(
        provider="sandbox",
        webhook_id=name,
        timestamp=timestamp,
        signature="v1," + base64.b64encode(signature).decode(),
        body=body,
    )


async def told(world: World, *said: Any) -> None:
    """The provider tells."""
    for each in said:
        await call(world.payments.ReceiveWebhook, each)


async def inbox(world: World, state: str = "") -> list[payments_pb2.PaymentWebhook]:
    """What staff see."""
    request = payments_pb2.ListPaymentWebhooksRequest(state=state, page=page_pb2.Page(limit=100))
    return list((await call(world.payments.ListPaymentWebhooks, request)).webhooks)


async def test_a_webhook_is_kept_once_by_its_id(world: World) -> None:
    order = await world.bought({"A": 1})
    await told(world, *[webhook(world, "m1", order.id, 1600)] * 3)
    await told(world, webhook(world, "m2", "ord_unknown", 1600))
    kept = {row.webhook_id: (row.state, row.outcome, row.deliveries) for row in await inbox(world)}
    assert kept == {"m1": ("applied", "known", 3), "m2": ("ignored", "unknown", 1)}
    assert [row.webhook_id for row in await inbox(world, "ignored")] == ["m2"]
    with pytest.raises(Invalid) as other:
        await told(world, webhook(world, "m1", order.id, 1601))
    assert other.value.reason == "INVALID_WEBHOOK"
    first = next(row.id for row in await inbox(world) if row.webhook_id == "m1")
    whole = await call(world.payments.GetPaymentWebhook, payments_pb2.GetPaymentWebhookRequest(id=first))
    assert json.loads(whole.webhook.body)["payment"]["reference"] == order.id
    with pytest.raises(NotFound):
        await call(world.payments.GetPaymentWebhook, payments_pb2.GetPaymentWebhookRequest(id="whk_9"))


async def test_what_is_done_at_the_providers_own_desk_is_written_down_once_in_any_order(world: World) -> None:
    for shuffled in itertools.permutations(range(2)):
        order = await world.bought({"A": 1})
        [payment] = await world.psp.payments(order.id)
        await world.psp.at_the_desk(payment["id"], "refund", 300)
        await world.psp.at_the_desk(payment["id"], "refund", 200)
        said = [webhook(world, f"{order.id}{n}", order.id, 1600, "") for n in shuffled]
        await told(world, *said, *said)
        now = await payments(world, order.id)
        assert (now.refunded.minor, [m.by for m in now.movements]) == (500, ["checkout", "provider", "provider"])
        assert sum(-a.amount.minor for a in (await world.order(order.id)).adjustments) == 500
    await world.house.settled()
    assert sorted(event.amount.minor for event in world.house.told(RefundIssued)) == [200, 200, 300, 300]


async def test_a_refund_of_our_own_told_by_webhook_changes_nothing(world: World) -> None:
    order = await world.bought({"A": 1})
    refunded = await refund(world, order.id, 400)
    key = refunded.movements[-1].id
    await told(world, webhook(world, "m1", order.id, 1600, key), webhook(world, "m2", order.id, 1600))
    assert (await payments(world, order.id)).refunded.minor == 400


async def test_what_could_not_be_applied_is_applied_again(world: World) -> None:
    order = await world.bought({"A": 1})
    [payment] = await world.psp.payments(order.id)
    await world.psp.at_the_desk(payment["id"], "refund", 300)
    world.psp.cut = True
    with pytest.raises(Refused):
        await told(world, webhook(world, "m1", order.id, 1600, ""))
    [failed] = await inbox(world)
    assert failed.state == "failed"
    world.psp.cut = False
    again = payments_pb2.ApplyPaymentWebhookRequest(id=failed.id)
    for outcome in ("written_down", "known"):
        applied = (await call(world.payments.ApplyPaymentWebhook, again)).webhook
        assert (applied.state, applied.outcome) == ("applied", outcome)
    assert (await payments(world, order.id)).refunded.minor == 300


async def _taken_by_all_at_once(world: World, runs: int) -> None:
    """Staff, the parcel, the desk and webhooks at one moment: taken once, to the fen."""
    await at_shipment(world)
    for run in range(runs):
        order = await world.bought({"A": 1})
        said = webhook(world, f"race{run}", order.id, 1600)

        async def staff(order_id: str, key: str) -> None:
            try:
                await settles(lambda: capture(world, order_id, 1600, key))
            except Refused as no:
                if no.reason not in ("NOTHING_TO_CAPTURE", "PROVIDER_CONFLICT"):
                    raise

        same = [staff(order.id, f"same{run}") for _ in range(5)]
        other = [staff(order.id, f"other{run}.{n}") for n in range(5)]
        hooks = [told(world, said) for _ in range(5)]
        await asyncio.gather(*same, *other, *hooks, ship(world, order))
        now = await payments(world, order.id)
        assert (now.captured.minor, await books(world, order.id)) == (1600, (1600, 0))
        assert [m.kind for m in now.movements if m.state == "done"] == ["capture"]


async def test_capture_webhook_parcel_and_retry_at_once_take_once(world: World) -> None:
    await _taken_by_all_at_once(world, 2)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_capture_webhook_parcel_and_retry_at_once_fifty_times(world: World) -> None:
    await _taken_by_all_at_once(world, 50)
