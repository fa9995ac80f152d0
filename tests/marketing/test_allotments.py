"""This is where units that a promotion has only so many of are proven never to be sold more often."""

import asyncio

from shop.marketing.v1 import promotions_pb2 as pp

from services.kit.errors import WrongState
from services.kit.rpc import call
from tests.catalog.counter import all_at_once
from tests.house import House
from tests.marketing.shop import Marketing, open_marketing

PRM = "prm_1"


def claim(units: int, at_most: int | None, of_customer: int = 0) -> pp.Claim:
    counted = at_most is not None
    return pp.Claim(
        promotion_id=PRM, units=units, at_most=at_most or 0, counted=counted, limit_per_customer=of_customer
    )


async def take(shop: Marketing, order: str, asked: pp.Claim, customer: str = "") -> bool:
    request = pp.TakeUnitsRequest(order_id=order, customer_id=customer, claims=[asked])
    try:
        await call(shop.promotions.TakeUnits, request, timeout_s=20)
    except WrongState as refused:
        return refused.reason != "PROMOTION_USED_UP"
    return True


async def give_back(shop: Marketing, order: str, asked: pp.Claim, customer: str = "") -> None:
    request = pp.ReleaseUnitsRequest(order_id=order, customer_id=customer, claims=[asked])
    await call(shop.promotions.ReleaseUnits, request, timeout_s=20)


async def units(shop: Marketing, key: str = PRM) -> int:
    row = await shop.started.ground.database["allotments"].find_one({"_id": key})
    return int(row["units"]) if row else 0


async def test_a_hundred_units_are_not_sold_a_hundred_and_one_times(house: House) -> None:
    shop = await open_marketing(house)
    asked = claim(3, 10 - 3)
    got = await all_at_once(*(take(shop, f"ord_{n}", asked) for n in range(12)))
    assert sum(got) == 3
    assert await units(shop) == 9
    assert await asyncio.gather(*(take(shop, f"ord_{n}", asked) for n in range(12))) == got  # again changes nothing
    assert await units(shop) == 9


async def test_what_is_given_back_can_be_had_again_but_not_by_the_same_order(house: House) -> None:
    shop, asked = await open_marketing(house), claim(1, 0)
    assert await take(shop, "ord_1", asked)
    assert not await take(shop, "ord_2", asked)
    await all_at_once(*(give_back(shop, "ord_1", asked) for _ in range(4)))
    assert await units(shop) == 0
    assert not await take(shop, "ord_1", asked)
    await give_back(shop, "ord_3", asked)  # before it was taken: the request that comes late is refused
    assert not await take(shop, "ord_3", asked)
    assert await take(shop, "ord_4", asked)
    assert await units(shop) == 1


async def test_a_customer_has_no_more_than_their_share_even_at_once(house: House) -> None:
    shop, asked = await open_marketing(house), claim(1, None, of_customer=2)
    got = await all_at_once(*(take(shop, f"ord_{n}", asked, "cus_1") for n in range(6)))
    assert sum(got) == 2
    assert await take(shop, "ord_9", asked, "cus_2")
    assert await units(shop, f"{PRM}|cus_1") == 2


async def test_who_is_refused_in_all_keeps_their_share(house: House) -> None:
    shop = await open_marketing(house)
    assert await take(shop, "ord_1", claim(5, 0, of_customer=5), "cus_1")
    assert not await take(shop, "ord_2", claim(1, 4, of_customer=1), "cus_2")
    assert await units(shop, f"{PRM}|cus_2") == 0
    assert await units(shop) == 5
