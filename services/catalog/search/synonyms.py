"""This is where it is kept which words mean the same, and which are asked for when another is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.catalog.fields import Faults
from services.catalog.store import Table
from services.catalog.words import asked_words
from services.kit.clock import Clock
from services.kit.errors import Invalid, NotFound, VersionMismatch
from services.kit.store import found

_MOST, _MOST_TERMS = 2_000, 30
_FRESH = timedelta(seconds=5)
Form = tuple[str, ...]


class InvalidSynonyms(Invalid):
    """Not a set of words that mean the same."""


class SynonymsNotFound(NotFound):
    """There is no such set."""


@dataclass
class SynonymSet:
    """Terms that find each other; with `one_way`, the first finds the others but not the other way round."""

    id: str
    terms: list[str]
    one_way: bool = False
    by: str = ""
    version: int = 0
    updated_at: datetime | None = field(default=None)


class Synonyms:
    """Sets of words; what they mean is remembered for five seconds."""

    def __init__(self, sets: Table[SynonymSet], clock: Clock) -> None:
        self._sets, self._clock = sets, clock
        self._forms: Mapping[Form, Sequence[Form]] = {}
        self._read_at: datetime | None = None

    async def put(self, synonyms: SynonymSet, if_version: int) -> SynonymSet:
        """Makes or changes a set. Refuses with INVALID_SYNONYMS, VERSION_MISMATCH."""
        faults = Faults()
        faults.id("/id", synonyms.id)
        synonyms.terms = [faults.text(f"/terms/{i}", term, 60, least=1) for i, term in enumerate(synonyms.terms)]
        if not 2 <= len(synonyms.terms) <= _MOST_TERMS:
            faults.add("/terms", f"must be 2 to {_MOST_TERMS}")
        for i, term in enumerate(synonyms.terms):
            if not asked_words(term):
                faults.add(f"/terms/{i}", "must have a word")
        faults.refuse(InvalidSynonyms)
        synonyms.updated_at = self._clock.now()
        there = await self._sets.get(synonyms.id)
        if if_version and (there is None or there.version != if_version):
            raise VersionMismatch("the set has changed since it was read")
        if there is None:
            kept = await self._sets.insert(synonyms)
        else:
            synonyms.version = there.version
            kept = await self._sets.save(synonyms)
        self._read_at = None
        return kept

    async def get(self, set_id: str) -> SynonymSet:
        """Refuses with SYNONYMS_NOT_FOUND."""
        there = await self._sets.get(set_id)
        return found(there if there and there.terms else None, SynonymsNotFound("there is no such set"))

    async def all(self) -> list[SynonymSet]:
        """Every set, by id; one without terms is gone."""
        return [each for each in await self._sets.find({"_id": {"$gt": ""}}, limit=_MOST) if each.terms]

    async def remove(self, set_id: str) -> None:
        """It means nothing any more. Refuses with SYNONYMS_NOT_FOUND."""
        if not await self._sets.change({"_id": set_id, "terms": {"$ne": []}}, {"$set": {"terms": []}}):
            raise SynonymsNotFound("there is no such set")
        self._read_at = None

    async def forms(self) -> Mapping[Form, Sequence[Form]]:
        """What else is asked for when a term is, both as the index knows words."""
        now = self._clock.now()
        if self._read_at is None or not self._read_at <= now < self._read_at + _FRESH:
            forms: dict[Form, list[Form]] = defaultdict(list)
            for each in await self.all():
                terms = [asked_words(term) for term in each.terms]
                for i, term in enumerate(terms[:1] if each.one_way else terms):
                    forms[term] += [other for k, other in enumerate(terms) if k != i and other not in forms[term]]
            self._forms, self._read_at = forms, now
        return self._forms
