"""This is where slow movers get better titles proposed, weekly: a word nobody asks for makes room for one they do (C15).

A proposal is a draft. A person accepts or dismisses it; an accepted one is an ordinary edit, which the gates look at.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from services.catalog.baskets import SkuDay
from services.catalog.content import Product
from services.catalog.jobs import Job, Jobs, Progress
from services.catalog.products import Products
from services.catalog.store import Table
from services.catalog.words import asked_words, is_han, stem
from services.kit.clock import Clock
from services.kit.errors import NotFound, WrongState
from services.kit.store import Document, decode_cursor, encode_cursor, found

from .keywords import Keywords

KIND = "title_suggestions"
_DAYS, _YOUNG = 28, timedelta(days=14)
_SLOW_UNITS = 2  # sold in four weeks, at most
_STEP, _MOST, _ADDED, _LONGEST = 200, 100, 2, 300
_WEEKLY_BY = "catalog"


class SuggestionNotFound(NotFound):
    """There is no such proposal."""


class SuggestionDecided(WrongState):
    """Somebody has decided already."""


class Decision(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


@dataclass
class TitleSuggestion:
    """A better title for a slow mover. The id is `product.week`."""

    id: str
    product_id: str
    week: str
    product_version: int
    title: str
    proposal: str
    added: list[str]
    dropped: list[str]
    units: int  # sold in the four weeks before
    at: datetime
    state: Decision = Decision.OPEN
    by: str = ""
    version: int = 0


class Titles:
    """Proposes titles and has people decide."""

    def __init__(
        self,
        suggestions: Table[TitleSuggestion],
        products: Table[Product],
        days: Table[SkuDay],
        writing: Products,
        keywords: Keywords,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._suggestions, self._products, self._days = suggestions, products, days
        self._writing, self._keywords, self._jobs, self._clock = writing, keywords, jobs, clock
        jobs.kinds[KIND] = self._step

    async def weekly(self) -> None:
        """Starts the week's job, unless it was started: a chore that bears to be done often."""
        latest, _ = await self._jobs.page(KIND, 1, "")
        if not latest or _week_of(latest[0].created_at) != self._week():
            await self.start(_WEEKLY_BY)

    async def start(self, by: str) -> Job:
        """Looks at the slow movers now."""
        return await self._jobs.start(KIND, "Titles of slow movers", by, only=self._week())

    async def page(self, limit: int, cursor: str) -> tuple[list[TitleSuggestion], str]:
        """Open proposals, newest first, and where the next page starts."""
        size = min(limit or 20, _MOST)
        where: dict[str, object] = {"state": Decision.OPEN.value}
        if cursor:
            where["_id"] = {"$lt": decode_cursor(cursor, 1)[0]}
        items = await self._suggestions.find(where, [("_id", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""

    async def decide(self, suggestion_id: str, accept: bool, by: str) -> TitleSuggestion:
        """Accepts (the title changes, if it is as it was) or dismisses. Refuses with SUGGESTION_NOT_FOUND,
        SUGGESTION_DECIDED, VERSION_MISMATCH, LISTING_REFUSED."""
        suggestion = found(await self._suggestions.get(suggestion_id), SuggestionNotFound("there is no such proposal"))
        if suggestion.state is not Decision.OPEN:
            raise SuggestionDecided(f"it was {suggestion.state.value}", state=suggestion.state.value)
        product = await self._writing.get(suggestion.product_id)
        if accept and product.title != suggestion.proposal:  # a crash may have come between the two writes
            patch = msgspec.json.encode({"title": suggestion.proposal})
            await self._writing.update(suggestion.product_id, suggestion.product_version, patch, by)
        state = Decision.ACCEPTED if accept else Decision.DISMISSED
        decided = {"$set": {"state": state.value, "by": by}}
        where = {"_id": suggestion.id, "state": Decision.OPEN.value}
        return await self._suggestions.change(where, decided) or suggestion

    async def _step(self, job: Job) -> Progress:
        """Looks at two hundred products on sale."""
        now = self._clock.now()
        where: Document = {"state": "live", "_id": {"$gt": job.cursor}}
        fields = {"title": 1, "words": 1, "title_words": 1, "version": 1, "created_at": 1, "variants.sku": 1}
        products = await self._products.parts(where, fields, limit=_STEP)
        old = [each for each in products if each["created_at"] <= now - _YOUNG]
        sold = await self._sold(old)
        slow = [each for each in old if sold[each["_id"]] <= _SLOW_UNITS]
        asked = await self._keywords.words(_DAYS) if slow else Counter[str]()
        made = [made for each in slow if (made := self._proposal(each, asked, sold[each["_id"]], now))]
        await self._suggestions.write_each([self._suggestions.putting(each) for each in made])
        last = products[-1]["_id"] if products else ""
        counts = {"slow": len(slow), "proposed": len(made)}
        return Progress(job.done + len(products), 0, last, counts, over=len(products) < _STEP)

    async def _sold(self, products: Sequence[Document]) -> Counter[str]:
        """Units of each in four weeks."""
        skus = {variant["sku"]: each["_id"] for each in products for variant in each["variants"]}
        since = (self._clock.now() - timedelta(days=_DAYS)).date().isoformat()
        rows = await self._days.parts({"sku": {"$in": sorted(skus)}, "day": {"$gte": since}}, {"sku": 1, "units": 1})
        sold: Counter[str] = Counter()
        for row in rows:
            sold[skus[row["sku"]]] += row["units"]
        return sold

    def _proposal(self, product: Document, asked: Counter[str], units: int, now: datetime) -> TitleSuggestion | None:
        week = self._week()
        title, added, dropped = better_title(product["title"], product["words"], product["title_words"], asked)
        if not added:
            return None
        key = f"{product['_id']}.{week}"
        return TitleSuggestion(
            key, product["_id"], week, product["version"], product["title"], title, added, dropped, units, now
        )

    def _week(self) -> str:
        return _week_of(self._clock.now())


def _week_of(moment: datetime) -> str:
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"


def better_title(
    title: str, words: Sequence[str], title_words: Sequence[str], asked: Counter[str]
) -> tuple[str, list[str], list[str]]:
    """A title with the most asked-for words of the product that it lacks, less as many that nobody asks for; the words added
    and dropped. Pure."""
    whole: dict[str, str] = {}  # a word is known as written and as stemmed: the longer is the one to write
    for word in words:
        if len(word) > len(whole.get(stem(word), "")):
            whole[stem(word)] = word
    lacking = [root for root, word in whole.items() if asked[root] and root not in title_words and len(word) > 1]
    added = [whole[root] for root in sorted(lacking, key=lambda root: (-asked[root], root))[:_ADDED]]
    parts = title.split()
    idle = [part for part in parts if _droppable(part) and not asked[stem(part.casefold())]]
    dropped = idle[: min(len(added), len(parts) - 1)]
    kept = [part for part in parts if part not in dropped]
    return " ".join([*kept, *added])[:_LONGEST].strip(), added, dropped


def _droppable(part: str) -> bool:
    """Latin words only: what stands in a Chinese title cannot be cut at spaces. Numbers and codes stay."""
    return re.fullmatch(r"[A-Za-z]{3,}", part) is not None and not is_han(part) and bool(asked_words(part))
