"""This is where several send at once: each attempt is made by one, and a slow endpoint keeps nobody else waiting."""

import asyncio

from services.kit.seal import Seal
from services.logistics.partners import posting
from services.logistics.partners.endpoints import Endpoints
from services.logistics.partners.posting import Answered, Posting
from services.logistics.partners.reach import Reach
from services.logistics.service import SETTINGS
from tests.house import House
from tests.logistics.test_scans import started

from .test_webhooks import Hooks


async def test_two_processes_send_each_attempt_once_and_one_that_died_is_followed(house: House) -> None:
    """Four senders look at the same moment; then one dies in the middle of an attempt."""
    house.settings["webhooks_every_s"] = 1000.0
    hooks = Hooks(house, *await started(house))
    endpoint = await hooks.register("https://a.example/")
    for _ in range(5):
        await hooks.ask("TestEndpoint", id=endpoint.id)
    stores = {one.name: one for one in hooks.desk.logistics.ground.stores}
    kept, clock = stores["webhook_deliveries"], house.clock
    endpoints = Endpoints(stores["webhook_endpoints"], Reach(), _seal(), clock)
    sent: list[str] = []

    async def post(url: str, headers: dict[str, str], body: bytes) -> Answered:
        sent.append(headers["webhook-id"])
        return Answered(500)

    async def die(url: str, headers: dict[str, str], body: bytes) -> Answered:
        raise RuntimeError("the process is killed")

    senders = [Posting(kept, endpoints, post, clock, lambda *_: None) for _ in range(4)]

    async def rounds() -> None:
        for _ in range(3):
            await asyncio.gather(*(one.start_due() for one in senders))
            await asyncio.gather(*(one.drained() for one in senders))

    await rounds()
    assert sorted(sent) == sorted(set(sent)) and len(sent) == 5
    clock.advance(seconds=10)
    dying = Posting(kept, endpoints, die, clock, lambda *_: None)
    await dying.start_due()
    await dying.drained()
    await rounds()
    assert len(sent) == 5 + 1  # four were in the hands of the dead one
    clock.advance(seconds=60)
    await rounds()
    assert len(sent) == 5 + 1 + 4


def _seal() -> Seal:
    return Seal(SETTINGS().seal_key)


async def test_a_slow_endpoint_keeps_nobody_else_waiting(house: House) -> None:
    house.settings["webhooks_every_s"] = 1000.0
    hooks = Hooks(house, *await started(house))
    slow, quick = await hooks.register("https://slow.example/"), await hooks.register("https://quick.example/")
    for _ in range(posting._EACH * 3):
        await hooks.ask("TestEndpoint", id=slow.id)
    house.clock.advance(seconds=1)
    await hooks.ask("TestEndpoint", id=quick.id)
    stores = {one.name: one for one in hooks.desk.logistics.ground.stores}
    gate, sent = asyncio.Event(), list[str]()

    async def post(url: str, headers: dict[str, str], body: bytes) -> Answered:
        sent.append(url)
        if "slow" in url:
            await gate.wait()
        return Answered(200)

    endpoints = Endpoints(stores["webhook_endpoints"], Reach(), _seal(), house.clock)
    sender = Posting(stores["webhook_deliveries"], endpoints, post, house.clock, lambda *_: None)
    for _ in range(2):
        await sender.start_due()
        async with asyncio.timeout(5):
            while sent.count("https://slow.example/") < posting._EACH:
                await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        while "https://quick.example/" not in sent:
            await asyncio.sleep(0.01)
    assert sent.count("https://slow.example/") == posting._EACH
    gate.set()
    await sender.drained()
