"""This is where the word list is kept: every change makes a version and asks for what is live to be looked at again."""

from dataclasses import dataclass

from services.catalog.categories import Categories
from services.catalog.store import NotAsSeen, Table, Write, together
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.store import decode_cursor, encode_cursor

from .defaults import VERSION, default_words
from .folding import fold
from .matching import Matcher
from .words import Word, check_word

_ONE = "words"
_MOST_WORDS = 5_000
_MOST = 100
_TRIES = 20


@dataclass
class WordList:
    """The list as a whole. `number` is its version; scans `asked` for and `started` are counted beside it."""

    id: str
    number: int = 1
    defaults: int = 0  # the version of the built-in words it holds
    asked: int = 0
    started: int = 0
    version: int = 0


class WordExists(AlreadyExists):
    """It stands on the list already."""


class WordNotFound(NotFound):
    """No such word stands on the list."""


class TooManyWords(WrongState):
    """The list is full."""


class Lists:
    """Keeps the words, and has a matcher for the list as it is now."""

    def __init__(self, lists: Table[WordList], words: Table[Word], categories: Categories, clock: Clock) -> None:
        self._lists, self._words, self._categories, self._clock = lists, words, categories, clock
        self._matcher, self._number = Matcher([]), 0

    async def begin(self) -> None:
        """The built-in words come in, once; what staff took off stays off."""
        await self._lists.write_each([self._lists.putting(WordList(_ONE))])
        there = await self.get()
        if there.defaults >= VERSION:
            return
        number = there.number + 1 if there.defaults else there.number
        words = default_words()
        for word in words:
            word.added_in, word.added_at = number, self._clock.now()
        await self._words.write_each([self._words.putting(word) for word in words])
        update = {"$set": {"number": number, "defaults": VERSION}, "$inc": {"asked": int(number > there.number)}}
        await self._lists.change({"_id": _ONE, "defaults": there.defaults}, update)

    async def get(self) -> WordList:
        """The list as a whole."""
        return await self._lists.get(_ONE) or WordList(_ONE)

    async def matcher(self) -> Matcher:
        """Finds the words that stand now."""
        number = (await self.get()).number
        if number != self._number:
            words = await self._words.find({"removed_in": 0}, limit=_MOST_WORDS)
            self._matcher, self._number = Matcher(words), number
        return self._matcher

    async def page(self, kind: str, q: str, limit: int, cursor: str) -> tuple[list[Word], int, str]:
        """Words that stand, of one kind or all, that begin with `q`; the version of the list; where the next page starts."""
        size, where = min(limit or 20, _MOST), dict[str, object](removed_in=0)
        if kind:
            where["kind"] = kind
        if key := fold(q).text:
            where["key"] = {"$gte": key, "$lt": f"{key}\U0010ffff"}
        if cursor:
            where["_id"] = {"$gt": decode_cursor(cursor, 1)[0]}
        items = await self._words.find(where, [("_id", 1)], size + 1)
        more = encode_cursor(items[size - 1].id) if len(items) > size else ""
        return items[:size], (await self.get()).number, more

    async def add(self, word: Word, by: str) -> tuple[Word, int]:
        """Puts a word on the list. Refuses with INVALID_WORD, UNKNOWN_CATEGORY, WORD_EXISTS, TOO_MANY_WORDS."""
        check_word(word)
        for category in word.categories:
            await self._categories.must_exist(category)
        if len(await self._words.parts({"removed_in": 0}, {"_id": 1}, limit=_MOST_WORDS)) == _MOST_WORDS:
            raise TooManyWords(f"a list has at most {_MOST_WORDS} words")
        word.id, word.by, word.added_at = new_id("wrd"), by, self._clock.now()
        for _ in range(_TRIES):
            there = await self.get()
            word.added_in = there.number + 1
            try:
                await together((self._words, [self._words.inserting(word)]), (self._lists, [self._next(there)]))
            except AlreadyExists as taken:
                raise WordExists(f"{word.term!r} is on the list already") from taken
            except NotAsSeen:
                continue
            return word, word.added_in
        raise Conflict("the list is being changed by others")

    async def remove(self, word_id: str) -> int:
        """Takes a word off the list, which keeps when. Answers the list's version. Refuses with WORD_NOT_FOUND."""
        for _ in range(_TRIES):
            word, there = await self._words.get(word_id), await self.get()
            if word is None or word.removed_in:
                raise WordNotFound("no such word stands on the list")
            number = there.number + 1
            off = self._words.changing({"_id": word_id, "removed_in": 0}, {"$set": {"removed_in": number}})
            try:
                await together((self._words, [off]), (self._lists, [self._next(there)]))
            except NotAsSeen:
                continue
            return number
        raise Conflict("the list is being changed by others")

    def _next(self, there: WordList) -> Write:
        seen = {"_id": _ONE, "number": there.number}
        return self._lists.changing(seen, {"$inc": {"number": 1, "asked": 1}})

    async def ask(self) -> None:
        """Asks for the live listings to be looked at again."""
        await self._lists.change({"_id": _ONE}, {"$inc": {"asked": 1}})

    async def started(self, asked: int) -> None:
        """All that was asked so far is answered by a scan that begins now."""
        await self._lists.change({"_id": _ONE, "started": {"$lt": asked}}, {"$set": {"started": asked}})
