"""This is where the provider's webhooks prove that they are signed, persist and are tried again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from standardwebhooks import Webhook

from deploy.sandbox.psp.ledger import Ledger
from deploy.sandbox.psp.payment import Charge
from deploy.sandbox.psp.server import serving
from deploy.sandbox.psp.settings import PspSettings
from deploy.sandbox.psp.tokens import card_of
from deploy.sandbox.psp.webhooks import Webhooks

SECRET = PspSettings().webhook_secret


@dataclass
class Shop:
    """A merchant's webhook door: refuses the first `refuses`, then takes what comes."""

    refuses: int = 0
    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    taken: asyncio.Queue[Any] = field(default_factory=asyncio.Queue)

    async def take(self, request: web.Request) -> web.Response:
        headers, body = dict(request.headers), await request.read()
        self.came.append((headers, body))
        if len(self.came) <= self.refuses:
            return web.Response(status=503)
        self.taken.put_nowait(Webhook(SECRET).verify(body.decode(), {k.lower(): v for k, v in headers.items()}))
        return web.Response(status=204)


@asynccontextmanager
async def open_shop(refuses: int = 0) -> AsyncIterator[Shop]:
    shop, app = Shop(refuses), web.Application()
    app.add_routes([web.post("/hook", shop.take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield shop
    finally:
        await runner.cleanup()


async def test_a_confirmed_payment_and_its_refund_are_told_signed() -> None:
    async with open_shop() as shop:
        settings = PspSettings(listen="127.0.0.1:0", data=":memory:", webhook_url=shop.url)
        async with serving(settings) as url, aiohttp.ClientSession(url) as session:
            headers = {"Authorization": f"Bearer {settings.secret}", "Idempotency-Key": "k"}
            body = {"amount_minor": 500, "currency": "CNY", "token": "tok_3ds", "capture": True, "reference": "ord_1"}
            async with session.post("/v1/payments", json=body, headers=headers) as answer:
                payment = await answer.json()
            await session.post(payment["confirm_url"])
            told = await asyncio.wait_for(shop.taken.get(), 5)
            path = f"/v1/payments/{payment['id']}/refunds"
            await session.post(path, json={"amount_minor": 200}, headers=headers)
            refunded = await asyncio.wait_for(shop.taken.get(), 5)
    assert (told["type"], told["payment"]["reference"], told["payment"]["status"]) == (
        "payment.captured",
        "ord_1",
        "captured",
    )
    assert (refunded["type"], refunded["refund"]["amount_minor"]) == ("payment.refunded", 200)


async def test_a_webhook_nobody_took_is_sent_again_with_the_same_id() -> None:
    ledger = Ledger(":memory:", tells=True)
    async with open_shop(refuses=2) as shop:
        ledger.charge("k", b"", Charge(500, "CNY", True, "ord_1", card_of("tok_timeout_captured")))
        sending = asyncio.create_task(Webhooks(ledger, shop.url, SECRET, (0.01, 0.01, 0.01)).send_for_ever())
        await asyncio.wait_for(shop.taken.get(), 5)
        assert len({headers["webhook-id"] for headers, _ in shop.came}) == 1
        assert len(shop.came) == 3
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    ledger.close()


async def test_a_webhook_not_yet_taken_outlives_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "psp.sqlite")
    before = Ledger(path, tells=True)
    before.charge("k", b"", Charge(500, "CNY", True, "ord_1", card_of("tok_timeout_captured")))
    before.close()
    async with open_shop() as shop, serving(PspSettings(listen="127.0.0.1:0", data=path, webhook_url=shop.url)):
        assert (await asyncio.wait_for(shop.taken.get(), 5))["type"] == "payment.captured"


def test_a_webhook_tried_often_enough_is_given_up_but_kept() -> None:
    ledger = Ledger(":memory:", tells=True)
    ledger.charge("k", b"", Charge(500, "CNY", True, "ord_1", card_of("tok_timeout_captured")))
    ((webhook_id, _, _),) = ledger.webhooks_due(time.time())
    ledger.webhook_failed(webhook_id, None)
    assert ledger.next_webhook_at() is None
    assert ledger.webhooks_due(1e12) == []
    ledger.close()
