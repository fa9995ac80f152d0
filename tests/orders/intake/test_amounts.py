"""This is where it is tried that an order paid outside has exactly the amounts that were paid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orders.intake.amounts import AmountsDiffer, Sold, as_paid, difference
from services.orders.pricing import paid_for_units
from services.orders.quotes import SkuQuote


def _sold(number: int, price: int, quantity: int, paid: int) -> Sold:
    quote = SkuQuote(f"S{number}", "prd_1", "Cup", "CNY", price, 1, 1, 100, True, "cat_1")
    return Sold(quote, quantity, paid, price * quantity)


SOLD = st.lists(
    st.tuples(st.integers(1, 10_000), st.integers(1, 50), st.integers(0, 1_000_000)), min_size=1, max_size=8
).map(lambda rows: [_sold(number, *row) for number, row in enumerate(rows)])


@given(SOLD, st.integers(0, 5_000))
def test_amounts_are_as_they_were_paid_and_add_up(sold: list[Sold], freight: int) -> None:
    total = sum(each.paid_minor for each in sold) + freight
    amounts = as_paid(sold, freight, total, "Taobao")
    assert amounts.totals[-1].minor == total == sum(entry.minor for entry in amounts.totals[:-1])
    for line, each in zip(amounts.lines, sold, strict=True):
        assert line.paid == each.paid_minor
        assert line.discount_minor >= 0
        assert line.unit_minor >= each.quote.price_minor
        assert line.list_minor in (0, each.quote.price_minor)
        assert sum(paid_for_units(line.paid, line.quantity, unit, 1) for unit in range(line.quantity)) == line.paid
    taken_off = sum(line.discount_minor for line in amounts.lines)
    assert sum(discount.minor for discount in amounts.discounts) == taken_off
    assert bool(difference(sold)) == any(each.differs for each in sold)


@given(SOLD, st.integers(1, 1000))
def test_what_does_not_add_up_is_refused(sold: list[Sold], off: int) -> None:
    total = sum(each.paid_minor for each in sold)
    with pytest.raises(AmountsDiffer):
        as_paid(sold, 0, total + off, "Taobao")
