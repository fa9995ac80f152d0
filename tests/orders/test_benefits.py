"""This is where gifts and freight taken off add up, and what is refunded comes to what was paid, in whatever order."""

import random

from hypothesis import given
from hypothesis import strategies as some

from services.orders.benefits import FreightOff, Gift
from services.orders.benefits import given as with_gifts
from services.orders.lines import OrderLine
from services.orders.pricing import Discount, Item, Share, price
from services.orders.quotes import SkuQuote


def quote(sku: str, minor: int, available: int) -> SkuQuote:
    return SkuQuote(sku, "prd_1", "", "CNY", minor, 1, 100, available, True, "")


bought = some.dictionaries(
    some.sampled_from(["A", "B", "C", "G"]), some.tuples(some.integers(1, 20), some.integers(0, 10**6)), min_size=1
)


@given(bought, some.integers(1, 3), some.integers(0, 30), some.integers(0, 10**6), some.randoms(use_true_random=False))
def test_refunds_in_any_order_and_grouping_come_to_what_was_paid(
    cart: dict[str, tuple[int, int]], gifts: int, available: int, off: int, chance: random.Random
) -> None:
    quotes = {sku: quote(sku, minor, 10**6) for sku, (_, minor) in cart.items()}
    quotes["G"] = quote("G", cart["G"][1] if "G" in cart else 777, available)
    items = [Item(sku, units, minor) for sku, (units, minor) in cart.items()]
    free = with_gifts(items, [Gift("prm_g", "G", gifts, "a gift")], quotes)
    wanted = cart["G"][0] if "G" in cart else 0
    assert bool(free.gone) == (available - wanted < gifts)
    first = free.items[0].sku
    discounts = [Discount("prm_o", "order", "", "", off, [Share(first, off)]), *free.discounts]
    discounts.append(FreightOff("prm_f", 500, "").of(800))
    priced = price(free.items, discounts, 800, chance.choice([0, 1_234]))
    assert sum(total.minor for total in priced.totals[:-1]) == priced.total
    assert priced.freight_off == 500
    lines = [
        OrderLine(item.sku, "", "", "", item.quantity, item.unit_minor, line.discount, line.points, 1, 1, item.gift)
        for item, line in zip(free.items, priced.lines, strict=True)
    ]
    alone = [line for line in lines if line.gift == line.quantity]
    assert all(line.paid == 0 for line in alone)
    paid, refunded = sum(line.paid for line in lines), 0
    while left := [line for line in lines if line.kept]:
        line = chance.choice(left)
        back = line.give_up(chance.randint(1, line.kept))
        assert back >= 0
        refunded += back
    assert refunded == paid == priced.total - 300


def test_a_gift_there_is_none_left_of_is_not_promised() -> None:
    free = with_gifts([Item("A", 1, 100)], [Gift("prm_g", "G", 1, "")], {"A": quote("A", 100, 5)})
    assert [gift.sku for gift in free.gone] == ["G"]
    assert free.items == [Item("A", 1, 100)]
