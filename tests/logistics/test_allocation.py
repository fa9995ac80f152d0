"""This is where it is shown from which warehouses an order leaves, and why."""

import random
from collections import Counter

from services.logistics.allocation import choose, wanted
from services.logistics.regions import Region
from services.logistics.shipments import Line
from services.logistics.warehouses import Warehouse

SHANGHAI = Region("CN", "上海", "上海")
HOUSES = {
    "sh": Warehouse("sh", "上海", SHANGHAI),
    "bj": Warehouse("bj", "北京", Region("CN", "北京", "北京")),
    "ny": Warehouse("ny", "New York", Region("US", "NY", "New York")),
}


def lines(**units: int) -> list[Line]:
    return [Line(sku, sku.title(), count, 100) for sku, count in units.items()]


def test_one_parcel_from_afar_is_better_than_two_from_near() -> None:
    stock = {"sh": {"tea": 5}, "bj": {"tea": 5, "cup": 5}}
    choice = choose(lines(tea=1, cup=1), SHANGHAI, HOUSES, stock)
    assert [code for code, _ in choice.parts] == ["bj"]
    assert (
        choice.reasons[0]
        == "bj: chosen; has all 2 lines; same country; enough for 5 such orders; costs 1250 in all, 4 days"
    )
    assert choice.reasons[1] == "sh: not chosen; lacks 1 of 2 lines; same city"


def test_of_those_that_have_all_the_nearest_is_chosen_and_then_the_deepest() -> None:
    stock = {"sh": {"tea": 2}, "bj": {"tea": 900}, "ny": {"tea": 9000}}
    assert choose(lines(tea=1), SHANGHAI, HOUSES, stock).parts[0][0] == "sh"
    two = HOUSES | {"sh2": Warehouse("sh2", "上海二", SHANGHAI)}
    assert choose(lines(tea=1), SHANGHAI, two, stock | {"sh2": {"tea": 3}}).parts[0][0] == "sh2"


def test_a_closed_warehouse_is_no_candidate_and_an_undescribed_one_the_last() -> None:
    stock = {"sh": {"tea": 5}, "bj": {"tea": 5}, "attic": {"tea": 50}}
    closed = HOUSES | {"sh": Warehouse("sh", "上海", SHANGHAI, open=False)}
    choice = choose(lines(tea=1), SHANGHAI, closed, stock)
    assert choice.parts[0][0] == "bj"
    assert not any(reason.startswith("sh:") for reason in choice.reasons)
    assert choose(lines(tea=1), SHANGHAI, {}, stock | {"sh": {}, "bj": {}}).parts[0][0] == "attic"


def test_fewest_parcels_and_of_those_the_nearest() -> None:
    stock = {"sh": {"tea": 5}, "bj": {"cup": 5}, "ny": {"cup": 5, "pot": 0}}
    choice = choose(lines(tea=2, cup=1), SHANGHAI, HOUSES, stock)
    assert {code: [(line.sku, line.quantity) for line in box] for code, box in choice.parts} == {
        "sh": [("tea", 2)],
        "bj": [("cup", 1)],
    }
    assert choice.reasons[0].startswith("sh: chosen, one of 2")


def test_when_all_together_have_not_enough_nothing_is_chosen_and_it_is_said() -> None:
    choice = choose(lines(tea=7), SHANGHAI, HOUSES, {"sh": {"tea": 3}, "bj": {"tea": 3}})
    assert choice.parts == []
    assert choice.reasons[0] == "no warehouse: together they have not enough"


def test_whatever_the_stock_the_parts_are_exactly_the_order_and_on_the_shelves() -> None:
    for seed in range(300):
        dice = random.Random(seed)
        codes = [f"w{number}" for number in range(dice.choice([2, 4, 7, 14]))]
        skus = [f"s{number}" for number in range(dice.randint(1, 6))]
        stock = {code: {sku: dice.randint(0, 4) for sku in skus} for code in codes}
        houses = {code: Warehouse(code, code, SHANGHAI) for code in codes}
        order = lines(**{sku: dice.randint(1, 6) for sku in skus})
        choice = choose(order, SHANGHAI, houses, stock)
        enough = all(sum(shelf[line.sku] for shelf in stock.values()) >= line.quantity for line in order)
        assert bool(choice.parts) or not enough or len(codes) > 12, seed
        if choice.parts:
            sent = Counter[str]()
            for code, box in choice.parts:
                sent += Counter(wanted(box))
                assert all(units <= stock[code][sku] for sku, units in wanted(box).items()), seed
            assert sent == wanted(order), seed
