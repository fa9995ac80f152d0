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

    async def sums(self, measure: Sum, ask: Ask) -> Cells:
        """The sum in each cell."""
        amount: Any = f"${measure.field}" if measure.field else 1
        stages: list[Document] = [{"$match": _match(measure.type, ask.span) | dict(measure.where)}]
        if ask.by == "product" and "product" in measure.dimensions():
            if measure.field:
                stages.append({"$unwind": "$lines"})
                amount, key = f"$lines.{measure.line_field}", "$lines.product"
            else:  # an order counts once for each of its products
                stages += [{"$set": {"product": {"$setUnion": ["$lines.product", []]}}}, {"$unwind": "$product"}]
                key = "$product"
        else:
            key = _key(measure.type, ask.by)
        stages.append({"$group": {"_id": self._cell(ask, key), "value": {"$sum": amount}}})
        return await self._cells(stages)

    async def distinct(self, measure: Distinct, ask: Ask) -> Cells:
        """How many different values in each cell; empty ones (a guest's customer) do not count."""
        match: Document = _match(measure.type, ask.span)
        stages: list[Document] = [{"$match": match}]
        key: Any = _key(measure.type, ask.by)
        if measure.by_stage:
            match["name"] = {"$in": [name for names in STAGES.values() for name in names]}
            branches = [{"case": {"$in": ["$name", names]}, "then": stage} for stage, names in STAGES.items()]
            key = {"$switch": {"branches": branches}}
        elif measure.names:
            match["name"] = {"$in": list(measure.names)}
        if measure.field.startswith("lines."):
            stages.append({"$unwind": "$lines"})
        one = {"cell": self._cell(ask, key), "value": f"${measure.field}"}
        stages += [
            {"$group": {"_id": one}},
            {"$match": {"_id.value": {"$gt": ""}}},
            {"$group": {"_id": "$_id.cell", "value": {"$sum": 1}}},
        ]
        return await self._cells(stages)

    async def visits(self, measure: Visits, ask: Ask) -> Cells:
        """How many visits (or the seconds they dwelt) in each cell."""
        first = {"$bottom": {"sortBy": {"at": -1, "_id": -1}, "output": {"at": "$at", "channel": "$channel"}}}
        visit = {
            "_id": "$session",
            "first": first,
            "names": {"$addToSet": "$name"},
            "events": {"$sum": 1},
            "dwell": {"$sum": {"$divide": [{"$ifNull": ["$dwell_ms", 0]}, 1000]}},
        }
        wanted: Document = {}
        if measure.did or measure.did_not:
            wanted["names"] = {"$all": [measure.did]} | ({"$nin": [measure.did_not]} if measure.did_not else {})
        if measure.single:
            wanted |= {"names": "page_view", "events": 1}
        if measure.channel:
            wanted["first.channel"] = measure.channel
        key = "$first.channel" if ask.by == "channel" and "channel" in measure.dimensions() else ""
        cell = self._cell(ask, key, "$first.at")
        stages: list[Document] = [
            {"$match": _match(BEHAVIOUR, ask.span)},
            {"$group": visit},
            {"$match": wanted},
            {"$group": {"_id": cell, "value": {"$sum": "$dwell" if measure.dwell else 1}}},
        ]
        return await self._cells(stages)

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

    async def _cells(self, stages: list[Document]) -> Cells:
        rows = await self._rows(stages)
        return {(row["_id"]["at"], row["_id"]["key"] or "", row["_id"]["currency"]): row["value"] for row in rows}

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


def _fact(row: Document) -> Fact:
    at, type_, key = row.pop("at"), row.pop("type"), row.pop("_id")
    return Fact(key, type_, at, row.pop("reference", ""), row)
