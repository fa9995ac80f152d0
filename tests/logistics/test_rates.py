"""This is where it is shown what volume weighs, when freight is free, and how one of several carriers is chosen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.money import Money
from services.logistics.freight import STANDARD
from services.logistics.freight_rules import problems
from services.logistics.rates import Weights, shop
from services.logistics.regions import Region
from services.logistics.tariffs import Consignment, FreeRule, Quote, Tariff, Template, Zone, chargeable_g

SHANGHAI = Region("CN", "上海市")
NEAR = Zone(["CN"], [], 1000, 800, 1000, 200, 0, 2, 4)


def sent(weight_g: int = 500, goods: int = 5000, **more: object) -> Consignment:
    usual: dict[str, object] = {"region": SHANGHAI, "pieces": 1, "volume_mm3": 0, "categories": ()}
    return Consignment(weight_g=weight_g, goods=Money("CNY", goods), **(usual | more))  # type: ignore[arg-type]


def template(name: str = "t", **more: object) -> Template:
    usual: dict[str, object] = {"title": name, "by": "weight", "currency": "CNY", "zones": [NEAR]}
    return Template(name, **(usual | more))  # type: ignore[arg-type]


def quoted(made: Template, what: Consignment, warehouse: str = "") -> Quote:
    quote = Tariff(made).quote(what, warehouse)
    assert quote
    return quote


@given(st.integers(0, 10**7), st.integers(0, 10**12), st.integers(1, 10_000))
def test_the_greater_of_weight_and_volume_is_charged_and_rounded_up(weight: int, volume: int, divisor: int) -> None:
    charged = chargeable_g(weight, volume, divisor)
    assert charged >= weight
    assert charged * divisor >= volume
    assert charged == weight or (charged - 1) * divisor < volume


def test_a_large_light_box_pays_for_its_room() -> None:
    # 400 × 300 × 200 mm are 24,000 cm³: by 6000 they weigh 4 kg.
    box = sent(500, volume_mm3=400 * 300 * 200)
    assert quoted(template(divisor=6000), box).price.minor == 800 + 3 * 200
    assert "4000 g" in quoted(template(divisor=6000), box).reason
    assert quoted(template(divisor=6000), sent(500, volume_mm3=400 * 300 * 200 + 1)).price.minor == 800 + 4 * 200
    assert quoted(template(), box).price.minor == 800
    assert quoted(template(divisor=6000), sent(9000, volume_mm3=1)).price.minor == 800 + 8 * 200


def test_by_volume_every_cubic_centimetre_begun_counts() -> None:
    by_room = template(by="volume", zones=[replace(NEAR, first_units=1000, step_units=500)])
    assert quoted(by_room, sent(volume_mm3=1_000_000)).price.minor == 800
    assert quoted(by_room, sent(volume_mm3=1_000_001)).price.minor == 1000


@pytest.mark.parametrize(
    ("what", "free"),
    [
        (sent(pieces=3), True),
        (sent(pieces=2), False),
        (sent(5001, pieces=3), False),
        (sent(pieces=3, region=Region("CN", "Xinjiang")), False),
        (sent(pieces=3, region=Region("CN", "西藏自治区")), False),
        (sent(pieces=3, region=Region("US", "NY")), False),
        (sent(goods=20_000), True),
        (sent(goods=19_999), False),
        (sent(goods=20_000, region=Region("CN", "浙江")), False),
    ],
)
def test_it_is_free_where_all_of_a_rule_holds(what: Consignment, free: bool) -> None:
    rules = [
        FreeRule("three", from_pieces=3, up_to_weight_g=5000, countries=["CN"], except_provinces=["新疆", "Tibet"]),
        FreeRule("two hundred", from_minor=20_000, provinces=["Shanghai"]),
    ]
    quote = quoted(template(free_rules=rules, zones=[replace(NEAR, countries=[])]), what)
    assert (quote.price.minor == 0) is free
    assert ("包郵" in quote.reason) is free


def test_a_template_is_for_its_goods_and_warehouses_only() -> None:
    bulky = Tariff(template(categories=["furniture"]))
    assert bulky.quote(sent(categories=("furniture",)))
    assert not bulky.quote(sent(categories=("furniture", "mugs")))
    assert not bulky.quote(sent())
    assert not Tariff(template(except_categories=["furniture"])).quote(sent(categories=("furniture", "mugs")))
    northern = Tariff(template(warehouses=["north"]))
    assert northern.quote(sent(), "north")
    assert not northern.quote(sent(), "main")
    assert not northern.quote(sent())


def test_what_is_wrong_with_rules_is_said_where() -> None:
    wrong = template(
        divisor=-1,
        free_rules=[FreeRule(""), FreeRule("x", from_minor=-1, from_pieces=1, countries=["China"])],
        warehouses=["a b"],
        categories=[""],
        zones=[NEAR],
    )
    assert {problem.pointer for problem in problems(wrong, {"sandbox"})} == {
        "/divisor",
        "/free_rules/0/title",
        "/free_rules/0/from_amount",
        "/free_rules/1/countries",
        "/free_rules/1/from_amount",
        "/warehouses",
        "/categories",
    } - {"/free_rules/1/from_amount"} | {"/free_rules/1/from_minor"}
    assert [one.pointer for one in problems(template(by="piece", divisor=6000), {"sandbox"})] == ["/divisor"]


def tariffs() -> list[Tariff]:
    cheap = template("cheap", carrier="slow", zones=[replace(NEAR, first_price=700, max_days=7)])
    quick = template("quick", carrier="fast", zones=[replace(NEAR, first_price=900, max_days=1)])
    return [Tariff(cheap), Tariff(quick)]


def test_price_promise_and_score_are_weighed_and_the_verdict_says_how() -> None:
    best, other = shop(tariffs(), sent())
    # Six days more at 5 % of the mean price (800) cost 240: more than the 200 it is cheaper.
    assert (best.quote.id, best.total, other.total) == ("quick", 900 + 120, 700 + 240 + 120)
    assert best.verdict == "chosen: 1020 = price 900 + days 0 + score 120"
    assert other.verdict == "not chosen: 40 more than quick; slower by 240"
    assert shop(tariffs(), sent(), weights=Weights(0, 0))[0].quote.id == "cheap"
    scores = {"slow": 1000, "fast": 0}
    scored = shop(tariffs(), sent(), lambda carrier, _: scores[carrier])
    assert (scored[0].quote.id, scored[1].verdict) == (
        "cheap",
        "not chosen: 200 more than cheap; dearer by 200, less reliable by 240",
    )


def test_who_cannot_keep_the_promise_is_no_candidate() -> None:
    assert [one.quote.id for one in shop(tariffs(), sent(), within_days=3)] == ["quick"]
    assert shop(tariffs(), sent(), within_days=0) and not shop(tariffs(), sent(region=Region("US")), within_days=3)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 30)), min_size=1, max_size=8))
def test_the_chosen_one_is_never_dearer_in_all(ways: list[tuple[int, int]]) -> None:
    made = [
        Tariff(template(f"t{i}", zones=[replace(NEAR, first_price=price, min_days=0, max_days=days)]))
        for i, (price, days) in enumerate(ways)
    ]
    judged = shop(made, sent())
    assert judged[0].total == min(one.total for one in judged)
    assert len(judged) == len(ways)
    # Nothing that is both dearer and slower is chosen.
    best = judged[0].quote
    assert not any(price < best.price.minor and days < best.max_days for price, days in ways)


def test_the_shops_first_templates_are_without_fault() -> None:
    assert problems(replace(STANDARD, divisor=6000), {"sandbox"}) == []
