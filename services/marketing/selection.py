"""This is where a rule says which goods it is about, and the goods of a cart find the rules about them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class Goods:
    """What a cart has of one SKU: `gross` in minor units is quantity times unit price."""

    sku: str
    category: str
    gross: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Selection:
    """Goods must be of one of the SKUs and of one of the categories; an empty set asks for nothing."""

    skus: frozenset[str]
    categories: frozenset[str]

    def takes(self, goods: Goods) -> bool:
        """Whether it is about these goods."""
        return (not self.skus or goods.sku in self.skus) and (not self.categories or goods.category in self.categories)


class Selective(Protocol):
    """A rule about some goods."""

    skus: list[str]
    categories: list[str]


R = TypeVar("R", bound=Selective)


def selection_of(rule: Selective) -> Selection:
    """What a rule is about."""
    return Selection(frozenset(rule.skus), frozenset(rule.categories))


class Shelves(Generic[R]):
    """Rules by what they are about, so that a cart looks only at those that touch it, however many there are."""

    def __init__(self, rules: Iterable[R]) -> None:
        self._rules: dict[Selection, list[R]] = defaultdict(list)
        for rule in rules:
            self._rules[selection_of(rule)].append(rule)
        self._by_sku: dict[str, list[Selection]] = defaultdict(list)
        self._by_category: dict[str, list[Selection]] = defaultdict(list)
        self._everywhere: list[Selection] = []
        for selection in self._rules:
            for sku in selection.skus:
                self._by_sku[sku].append(selection)
            if not selection.skus:
                for category in selection.categories:
                    self._by_category[category].append(selection)
                if not selection.categories:
                    self._everywhere.append(selection)

    def touching(self, goods: Sequence[Goods]) -> list[tuple[list[R], list[Goods]]]:
        """Each set of rules about the same goods, with those of the goods it is about; in no particular order."""
        touched: dict[Selection, list[Goods]] = defaultdict(list)
        for each in goods:
            candidates = (
                *self._by_sku.get(each.sku, ()),
                *self._by_category.get(each.category, ()),
                *self._everywhere,
            )
            for selection in candidates:
                if selection.takes(each):
                    touched[selection].append(each)
        return [(self._rules[selection], about) for selection, about in touched.items()]
