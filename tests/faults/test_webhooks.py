"""This is where those who send webhooks die at every step, fifty times over: each attempt is made once, nothing is lost."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest

from services.kit.clock import SettableClock
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from services.logistics.partners.deliveries import DELIVERED, WAITING
from services.logistics.partners.endpoints import Endpoints
from services.logistics.partners.posting import Answered, Posting
from services.logistics.partners.reach import Reach
from tests.house import House
from tests.logistics.partners.test_webhooks import Hooks
from tests.logistics.test_scans import started

_UNFORTUNATE = 5


class Killed(RuntimeError):
    """A process dies."""


class Somebody:
    """An endpoint, and the fates of those who post to it. The sixth attempt at a thing is fortunate: after the last
    that its schedule has it would be given up, as it should."""

    def __init__(self, dice: random.Random, clock: SettableClock) -> None:
        self.dice, self.clock = dice, clock
        self.tries: Counter[str] = Counter()
        self.taken: Counter[tuple[str, float]] = Counter()  # attempts at a moment
        self.acknowledged: set[str] = set()

    async def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Answered:
        """Dies before it is sent, dies after it was taken, is refused, or is taken."""
        self.tries[headers["webhook-id"]] += 1
        fates = ["before", "after", "refused", "taken", "taken"]
        fate = self.dice.choice(fates) if self.tries[headers["webhook-id"]] <= _UNFORTUNATE else "taken"
        if fate == "before":
            raise Killed
        self.taken[headers["webhook-id"], self.clock.now().timestamp()] += 1
        await asyncio.sleep(0)
        if fate == "after":
            raise Killed
        if fate == "taken":
            self.acknowledged.add(headers["webhook-id"])
        return Answered(204 if fate == "taken" else 500)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(50))
async def test_whoever_dies_each_attempt_is_made_once_and_all_arrive(house: House, seed: int) -> None:
    house.settings["webhooks_every_s"] = 1000.0
    hooks = Hooks(house, *await started(house))
    endpoint = await hooks.register("https://a.example/")
    ids = {(await hooks.ask("TestEndpoint", id=endpoint.id)).delivery.id for _ in range(12)}
    stores = {one.name: one for one in hooks.desk.logistics.ground.stores}
    kept, clock = stores["webhook_deliveries"], house.clock
    endpoints = Endpoints(stores["webhook_endpoints"], Reach(), Seal(DEVELOPMENT_SEAL_KEY), clock)
    somebody = Somebody(random.Random(seed), clock)
    senders = [Posting(kept, endpoints, somebody, clock, lambda *_: None) for _ in range(3)]
    for _ in range(80):
        for _ in range(4):  # each takes four at once of an endpoint
            await asyncio.gather(*(one.start_due() for one in senders))
            await asyncio.gather(*(one.drained() for one in senders))
        found = {one.id: one for one in await kept.find({"endpoint_id": endpoint.id, "_id": {"$in": list(ids)}})}
        if all(one.state == DELIVERED for one in found.values()):
            break
        waiting = [one.next_at for one in found.values() if one.state == WAITING]
        clock.at = max(clock.at, min(waiting)) + timedelta(milliseconds=1)
    assert somebody.acknowledged == ids == set(found)
    assert {one.state for one in found.values()} == {DELIVERED}
    assert set(somebody.taken.values()) == {1}  # nobody was told twice at one moment
