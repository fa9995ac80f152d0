"""This is where tours are held to what may be: every stop once, within its window, no van too full or too late."""

import math
import random
from itertools import pairwise

import pytest

from services.logistics.fleet.routing import NO_ROOM, TOO_LATE, TOO_MUCH, Problem, Solved, Stop, Van, solve

from .solomon import BEST, SCALE, problem

_DAY = 86_400


def _held(of: Problem, solved: Solved) -> None:
    visited = [visit.stop for tour in solved.tours for visit in tour.visits]
    assert sorted([*visited, *solved.unserved]) == list(range(len(of.stops)))
    assert len({tour.van for tour in solved.tours}) == len(solved.tours)
    for tour in solved.tours:
        van, at, place = of.vans[tour.van], tour.leaves_s, 0
        assert van.from_s <= tour.leaves_s <= tour.back_s <= van.until_s
        assert sum(of.stops[visit.stop].grams for visit in tour.visits) <= van.grams
        assert sum(of.stops[visit.stop].pieces for visit in tour.visits) <= van.pieces
        for visit in tour.visits:
            stop = of.stops[visit.stop]
            at += of.seconds[place][visit.stop + 1]
            assert visit.arrives_s == at
            at, place = max(at, stop.earliest_s), visit.stop + 1
            assert at <= stop.latest_s
            at += stop.service_s
            assert visit.served_s == at
        assert at + of.seconds[place][0] == tour.back_s
        legs = [0, *(visit.stop + 1 for visit in tour.visits), 0]
        assert tour.metres == sum(of.metres[a][b] for a, b in pairwise(legs))


def _random(seed: int) -> Problem:
    dice = random.Random(seed)
    points = [(dice.randrange(10_000), dice.randrange(10_000)) for _ in range(dice.randint(1, 25) + 1)]
    way = [[round(math.dist(a, b)) for b in points] for a in points]
    stops = []
    for _ in points[1:]:
        earliest = dice.randrange(0, _DAY, 600)
        latest = min(_DAY, earliest + dice.randrange(600, 7_200))
        stops.append(Stop(dice.randint(1, 6_000), 1, earliest, latest, 300))
    vans = [
        Van(dice.randint(2_000, 20_000), dice.randint(1, 12), start, start + 30_000)
        for start in dice.choices(range(0, 50_000, 3_600), k=dice.randint(0, 3))
    ]
    return Problem(way, way, stops, vans, limit_s=5, seed=seed, idle_iterations=50)


@pytest.mark.parametrize("seed", range(12))
def test_no_van_is_too_full_or_too_late_and_no_stop_is_forgotten(seed: int) -> None:
    of = _random(seed)
    solved = solve(of)
    _held(of, solved)
    assert solve(of) == solved  # the same seed, the same tours


def test_what_nobody_can_bring_is_named_with_its_reason() -> None:
    way = [[0, 100, 100, 100], [100, 0, 100, 100], [100, 100, 0, 100], [100, 100, 100, 0]]
    heavy, early = Stop(9_000, 1, 0, _DAY, 60), Stop(10, 1, 0, 50, 60)
    light = Stop(10, 1, 0, _DAY, 60)
    solved = solve(Problem(way, way, [heavy, early, light], [Van(1_000, 5, 0, _DAY)], idle_iterations=20))
    assert solved.unserved == {0: TOO_MUCH, 1: TOO_LATE}
    assert [visit.stop for visit in solved.tours[0].visits] == [2]
    crowded = solve(Problem(way, way, [light, light, light], [Van(1_000, 2, 0, _DAY)], idle_iterations=20))
    assert list(crowded.unserved.values()) == [NO_ROOM] and len(crowded.tours[0].visits) == 2
    assert solve(Problem(way, way, [light], [])).unserved == {0: NO_ROOM}


def test_a_solomon_instance_is_nearly_the_best_known_within_a_second() -> None:
    of = problem("C101", limit_s=1)
    solved = solve(of)
    _held(of, solved)
    assert not solved.unserved and solved.metres / SCALE <= BEST["C101"] * 1.05


@pytest.mark.long
@pytest.mark.parametrize("name", BEST)
def test_solomon_instances_are_within_three_percent_in_ten_seconds(name: str) -> None:
    of = problem(name, limit_s=10)
    solved = solve(of)
    _held(of, solved)
    assert not solved.unserved and solved.metres / SCALE <= BEST[name] * 1.03
