"""This is where what was really earned is proven to come from what was paid, and proposals from what went wrong."""

import pytest
from shop.catalog.v1 import margins_pb2 as pb

from services.catalog.margins.costs import Rates, Terms
from services.catalog.margins.reviewing import Action, Sold, by_category, propose
from services.catalog.margins.terms import Unit
from services.kit.errors import Invalid
from services.kit.money import Money
from services.kit.rpc import call
from tests.catalog.counter import Counter
from tests.catalog.margins.desk import Desk


def sold(price: int, cost: int, units: int, paid: int, role: str = "", fees: int = 0) -> Sold:
    unit = Unit("A", "mugs", Money("CNY", price), Money("CNY", cost), 0)
    return Sold(unit, Terms(Rates(commission_bp=fees)), "prd_1", role, units, price * units, paid)


def test_what_left_enough_is_nobodys_business() -> None:
    assert propose(sold(1_000, 700, 10, 10_000)) is None
    assert propose(sold(1_000, 800, 10, 10_000, role="traffic")) is None  # thin on purpose


def test_a_price_below_its_floor_is_to_be_raised_to_it() -> None:
    made = propose(sold(1_000, 800, 10, 10_000))
    assert made and (made.action, made.price_minor) == (Action.RAISE_PRICE, 1_143)
    assert (made.contribution_minor, made.contribution_bp) == (2_000, 2_000)


def test_a_price_that_would_do_is_not_what_is_wrong() -> None:
    lost = propose(sold(1_000, 600, 10, 5_000))
    assert lost and (lost.action, lost.contribution_minor, lost.contribution_bp) == (
        Action.END_PROMOTION,
        -1_000,
        -2_000,
    )
    assert "-20.00 %" in lost.en and "-20.00 %" in lost.zh
    assert propose(sold(1_000, 600, 10, 5_000, role="traffic"))  # losing money is no role
    thin = propose(sold(1_000, 600, 40, 28_000))
    assert thin and thin.action is Action.MAKE_TRAFFIC
    given_away = propose(sold(1_000, 600, 2, 0))
    assert given_away and given_away.contribution_minor == -1_200


def test_categories_add_up_as_paid_and_as_asked() -> None:
    (category,) = by_category([sold(1_000, 600, 10, 9_000, fees=1_000), sold(500, 100, 2, 1_000, fees=1_000)])
    assert (category.units, category.gross_minor, category.paid_minor) == (12, 11_000, 10_000)
    assert category.contribution_minor == (9_000 - 900 - 6_000) + (1_000 - 100 - 200)
    assert category.model_minor == (10_000 - 1_000 - 6_000) + (1_000 - 100 - 200)


async def test_the_last_days_are_looked_back_on(counter: Counter) -> None:
    desk = Desk(counter)
    await counter.sell("GOOD", "BAD", price_minor=1_000, cost_minor=600, category="Mugs")
    await counter.sell("NOBODY", price_minor=1_000, cost_minor=0)
    today = counter.house.clock.now().date()
    days = counter.database["days"]
    for sku, day, units, paid in (
        ("GOOD", today.isoformat(), 10, 9_000),
        ("BAD", today.isoformat(), 10, 5_000),
        ("BAD", "2001-01-01", 1_000, 1),
        ("NOBODY", today.isoformat(), 1, 1_000),
    ):
        row = {"sku": sku, "product_id": "prd_1", "day": day, "currency": "CNY", "units": units, "orders": 1}
        await days.insert_one(
            row | {"_id": f"{sku}|{day}", "gross_minor": 1_000 * units, "paid_minor": paid, "version": 1}
        )
    review = await call(desk.stub.ReviewMargins, pb.ReviewMarginsRequest(days=7))
    assert (review.to_day, review.skus, review.skus_left_out) == (today.isoformat(), 3, 1)
    (category,) = review.categories
    assert (category.category, category.units, category.paid_minor, category.contribution_minor) == (
        "mugs",
        20,
        14_000,
        2_000,
    )
    assert category.model_contribution_minor == 8_000
    (proposal,) = review.proposals
    assert (proposal.sku, proposal.action, proposal.contribution_minor) == (
        "BAD",
        pb.MARGIN_ACTION_END_PROMOTION,
        -1_000,
    )
    assert proposal.product_id.startswith("prd_")
    with pytest.raises(Invalid) as refused:
        await call(desk.stub.ReviewMargins, pb.ReviewMarginsRequest(days=367))
    assert refused.value.reason == "INVALID_DAYS"
