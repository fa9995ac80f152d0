"""This is where a message nobody can handle is set aside, while the rest flows, and is shown and told again."""

import asyncio
import os
import sys
import uuid

from services.kit.settings import PORTS
from tests.shop import Shop


async def _parked_command(shop: Shop, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.kit.parked",
        *arguments,
        env={**os.environ, **shop.local.environment},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


async def test_a_poison_message_is_parked_shown_and_told_again_while_the_rest_flows(shop: Shop) -> None:
    sku = await shop.product()
    event = f"evt_{uuid.uuid4().hex}"
    headers = {"ce-id": event, "shop-key": "poison"}
    await shop.nats.jetstream().publish("shop.orders.v1.OrderPaid", b"\xff\xff\xff", headers=headers)
    customer = await shop.customer()
    order = await customer.buy({sku: 1})

    staff = await shop.owner()

    async def planned() -> object:
        return (await staff.get(f"/v1/shipments?order_id={order['id']}"))["items"]

    await shop.eventually(planned, bool)
    try:
        await shop.settled()
        shown = await _parked_command(shop)
        assert event in shown
        assert "shop.orders.v1.OrderPaid" in shown
        assert "DecodeError" in shown
        assert "told again" in await _parked_command(shop, "--retell", event)
        await shop.settled()  # still poison: it is set aside once more, and nothing else was held up
        assert event in await _parked_command(shop)
    finally:
        for service in PORTS:
            await shop.mongo[f"shop_{service}"]["parked"].delete_one({"_id": event})
    assert event not in await _parked_command(shop)
