"""This is where the shop is told its history again, twice and shuffled: nothing changes, because the effect is the inbox."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import nats.js.errors

from services.kit.settings import PORTS
from services.orders.leases import EPOCH
from tests.shop import Shop

_LATEST = 150  # events a stream


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
                books[f"{name}.{collection}.{document['_id']}"] = bson.encode(document)
    return books


# What chores have yet to count: baskets into their days, delivered units into statistics, parcels into scorecards.
_TO_COUNT = (
    ("catalog", "baskets", {"counted": False}),
    ("orders", "orders", {"uncounted": True}),
    ("logistics", "shipments", {"uncounted": True}),
)


async def _counted(shop: Shop) -> None:
    """Waits for the chores that count, and for the ledger's head, which follows a moment later."""
    orders = shop.mongo["shop_orders"]

    async def waiting() -> list[str]:
        found = [(name, await shop.mongo[f"shop_{name}"][table].find_one(where)) for name, table, where in _TO_COUNT]
        soon = {"$gt": EPOCH, "$lte": datetime.now(UTC) + timedelta(seconds=15)}
        for table in ("promotion_watches", "price_drops"):  # what fell, and is being looked for
            found.append((table, await orders[table].find_one({"due_at": soon})))
        head, last = await orders["ledger_head"].find_one(), await orders["ledger"].find_one(sort=[("_id", -1)])
        behind = ["ledger"] if head and last and head["number"] < last["number"] else []
        return [name for name, one in found if one is not None] + behind

    await shop.eventually(waiting, lambda left: not left)


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


async def test_history_told_twice_and_shuffled_changes_nothing(shop: Shop) -> None:
    sku = await shop.product()
    customer = await shop.customer()
    order = await customer.buy({sku: 2})
    await (await shop.customer()).buy({sku: 1})
    (await customer.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "test"}, key="c")).expect(200)
    await shop.settled()
    await _counted(shop)
    before, messages = await _books(shop), await _latest(shop)
    again = messages * 2
    random.shuffle(again)
    for message in again:
        headers = {name: value for name, value in (message.headers or {}).items() if name != "Nats-Msg-Id"}
        await shop.nats.jetstream().publish(message.subject, message.data, headers=headers)
    await shop.settled()
    await _counted(shop)
    after = await _books(shop)
    assert len(messages) > 10
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == set()
