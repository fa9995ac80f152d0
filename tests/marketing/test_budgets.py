"""This is where a coupon's budget, audience and suspension prove themselves: in money and in uses, through races."""

import asyncio

import pytest
from shop.marketing.v1 import coupons_pb2 as cp
from shop.marketing.v1 import promotions_pb2 as pp

from services.kit.errors import Invalid, Refused, WrongState
from services.kit.rpc import call
from tests.house import House
from tests.marketing.shop import Marketing, cny, open_marketing
from tests.marketing.test_takings import refusal


async def given(shop: Marketing, code: str) -> int:
    document = await shop.started.ground.database["coupons"].find_one({"_id": code})
    assert document is not None
    return int(document["given_minor"])


async def problems(shop: Marketing, *codes: str, customer: str = "", minor: int = 20_000, **who: object) -> list[str]:
    line = pp.CartLine(sku="TEA", category="food", quantity=1, unit_price=cny(minor))
    request = pp.EvaluateCartRequest(lines=[line], coupons=codes, customer_id=customer, **who)  # type: ignore[arg-type]
    return [each.problem for each in (await call(shop.promotions.EvaluateCart, request)).problems]


async def test_money_is_given_while_there_is_enough_for_the_whole_of_it(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("TENTH", percent_bp=1_000, budget=cny(5_000))
    assert await problems(shop, "TENTH") == []
    await shop.take("ord_1", "TENTH", given=2_000)
    await shop.take("ord_2", "TENTH", given=2_000)
    assert await problems(shop, "TENTH") == ["discount_code_expired"]  # 2,000 more would be too much
    assert await problems(shop, "TENTH", minor=10_000) == []  # 1,000 more is not
    assert isinstance(await refusal(shop.take("ord_3", "TENTH", given=1_001)), WrongState)
    await shop.take("ord_3b", "TENTH", given=1_000)
    await shop.release("ord_1", "TENTH")
    assert await given(shop, "TENTH") == 3_000
    await shop.take("ord_4", "TENTH", given=2_000)
    assert await given(shop, "TENTH") == 5_000


async def test_a_repeat_with_another_amount_counts_the_first(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C", budget=cny(1_000))
    await shop.take("ord_1", "C", given=400)
    await shop.take("ord_1", "C", given=900)
    assert await given(shop, "C") == 400
    await shop.release("ord_1", "C")
    assert await given(shop, "C") == 0


async def test_a_budget_is_not_taken_from_without_saying_how_much(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C", budget=cny(1_000))
    refused = await refusal(shop.take("ord_1", "C", given=0))
    assert isinstance(refused, Invalid)
    assert refused.reason == "AMOUNT_MISSING"


async def test_a_suspended_coupon_gives_nothing_until_it_is_let_go_and_an_ended_one_never_again(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("C")
    await call(shop.coupons.PauseCoupon, cp.PauseCouponRequest(code="c", paused=True, by="stf_1"))
    assert await problems(shop, "C") == ["discount_code_invalid"]
    assert (await refusal(shop.take("ord_1", "C"))).reason == "COUPON_USED_UP"
    await call(shop.coupons.PauseCoupon, cp.PauseCouponRequest(code="C", by="stf_1"))
    await shop.take("ord_2", "C")
    ended = await call(shop.coupons.EndCoupon, cp.EndCouponRequest(code="C", by="stf_1"))
    assert ended.coupon.ends_at
    assert await problems(shop, "C") == ["discount_code_expired"]
    await shop.take("ord_3", "C")  # its cart was priced in time
    house.clock.advance(minutes=6)
    assert (await refusal(shop.take("ord_4", "C"))).reason == "COUPON_USED_UP"
    await shop.take("ord_2", "C")  # taken long ago
    assert await shop.uses("C") == 2


async def test_who_it_is_not_for_is_told_so(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("CLUB", audience=pp.Audience(groups=["tea-club"], tiers=["gold"]))
    assert await problems(shop, "CLUB") == ["discount_code_not_signed_in"]
    assert await problems(shop, "CLUB", customer="cus_1", tier="basic") == ["discount_code_user_ineligible"]
    assert await problems(shop, "CLUB", customer="cus_1") == ["discount_code_user_ineligible"]
    assert await problems(shop, "CLUB", customer="cus_1", tier="gold") == []
    assert await problems(shop, "CLUB", customer="cus_1", tier="basic", groups=["tea-club"]) == []
    await shop.coupon("LIVE", channels=["live"])
    assert await problems(shop, "LIVE") == ["discount_code_user_ineligible"]
    assert await problems(shop, "LIVE", channel="live") == []


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"budget": cny(499)}, "/budget/minor"),
        ({"valid_days": 7}, "/vouchers_only"),
        ({"vouchers_only": True, "claim_limit": 5}, "/claims_per_customer"),
        ({"audience": pp.Audience(groups=["no good"])}, "/audience/groups/0"),
        ({"channels": ["fax"]}, "/channels/0"),
    ],
)
async def test_what_cannot_be_is_refused_where_it_stands(house: House, fields: dict[str, object], pointer: str) -> None:
    shop = await open_marketing(house)
    with pytest.raises(Refused) as refused:
        await shop.coupon("C", **fields)
    assert [error.pointer for error in refused.value.errors] == [pointer]


async def test_templates_are_begun_with_and_said_otherwise(house: House) -> None:
    shop = await open_marketing(house)
    listed = await call(shop.coupons.ListCouponTemplates, cp.ListCouponTemplatesRequest())
    assert {each.id for each in listed.templates} >= {"group_5", "apology_50", "hundred_30"}
    more = cp.Coupon(code="MAY", threshold=cny(8_000))
    request = cp.CreateCouponRequest(coupon=more, template="hundred_30", by="stf_1")
    made = (await call(shop.coupons.CreateCoupon, request)).coupon
    assert (made.amount_off.minor, made.threshold.minor, made.code) == (3_000, 8_000, "MAY")
    request.template = "none"
    assert (await refusal(call(shop.coupons.CreateCoupon, request))).reason == "UNKNOWN_TEMPLATE"


async def money_race(shop: Marketing, run: int, buyers: int = 150) -> None:
    """150 buyers of 1 to 3 yuan each, 100 uses, and money for about half of them."""
    code, barrier, kept = f"MONEY-{run}", asyncio.Barrier(buyers), dict[int, int]()
    await shop.coupon(code, percent_bp=500, limit=100, budget=cny(15_000))

    async def buy(buyer: int) -> None:
        amount = 100 * (1 + buyer % 3)
        await barrier.wait()
        try:
            await shop.take(f"ord_{run}_{buyer}", code, given=amount)
        except WrongState:
            return
        if buyer % 10 == 0:
            await shop.release(f"ord_{run}_{buyer}", code)
            return
        kept[buyer] = amount

    await asyncio.gather(*(buy(buyer) for buyer in range(buyers)))
    assert await given(shop, code) == sum(kept.values()) <= 15_000
    assert await shop.uses(code) == len(kept) <= 100


async def test_the_budget_is_never_exceeded_however_many_buy_at_once(house: House) -> None:
    shop = await open_marketing(house)
    for run in range(2):
        await money_race(shop, run)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_the_budget_is_never_exceeded_fifty_times(house: House) -> None:
    shop = await open_marketing(house)
    for run in range(50):
        await money_race(shop, run)
