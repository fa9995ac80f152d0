"""This is where new promotions and coupons are proven to be held to the margin floor, and the owner's word to be kept."""

import asyncio
from datetime import timedelta

import pytest
from shop.catalog.v1.margins_pb2 import CheckDiscountsRequest, CheckDiscountsResponse, DiscountShortfall
from shop.marketing.v1 import coupons_pb2 as cp
from shop.marketing.v1 import promotions_pb2 as pp

from services.kit.errors import Invalid, Unavailable, WrongState
from services.kit.rpc import call
from services.marketing.store import RulesMet
from tests.catalog.counter import all_at_once
from tests.house import House
from tests.marketing.shop import CatalogFake, Marketing, cny, open_marketing

PERCENT = {"kind": pp.PROMOTION_KIND_LIMITED_TIME, "percent_bp": 4_000}
SHORT = CheckDiscountsResponse(
    below=3,
    worst=[
        DiscountShortfall(
            sku="TEA", price=cny(10_000), left_minor=1_800, lowest_price_minor=4_286, shortfall_minor=2_486
        )
    ],
)


async def make_coupon(shop: Marketing, code: str, reason: str = "", **fields: object) -> cp.Coupon:
    coupon = cp.Coupon(code=code, percent_bp=7_000, **fields)  # type: ignore[arg-type]
    request = cp.CreateCouponRequest(coupon=coupon, by="stf_1", margin_override_reason=reason)
    return (await call(shop.coupons.CreateCoupon, request)).coupon


async def test_a_coupon_that_would_sell_too_cheaply_is_refused_naming_what_it_stacks_with(house: House) -> None:
    catalog = CatalogFake()
    shop = await open_marketing(house, catalog)
    promotion = await shop.promotion(title="Double 11", **PERCENT)
    catalog.answer = SHORT
    with pytest.raises(WrongState) as refused:
        await make_coupon(shop, "SAVE70")
    assert refused.value.reason == "BELOW_MARGIN_FLOOR"
    said = refused.value.detail
    for part in (
        "TEA at ¥100.00 would be sold for ¥18.00",
        f"promotion {promotion.id} (40% off)",
        "coupon SAVE70 (70% off)",
        "its floor price is ¥42.86",
        "short of it by 2486 minor units",
        "and 2 more",
    ):
        assert part in said
    assert refused.value.errors[0].pointer == "/percent_bp"
    assert refused.value.meta == {"sku": "TEA", "shortfall_minor": "2486"}
    assert not (await call(shop.coupons.ListCoupons, cp.ListCouponsRequest())).coupons


async def test_the_owners_word_lets_it_through_and_stands_in_the_ledger(house: House) -> None:
    catalog = CatalogFake()
    shop = await open_marketing(house, catalog)
    unneeded = await make_coupon(shop, "FINE", "the anniversary")
    assert unneeded.margin_override_reason == ""  # nothing to let through
    catalog.answer = SHORT
    with pytest.raises(Invalid):
        await make_coupon(shop, "SAVE70", "because")
    made = await make_coupon(shop, "SAVE70", "the anniversary")
    assert made.margin_override_reason == "the anniversary"
    request = pp.CreatePromotionRequest(
        promotion=pp.Promotion(**PERCENT),  # type: ignore[arg-type]
        by="stf_owner",
        margin_override_reason="we pay for it",
    )
    promotion = (await call(shop.promotions.CreatePromotion, request)).promotion
    page = await call(shop.promotions.ListFloorOverrides, pp.ListFloorOverridesRequest())
    assert [(each.rule, each.reason, each.by, each.below) for each in page.overrides] == [
        (promotion.id, "we pay for it", "stf_owner", 3),
        ("SAVE70", "the anniversary", "stf_1", 3),
    ]
    assert "short of it by 2486" in page.overrides[1].worst[0]


async def test_while_catalog_is_away_nothing_is_made(house: House) -> None:
    shop = Marketing(house, await house.start("marketing"))
    for reason in ("", "the anniversary"):
        with pytest.raises(Unavailable) as refused:
            await make_coupon(shop, "SAVE70", reason)
        assert refused.value.reason == "MARGIN_UNTESTED"
    assert not (await call(shop.coupons.ListCoupons, cp.ListCouponsRequest())).coupons


async def test_codes_that_are_alike_are_one_rule_and_used_up_ones_none(house: House) -> None:
    shop = await open_marketing(house)
    for number in range(5):
        await shop.coupon(f"ONE-{number}", percent_bp=500, limit=1)
        house.clock.advance(seconds=1)
    await shop.coupon("OTHER", percent_bp=500, skus=["TEA"])
    await shop.take("ord_1", "ONE-0")
    ground = shop.started.ground
    stores = {store.name: store for store in ground.stores}
    met = RulesMet(stores["promotions"], stores["coupons"])
    now = house.clock.now()
    rules = await met.during(now, now.replace(year=now.year + 1), 100)
    assert sorted((rule.name, rule.alike) for rule in rules) == [("coupon ONE-1", 4), ("coupon OTHER", 1)]


class TooMuchTogether(CatalogFake):
    """One rule alone is fine; two that stack sell TEA too cheaply."""

    async def CheckDiscounts(self, request: CheckDiscountsRequest, _context: object) -> CheckDiscountsResponse:
        self.asked.append(request)
        stacked = any(len(way.steps) > 1 for discount in request.discounts for way in discount.ways)
        return SHORT if stacked else CheckDiscountsResponse()


@pytest.mark.parametrize("run", range(5))
async def test_of_two_rules_made_at_once_that_together_sell_too_cheaply_one_is_made(house: House, run: int) -> None:
    shop = await open_marketing(house, TooMuchTogether())
    answers = await all_at_once(
        *(make_coupon(shop, f"SAVE{n}", exclusive=True) for n in range(3)), shop.promotion(**PERCENT)
    )
    refused = [answer for answer in answers if isinstance(answer, WrongState)]
    assert {each.reason for each in refused} == {"BELOW_MARGIN_FLOOR"}
    coupons = (await call(shop.coupons.ListCoupons, cp.ListCouponsRequest())).coupons
    promotions = (await call(shop.promotions.ListPromotions, pp.ListPromotionsRequest())).promotions
    assert len(coupons) + len(promotions) + len(refused) == 4
    assert not (coupons and promotions), run  # the promotion, or coupons that do not stack with one another


async def test_who_dies_making_a_rule_holds_up_the_others_for_a_moment_only(house: House) -> None:
    shop = await open_marketing(house)
    turns = shop.started.ground.database["turns"]
    await make_coupon(shop, "FIRST")
    await turns.update_one(
        {"_id": "rules"}, {"$set": {"holder": "dead", "until": house.clock.now() + timedelta(seconds=20)}}
    )
    waiting = asyncio.create_task(make_coupon(shop, "SECOND"))
    house.clock.advance(seconds=21)
    assert (await waiting).code == "SECOND"
