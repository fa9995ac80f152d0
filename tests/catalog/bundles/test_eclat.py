"""This is where association rules are held against counting them by hand."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as some

from services.catalog.bundles.eclat import Rule, eclat, frequent_sets

BASKETS = some.lists(some.lists(some.integers(0, 6), max_size=5, unique=True), max_size=12)


def _holding(baskets: list[list[int]], items: tuple[int, ...]) -> int:
    return sum(set(items) <= set(basket) for basket in baskets)


@given(BASKETS, some.integers(1, 4), some.sampled_from([0.0, 0.3, 0.5, 1.0]), some.integers(2, 4))
def test_the_rules_are_those_one_finds_by_trying_every_set(
    baskets: list[list[int]], support: int, confidence: float, longest: int
) -> None:
    wanted = set()
    for size in range(2, longest + 1):
        for items in combinations(range(7), size):
            if (together := _holding(baskets, items)) >= support:
                for then in items:
                    before = tuple(item for item in items if item != then)
                    if together / (of := _holding(baskets, before)) >= confidence:
                        wanted.add(Rule(before, then, together, of))
    found = eclat(baskets, support, confidence, longest)
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_a_rule_says_how_sure_it_is() -> None:
    baskets = [[1, 2], [1, 2], [1, 3], [2]]
    assert frequent_sets(baskets, 2, 3) == {(1,): 3, (2,): 3, (1, 2): 2}
    (rule, _) = eclat(baskets, 2, 0.5, 3)
    assert (rule.items, rule.then, round(rule.confidence, 3)) == ((2,), 1, 0.667)
