"""This is where elasticity is estimated on demand whose elasticity is known, and on real sales."""

import math
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from shop.catalog.v1 import price_proposals_pb2
from shop.catalog.v1.price_proposals_pb2 import GetElasticityRequest

from services.catalog.pricing.estimating import Fit, Week, fit, shrink, suggested
from services.kit.errors import NotFound
from services.kit.rpc import call
from tests.catalog.counter import Counter
from tests.catalog.pricing.test_competitors import Market


def sold(elasticity: float, weeks: int, dice: random.Random, noise: float, lift: float = 0.4) -> list[Week]:
    """Weeks of one SKU: demand of constant elasticity, a lift in promoted weeks (which are cheaper as well), and noise."""
    made = []
    for week in range(weeks):
        promoted = week % 5 == 0
        price = 1_000 * math.exp(dice.gauss(0, 0.12)) * (0.8 if promoted else 1)
        demand = math.log(80) + elasticity * math.log(price / 1_000) + lift * promoted + dice.gauss(0, noise)
        units = max(1, round(math.exp(demand)))
        made.append(Week(units, round(units * price), promoted))
    return made


def rmse(estimates: Sequence[float], truths: Sequence[float]) -> float:
    return math.sqrt(sum((e - t) ** 2 for e, t in zip(estimates, truths, strict=True)) / len(truths))


def test_a_known_elasticity_is_found_within_its_error() -> None:
    dice = random.Random(7)
    fits = fit({f"S{n}": sold(-2.5, 104, dice, 0.2) for n in range(60)})
    errors = [abs(each.elasticity + 2.5) / math.sqrt(each.variance * each.leverage) for each in fits]
    assert len(fits) == 60
    assert sum(error < 1.96 for error in errors) >= 52  # 95 % of 60, give or take
    assert abs(sum(each.elasticity for each in fits) / 60 + 2.5) < 0.05


def test_without_the_promotion_flag_the_lift_would_be_taken_for_elasticity() -> None:
    dice = random.Random(3)
    weeks = {f"S{n}": sold(-2.0, 104, dice, 0.2, lift=0.8) for n in range(20)}
    flagged = [each.elasticity for each in fit(weeks)]
    blind = {sku: [Week(week.units, week.paid_minor, False) for week in each] for sku, each in weeks.items()}
    unflagged = [each.elasticity for each in fit(blind)]
    assert rmse(flagged, [-2.0] * 20) < rmse(unflagged, [-2.0] * 20) / 2


def test_leaning_on_the_category_comes_nearer_the_truth_and_says_how_near() -> None:
    dice = random.Random(11)
    truth, category = dict[str, float](), dict[str, str]()
    for name, mean in (("cups", -3.0), ("pans", -1.5)):
        for n in range(40):
            sku = f"{name}{n}"
            truth[sku], category[sku] = dice.gauss(mean, 0.4), name
    fits = fit({sku: sold(true, 14, dice, 0.45) for sku, true in truth.items()})
    estimates = shrink(fits, category)
    skus = sorted(estimates)
    raw = rmse([estimates[sku].own for sku in skus], [truth[sku] for sku in skus])
    shrunk = rmse([estimates[sku].elasticity for sku in skus], [truth[sku] for sku in skus])
    assert shrunk < 0.6 * raw, (shrunk, raw)
    covered = sum(abs(estimates[sku].elasticity - truth[sku]) < 1.96 * estimates[sku].error for sku in skus)
    assert covered >= 0.88 * len(skus)
    assert {estimates[sku].pool for sku in skus} == {"category"}
    assert abs(estimates["cups0"].pool_elasticity + 3.0) < 0.3


def test_the_shop_is_leaned_on_where_a_category_has_too_few_and_nobody_where_there_is_one() -> None:
    fits = [Fit(f"S{n}", -2.0 - n / 10, 0.1, 1.0, 20, 23) for n in range(5)]
    estimates = shrink(fits, {"S0": "alone"} | {f"S{n}": "many" for n in range(1, 5)})
    assert (estimates["S0"].pool, estimates["S0"].pool_skus) == ("shop", 5)
    assert estimates["S1"].pool == "category"
    assert shrink(fits[:1], {})["S0"].pool == "none"
    assert shrink([], {}) == {}


def test_who_never_changed_a_price_or_hardly_sold_has_no_elasticity() -> None:
    steady = [Week(n + 1, 1_000 * (n + 1), False) for n in range(30)]
    short = [Week(n + 1, (1_000 + 50 * n) * (n + 1), False) for n in range(7)]
    assert fit({"steady": steady, "short": short}) == []


@pytest.mark.parametrize(
    ("elasticity", "error", "price"),
    [
        (-3.0, 0.0, 900),  # c·e/(e+1) = 600·1.5
        (-2.0, 0.1, 1200),
        (-9.0, 0.1, 858),  # c/(1−floor) = 857.1: no lower
        (-0.5, 0.1, 1100),  # a bounded step up
        (-1.0, 0.0, 1100),
        (-1.2, 0.5, 1100),  # not sure that it is elastic
        (-1.05, 0.01, 2000),  # 12,600 by the formula: no more than double at once
    ],
)
def test_the_price_that_earns_most(elasticity: float, error: float, price: int) -> None:
    assert suggested(600, elasticity, error, 1000, 3_000, 1_000) == price


def test_without_a_cost_there_is_no_such_price() -> None:
    assert suggested(0, -3.0, 0.1, 1000, 3_000, 1_000) is None


def test_an_elasticity_far_from_certain_does_not_pull_its_category() -> None:
    wild = Fit("wild", 15.0, 40.0, 2.0, 6, 9)
    fits = [Fit(f"S{n}", -2.0, 0.1, 0.5, 30, 33) for n in range(9)]
    estimates = shrink([wild, *fits], {})
    assert -2.2 < estimates["S0"].elasticity < -1.5
    assert estimates["wild"].elasticity < estimates["wild"].own


async def _history(counter: Counter, skus: Sequence[str], dice: random.Random) -> None:
    """A year of weekly sales of each, at an elasticity of −2."""
    now, days = counter.house.clock.now(), []
    for sku in skus:
        for n, week in enumerate(sold(-2.0, 52, dice, 0.2)):
            day = (now - timedelta(weeks=n + 1)).date().isoformat()
            gross = round(week.paid_minor / (0.8 if week.promoted else 1))
            days.append(
                {
                    "_id": f"{sku}|{day}",
                    "sku": sku,
                    "product_id": "prd",
                    "day": day,
                    "currency": "CNY",
                    "units": week.units,
                    "orders": week.units,
                    "gross_minor": gross,
                    "paid_minor": week.paid_minor,
                    "version": 1,
                }
            )
    await counter.database["days"].insert_many(days)


async def test_the_job_estimates_and_proposes_from_the_shops_own_days(counter: Counter) -> None:
    market = Market(counter)
    skus = [f"E{n}" for n in range(6)]
    await counter.sell(*skus, "NEW", price_minor=1000, cost_minor=600)
    await _history(counter, skus, random.Random(5))
    begun = price_proposals_pb2.WorkOutProposalsRequest(by="stf")
    job = await market.done((await call(market.proposals.WorkOutProposals, begun)).job)
    assert {row.name: row.count for row in job.counts} == {"estimated": 6, "fitted": 6, "proposed": 6}
    shown = await call(market.proposals.GetElasticity, GetElasticityRequest(sku="E0"))
    assert abs(shown.elasticity + 2) < 2.5 * shown.error < 0.75
    assert (shown.weeks, shown.pool, shown.pool_skus) == (52, "category", 6)
    proposals = await market.proposed("elastic")
    assert set(proposals) == set(skus)
    assert proposals["E0"].price.minor == shown.suggested_price.minor
    assert 1_050 < shown.suggested_price.minor < 1_400  # c·e/(e+1) is 1,200 at −2
    for sku, reason in (("NEW", "ELASTICITY_NOT_KNOWN"), ("NOWHERE", "SKU_NOT_FOUND")):
        with pytest.raises(NotFound) as refused:
            await call(market.proposals.GetElasticity, GetElasticityRequest(sku=sku))
        assert refused.value.reason == reason
