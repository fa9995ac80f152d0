"""This is where a price shown before the cart is held to be what the cart then says."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some
from shop.marketing.v1 import promotions_pb2 as pp
from shop.marketing.v1 import shown_prices_pb2 as pb
from shop.marketing.v1.shown_prices_pb2_grpc import ShownPricesServiceStub

from services.kit.clock import rfc3339
from services.kit.rpc import call
from services.marketing.evaluation import evaluate
from services.marketing.promotions import LIMITED_TIME, Promotion, Step
from services.marketing.rules import Rules
from services.marketing.selection import Goods
from services.marketing.shoppers import Shopper
from services.marketing.showing.showcase import Item, Showcase
from tests.house import House
from tests.marketing.shop import cny, open_marketing

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TEA = Item("TEA", "food", "CNY", 10_000)


def percent(number: int, basis_points: int, **more: Any) -> Promotion:
    return Promotion(f"prm_{number}", LIMITED_TIME, "", NOW - timedelta(days=1), percent_bp=basis_points, **more)


_rules: some.SearchStrategy[list[dict[str, Any]]] = some.lists(
    some.builds(
        dict,
        basis_points=some.integers(1, 9_999),
        priority=some.integers(-1, 1),
        exclusive=some.booleans(),
        skus=some.sampled_from([[], ["TEA"], ["CUP"]]),
        groups=some.sampled_from([[], [], ["club"]]),
        signed_in=some.sampled_from([False, False, True]),
        channels=some.sampled_from([[], [], ["live"]]),
    ),
    max_size=5,
)


@given(_rules, some.integers(0, 50_000), some.sampled_from(["storefront", "live"]))
def test_what_is_shown_is_what_whoever_buys_one_of_it_pays(
    rules: list[dict[str, Any]], minor: int, channel: str
) -> None:
    promotions = [percent(number, **rule) for number, rule in enumerate(rules)]
    goods, shopper = [Goods("TEA", "food", minor)], Shopper(channel=channel)
    cart = evaluate("CNY", goods, Rules(promotions), [], shopper, NOW)
    shown = Showcase(promotions).show([Item("TEA", "food", "CNY", minor)], channel, NOW, {})
    assert [each.minor for each in shown] == ([cart.left["TEA"]] if cart.left["TEA"] < minor else [])


def test_it_counts_down_to_the_end_of_what_takes_part() -> None:
    end = NOW + timedelta(hours=3)
    [shown] = Showcase([percent(1, 2_000, ends_at=end), percent(2, 1_000, ends_at=NOW)]).show(
        [TEA], "storefront", NOW, {}
    )
    assert (shown.minor, shown.promotions, shown.ends_at) == (8_000, ["prm_1"], end)
    [endless] = Showcase([percent(1, 2_000)]).show([TEA], "storefront", NOW, {})
    assert endless.ends_at is None
    assert not Showcase([percent(1, 2_000, ends_at=end)]).show([TEA], "storefront", end, {})


def test_a_flash_sale_says_how_many_are_left_at_its_price_and_goes_on_to_the_next() -> None:
    flash = percent(1, 0, limit_per_customer=2)
    flash.steps = [Step(percent_bp=5_000, units=10), Step(percent_bp=2_000, units=20)]
    showcase = Showcase([flash])
    assert showcase.counting([TEA], "storefront", NOW) == ["prm_1"]
    found = [showcase.show([TEA], "storefront", NOW, {"prm_1": sold}) for sold in (0, 9, 10, 29, 30)]
    assert [(each[0].minor, each[0].left) for each in found if each] == [
        (5_000, 10),
        (5_000, 1),
        (8_000, 20),
        (8_000, 1),
    ]
    assert found[4] == []


def test_what_is_for_some_or_for_carts_leaves_the_shop_quiet() -> None:
    threshold = Promotion("prm_1", "spend_threshold", "", NOW, currency="CNY", threshold_minor=1, amount_off_minor=1)
    assert Showcase([percent(2, 1_000, tiers=["gold"]), percent(3, 1_000, signed_in=True), threshold]).quiet
    assert not Showcase([percent(1, 1_000)]).quiet


async def test_a_promotion_made_and_ended_is_seen_at_once(house: House) -> None:
    shop = await open_marketing(house)
    stub: Any = ShownPricesServiceStub(shop.started.channel)
    request = pb.ListShownPricesRequest(items=[pb.ShownItem(sku="TEA", category="food", unit_price=cny(1_000))])
    before = await call(stub.ListShownPrices, request)
    assert (before.quiet, len(before.prices)) == (True, 0)
    end = rfc3339(house.clock.now() + timedelta(hours=3))
    made = await shop.promotion(kind=pp.PROMOTION_KIND_LIMITED_TIME, percent_bp=2_000, title="Flash", ends_at=end)
    shown = await call(stub.ListShownPrices, request)
    assert [(each.price.minor, each.promotion_id, each.ends_at) for each in shown.prices] == [(800, made.id, end)]
    assert not shown.quiet
    await call(shop.promotions.EndPromotion, pp.EndPromotionRequest(id=made.id, by="stf_1"))
    assert (await call(stub.ListShownPrices, request)).quiet
