"""This is where it is shown that an order leaves as cheaply as it can: against every way there is, and against habits."""

import itertools
import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logistics.optimum import Offer, best_of

SPLIT = 400


def cost_of(wanted: Mapping[str, int], some: Sequence[Offer]) -> int | None:
    """What a set costs, worked out unit by unit; None when it has not enough."""
    cost = sum(one.first for one in some) + SPLIT * (len(some) - 1)
    for sku, count in wanted.items():
        units = sorted(one.per_unit[sku] for one in some for _ in range(one.here[sku]))
        if len(units) < count:
            return None
        cost += sum(units[:count])
    return cost


def by_trying(wanted: Mapping[str, int], offers: Sequence[Offer]) -> int | None:
    sets = (some for size in range(1, len(offers) + 1) for some in itertools.combinations(offers, size))
    return min((cost for some in sets if (cost := cost_of(wanted, some)) is not None), default=None)


def nearest_first(wanted: Mapping[str, int], offers: Sequence[Offer]) -> int | None:
    """The habit of many: take what the nearest has, then the next."""
    return _in_turn(wanted, list(offers))


def greedily(wanted: Mapping[str, int], offers: Sequence[Offer]) -> int | None:
    """Always who fills most of what is missing."""
    missing, order, left = dict(wanted), list[Offer](), list(offers)
    while any(missing.values()) and left:
        best = max(left, key=lambda one: (sum(min(one.here[s], n) for s, n in missing.items()), -one.first))
        left.remove(best)
        order.append(best)
        missing = {sku: max(0, n - best.here[sku]) for sku, n in missing.items()}
    return _in_turn(wanted, order)


def _in_turn(wanted: Mapping[str, int], order: Sequence[Offer]) -> int | None:
    missing, cost, parcels = dict(wanted), 0, 0
    for one in order:
        taken = {sku: min(one.here[sku], n) for sku, n in missing.items()}
        if any(taken.values()):
            cost += one.first + sum(one.per_unit[sku] * n for sku, n in taken.items())
            parcels += 1
            missing = {sku: n - taken[sku] for sku, n in missing.items()}
    return None if any(missing.values()) else cost + SPLIT * (parcels - 1)


def world(dice: random.Random, houses: int, skus: int) -> tuple[dict[str, int], list[Offer]]:
    """An order, and warehouses the nearest first: those further off cost more, and have more."""
    names = [f"s{number}" for number in range(skus)]
    wanted = {sku: dice.randint(1, 3) for sku in dice.sample(names, dice.randint(1, min(5, skus)))}
    offers = []
    for place in range(houses):
        here = {s: min(n, dice.choice([0, 0, 1, 2, 5]) + dice.randint(0, place)) for s, n in wanted.items()}
        kilo = 100 + 60 * place
        offers.append(
            Offer(f"w{place}", 600 + 150 * place, here, {s: kilo * (i + 1) // 2 for i, s in enumerate(wanted)})
        )
    return wanted, offers


@given(st.integers(0, 10**9), st.integers(1, 6), st.integers(1, 5))
def test_it_is_as_cheap_as_the_cheapest_of_all_ways(seed: int, houses: int, skus: int) -> None:
    wanted, offers = world(random.Random(seed), houses, skus)
    best, tried = best_of(wanted, offers, SPLIT, 12), by_trying(wanted, offers)
    assert (best.cost if best else None) == tried
    if best:
        assert best.proved
        used = [one for one in offers if one.code in best.taken]
        assert cost_of(wanted, used) == best.cost
        for sku, count in wanted.items():
            assert sum(box.get(sku, 0) for box in best.taken.values()) == count
        assert all(units <= one.here[sku] for one in used for sku, units in best.taken[one.code].items())


def compared(baskets: int = 400, houses: int = 4) -> tuple[float, float, float, int]:
    """Mean cost an order: nearest first, greedy, optimum; over the baskets that can be sent at all."""
    dice, sums, count = random.Random(2026), [0, 0, 0], 0
    while count < baskets:
        wanted, offers = world(dice, houses, 30)
        best = best_of(wanted, offers, SPLIT, 12)
        if best is None:
            assert nearest_first(wanted, offers) is None
            continue
        costs = (nearest_first(wanted, offers) or 0, greedily(wanted, offers) or 0, best.cost)
        assert costs[2] <= min(costs[:2])
        sums, count = [total + cost for total, cost in zip(sums, costs, strict=True)], count + 1
    return sums[0] / count / 100, sums[1] / count / 100, sums[2] / count / 100, count


def test_of_four_hundred_baskets_none_is_dearer_than_habit_and_the_mean_is_cheaper() -> None:
    nearest, greedy, optimum, _ = compared()
    assert optimum < greedy < nearest
    assert optimum < 0.97 * greedy


def test_twelve_warehouses_are_searched_to_the_end_and_thirty_still_answer() -> None:
    wanted, offers = world(random.Random(3), 12, 40)
    best = best_of(wanted, offers, SPLIT, 12)
    assert best
    assert best.proved
    # One unit each: all sets of twelve are worth a look.
    scattered = {f"s{number}": 1 for number in range(12)}
    alone = [
        Offer(f"w{place}", 600, {sku: int(sku == f"s{place}") for sku in scattered}, dict.fromkeys(scattered, 1))
        for place in range(12)
    ]
    best = best_of(scattered, alone, SPLIT, 12)
    assert best
    assert (len(best.taken), best.proved) == (12, True)
    many, offers = world(random.Random(5), 30, 40)
    assert best_of(many, offers, SPLIT, 12)
    assert best_of(scattered, alone, SPLIT, 11) is None


@pytest.mark.parametrize("most", [1, 2])
def test_no_more_parcels_than_are_allowed(most: int) -> None:
    here = [{"a": 1, "b": 0}, {"a": 0, "b": 1}, {"a": 1, "b": 1}]
    offers = [Offer(f"w{i}", [100, 100, 5000][i], units, {"a": 1, "b": 1}) for i, units in enumerate(here)]
    best = best_of({"a": 1, "b": 1}, offers, SPLIT, most)
    assert best
    assert len(best.taken) == most
