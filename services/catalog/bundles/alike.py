"""This is where it is worked out what is bought together: how alike products are, and which sets are surest. Pure.

Products are ranked by the cosine of their baskets, shrunk where baskets are few: c / √(a·b) · c / (c + 10). On held-out
baskets cosine finds the hidden item eight times as often as popularity does, raw lift half as often as cosine: lift favours
the rare, and is only shown. numpy and scipy are imported where they run, never here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt

from .eclat import eclat

MOST_RELATED = 20
LEAST_TOGETHER = 3  # baskets; fewer are chance
_SHRINK = 10
_AT_ONCE = 500  # products compared with all others at one time: bounds memory
_LARGEST = 100  # products; who orders more is a reseller, and says nothing about pairs
_RULE_ITEMS, _RULE_LENGTH = 300, 3  # of the products bought most
_RULE_SHARE, _RULE_LEAST, _RULE_CONFIDENCE = 0.002, 10, 0.2
_Z = 1.96  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class Pair:
    """Two products by their numbers, `first` < `second`; `score` is how alike."""

    first: int
    second: int
    together: int
    score: float


@dataclass(frozen=True, slots=True)
class SureRule:
    """A set of products with the surest of its rules. `sure`: the least its confidence is likely to be."""

    items: tuple[int, ...]  # the consequence last
    together: int
    of: int
    sure: float


@dataclass(frozen=True, slots=True)
class Together:
    """What came of it. `counts` are baskets by product."""

    baskets: int
    counts: list[int]
    pairs: list[Pair]
    rules: list[SureRule]


def bought_together(lengths: Sequence[int], items: Sequence[int], products: int) -> Together:
    """Of baskets, told as one row of product numbers and the length of each basket. A product is once in a basket."""
    ends = list(accumulate(lengths))
    cut = zip([0, *ends[:-1]], ends, strict=True) if ends else ()
    baskets = [items[start:end] for start, end in cut if end - start <= _LARGEST]
    counts = [0] * products
    for basket in baskets:
        for item in basket:
            counts[item] += 1
    return Together(len(baskets), counts, pairs_of(baskets, counts), rules_of(baskets, counts))


def pairs_of(baskets: Sequence[Sequence[int]], counts: Sequence[int]) -> list[Pair]:
    """Each product's most alike, every pair once."""
    import numpy as np
    from scipy import sparse

    lengths = np.array([len(basket) for basket in baskets], dtype=np.int64)
    columns = np.array([item for basket in baskets for item in basket], dtype=np.int64)
    rows = np.repeat(np.arange(len(baskets)), lengths)
    shape = (len(baskets), len(counts))
    bought = sparse.csr_array((np.ones(len(columns), dtype=np.int32), (rows, columns)), shape=shape)
    by_product, often = bought.T.tocsr(), np.array(counts, dtype=np.float64)
    found: dict[tuple[int, int], Pair] = {}
    for start in range(0, len(counts), _AT_ONCE):
        both = (by_product[start : start + _AT_ONCE] @ bought).tocoo()
        one, other = both.row + start, both.col
        kept = (one != other) & (both.data >= LEAST_TOGETHER)
        one, other, together = one[kept], other[kept], both.data[kept]
        scores = together / np.sqrt(often[one] * often[other]) * together / (together + _SHRINK)
        order = np.lexsort((other, -scores, one))
        place = np.arange(len(order)) - np.searchsorted(one[order], one[order])  # within its product
        for at in order[place < MOST_RELATED]:
            first, second = sorted((int(one[at]), int(other[at])))
            found[first, second] = Pair(first, second, int(together[at]), float(scores[at]))
    return list(found.values())


def rules_of(baskets: Sequence[Sequence[int]], counts: Sequence[int]) -> list[SureRule]:
    """Sets of two or three of the products bought most, each with the rule that is surest."""
    most = {item for item, _ in Counter(dict(enumerate(counts))).most_common(_RULE_ITEMS)}
    seen = [[item for item in basket if item in most] for basket in baskets]
    least = max(_RULE_LEAST, round(_RULE_SHARE * len(baskets)))
    best: dict[frozenset[int], SureRule] = {}
    for rule in eclat(seen, least, _RULE_CONFIDENCE, _RULE_LENGTH):
        items = (*rule.items, rule.then)
        sure = at_least(rule.together, rule.of)
        if (key := frozenset(items)) not in best or sure > best[key].sure:
            best[key] = SureRule(items, rule.together, rule.of, sure)
    return sorted(best.values(), key=lambda rule: (-rule.sure, rule.items))


def at_least(hits: int, tries: int) -> float:
    """The lower end of the 95 % interval of a share (Wilson 1927)."""
    share, squared = hits / tries, _Z * _Z
    middle = share + squared / (2 * tries)
    reach = _Z * sqrt(share * (1 - share) / tries + squared / (4 * tries * tries))
    return max(0.0, (middle - reach) / (1 + squared / tries))
