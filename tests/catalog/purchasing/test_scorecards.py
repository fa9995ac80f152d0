"""This is where suppliers are judged by what they did, and never by one delivery."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.purchasing.measures import Bought, drawn_in, elasticity, spread, trend
from services.catalog.purchasing.purchase_orders import Step
from services.catalog.purchasing.suppliers import Supplier
from tests.catalog.purchasing.buyer import Buyer


@given(st.floats(0, 1), st.integers(0, 10_000))
def test_a_share_of_few_is_drawn_towards_what_is_expected_and_one_of_many_stands(value: float, n: int) -> None:
    drawn = drawn_in(value, n)
    assert min(value, 0.75) - 1e-9 <= drawn <= max(value, 0.75) + 1e-9
    assert abs(drawn_in(value, n + 1) - value) <= abs(drawn - value) + 1e-9
    assert drawn_in(None, n) == 0.75


def test_quantiles_and_deviation_are_the_usual_ones() -> None:
    of = spread([1, 2, 3, 4, 10])
    assert (of.n, of.mean, of.p50) == (5, 4.0, 3.0)
    assert of.p90 == pytest.approx(7.6)
    assert of.sd == pytest.approx(3.5355, abs=1e-4)
    assert spread([]).n == 0


def test_the_elasticity_of_cost_is_found_within_each_sku() -> None:
    """Each SKU's cost falls as quantity^-0.2, from quite different levels."""
    levels, quantities = (("A", 10**6), ("B", 10**8)), (10, 50, 400)
    bought = [Bought(sku, 0.0, q, round(level * q**-0.2)) for sku, level in levels for q in quantities]
    slope = elasticity(bought)
    assert slope.n == 6
    assert slope.value == pytest.approx(-0.2, abs=0.001)
    assert trend(bought).value is None  # all on one day


def test_a_rise_of_two_percent_a_month_is_seen() -> None:
    bought = [Bought("A", float(month), 10, round(10**6 * 1.02**month)) for month in range(6)]
    assert trend(bought).value == pytest.approx(0.0198, abs=0.0002)
    assert trend(bought[:2]).value is None


async def deliver(buyer: Buyer, supplier: Supplier, days: int, promised: int, rejected: int, key: str) -> None:
    """An order of ten, promised after so many days, that comes after so many."""
    orders, sku = buyer.purchasing.orders, "A"
    order = await buyer.sent(sku, 10, key, supplier.id)
    buyer.clock.advance(days=1)
    promise = buyer.clock.now() + timedelta(days=promised - 1)
    await orders.move(order.id, Step.CONFIRM, 0, "staff", promised_at=promise)
    buyer.clock.advance(days=days - 1)
    await buyer.receive(order, sku, 10 - rejected, rejected, key)
    await orders.move(order.id, Step.CLOSE, 0, "staff")


async def noticed(buyer: Buyer) -> list[dict[str, Any]]:
    return [each async for each in buyer.counter.database["notices"].find({}).sort("_id", 1)]


async def test_who_is_late_and_breaks_things_scores_below_who_does_not(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    good, bad = await buyer.supplier("good"), await buyer.supplier("bad")
    for supplier, cost in ((good, 400), (bad, 500)):
        await buyer.quotes(supplier, "A", cost, lead_time_days=5)
    for n in range(3):
        await deliver(buyer, good, 5, 6, 0, f"g{n}")
        await deliver(buyer, bad, 9 + n, 6, 3, f"b{n}")
    of_good, of_bad = await buyer.scorecard(good), await buyer.scorecard(bad)
    assert of_good.score > 75 > of_bad.score
    assert (of_bad.on_time.n, of_bad.on_time.value, of_good.on_time.value) == (3, 0, 1)
    assert of_bad.deliveries == 3
    assert of_bad.rejected.value == pytest.approx(0.3)
    assert of_bad.fill.value == pytest.approx(0.7)
    assert (of_bad.lead_days.mean, of_bad.lead_days.sd, of_bad.lead_days.p50) == (10, 1, 10)
    assert (of_bad.late_days.mean, of_good.late_days.mean, of_good.response_days.mean) == (4, -1, 1)
    assert (of_bad.cost_index.value, of_good.cost_index.value) == (1.25, 0.8)
    assert (of_good.cost_trend.value, of_good.cost_elasticity.known) == (0, False)
    listed, _ = await buyer.purchasing.suppliers.page("", True, 10, "")
    assert [supplier.name for supplier in listed] == ["good", "bad"]
    assert [supplier.score for supplier in listed] == [of_good.score, of_bad.score]
    offers = (await buyer.purchasing.items.of(["A"]))["A"]
    assert [(o.lead_mean_days, o.measured) for o in offers] == [(5, True), (10, True)]
    notices = await noticed(buyer)
    assert [notice["subject"] for notice in notices] == [bad.id]
    assert "30.0 %" in notices[0]["en"]


async def test_before_anything_is_measured_everybody_is_as_good_as_expected(buyer: Buyer) -> None:
    card = await buyer.scorecard(await buyer.supplier(capacity_units=9))
    assert (card.score, card.deliveries, card.capacity_units) == (75, 0, 9)
    assert not card.on_time.known
    assert [part.value for part in card.parts] == [0.75] * 5


async def test_one_bad_delivery_does_not_condemn(buyer: Buyer) -> None:
    await buyer.counter.sell("A")
    supplier = await buyer.supplier()
    await buyer.quotes(supplier, "A")
    await deliver(buyer, supplier, 9, 6, 10, "k1")
    card = await buyer.scorecard(supplier)
    assert 60 <= card.score < 75
    assert await noticed(buyer) == []
