"""This is where it is kept which lots were sold to whom: first in, first out, once a movement, off the purchase path.

A shelf is a SKU in a warehouse. Nothing is kept of shelves without lots: what an order took there is of unknown origin.
What came onto a shelf otherwise than by a purchase order (a return, a count) belongs to its unknown lot, so that what
remains of all its lots is what stands there.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shop.catalog.v1.events_pb2 import StockMoved

from services.catalog.baskets import Basket
from services.catalog.moves import SELLABLE
from services.catalog.store import NotAsSeen, Table, together
from services.kit.clock import parse_time
from services.kit.errors import AlreadyExists, Conflict, NotFound
from services.kit.events import Told
from services.kit.store import decode_cursor, encode_cursor, found

from .lots import Lot, LotNotFound, unknown_lot_id

_TRIES = 10
_PAUSE_S = 0.05
_MOST = 100
_SALE = "sale"


class OrderNotFound(NotFound):
    """Nothing is known of such an order."""


@dataclass
class Part:
    """So many units of a lot; negative ones went back to it. Without a lot nobody knows where they came from."""

    lot_id: str
    units: int


@dataclass
class LotUse:
    """What one movement took from lots. The id is the event's."""

    id: str
    sku: str
    warehouse: str
    reason: str
    order_id: str  # or whatever else the movement refers to
    at: datetime
    parts: list[Part]
    version: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Units of a SKU an order got, and the lot they came from if it is known."""

    sku: str
    units: int
    lot: Lot | None


@dataclass(frozen=True, slots=True)
class Reached:
    """An order that got units of a lot."""

    order_id: str
    units: int


def taken(use: LotUse, quantity: int, lots: Sequence[Lot]) -> None:
    """Takes units off a shelf, oldest lot first; what no lot has left is of unknown origin."""
    for lot in sorted(lots, key=lambda lot: (bool(lot.supplier_id), lot.at, lot.id)):
        units = min(quantity, lot.remaining)
        if units > 0 and lot.at <= use.at:
            lot.remaining -= units
            quantity -= units
            use.parts.append(Part(lot.id, units))
    if quantity:
        use.parts.append(Part("", quantity))


def given_back(use: LotUse, quantity: int, earlier: Mapping[str, int], unknown: Lot) -> None:
    """Puts units back where the same order had them from, the rest into the unknown lot."""
    for lot_id, units in earlier.items():
        back = min(quantity, units)
        if back > 0:
            quantity -= back
            use.parts.append(Part(lot_id, -back))
    if quantity:
        use.parts.append(Part(unknown.id, -quantity))


class Traces:
    """Follows units from lots to orders, and tells both ways."""

    def __init__(self, uses: Table[LotUse], lots: Table[Lot], baskets: Table[Basket]) -> None:
        self._uses, self._lots, self._baskets = uses, lots, baskets

    async def on_stock_moved(self, events: Sequence[tuple[StockMoved, Told]]) -> None:
        """Every movement on a shelf with lots, once an event id; what a lot's own receipt brought is in it already."""
        moves = {told.id: event for event, told in events if _concerns(event)}
        shelves = {unknown_lot_id(event.sku, event.warehouse) for event in moves.values()}
        for _ in range(_TRIES):
            unknown = await self._lots.get_many(sorted(shelves)) if shelves else {}
            fresh = {key: event for key, event in moves.items() if _follows(event, unknown)}
            for key in await self._uses.by_keys(sorted(fresh), {"_id": 1}) if fresh else ():
                del fresh[key]
            if not fresh:
                return
            try:
                await self._keep(fresh, unknown)
            except (AlreadyExists, NotAsSeen):  # another replica follows the same
                await asyncio.sleep(random.uniform(0, _PAUSE_S))
            else:
                return
        raise Conflict("these lots are being followed by others")

    async def _keep(self, moves: Mapping[str, StockMoved], unknown: Mapping[str, Lot]) -> None:
        lots = await self._open(sorted({event.sku for event in moves.values()}), unknown)
        uses: list[LotUse] = []
        for key, event in sorted(moves.items(), key=lambda move: (move[1].at, move[0])):
            use = LotUse(key, event.sku, event.warehouse, event.reason, event.reference, _moment(event), [])
            if event.quantity < 0:
                on_shelf = [lot for lot in lots if (lot.sku, lot.warehouse) == (event.sku, event.warehouse)]
                taken(use, -event.quantity, on_shelf)
            else:
                earlier = await self._earlier(use, uses) if event.reason == _SALE else {}
                given_back(use, event.quantity, earlier, unknown[unknown_lot_id(event.sku, event.warehouse)])
            uses.append(use)
        changes: dict[str, int] = defaultdict(int)
        for part in (part for use in uses for part in use.parts if part.lot_id):
            changes[part.lot_id] -= part.units
        await together(
            (self._uses, [self._uses.inserting(use) for use in uses]),
            (
                self._lots,
                [
                    self._lots.changing({"_id": lot_id, "remaining": {"$gte": -units}}, {"$inc": {"remaining": units}})
                    for lot_id, units in sorted(changes.items())
                    if units
                ],
            ),
        )

    async def _open(self, skus: Sequence[str], unknown: Mapping[str, Lot]) -> list[Lot]:
        """The lots something is left of."""
        where = {"sku": {"$in": list(skus)}, "remaining": {"$gt": 0}}
        lots = await self._lots.find(where, [("sku", 1), ("warehouse", 1), ("at", 1)], 10_000)
        return [unknown.get(lot.id, lot) for lot in lots]

    async def _earlier(self, back: LotUse, now: Sequence[LotUse]) -> dict[str, int]:
        """What the order has of each lot of that shelf, less what it gave back."""
        kept = await self._uses.find({"order_id": back.order_id}, [("order_id", 1), ("_id", 1)], 1_000)
        had: dict[str, int] = defaultdict(int)
        for use in (*kept, *now):
            if (use.order_id, use.sku, use.warehouse) == (back.order_id, back.sku, back.warehouse):
                for part in use.parts:
                    had[part.lot_id] += part.units
        return {lot_id: units for lot_id, units in had.items() if units > 0}

    async def of_order(self, order_id: str) -> list[Origin]:
        """Where an order's units came from. Refuses with ORDER_NOT_FOUND."""
        had: dict[tuple[str, str], int] = defaultdict(int)
        for use in await self._uses.find({"order_id": order_id}, [("order_id", 1), ("_id", 1)], 5_000):
            for part in use.parts:
                had[use.sku, part.lot_id] += part.units
        basket = await self._baskets.get(order_id)
        if basket is None and not had:
            raise OrderNotFound("nothing is known of such an order")
        traced: dict[str, int] = defaultdict(int)
        for (sku, _), units in had.items():
            traced[sku] += units
        bought: dict[str, int] = defaultdict(int)
        for line in basket.lines if basket else ():
            bought[line.sku] += line.quantity
        for sku, units in bought.items():
            had[sku, ""] += max(0, units - traced[sku])
        lots = await self._lots.get_many(sorted({lot_id for _, lot_id in had if lot_id}))
        return [Origin(sku, units, lots.get(lot_id)) for (sku, lot_id), units in sorted(had.items()) if units > 0]

    async def lot(self, lot_id: str) -> Lot:
        """Refuses with LOT_NOT_FOUND."""
        return found(await self._lots.get(lot_id), LotNotFound("there is no such lot"))

    async def reached(self, lot_id: str, limit: int, cursor: str) -> tuple[list[Reached], str]:
        """The orders that got units of a lot, for a recall; and where the next page starts."""
        size = min(limit or 20, _MOST)
        after: dict[str, Any] = {"order_id": {"$gt": decode_cursor(cursor, 1)[0]}} if cursor else {}
        stages: list[dict[str, Any]] = [
            {"$match": {"parts.lot_id": lot_id, "reason": _SALE, **after}},
            {"$unwind": "$parts"},
            {"$match": {"parts.lot_id": lot_id}},
            {"$group": {"_id": "$order_id", "units": {"$sum": "$parts.units"}}},
            {"$match": {"units": {"$gt": 0}}},
            {"$sort": {"_id": 1}},
            {"$limit": size + 1},
        ]
        groups = await self._uses.aggregate(stages)
        rows = [Reached(group["_id"], group["units"]) for group in groups[:size]]
        return rows, encode_cursor(rows[-1].order_id) if len(groups) > size else ""


def _concerns(event: StockMoved) -> bool:
    """Whether units that are sold came or went, otherwise than by a lot's own receipt."""
    return event.grade in ("", SELLABLE) and not event.reference.startswith("lot_")


def _moment(event: StockMoved) -> datetime:
    return parse_time(event.at) or datetime.fromtimestamp(0, UTC)


def _follows(event: StockMoved, unknown: Mapping[str, Lot]) -> bool:
    """Whether it happened on a shelf with lots, after they were begun to be kept there."""
    begun = unknown.get(unknown_lot_id(event.sku, event.warehouse))
    return begun is not None and _moment(event) > begun.at
