"""This is where amounts add up, whatever the cart."""

from hypothesis import given
from hypothesis import strategies as st

from services.orders.pricing import Discount, Item, Share, paid_for_units, price

_items = st.lists(st.tuples(st.integers(1, 99_999), st.integers(0, 10**7)), min_size=1, max_size=12).map(
    lambda rows: [Item(f"S{n}", quantity, unit) for n, (quantity, unit) in enumerate(rows)]
)
_discounts = st.lists(
    st.tuples(st.sampled_from(["items", "order"]), st.lists(st.integers(0, 10**8), max_size=12)), max_size=5
).map(
    lambda rows: [
        Discount(f"prm_{n}", scope, "", "", sum(shares), [Share(f"S{i}", minor) for i, minor in enumerate(shares)])
        for n, (scope, shares) in enumerate(rows)
    ]
)


@given(_items, _discounts, st.one_of(st.none(), st.integers(0, 10**6)), st.integers(0, 10**9))
def test_totals_add_up_and_no_line_goes_below_zero(
    items: list[Item], discounts: list[Discount], freight: int | None, points: int
) -> None:
    priced = price(items, discounts, freight, points)
    assert sum(total.minor for total in priced.totals[:-1]) == priced.totals[-1].minor == priced.total
    assert priced.totals[0].minor == sum(item.unit_minor * item.quantity for item in items)
    assert all(0 <= line.points <= line.total <= line.subtotal for line in priced.lines)
    assert sum(discount.minor for discount in priced.discounts) == priced.discount
    for discount in priced.discounts:
        assert sum(share.minor for share in discount.shares) == discount.minor > 0
    for line in priced.lines:
        shares = [s.minor for d in priced.discounts for s in d.shares if s.sku == line.sku]
        assert sum(shares) == line.discount
    assert priced.points == min(points, priced.goods)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 500), min_size=1, max_size=20))
def test_refunds_in_any_grouping_add_up_to_what_was_paid(paid: int, parts: list[int]) -> None:
    quantity, first, refunded = sum(parts), 0, []
    for count in parts:
        refunded.append(paid_for_units(paid, quantity, first, count))
        first += count
    assert sum(refunded) == paid
    assert all(abs(refund - paid * count / quantity) <= count for refund, count in zip(refunded, parts, strict=True))


def test_an_empty_cart_has_no_totals() -> None:
    assert price([], []).totals == []


def test_a_chosen_way_that_costs_nothing_is_said() -> None:
    assert [total.type for total in price([Item("A", 1, 100)], [], 0).totals] == ["subtotal", "fulfillment", "total"]
