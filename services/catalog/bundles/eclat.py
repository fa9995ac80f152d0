"""This is where association rules are found: Eclat, with a bitmap of baskets for each item. Pure.

M. J. Zaki, Scalable Algorithms for Association Mining (2000): the baskets with a set of items are the baskets with its first
items and with its last; sets grow depth first, and never beyond one that is too rare.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

Items = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who buys all of `items` buys `then` too, in `together` of `of` baskets."""

    items: Items
    then: int
    together: int
    of: int

    @property
    def confidence(self) -> float:
        """The share of baskets with `items` that hold `then`."""
        return self.together / self.of


def eclat(baskets: Sequence[Sequence[int]], min_support: int, min_confidence: float, max_len: int) -> list[Rule]:
    """All rules with one consequence over sets of 2 to `max_len` items that are in `min_support` baskets at least."""
    counts = frequent_sets(baskets, min_support, max_len)
    rules = []
    for items, together in counts.items():
        for then in items if len(items) > 1 else ():
            before = tuple(item for item in items if item != then)
            if together >= min_confidence * counts[before]:
                rules.append(Rule(before, then, together, counts[before]))
    return rules


def frequent_sets(baskets: Sequence[Sequence[int]], min_support: int, max_len: int) -> dict[Items, int]:
    """How many baskets hold each set, of sets in ascending order of their items that are in `min_support` at least."""
    bitmaps = _bitmaps(baskets, min_support)
    counts: dict[Items, int] = {}

    def grow(items: Items, bitmap: int, after: int) -> None:
        for place in range(after, len(bitmaps)):
            item, more = bitmaps[place]
            both = bitmap & more
            if (count := both.bit_count()) >= min_support:
                counts[*items, item] = count
                if len(items) + 1 < max_len:
                    grow((*items, item), both, place + 1)

    grow((), (1 << len(baskets)) - 1, 0)
    return counts


def _bitmaps(baskets: Sequence[Sequence[int]], min_support: int) -> list[tuple[int, int]]:
    counts = Counter(item for basket in baskets for item in set(basket))
    bits: dict[int, bytearray] = defaultdict(lambda: bytearray(len(baskets) // 8 + 1))
    for place, basket in enumerate(baskets):
        for item in basket:
            if counts[item] >= min_support:
                bits[item][place >> 3] |= 1 << (place & 7)
    return sorted((item, int.from_bytes(bitmap, "little")) for item, bitmap in bits.items())
