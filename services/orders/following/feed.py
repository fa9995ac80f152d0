"""This is where what happens to orders is written down in a row, so that whoever follows by cursor misses nothing.

Numbers given out before they are written leave gaps in which a reader overtakes a slow writer. So nothing is numbered
beforehand: a change gets its number by being appended to the last page, as one atomic write that holds only while there is
room; a page that is full is closed before there is a next one. What was read up to some place stays as it is, and a reader
goes on to the next page only once the one before is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.errors import AlreadyExists, Conflict, FieldError
from services.kit.store import Change as Update
from services.kit.store import InvalidPage, Store, decode_cursor, encode, encode_cursor

PAGE = 200
_TRIES = 60
_USUAL, _MOST = 50, 100


class FeedBusy(Conflict):
    """Others write all the time: tell it again."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an order."""

    order_id: str
    what: str
    at: datetime


@dataclass
class FeedPage:
    """Some changes in a row. `closed`: nothing is appended any more, and the next page has or will have what follows."""

    id: str
    number: int
    changes: list[Change] = field(default_factory=list)
    closed: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class Numbered:
    """A change and its number."""

    revision: int
    change: Change


class Feed:
    """Appends and reads."""

    def __init__(self, pages: Store[FeedPage], size: int = PAGE) -> None:
        self._pages, self._size, self._number = pages, size, 1

    async def append(self, changes: Sequence[Change]) -> None:
        """Writes changes down, in their order. Refuses with FEED_BUSY."""
        rest, room, lost = list(changes), self._size, 0
        while rest and lost < _TRIES:
            now = rest[:room]
            if await self._appended(self._number, now):
                rest, room, lost = rest[len(now) :], self._size, 0
                continue
            page = await self._last()
            self._number, room, lost = page.number, self._size - len(page.changes), lost + 1
            if room <= 0:
                self._number, room = (await self._turned(page)).number, self._size
            # Who asks for much room loses to who asks for little: after each loss it asks for less.
            room = max(1, min(room, self._size >> lost))
        if rest:
            raise FeedBusy("others write all the time")

    async def _appended(self, number: int, changes: Sequence[Change]) -> bool:
        """Whether there was room for them on that page."""
        taken = f"changes.{self._size - len(changes)}"  # the place after which there is no room for so many
        where = {"_id": _key(number), "closed": False, taken: {"$exists": False}}
        return await self._pages.change_many([Update(where, {"$push": {"changes": {"$each": encode(list(changes))}}})])

    async def since(self, cursor: str, limit: int) -> tuple[list[Numbered], str]:
        """What follows a cursor, oldest first, and where to go on. Refuses with CURSOR_INVALID, INVALID_PAGE."""
        if not 0 <= limit <= _MOST:
            raise InvalidPage("a page has 1 to 100", errors=[FieldError("/limit", "1 to 100")])
        number, place = (int(part or 0) for part in decode_cursor(cursor, 2)) if cursor else (1, 0)
        wanted, found = limit or _USUAL, list[Numbered]()
        while True:
            page = await self._pages.get(_key(number))
            if page is None:
                break
            part = page.changes[place : place + wanted - len(found)]
            found += [
                Numbered((number - 1) * self._size + place + offset + 1, change) for offset, change in enumerate(part)
            ]
            place += len(part)
            if len(found) == wanted or not page.closed:
                break
            number, place = number + 1, 0  # closed before the next one was made: nothing is left behind
        return found, encode_cursor(number, place)

    async def _last(self) -> FeedPage:
        pages = await self._pages.find({"_id": {"$gt": ""}}, sort=[("_id", -1)], limit=1)
        return pages[0] if pages else await self._made(1)

    async def _turned(self, page: FeedPage) -> FeedPage:
        """The page after a full one; whoever stops in between leaves it to the next who comes."""
        await self._pages.change({"_id": page.id, "closed": False}, {"$set": {"closed": True}})
        return await self._made(page.number + 1)

    async def _made(self, number: int) -> FeedPage:
        page = FeedPage(_key(number), number)
        try:
            return await self._pages.insert(page)
        except AlreadyExists:
            return await self._pages.get(page.id) or page


def _key(number: int) -> str:
    return f"fed_{number:012d}"
