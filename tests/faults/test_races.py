"""This is where two hundred buyers want fifty units at the same moment, over HTTP, again and again."""

import asyncio
import uuid
from typing import Any

import pytest

from deploy.local.client import Customer
from tests.faults.load import Journal, Persistent
from tests.shop import Shop


async def _cart(buyer: Customer, sku: str) -> str:
    return await buyer.filled_cart({sku: 1}, delivery="standard")


async def _all_at_once(carts: dict[str, Customer]) -> dict[str, Any]:
    """Every cart's checkout, let go at one barrier; the answers by cart.

    Who is told that there was no time left (504: two hundred checkouts are more than two cores do within a checkout's
    three seconds) asks again with the same key, as any client must: what became of it is only then known.
    """
    barrier, persistent = asyncio.Event(), Persistent(Journal())

    async def go(cart: str, buyer: Customer) -> Any:
        key = uuid.uuid4().hex
        await barrier.wait()
        return await persistent.insist(lambda: buyer.check_out(cart, key=key))

    tasks = [asyncio.create_task(go(cart, buyer)) for cart, buyer in carts.items()]
    await asyncio.sleep(0)
    barrier.set()
    return dict(zip(carts, await asyncio.gather(*tasks), strict=True))


async def _race(shop: Shop, runs: int, buyers: int, units: int) -> None:
    """Who loses keeps the cart and tries again in the next run; who wins comes back with a fresh one."""
    sku, staff = await shop.product(stock=0), await shop.owner()
    carts: dict[str, Customer] = {}
    won: list[str] = []
    for _ in range(runs):
        newcomers = [shop.visitor() for _ in range(buyers - len(carts))]
        carts |= dict(zip(await asyncio.gather(*(_cart(one, sku) for one in newcomers)), newcomers, strict=True))
        body = {"sku": sku, "warehouse": "main", "quantity": units, "reason": "receipt"}
        (await staff.call("POST", "/v1/stock/receipts", body, key=uuid.uuid4().hex)).expect(200, 201)
        answers = await _all_at_once(carts)
        winners = [cart for cart, answer in answers.items() if answer.status == 201]
        losers = [answer for answer in answers.values() if answer.status != 201]
        assert len(winners) == units
        assert {(answer.status, answer.body["code"]) for answer in losers} == {(409, "OUT_OF_STOCK")}
        won += [answers[cart].body["id"] for cart in winners]
        for cart in winners:
            del carts[cart]
    await _nothing_is_orphaned(shop, sku, won)


async def _nothing_is_orphaned(shop: Shop, sku: str, won: list[str]) -> None:
    await shop.settled(60)
    kept = await shop.mongo["shop_catalog"]["skus"].find_one({"_id": sku})
    assert kept is not None
    assert (kept["available"], kept["held"], kept["holds"], sum(kept["on_hand"].values())) == (0, 0, [], 0)
    states: dict[str, list[str]] = {}
    async for order in shop.mongo["shop_orders"]["orders"].find({}).sort("_id", 1):
        if any(line["sku"] == sku for line in order["lines"]):
            states.setdefault(order["state"], []).append(order["_id"])
            assert order["undo"] == []
    assert sorted(states.pop("paid")) == sorted(won)
    for order_id in states.pop("refused", []):
        assert await shop.psp_payments(order_id) == []
    assert states == {}


async def test_forty_buyers_of_ten_units(shop: Shop) -> None:
    await _race(shop, runs=2, buyers=40, units=10)


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_two_hundred_buyers_of_fifty_units_fifty_times(shop: Shop) -> None:
    await _race(shop, runs=50, buyers=200, units=50)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_the_same_key_fifty_times_at_once_fifty_times(shop: Shop) -> None:
    sku = await shop.product(stock=1000)
    for _ in range(50):
        buyer, key = shop.visitor(), uuid.uuid4().hex
        cart = await _cart(buyer, sku)
        answers = await asyncio.gather(*(buyer.check_out(cart, key=key) for _ in range(50)))
        assert {answer.status for answer in answers} <= {201, 409}
        ids = {answer.body["id"] for answer in answers if answer.status == 201}
        assert len(ids) == 1
        assert [payment["status"] for payment in await shop.psp_payments(ids.pop())] == ["captured"]
