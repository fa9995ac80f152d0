"""This is where it is tried how well it is told what is bought together, on the baskets of a real shop."""

import gzip
import random
from collections import Counter, defaultdict
from itertools import chain, combinations
from pathlib import Path

import pytest

from services.catalog.bundles.alike import LEAST_TOGETHER, MOST_RELATED, at_least, bought_together

DATA = Path(__file__).parent / "data"
_TEN = 10


def _baskets(name: str) -> list[list[int]]:
    text = gzip.decompress((DATA / f"{name}.txt.gz").read_bytes()).decode()
    return [[int(item) for item in line.split()] for line in text.splitlines()]


def _told(baskets: list[list[int]], products: int) -> tuple[list[int], list[int], int]:
    return [len(basket) for basket in baskets], list(chain(*baskets)), products


def test_a_hidden_item_is_found_far_more_often_than_by_popularity() -> None:
    """One item of each July basket is hidden, and looked for among ten by what June's baskets say of the others."""
    june, july, chance = _baskets("june"), _baskets("july"), random.Random(1)
    products = max(chain(*june)) + 1
    found = bought_together(*_told(june, products))
    scores: dict[int, dict[int, float]] = defaultdict(dict)
    for pair in found.pairs:
        scores[pair.first][pair.second] = scores[pair.second][pair.first] = pair.score
    popular = sorted(range(products), key=lambda item: -found.counts[item])
    hits = by_popularity = 0
    for basket in july:
        hidden = chance.choice(basket)
        known = [item for item in basket if item != hidden]
        alike = Counter[int]()
        for item in known:
            alike.update({other: score for other, score in scores[item].items() if other not in known})
        hits += hidden in [other for other, _ in alike.most_common(_TEN)]
        by_popularity += hidden in [item for item in popular[: _TEN + len(known)] if item not in known][:_TEN]
    figures = f"Hit@10 of {len(july)}: alike {hits / len(july):.3f}, popularity {by_popularity / len(july):.3f}"
    assert hits / len(july) > 0.25, figures
    assert hits > 3 * by_popularity, figures


def test_pairs_and_rules_are_counted_right() -> None:
    chance = random.Random(5)
    baskets = [sorted(chance.sample(range(30), chance.randint(1, 8))) for _ in range(300)]
    found = bought_together(*_told(baskets, 30))
    together = Counter(pair for basket in baskets for pair in combinations(basket, 2))
    assert found.counts == [sum(item in basket for basket in baskets) for item in range(30)]
    assert found.pairs
    for pair in found.pairs:
        assert pair.together == together[pair.first, pair.second] >= LEAST_TOGETHER
        by_chance = (found.counts[pair.first] * found.counts[pair.second]) ** 0.5
        assert pair.score == pytest.approx(pair.together / by_chance * pair.together / (pair.together + 10))
    best = {(each.first, each.second) for each in found.pairs}
    assert all(sum(item in pair for pair in best) >= min(MOST_RELATED, 3) for item in range(30))
    for rule in found.rules:
        assert rule.together == sum(set(rule.items) <= set(basket) for basket in baskets)
        assert rule.of == sum(set(rule.items[:-1]) <= set(basket) for basket in baskets)
    assert len({frozenset(rule.items) for rule in found.rules}) == len(found.rules)


def test_chance_and_resellers_say_nothing() -> None:
    few = [[0, 1]] * (LEAST_TOGETHER - 1) + [list(range(101))] * 50
    found = bought_together(*_told(few, 101))
    assert (found.baskets, found.pairs, found.rules) == (LEAST_TOGETHER - 1, [], [])


def test_the_more_baskets_the_more_alike() -> None:
    """The cosine is one for both: the pair seen more often comes first."""
    found = bought_together(*_told([[0, 1]] * 3 + [[2, 3]] * 40, 4))
    scores = {(pair.first, pair.second): pair.score for pair in found.pairs}
    assert scores[0, 1] == pytest.approx(3 / 13)
    assert scores[2, 3] == pytest.approx(40 / 50)


def test_a_share_of_few_is_less_sure_than_the_same_of_many() -> None:
    assert at_least(3, 4) < at_least(30, 40) < at_least(3000, 4000) < 0.75
    assert at_least(5, 10) == pytest.approx(0.2366, abs=1e-4)  # Wilson's interval of 5 of 10
