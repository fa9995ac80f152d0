"""This is where telling and hearing are tested on a real broker: once in effect, retried, parked, through outages."""

import asyncio

from services.kit.errors import NotFound, Unavailable
from services.kit.settings import Settings
from tests.house import House
from tests.kit.notes import Note, listener_with, noted, teller


async def _times(house: House, key: str) -> int:
    found = await house.started["listener"].ground.database["heard"].find_one({"_id": key})
    return int(found["times"]) if found else 0


async def test_what_is_saved_is_told_and_heard(house: House) -> None:
    crm = await house.start("crm", teller, Settings)
    await house.start("listener", listener_with({}), Settings)
    notes = crm.ground.stores[0]
    await asyncio.gather(*(notes.insert(Note(f"n{i}", "x"), noted(Note(f"n{i}", "x"))) for i in range(300)))
    await house.settled()
    assert [await _times(house, f"n{i}") for i in (0, 150, 299)] == [1, 1, 1]
    left = await notes.collection.find_one({"outbox.id": {"$exists": True}}, hint="outbox")
    assert left is None


async def test_what_a_crash_left_in_the_outbox_is_swept(house: House) -> None:
    crm = await house.start("crm", teller, Settings)
    await house.start("listener", listener_with({}), Settings)
    notes = crm.ground.stores[0]
    notes._hints = type("Deaf", (), {"hint": lambda *_: None, "look_into": lambda *_: None})()
    await notes.insert(Note("n1", "x"), noted(Note("n1", "x")))
    await house.settled()
    assert await _times(house, "n1") == 1


async def test_what_is_away_is_waited_for_and_a_refusal_is_final(house: House) -> None:
    crm = await house.start("crm", teller, Settings)
    away: list[Exception] = [Unavailable("away")]
    listener = await house.start("listener", listener_with({"n1": away, "n2": [NotFound("no")]}), Settings)
    notes = crm.ground.stores[0]
    for key in ("n1", "n2", "n3"):
        await notes.insert(Note(key, "x"), noted(Note(key, "x")))
    counter = listener.ground.metrics.heard.labels("shop.crm.v1.CustomerRegistered", "waits")
    async with asyncio.timeout(10):
        while counter._value.get() < 2:
            await asyncio.sleep(0.01)
    away[:] = []
    await house.settled()
    assert (await _times(house, "n1"), await _times(house, "n2"), await _times(house, "n3")) == (1, 0, 1)


async def test_a_poison_message_is_parked_and_the_rest_flows(house: House) -> None:
    crm = await house.start("crm", teller, Settings)
    listener = await house.start("listener", listener_with({}), Settings)
    await house.settled()
    await house.bus.ensure_stream("crm")
    subject = house.bus.subject("shop.crm.v1.CustomerRegistered")
    await house.bus.client.jetstream().publish(subject, b"\xff\xff\xff", headers={"ce-id": "evt_poison"})
    await crm.ground.stores[0].insert(Note("n1", "x"), noted(Note("n1", "x")))
    await house.settled()
    parked = await listener.ground.database["parked"].find_one({"_id": "evt_poison"})
    assert parked is not None and "DecodeError" in parked["cause"]
    assert await _times(house, "n1") == 1


async def test_two_saves_of_one_version_let_one_win(house: House) -> None:
    crm = await house.start("crm", teller, Settings)
    notes = crm.ground.stores[0]
    await notes.insert(Note("n1", "x"))
    copies = [await notes.get("n1") for _ in range(20)]
    outcomes = await asyncio.gather(*(notes.save(copy) for copy in copies if copy), return_exceptions=True)
    assert sum(isinstance(outcome, Note) for outcome in outcomes) == 1
