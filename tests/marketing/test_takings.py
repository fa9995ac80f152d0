"""This is where coupons prove that their limits hold, through repeats, releases and races."""

import asyncio
import random

import pytest
from shop.marketing.v1.events_pb2 import CouponChanged

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotFound, Refused, WrongState
from tests.house import House
from tests.marketing.shop import Marketing, open_marketing


async def refusal(work: object) -> Refused:
    with pytest.raises(Refused) as refused:
        await work  # type: ignore[misc]
    return refused.value


async def test_an_order_takes_a_use_once_however_often_it_asks(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C", limit=2)
    await asyncio.gather(*(shop.take("ord_1", "c") for _ in range(10)))
    assert await shop.uses("C") == 1
    await shop.take("ord_2", "C")
    refused = await refusal(shop.take("ord_3", "C"))
    assert isinstance(refused, WrongState)
    assert (refused.reason, refused.meta["code"]) == ("COUPON_USED_UP", "C")
    await shop.take("ord_1", "C")
    assert await shop.uses("C") == 2
    answer = await shop.evaluate("C")
    assert [each.problem for each in answer.problems] == ["discount_code_expired"]


async def test_a_use_given_back_is_there_for_another_and_gone_for_the_order(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C", limit=1)
    await shop.take("ord_1", "C")
    await asyncio.gather(*(shop.release("ord_1", "C") for _ in range(5)))
    assert await shop.uses("C") == 0
    assert (await refusal(shop.take("ord_1", "C"))).reason == "COUPON_USED_UP"
    await shop.take("ord_2", "C")
    assert await shop.uses("C") == 1


async def test_being_used_up_and_available_again_is_told(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C", limit=2)
    for step in (shop.take("ord_1", "C"), shop.take("ord_2", "C"), shop.release("ord_1", "C")):
        await step
        await house.settled()
    assert len(house.told(CouponChanged)) == 3  # made, used up, available


async def test_an_order_gets_all_its_codes_or_none(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("A", limit=5)
    await shop.coupon("B", limit=1)
    await shop.take("ord_0", "B")
    assert (await refusal(shop.take("ord_1", "A", "B"))).meta["code"] == "B"
    refused = await refusal(shop.take("ord_2", "A", "NONE"))
    assert isinstance(refused, NotFound)
    assert (refused.reason, refused.meta["code"]) == ("COUPON_NOT_FOUND", "NONE")
    assert (await shop.uses("A"), await shop.uses("B")) == (0, 1)
    assert (await refusal(shop.take("ord_1", "A", "B"))).reason == "COUPON_USED_UP"


async def test_a_use_refused_in_all_is_not_counted_for_the_customer_either(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C", limit=1, limit_per_customer=1)
    await shop.take("ord_0", "C", customer="cus_0")
    assert (await refusal(shop.take("ord_1", "C", customer="cus_1"))).reason == "COUPON_USED_UP"
    await shop.release("ord_0", "C", customer="cus_0")
    await shop.take("ord_2", "C", customer="cus_1")


async def test_a_customers_own_limit_holds_and_comes_back(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C", limit_per_customer=2)
    assert (await refusal(shop.take("ord_0", "C"))).reason == "COUPON_USED_UP"  # a guest
    for order in ("ord_1", "ord_1", "ord_2"):
        await shop.take(order, "C", customer="cus_1")
    answer = await shop.evaluate("C", customer="cus_1")
    assert [each.problem for each in answer.problems] == ["discount_code_user_ineligible"]
    assert (await refusal(shop.take("ord_3", "C", customer="cus_1"))).meta["limit"] == "customer"
    await shop.take("ord_4", "C", customer="cus_2")
    await shop.release("ord_1", "C", customer="cus_1")
    await shop.release("ord_1", "C", customer="cus_1")
    assert (await shop.evaluate("C", customer="cus_1")).applied
    await shop.take("ord_5", "C", customer="cus_1")
    assert await shop.uses("C") == 3


async def test_a_release_before_the_take_keeps_it_from_being_taken(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C")
    await shop.release("ord_1", "C", "NEVER-MADE", "not a code")
    assert (await refusal(shop.take("ord_1", "C"))).reason == "COUPON_USED_UP"
    assert await shop.uses("C") == 0


async def test_an_order_priced_in_time_may_still_take_the_coupon_for_a_moment(house: House) -> None:
    shop = await open_marketing(house)
    house.clock.advance(hours=-1)
    end = house.clock.now()
    house.clock.advance(hours=-1)
    await shop.coupon("C", ends_at=rfc3339(end))
    house.clock.advance(hours=1, minutes=4)
    await shop.take("ord_1", "C")
    house.clock.advance(minutes=1)
    assert (await refusal(shop.take("ord_2", "C"))).reason == "COUPON_USED_UP"
    await shop.take("ord_1", "C")  # asked in time, maybe paid: a repeat is never too late
    assert await shop.uses("C") == 1


async def test_ids_that_are_none_are_refused(house: House) -> None:
    shop = await open_marketing(house)
    assert isinstance(await refusal(shop.take("", "C")), Invalid)
    assert isinstance(await refusal(shop.take("ord_1", "C", customer="somebody")), Invalid)


async def test_a_storm_of_takes_releases_and_tidying_leaves_the_count_true(house: House) -> None:
    shop = await open_marketing(house)
    for run in range(3):
        code, barrier = f"STORM-{run}", asyncio.Barrier(60)
        await shop.coupon(code, limit=3, limit_per_customer=2)

        async def act(step: int, code: str = code, barrier: asyncio.Barrier = barrier) -> None:
            order, customer = f"ord_{step % 7}", f"cus_{step % 7 % 2}"
            await barrier.wait()
            try:
                await (shop.release if random.random() < 0.3 else shop.take)(order, code, customer=customer)
            except WrongState:
                return

        await asyncio.gather(*(act(step) for step in range(60)))
        database = shop.started.ground.database
        coupon = await database["coupons"].find_one({"_id": code})
        assert coupon is not None
        assert coupon["uses"] == len(coupon["counted"]) <= 3
        keys = [f"{code}|cus_{number}" for number in range(2)]
        by_customer = await database["customer_uses"].find({"_id": {"$in": keys}}).to_list()
        assert sorted(order for each in by_customer for order in each["orders"]) == sorted(coupon["counted"])
        asked = await database["takings"].find({"_id": {"$regex": f"^ord_.[|]{code}$"}}).to_list()
        assert {each["order_id"] for each in asked if each["state"] == "asked"} == set(coupon["counted"])


async def race(shop: Marketing, run: int, limit: int = 100, buyers: int = 150) -> None:
    code, barrier = f"RACE-{run}", asyncio.Barrier(buyers)
    await shop.coupon(code, limit=limit)

    async def buy(buyer: int) -> bool:
        await barrier.wait()
        try:
            await shop.take(f"ord_{run}_{buyer}", code, customer=f"cus_{buyer}")
        except WrongState:
            return False
        if buyer % 10 == 0:  # some change their minds
            await shop.release(f"ord_{run}_{buyer}", code, customer=f"cus_{buyer}")
            return False
        return True

    kept = sum(await asyncio.gather(*(buy(buyer) for buyer in range(buyers))))
    assert await shop.uses(code) == kept <= limit


async def simple_race(shop: Marketing, run: int) -> None:
    code, barrier = f"SIMPLE-{run}", asyncio.Barrier(150)
    await shop.coupon(code, limit=100)

    async def buy(buyer: int) -> bool:
        await barrier.wait()
        try:
            await shop.take(f"ord_s{run}_{buyer}", code)
        except WrongState:
            return False
        return True

    assert sum(await asyncio.gather(*(buy(buyer) for buyer in range(150)))) == 100
    assert await shop.uses(code) == 100


async def test_a_hundred_and_fifty_buyers_get_a_hundred_uses(house: House) -> None:
    shop = await open_marketing(house)
    for run in range(2):
        await simple_race(shop, run)
        await race(shop, run)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_hundred_and_fifty_buyers_get_a_hundred_uses_fifty_times(house: House) -> None:
    shop = await open_marketing(house)
    for run in range(50):
        await simple_race(shop, run)
        await race(shop, run)
