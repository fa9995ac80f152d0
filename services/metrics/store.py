"""This is where facts are kept and added up: one collection, `facts`, and the aggregations over it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pymongo
from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from services.kit.store import Turnstile

from .behaviour import BEHAVIOUR, STAGES
from .days import Calendar, Span
from .exports import Counted
from .facts import Fact
from .measures import DIMENSIONS, Ask, Cells, Distinct, Sum, Visits
from .shelf import SHELF_TYPES

Document = dict[str, Any]
_DUPLICATE = 11000
_REBUILD_S = 120.0  # adding up everything may take longer than an operation usually may
_INDEXES = [
    IndexModel([("type", 1), ("day", 1)], name="type_day"),
    # What happened once counts once, whatever it is told as.
    IndexModel(
        [("type", 1), ("reference", 1)],
        name="once",
        unique=True,
        partialFilterExpression={"reference": {"$exists": True}},
    ),
]
_SEARCH_ALL = {"$gte": ""}  # every day: keeps the query on the index


class FactStore:
    """The facts of one shop."""

    def __init__(self, database: AsyncDatabase[Document], calendar: Calendar, turnstile: Turnstile) -> None:
        self._facts = database["facts"]
        self._calendar, self._turnstile = calendar, turnstile

    async def prepare(self) -> None:
        """Makes the indexes."""
        await self._facts.create_indexes(_INDEXES)

    async def insert(self, facts: Sequence[Fact]) -> list[bool]:
        """Keeps those whose id and reference are new; answers which were."""
        new = [True] * len(facts)
        try:
            async with self._turnstile.writes:
                await self._facts.insert_many([self._document(fact) for fact in facts], ordered=False)
        except BulkWriteError as errors:
            for error in errors.details["writeErrors"]:
                if error["code"] != _DUPLICATE:
                    raise
                new[error["index"]] = False
            if errors.details.get("writeConcernErrors"):
                raise
        return new

    async def count(self) -> int:
        """How many facts there are, from the collection's own count: costs nothing."""
        async with self._turnstile.reads:
            return await self._facts.estimated_document_count()

    def _document(self, fact: Fact) -> Document:
        day = self._calendar.day(fact.at).isoformat()
        document = {"_id": fact.id, "type": fact.type, "day": day, "at": fact.at, **fact.values}
        return document | {"reference": fact.reference} if fact.reference else document

    async def sums(self, measures: Sequence[Sum], ask: Ask) -> list[Cells]:
        """The sums of facts of one type, in one pass."""
        first = measures[0]
        stages: list[Document] = [{"$match": _match(first.type, ask.span)}]
        if wheres := [dict(measure.where) for measure in measures if measure.where]:
            stages += [{"$match": {"$or": wheres}}] if len(wheres) == len(measures) else []
        key, through_lines = _key(first.type, ask.by), False
        if ask.by == "product":
            through_lines = bool(first.field)
            # An order counts once for each of its products; its money goes by the lines.
            one = "$lines" if through_lines else "$product"
            only = [] if through_lines else [{"$set": {"product": {"$setUnion": ["$lines.product", []]}}}]
            stages += [*only, {"$unwind": one}]
            key = "$lines.product" if through_lines else "$product"
        amounts = [_amount(measure, through_lines) for measure in measures]
        stages.append({"$group": {"_id": self._cell(ask, key)} | _numbered([{"$sum": amount} for amount in amounts])})
        return await self._cells(stages, len(measures))

    async def distinct(self, measures: Sequence[Distinct], ask: Ask) -> list[Cells]:
        """How many different values of one field, in one pass; empty ones (a guest's customer) do not count."""
        first = measures[0]
        # The funnel is one count a stage.
        asked = [
            (m, stage, names) for m in measures for stage, names in (STAGES if m.by_stage else {"": m.names}).items()
        ]
        did = [{"$max": {"$in": ["$name", list(names)]}} if names else {"$max": True} for _, _, names in asked]
        one = {"cell": self._cell(ask, _key(first.type, ask.by)), "value": f"${first.field}"}
        counts = [{"$sum": {"$cond": [f"$v{n}", 1, 0]}} for n in range(len(asked))]
        stages: list[Document] = [
            {"$match": _match(first.type, ask.span)},
            *([{"$unwind": "$lines"}] if first.field.startswith("lines.") else []),
            {"$group": {"_id": one} | _numbered(did)},
            {"$match": {"_id.value": {"$gt": ""}}},
            {"$group": {"_id": "$_id.cell"} | _numbered(counts)},
        ]
        found: dict[Distinct, dict[Any, float]] = {measure: {} for measure in measures}
        for (measure, stage, _), cells in zip(asked, await self._cells(stages, len(asked)), strict=True):
            kept = {(at, stage, currency): value for (at, _, currency), value in cells.items() if value}
            found[measure].update(kept if measure.by_stage else cells)
        return [found[measure] for measure in measures]

    async def visits(self, measures: Sequence[Visits], ask: Ask) -> list[Cells]:
        """How many visits (or the seconds they dwelt), in one pass."""
        names = sorted({name for measure in measures for name in (measure.did, measure.did_not) if name})
        visit: Document = {
            "_id": "$session",
            "first": {"$min": {"at": "$at", "id": "$_id", "channel": "$channel"}},
            "views": {"$sum": {"$cond": [{"$eq": ["$name", "page_view"]}, 1, 0]}},
            "events": {"$sum": 1},
            "dwell": {"$sum": {"$divide": [{"$ifNull": ["$dwell_ms", 0]}, 1000]}},
        } | {name: {"$max": {"$eq": ["$name", name]}} for name in names}
        key = "$first.channel" if ask.by == "channel" else ""
        stages: list[Document] = [
            {"$match": _match(BEHAVIOUR, ask.span)},
            {"$group": visit},
            {"$group": {"_id": self._cell(ask, key, "$first.at")} | _numbered([_visits(one) for one in measures])},
        ]
        return await self._cells(stages, len(measures))

    async def orders_of_customers(self, span: Span) -> list[tuple[str, Any]]:
        """(customer, when) of every paid order that is not a guest's, by time."""
        match = _match("order_paid", span) | {"customer": {"$gt": ""}}
        stages: list[Document] = [{"$match": match}, {"$project": {"customer": 1, "at": 1}}, {"$sort": {"at": 1}}]
        return [(row["customer"], row["at"]) for row in await self._rows(stages)]

    async def shelf_until(self, last: date) -> list[Fact]:
        """Every fact of the shelf up to a day."""
        match = {"type": {"$in": list(SHELF_TYPES)}, "day": {"$lte": last.isoformat()}}
        return [_fact(row) for row in await self._rows([{"$match": match}])]

    async def shelf_now(self) -> list[Fact]:
        """For each product and SKU its last facts of the shelf."""
        thing = {"$cond": [{"$eq": ["$type", "listing"]}, "$product", "$sku"]}
        last = {"$top": {"sortBy": {"at": -1, "_id": -1}, "output": "$$ROOT"}}
        stages: list[Document] = [
            {"$match": {"type": {"$in": list(SHELF_TYPES)}, "day": _SEARCH_ALL}},
            {"$group": {"_id": {"type": "$type", "thing": thing}, "last": last}},
        ]
        return [_fact(row["last"]) for row in await self._all(stages)]

    async def totals(self, counters: Mapping[str, list[Counted]]) -> list[tuple[str, dict[str, str], dict[str, int]]]:
        """For every type of fact and combination of its counters' labels: the labels, the sums (`""`: how many)."""
        found: list[tuple[str, dict[str, str], dict[str, int]]] = []
        for type_, counted in counters.items():
            words = {word for counter in counted for word in (*counter.labels, *counter.where)}
            fields = {counter.field for counter in counted if counter.field}
            labels = {word: {"$ifNull": [f"${word}", ""]} for word in sorted(words)}
            group = {"_id": labels, "n": {"$sum": 1}} | {name: {"$sum": f"${name}"} for name in sorted(fields)}
            stages: list[Document] = [{"$match": {"type": type_, "day": _SEARCH_ALL}}, {"$group": group}]
            for row in await self._all([*stages, {"$sort": {"_id": 1}}]):
                found.append((type_, row["_id"], {"": row["n"]} | {name: row[name] for name in fields}))
        return found

    async def visitors_of(self, day: date) -> list[tuple[str, str, str]]:
        """(name, visitor, session) of a day, each once."""
        one = {"name": "$name", "visitor": "$visitor", "session": "$session"}
        stages: list[Document] = [{"$match": {"type": BEHAVIOUR, "day": day.isoformat()}}, {"$group": {"_id": one}}]
        return [(row["_id"]["name"], row["_id"]["visitor"], row["_id"]["session"]) for row in await self._all(stages)]

    async def best_sellers(self, span: Span, limit: int) -> list[Document]:
        """The `limit` SKUs most was paid for, of each currency: product, sku, currency, title, units, paid."""
        line = {"product": "$lines.product", "sku": "$lines.sku", "currency": "$currency"}
        sums = {"units": {"$sum": "$lines.units"}, "paid": {"$sum": "$lines.paid_minor"}}
        title = {"$max": "$lines.title"}
        best = {"n": limit, "sortBy": {"paid": -1, "_id.sku": 1}, "output": "$$ROOT"}
        stages: list[Document] = [
            {"$match": _match("order_paid", span)},
            {"$unwind": "$lines"},
            {"$group": {"_id": line, **sums, "title": title}},
            {"$group": {"_id": "$_id.currency", "best": {"$topN": best}}},
            {"$sort": {"_id": 1}},
        ]
        return [line | line["_id"] for row in await self._rows(stages) for line in row["best"]]

    async def views(self, span: Span, skus: Sequence[str]) -> dict[str, int]:
        """How often each of these SKUs was looked at."""
        match = _match(BEHAVIOUR, span) | {"name": "view_item", "skus": {"$in": list(skus)}}
        stages: list[Document] = [
            {"$match": match},
            {"$unwind": "$skus"},
            {"$group": {"_id": "$skus", "value": {"$sum": 1}}},
        ]
        return {row["_id"]: row["value"] for row in await self._rows(stages)}

    def _cell(self, ask: Ask, key: Any, at: str = "$at") -> Document:
        cell: Document = {"key": key or "", "currency": {"$ifNull": ["$currency", ""]} if ask.per_currency else ""}
        if ask.grain == "total":
            return cell | {"at": self._calendar.start(ask.span.first)}
        truncate = {"date": at, "unit": ask.grain, "timezone": str(self._calendar.zone), "startOfWeek": "monday"}
        return cell | {"at": {"$dateTrunc": truncate}}

    async def _cells(self, stages: list[Document], measures: int) -> list[Cells]:
        rows = await self._rows(stages)
        at = [(row["_id"]["at"], row["_id"]["key"] or "", row["_id"]["currency"]) for row in rows]
        return [{cell: row[f"v{n}"] for cell, row in zip(at, rows, strict=True)} for n in range(measures)]

    async def _all(self, stages: list[Document]) -> list[Document]:
        with pymongo.timeout(_REBUILD_S):
            return await self._rows(stages)

    async def _rows(self, stages: list[Document]) -> list[Document]:
        async with self._turnstile.reads:
            return await (await self._facts.aggregate(stages, allowDiskUse=True)).to_list()


def _match(type_: str, span: Span) -> Document:
    return {"type": type_, "day": {"$gte": span.first.isoformat(), "$lte": span.last.isoformat()}}


def _key(type_: str, by: str) -> Any:
    name = DIMENSIONS.get(type_, {}).get(by)
    return {"$ifNull": [f"${name}", ""]} if name else ""


def _numbered(values: Sequence[Any]) -> Document:
    return {f"v{number}": value for number, value in enumerate(values)}


def _amount(measure: Sum, through_lines: bool) -> Any:
    amount: Any = (f"$lines.{measure.line_field}" if through_lines else f"${measure.field}") if measure.field else 1
    if not measure.where:
        return amount
    return {"$cond": [{"$and": [{"$eq": [f"${name}", value]} for name, value in measure.where.items()]}, amount, 0]}


def _visits(measure: Visits) -> Document:
    """A visit, or its dwell, where it is one that is asked for."""
    wanted: list[Any] = [f"${measure.did}"] if measure.did else []
    if measure.did_not:
        wanted.append({"$not": [f"${measure.did_not}"]})
    if measure.single:
        wanted += [{"$eq": ["$views", 1]}, {"$eq": ["$events", 1]}]
    if measure.channel:
        wanted.append({"$eq": ["$first.channel", measure.channel]})
    return {"$sum": {"$cond": [{"$and": wanted}, "$dwell" if measure.dwell else 1, 0]}}


def _fact(row: Document) -> Fact:
    at, type_, key = row.pop("at"), row.pop("type"), row.pop("_id")
    return Fact(key, type_, at, row.pop("reference", ""), row)
