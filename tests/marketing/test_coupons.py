"""This is where coupons prove that they are made well and found as people write them."""

from typing import Any

import pytest
from shop.marketing.v1 import coupons_pb2 as cp
from shop.marketing.v1.events_pb2 import CouponChanged
from shop.type.v1.page_pb2 import Page

from services.kit.errors import AlreadyExists, Invalid
from services.kit.rpc import call
from services.marketing.coupons import is_code, new_code
from tests.house import House
from tests.marketing.shop import cny, open_marketing


async def test_a_code_is_found_however_it_is_written(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("save-5")
    for written in ("SAVE-5", " save-5 ", "ＳＡＶＥ-５"):
        answer = await shop.evaluate(written)
        assert [(each.code, each.amount.minor) for each in answer.applied] == [("SAVE-5", 500)]
    answer = await shop.evaluate("SAVE-5", "save-5", "nothing", "\x00", "x" * 10_000)
    assert [each.problem.removeprefix("discount_code_") for each in answer.problems] == [
        "already_applied",
        "invalid",
        "invalid",
        "invalid",
    ]
    assert answer.problems[0].code == "save-5"


async def test_a_coupon_without_a_code_gets_one_nobody_can_guess(house: House) -> None:
    shop = await open_marketing(house)
    made = [(await shop.coupon("")).code for _ in range(3)]
    assert len(set(made)) == 3
    assert all(is_code(code) and len(code.replace("-", "")) == 16 for code in (*made, new_code()))
    await house.settled()
    assert sorted(event.code for event in house.told(CouponChanged)) == sorted(made)


async def test_a_code_is_given_once(house: House) -> None:
    shop = await open_marketing(house)
    await shop.coupon("ONCE")
    with pytest.raises(AlreadyExists) as refused:
        await shop.coupon("once")
    assert refused.value.reason == "COUPON_EXISTS"


async def test_coupons_are_listed_newest_first_by_page(house: House) -> None:
    shop = await open_marketing(house)
    made = [(await shop.coupon(code, limit=7)).code for code in ("B", "C", "A")]
    first = await call(shop.coupons.ListCoupons, cp.ListCouponsRequest(page=Page(limit=2)))
    rest = await call(shop.coupons.ListCoupons, cp.ListCouponsRequest(page=Page(limit=2, cursor=first.next_cursor)))
    assert [each.code for each in (*first.coupons, *rest.coupons)] == made[::-1]
    assert first.coupons[0].limit == 7
    with pytest.raises(Invalid) as refused:
        await call(shop.coupons.ListCoupons, cp.ListCouponsRequest(page=Page(limit=101)))
    assert refused.value.reason == "INVALID_PAGE"
    with pytest.raises(Invalid):
        await call(shop.coupons.ListCoupons, cp.ListCouponsRequest(page=Page(cursor="nonsense")))


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"code": "no spaces"}, "/code"),
        ({"code": "優惠"}, "/code"),
        ({"code": "X" * 41}, "/code"),
        ({"percent_bp": 100}, "/amount_off"),
        ({"amount_off": cny(0), "percent_bp": 0}, "/amount_off"),
        ({"amount_off": None, "percent_bp": 10_000}, "/percent_bp"),
        ({"threshold": cny(500)}, "/amount_off/minor"),
        ({"threshold": cny(-1)}, "/threshold/minor"),
        ({"limit": -1}, "/limit"),
        ({"limit_per_customer": 101}, "/limit_per_customer"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "/ends_at"),
        ({"skus": ["*"]}, "/skus/0"),
    ],
)
async def test_what_cannot_be_a_coupon_is_refused_field_by_field(
    house: House, fields: dict[str, Any], pointer: str
) -> None:
    shop, fields = await open_marketing(house), dict(fields)
    with pytest.raises(Invalid) as refused:
        await shop.coupon(fields.pop("code", "C"), **({"amount_off": cny(500)} | fields))
    assert refused.value.reason == "INVALID_COUPON"
    assert pointer in {error.pointer for error in refused.value.errors}


async def test_more_codes_than_a_cart_can_have_are_refused(house: House) -> None:
    shop = await open_marketing(house)
    with pytest.raises(Invalid) as refused:
        await shop.evaluate(*(f"C{i}" for i in range(21)))
    assert refused.value.reason == "TOO_MANY_CODES"
