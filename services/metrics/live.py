"""This is where the values of this moment are held: each new fact moves them, a restart rebuilds them from the facts.

Prometheus reads them from another thread, so what it reads is replaced, never changed under it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from services.kit.clock import Clock

from .behaviour import BEHAVIOUR, STAGE_OF, STAGES
from .days import Calendar
from .exports import COUNTERS, Counted
from .facts import Fact
from .shelf import SHELF_TYPES, Shelf

_MOST_VALUES = 60  # of one label; a carrier or a reason beyond them counts as `other`
_BY_TYPE: dict[str, list[Counted]] = defaultdict(list)
for _counter in COUNTERS:
    _BY_TYPE[_counter.type].append(_counter)


@dataclass
class Today:
    """Who has been here today. One number a visitor is kept, not the id."""

    day: date = date.min
    visitors: dict[str, set[int]] = field(default_factory=lambda: {stage: set() for stage in ("any", *STAGES)})
    sessions: dict[str, set[int]] = field(default_factory=lambda: {did: set() for did in ("any", "carted", "paid")})

    def take(self, name: str, visitor: str, session: str) -> None:
        """Somebody did something."""
        who, visit = hash(visitor), hash(session)
        self.visitors["any"].add(who)
        self.sessions["any"].add(visit)
        if stage := STAGE_OF.get(name):
            self.visitors[stage].add(who)
        if name in ("add_to_cart", "purchase"):
            self.sessions["carted" if name == "add_to_cart" else "paid"].add(visit)


class Source(Protocol):
    """Where the values are rebuilt from."""

    async def totals(self, counters: Mapping[str, list[Counted]]) -> list[tuple[str, dict[str, str], dict[str, int]]]:
        """For every type of fact and combination of its counters' labels: the labels, the sums (`""`: how many)."""
        ...

    async def shelf_now(self) -> list[Fact]:
        """For each product and SKU its last facts of the shelf."""
        ...

    async def visitors_of(self, day: date) -> list[tuple[str, str, str]]:
        """(name, visitor, session) of a day, each once."""
        ...


class Live:
    """The values of this moment."""

    def __init__(self, calendar: Calendar, clock: Clock, currency: str) -> None:
        self._calendar, self._clock = calendar, clock
        self._currency = currency
        self._sums = self._zeros()
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._today = Today(self._now())
        self._shelf = Shelf()
        self._shelf_values: dict[str, float] = {}

    def _now(self) -> date:
        return self._calendar.day(self._clock.now())

    def _zeros(self) -> dict[str, dict[tuple[str, ...], int]]:
        # Prometheus sees no increase in a series that begins at one: what can be foreseen begins at zero.
        foreseen = {"currency": self._currency, "channel": "storefront"}
        return {
            counter.name: {tuple(foreseen[label] for label in counter.labels): 0}
            if foreseen.keys() >= set(counter.labels)
            else {}
            for counter in COUNTERS
        }

    def take(self, fact: Fact) -> None:
        """A fact is new."""
        self._add(fact.type, fact.values, {"": 1, **fact.values})
        if fact.type == BEHAVIOUR:
            today = self._now()
            if today != self._today.day:
                self._today = Today(today)
            if self._calendar.day(fact.at) == today:
                self._today.take(fact.values["name"], fact.values["visitor"], fact.values["session"])
        elif fact.type in SHELF_TYPES:
            self._shelf.take(fact)

    async def rebuild(self, source: Source) -> None:
        """Starts again from all facts there are."""
        totals, shelf, day = await source.totals(_BY_TYPE), await source.shelf_now(), self._now()
        visitors = await source.visitors_of(day)
        self._sums, self._seen = self._zeros(), defaultdict(set)
        for type_, labels, sums in totals:
            self._add(type_, labels, sums)
        self._shelf, self._today = Shelf(), Today(day)
        for fact in shelf:
            self._shelf.take(fact)
        for name, visitor, session in visitors:
            self._today.take(name, visitor, session)
        await self.weigh()

    async def weigh(self) -> None:
        """Counts the shelf when it has changed: once a second, not once a fact."""
        shelf = self._shelf
        if shelf.changed or not self._shelf_values:
            shelf.changed = False
            self._shelf_values = {
                "shop_skus_on_sale": shelf.on_sale(),
                "shop_skus_out_of_stock": shelf.out_of_stock(),
                "shop_stock_units": shelf.on_hand(),
            }

    def _add(self, type_: str, words: Mapping[str, Any], numbers: Mapping[str, Any]) -> None:
        for counter in _BY_TYPE.get(type_, ()):
            if all(words.get(name) == value for name, value in counter.where.items()):
                labels = tuple(self._bounded(label, str(words.get(label, ""))) for label in counter.labels)
                series = self._sums[counter.name]
                series[labels] = series.get(labels, 0) + int(numbers.get(counter.field, 0))

    def _bounded(self, label: str, value: str) -> str:
        seen = self._seen[label]
        if value not in seen:
            if len(seen) >= _MOST_VALUES:
                return "other"
            seen.add(value)
        return value

    def counted(self) -> Mapping[str, Mapping[tuple[str, ...], int]]:
        """Each counter's value by its labels."""
        return {name: series.copy() for name, series in self._sums.items()}

    def shown(self) -> Mapping[str, Mapping[tuple[str, ...], float]]:
        """Each gauge's value by its labels; yesterday's visitors are gone at midnight."""
        today = self._today if self._today.day == self._now() else Today()
        sessions = {did: len(visits) for did, visits in today.sessions.items()}
        sessions["abandoned"] = len(today.sessions["carted"].copy() - today.sessions["paid"].copy())
        return {
            "shop_visitors_today": {(stage,): len(visitors) for stage, visitors in today.visitors.items()},
            "shop_sessions_today": {(did,): count for did, count in sessions.items()},
            **{name: {(): value} for name, value in self._shelf_values.items()},
        }
