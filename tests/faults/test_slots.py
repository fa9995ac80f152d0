"""This is where forty buyers want the ten places of a delivery window at once, over HTTP, and processes die meanwhile."""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploy.local.client import ADDRESS, Answer, Customer, Staff
from tests.faults.load import Journal, PatientCustomer, Persistent
from tests.shop import Shop

HERE = ADDRESS | {"province": "上海市", "city": "上海市", "district": "奉贤区", "street": "南桥路 1 号"}
PRICE = {"currency": "CNY", "minor": 1500}
PLACES = 10


class Race:
    """A shop with same-city delivery; each run has a window of its own."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.journal = shop, Journal()
        self.persistent = Persistent(self.journal)
        self.day = (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)).date().isoformat()
        self.carts: dict[str, PatientCustomer] = {}

    async def open(self) -> None:
        """Something to buy, and a way to have it brought."""
        self.staff, self.sku = await self.shop.owner(), await self.shop.product(stock=10_000)
        zone: dict[str, Any] = {"countries": ["CN"], "provinces": ["上海"], "first_units": 5000, "first_price": PRICE}
        zone |= {"step_units": 1000, "step_price": PRICE, "min_days": 0, "max_days": 1}
        template = {"title": "同城 Same city", "by": "weight", "carrier": "fleet", "zones": [zone]}
        (await self.staff.call("PUT", "/v1/freight-templates/same-city", template)).expect(200)

    async def window(self, *, opened: bool = True, code: str = "") -> str:
        """A window's code."""
        code = code or f"fx-{uuid.uuid4().hex[:8]}"
        body: dict[str, Any] = {
            "title": "上午",
            "warehouse": "main",
            "districts": ["奉贤区"],
            "from": "09:00",
            "until": "12:00",
        }
        body |= {"capacity": PLACES, "days_ahead": 1, "open": opened}
        (await self.staff.call("PUT", f"/v1/delivery-windows/{code}", body)).expect(200)
        return code

    async def ready(self, code: str, buyers: int) -> dict[str, PatientCustomer]:
        """So many carts that are to be brought then; who lost before tries again."""
        while len(self.carts) < buyers:
            buyer = PatientCustomer(self.shop.base, self.shop.session)
            buyer.persistent = self.persistent
            self.carts[await buyer.filled_cart({self.sku: 1}, HERE, "same-city")] = buyer
        chosen = {"option": "same-city", "window": f"{code}_{self.day}_0900-1200"}
        for cart, buyer in self.carts.items():
            (await buyer.call("PUT", f"/v1/carts/{cart}/delivery", chosen)).expect(200)
        return dict(self.carts)

    async def all_at_once(self, carts: dict[str, PatientCustomer]) -> dict[str, Answer]:
        """Every cart's checkout, let go at one barrier, each insisting on an answer."""
        barrier = asyncio.Event()

        async def go(cart: str, buyer: PatientCustomer) -> Answer:
            key = uuid.uuid4().hex
            await barrier.wait()
            return await self.persistent.insist(lambda: Customer.check_out(buyer, cart, key=key))

        tasks = [asyncio.create_task(go(cart, buyer)) for cart, buyer in carts.items()]
        await asyncio.sleep(0)
        barrier.set()
        return dict(zip(carts, await asyncio.gather(*tasks), strict=True))

    async def judged(self, code: str, answers: dict[str, Answer]) -> list[str]:
        """As many were ordered as there are places, and those orders have them; the others were told."""
        won = [answer.body["id"] for answer in answers.values() if answer.status == 201]
        lost = [answer for answer in answers.values() if answer.status != 201]
        assert {(answer.status, answer.body["code"]) for answer in lost} <= {(409, "WINDOW_FULL")}
        assert len(won) == PLACES and not self.journal.fives
        await self.shop.eventually(lambda: _holders(self.staff, code), lambda holders: holders == sorted(won))
        for cart, answer in answers.items():
            if answer.status == 201:
                del self.carts[cart]
        return won

    async def over(self, code: str, won: list[str]) -> None:
        """What was ordered is cancelled: every place is free."""
        for order in won:
            (await self.staff.call("POST", f"/v1/orders/{order}/cancel", {})).expect(200)
        await self.shop.eventually(lambda: _holders(self.staff, code), lambda holders: not holders)
        await self.window(opened=False, code=code)


async def _holders(staff: Staff, code: str) -> list[str]:
    slots = (await staff.get(f"/v1/delivery-windows/{code}/slots"))["items"]
    assert all(slot["taken"] == len(set(slot["orders"])) <= slot["capacity"] for slot in slots)
    return sorted(order for slot in slots for order in slot["orders"])


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_forty_buyers_of_ten_places_fifty_times(shop: Shop) -> None:
    race = Race(shop)
    await race.open()
    for _ in range(50):
        code = await race.window()
        won = await race.judged(code, await race.all_at_once(await race.ready(code, 40)))
        await race.over(code, won)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("victim", ["logistics", "orders", "mongod", "psp"])
async def test_whoever_dies_meanwhile_no_place_is_lost_or_given_twice(shop: Shop, victim: str) -> None:
    race = Race(shop)
    await race.open()
    code = await race.window()
    carts = await race.ready(code, 40)

    async def kill() -> None:
        await asyncio.sleep(0.15)
        await asyncio.to_thread(shop.local.kill, victim)
        await asyncio.to_thread(shop.local.wait_ready)

    answers, _ = await asyncio.gather(race.all_at_once(carts), kill())
    won = await race.judged(code, answers)
    await race.over(code, won)
