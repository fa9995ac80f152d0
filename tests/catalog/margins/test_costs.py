"""This is where unit economics are proven for prices and costs nobody thought of."""

from hypothesis import given
from hypothesis import strategies as some

from services.catalog.margins.cost_models import CostModel, rates_of, untouched
from services.catalog.margins.costs import WHOLE_BP, Leave, Rates, Terms, margin_at

shares = some.integers(0, 2_400)
amounts = some.integers(0, 5_000)
rates = some.builds(Rates, shares, shares, some.integers(0, 300), amounts, amounts, some.integers(0, 6_000))
prices, costs, weights = some.integers(0, 10**9), some.integers(1, 10**8), some.integers(0, 100_000)
terms = some.builds(Terms, rates)


@given(prices, costs, weights, terms)
def test_a_price_is_its_costs_and_what_is_left(price: int, cost: int, weight: int, terms: Terms) -> None:
    m = margin_at(price, cost, weight, terms)
    parts = (m.cost_minor, m.commission_minor, m.marketing_minor, m.payment_minor, m.freight_minor)
    assert sum(parts) + m.contribution_minor == price == m.gross_minor + cost
    assert all(part >= 0 for part in parts)
    fees = m.commission_minor + m.marketing_minor + m.payment_minor
    assert 0 <= fees * WHOLE_BP - price * terms.rates.fees_bp < WHOLE_BP  # rounded up once, and never by a whole unit


@given(costs, weights, terms)
def test_the_lowest_price_keeps_the_floor_and_one_unit_less_does_not(cost: int, weight: int, terms: Terms) -> None:
    lowest = terms.lowest_minor(cost, weight)
    if lowest is None:
        assert terms.rates.fees_bp + terms.floor_bp >= WHOLE_BP
        assert not margin_at(10**12, cost, weight, terms).keeps_floor
        return
    at, below = margin_at(lowest, cost, weight, terms), margin_at(lowest - 1, cost, weight, terms)
    assert at.keeps_floor and at.shortfall_minor == 0
    assert at.contribution_bp is not None and at.contribution_bp >= terms.floor_bp
    assert not below.keeps_floor and below.shortfall_minor == 1
    assert below.contribution_bp is None or below.contribution_bp < terms.floor_bp


@given(prices, some.integers(0, 10**6), costs, weights, terms)
def test_what_holds_at_a_price_holds_at_every_higher_one(
    price: int, more: int, cost: int, weight: int, terms: Terms
) -> None:
    low, high = margin_at(price, cost, weight, terms), margin_at(price + more, cost, weight, terms)
    assert high.keeps_floor or not low.keeps_floor


def test_the_floor_of_a_cost_of_thirty_yuan_is_at_42_86() -> None:
    margin = margin_at(1_800, 3_000, 0, Terms(Rates()))
    assert (margin.lowest_minor, margin.shortfall_minor) == (4_286, 2_486)
    assert margin_at(4_286, 3_000, 0, Terms(Rates())).contribution_bp == 3_000


def test_every_part_is_worked_out_on_its_own() -> None:
    held = Rates(
        commission_bp=500, marketing_bp=1_000, payment_bp=60, freight_per_unit_minor=200, freight_per_kg_minor=99
    )
    m = margin_at(9_999, 4_000, 1_500, Terms(held))
    assert m.freight_minor == 200 + 149  # 148.5 rounded up
    assert (m.commission_minor, m.marketing_minor, m.payment_minor) == (500, 1_000, 60)
    assert (m.contribution_minor, m.contribution_bp) == (4_090, 4_090)
    assert (m.gross_minor, m.gross_bp) == (5_999, 5_999)


def test_a_cost_nobody_knows_is_not_held_against_a_price() -> None:
    for margin in (margin_at(1, 0, 0, Terms(Rates())), margin_at(1, 9, 0, Terms(Rates()), cost_known=False)):
        assert not margin.cost_known
        assert margin.keeps_floor and margin.lowest_minor is None


def test_the_owners_leave_lowers_the_margin_or_the_price_and_never_raises_it() -> None:
    held = Rates()
    assert Terms(held, Leave(min_margin_bp=1_000)).lowest_minor(900, 0) == 1_000
    assert Terms(held, Leave(min_margin_bp=-5_000)).lowest_minor(900, 0) == 600  # a loss, on purpose
    assert Terms(held, Leave(until_minor=800)).lowest_minor(700, 0) == 800
    assert Terms(held, Leave(until_minor=5_000)).lowest_minor(700, 0) == 1_000


def test_what_a_scope_does_not_say_it_takes_from_above() -> None:
    shop, category, sku = untouched("shop"), untouched("category:mugs"), untouched("sku:A")
    shop.commission_bp, shop.floor_bp, shop.freight_per_kg_minor = 500, 2_500, 100
    category.commission_bp, category.marketing_bp = 800, 300
    sku.freight_per_kg_minor = 0
    nearest_first: list[CostModel | None] = [sku, None, category, shop]
    assert rates_of(nearest_first) == Rates(800, 300, 0, 0, 0, 2_500)
    assert rates_of([None]) == Rates()  # nothing is invented
