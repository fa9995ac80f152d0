"""This is where categories are: a tree, kept as a flat list with parents."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid

from .fields import Faults
from .store import Table

_MOST = 5_000
_REMEMBERED = timedelta(seconds=5)
_NOT_A_WORD = re.compile(r"[\W_]+")


class UnknownCategory(Invalid):
    """There is no such category."""


class InvalidCategory(Invalid):
    """The category is not what a category must be."""


@dataclass
class Category:
    """A node of the tree; `id` is a slug, `parent` empty at the root."""

    id: str
    title: str
    parent: str = ""
    version: int = 0


def slug(title: str) -> str:
    """`Home & Garden` → `home-garden`; Chinese stays as it is. At most 64 characters."""
    return _NOT_A_WORD.sub("-", unicodedata.normalize("NFKC", title).casefold()).strip("-")[:64].strip("-")


def in_order(categories: Iterable[Category]) -> list[Category]:
    """Parents before children, siblings by id. What hangs on nothing comes last."""
    below: dict[str, list[Category]] = defaultdict(list)
    known = {category.id: category for category in categories}
    for category in sorted(known.values(), key=lambda c: c.id):
        below[category.parent if category.parent in known else ""].append(category)
    ordered: list[Category] = []
    waiting = list(reversed(below[""]))
    while waiting:
        ordered.append(waiting.pop())
        waiting += reversed(below[ordered[-1].id])
    return ordered


class Categories:
    """The tree."""

    def __init__(self, categories: Table[Category], clock: Clock) -> None:
        self._categories, self._clock = categories, clock
        self._known: dict[str, Category] = {}
        self._read_at: datetime | None = None

    async def all(self) -> list[Category]:
        """Every category, parents before children."""
        return in_order(await self._categories.find({"_id": {"$gt": ""}}, limit=_MOST))

    async def put(self, category: Category) -> Category:
        """Makes or renames one; its title makes the id it lacks. Refuses with UNKNOWN_CATEGORY, INVALID_CATEGORY."""
        faults = Faults()
        category.title = faults.text("/title", category.title, 100, least=1)
        category.id = category.id or slug(category.title)
        if not category.id or slug(category.id) != category.id:
            faults.add("/id", "must be a slug: lower-case words joined by '-', at most 64 characters")
        faults.refuse(InvalidCategory)
        if category.parent:
            await self._check_parent(category)
        fields = {"title": category.title, "parent": category.parent}
        if not await self._categories.change({"_id": category.id}, {"$set": fields}):
            await self._categories.write_each([self._categories.putting(category)])
            category = await self._categories.get(category.id) or category
        self._read_at = None
        return category

    async def put_titled(self, titles: Iterable[str]) -> None:
        """Makes the categories of these titles that are not there yet, at the root, in one write."""
        new = {slug(title): title for title in titles if slug(title) not in self._known}
        await self._categories.write_each([self._categories.putting(Category(id, title)) for id, title in new.items()])
        if new:
            self._read_at = None

    async def among(self, categories: Iterable[str]) -> set[str]:
        """Those of these ids that exist."""
        return set(await self._categories.by_keys(sorted(categories), {"_id": 1}))

    async def must_exist(self, category: str) -> None:
        """Refuses with UNKNOWN_CATEGORY."""
        if category not in self._known and not await self._categories.get(category[:64]):
            raise UnknownCategory(
                "there is no such category", errors=[FieldError("/category", "is the id of no category")]
            )

    async def with_descendants(self, category: str) -> list[str]:
        """A category and all below it. Up to five seconds behind what another replica was told."""
        await self._remember()
        below: dict[str, list[str]] = defaultdict(list)
        for each in self._known.values():
            below[each.parent].append(each.id)
        found = [category]
        for each_id in found:  # grows while it is walked
            found += [child for child in below[each_id] if child not in found]
        return found

    async def lineage(self, category: str) -> list[str]:
        """A category and all above it, up to the root. As far behind as `with_descendants`."""
        await self._remember()
        line: list[str] = []
        while category and category not in line:
            line.append(category)
            category = self._known[category].parent if category in self._known else ""
        return line

    async def _remember(self) -> None:
        now = self._clock.now()
        if self._read_at is None or not self._read_at <= now < self._read_at + _REMEMBERED:
            self._known = {each.id: each for each in await self.all()}
            self._read_at = now

    async def _check_parent(self, category: Category) -> None:
        tree = {each.id: each for each in await self.all()}
        if category.parent not in tree:
            raise UnknownCategory(
                "the parent does not exist", errors=[FieldError("/parent", "is the id of no category")]
            )
        above = category.parent
        while above:
            if above == category.id:
                raise InvalidCategory(
                    "a category cannot be below itself", errors=[FieldError("/parent", "is below it")]
                )
            above = tree[above].parent if above in tree else ""
