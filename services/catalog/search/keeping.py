"""This is where the index is made and kept true: read once, then followed; what this replica wrote itself is in it before
the next search is answered."""

import asyncio
import contextlib
import itertools
from collections.abc import Sequence

from services.kit.errors import Unavailable
from services.kit.store import Document

from .index import Entry, ProductIndex
from .store import Feed, HistoryLost

_OWN_AT_ONCE = 1_000
_PATIENCE_S = 0.8  # how long a search waits for the first index


class IndexBuilding(Unavailable):
    """The index is being made: try again in a moment."""


class Keeper:
    """Keeps one index of what is on sale."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._index: ProductIndex | None = None
        self._built = asyncio.Event()
        self._own: dict[str, int] = {}  # what this replica wrote and the index does not show yet; by its latest write
        self._writes = itertools.count(1)
        self._showing = asyncio.Lock()

    def wrote(self, product_id: str) -> None:
        """This replica has changed a product."""
        self._own[product_id] = next(self._writes)

    async def index(self) -> ProductIndex:
        """The index, with all that this replica wrote. Refuses with INDEX_BUILDING."""
        if self._index is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._built.wait(), _PATIENCE_S)
        if self._index is None:
            raise IndexBuilding("the search index is being made", retry_after_s=1)
        if self._own:
            async with self._showing:
                await self._take_own(self._index)
        return self._index

    async def look(self) -> None:
        """Makes the index when there is none, and takes in what has changed since the last look: a chore done over and over.

        After an outage it goes on where it was; when the database has forgotten, it makes the index anew.
        """
        if self._index is None:
            await self._build()
        try:
            changed = await self._feed.changes()
        except HistoryLost:
            await self._build()
            return
        if changed and self._index is not None:  # an empty one is there all the same
            async with self._showing:
                await self._take(changed, self._index)

    async def close(self) -> None:
        """No more looks."""
        await self._feed.close()

    async def _build(self) -> None:
        """Reads everything into a fresh index; the old one answers meanwhile."""
        await self._feed.begin()
        index = ProductIndex()
        async for page in self._feed.everything():
            for document in page:
                index.put(entry_of(document))
            await asyncio.sleep(0)  # others have their turn
        await asyncio.to_thread(index.show)
        self._index = index
        self._built.set()

    async def _take_own(self, index: ProductIndex) -> None:
        # Of a large file the looks bring the rest: nobody waits for 200,000 products to be read.
        if mine := list(itertools.islice(self._own, _OWN_AT_ONCE)):
            await self._take(mine, index)

    async def _take(self, ids: Sequence[str], index: ProductIndex) -> None:
        """Reads them now, one taking at a time: never is something older put over what was read after it. They are own until
        they are shown; what this replica writes meanwhile stays so, and what could not be read becomes so."""
        seen = {key: self._own.get(key) for key in ids}
        try:
            found = await self._feed.some(ids)
        except BaseException:
            for key in ids:
                self.wrote(key)
            raise
        for key in ids:
            if key in found and found[key]["state"] == "live":
                index.put(entry_of(found[key]))
            else:
                index.remove(key)
        await asyncio.to_thread(index.show)
        for key, write in seen.items():
            if write is not None and self._own.get(key) == write:
                del self._own[key]


def entry_of(document: Document) -> Entry:
    """What the index knows of a product, from its document."""
    return Entry(
        id=document["_id"],
        title_words=document["title_words"],
        words=document["words"],
        category=document["category"],
        tags=document["tags"],
        attributes=[(each["name"], each["value"]) for each in document["attributes"]],
        price=document["price"]["minor"],
        sales=document["sales"],
        in_stock=document["in_stock"],
    )
