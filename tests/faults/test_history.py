"""This is where the shop is told its history again, twice and shuffled: nothing changes, because the effect is the inbox."""

import asyncio
import random
from typing import Any

import bson
import nats.js.errors

from services.kit.settings import PORTS
from tests.shop import Shop

_LATEST = 150  # events a stream
_TELLINGS = 3
_A_ROUND_S = 2.2  # most chores come round in it


async def _books(shop: Shop) -> dict[str, bytes]:
    """Every document of every service, but for what a chore counts."""
    books: dict[str, bytes] = {}
    for name in PORTS:
        database = shop.mongo[f"shop_{name}"]
        for collection in await database.list_collection_names():
            if collection == "order_feed":
                continue  # tells at least once: what is heard again may stand in it again
            async for document in database[collection].find({}).sort("_id", 1):
                document.pop("sales", None)  # counted anew every few seconds, from what the SKUs say
                if collection == "quality_flags":  # what left since is seen when a complaint is weighed again
                    document = {key: document[key] for key in document.keys() - {"shipped", "version"}}
                books[f"{name}.{collection}.{document['_id']}"] = bson.encode(document)
    return books


async def _standing_still(shop: Shop) -> dict[str, bytes]:
    """The books when two readings are alike, more than the shortest-lived chores' time apart: of what was lived before,
    all is counted."""
    last = await _books(shop)

    async def read_again() -> dict[str, list[str]]:
        nonlocal last
        await asyncio.sleep(_A_ROUND_S)
        before, last = last, await _books(shop)
        return _differing(before, last)

    await shop.eventually(read_again, lambda moved: not moved, within_s=40)
    return last


def _differing(one: dict[str, bytes], other: dict[str, bytes]) -> dict[str, list[str]]:
    """Which documents differ, and in which fields."""
    said: dict[str, list[str]] = {}
    for key in sorted(one.keys() | other.keys()):
        if one.get(key) != other.get(key):
            was, became = (bson.decode(books[key]) if key in books else {} for books in (one, other))
            said[key] = sorted(f for f in was.keys() | became.keys() if was.get(f) != became.get(f))
    return said


async def _latest(shop: Shop) -> list[Any]:
    jetstream, messages = shop.nats.jetstream(), []
    for stream in await jetstream.streams_info():
        if (stream.config.name or "").startswith("$"):  # what the server keeps for itself about MQTT
            continue
        last = stream.state.last_seq
        for sequence in range(max(1, last - _LATEST + 1), last + 1):
            try:
                messages.append(await jetstream.get_msg(stream.config.name or "", seq=sequence))
            except nats.js.errors.NotFoundError:
                continue
    return [message for message in messages if (message.headers or {}).get("shop-key") != "poison"]  # another test's


async def _told_again(shop: Shop, messages: list[Any]) -> None:
    """Each message twice, in any order, as if never heard."""
    again = messages * 2
    random.shuffle(again)
    for message in again:
        headers = {name: value for name, value in (message.headers or {}).items() if name != "Nats-Msg-Id"}
        await shop.nats.jetstream().publish(message.subject, message.data, headers=headers)
    await shop.settled()


async def test_history_told_twice_and_shuffled_changes_nothing(shop: Shop) -> None:
    """What this story wrote stands as it stood. What other stories left, the shop may go on with in those very seconds
    (a parcel that waited for goods): of theirs nothing may move at each telling."""
    sku = await shop.product()
    customer, other = await shop.customer(), await shop.customer()
    order, others = await customer.buy({sku: 2}), await other.buy({sku: 1})
    (await customer.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "test"}, key="c")).expect(200)
    await shop.settled()
    messages = await _latest(shop)
    assert len(messages) > 10
    mine = [str(word).encode() for word in (sku, order["id"], others["id"])]
    moved_each_time: set[str] | None = None
    for _ in range(_TELLINGS):
        before = await _standing_still(shop)
        await _told_again(shop, messages)
        after = await _standing_still(shop)
        moved = _differing(before, after)
        of_mine = [
            key
            for key in moved
            if any(word in key.encode() + before.get(key, b"") + after.get(key, b"") for word in mine)
        ]
        assert not of_mine, {key: moved[key] for key in of_mine}
        moved_each_time = set(moved) if moved_each_time is None else moved_each_time & set(moved)
        if not moved_each_time:
            return
    assert not moved_each_time, moved
