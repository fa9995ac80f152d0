"""This is where what an order holds is taken from the shelves: every allocation or none.

The same care as with holds: one conditional update a SKU, each call with a token of its own, and only what a call took
itself is put back when it is refused. It reads first, at the price of one find, because what moved is told with what is
left of it, and because a warehouse that is short is then known before anything is touched. A bundle's parts are taken in
its stead; its own document keeps what was asked of it, to answer the same again.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, NotFound, WrongState
from services.kit.store import Change, Document

from .fields import MAX_UNITS, Faults
from .messages.events import stock_moved
from .parts import Part, parts_of
from .skus import DONE_KEPT, Sku, new_token
from .store import Table

_MOST = 2_000
_TRIES = 6
_PAUSE_S = 0.03
_TRIMMED_ONCE_IN = 32  # to cut the oldest off rewrites the whole array, to append does not


class HoldNotFound(NotFound):
    """The order holds nothing of it. meta: sku."""


class WarehouseShort(WrongState):
    """A warehouse has fewer than are to be taken from it. meta: sku, warehouse."""


class AllocationDiffers(Invalid):
    """Together it is not what is held. meta: sku."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """How many units of a SKU come from which warehouse."""

    sku: str
    warehouse: str
    quantity: int


Wanted = Mapping[str, Mapping[str, int]]  # SKU → warehouse → units


@dataclass(frozen=True, slots=True)
class Want:
    """What is to be taken of one SKU: from its shelves, by warehouse (nothing of a bundle), and what of it is answered for.
    `named`: the line that a refusal is about."""

    shelves: Mapping[str, int]
    asked: Mapping[str, int]
    named: str

    @property
    def units(self) -> int:
        """As many as the hold says, units or bundles."""
        return sum(self.shelves.values()) or sum(self.asked.values())


class Taking:
    """Turns holds into goods taken."""

    def __init__(self, skus: Table[Sku], clock: Clock) -> None:
        self._skus, self._clock = skus, clock

    async def confirm(self, order_id: str, allocations: Sequence[Allocation]) -> list[Allocation]:
        """Takes everything or nothing; answers what was taken, the first time's when it is asked again.

        Refuses with WAREHOUSE_SHORT, HOLD_NOT_FOUND, ALLOCATION_DIFFERS.
        """
        asked, token = _by_sku(order_id, allocations), new_token()
        for tries_left in reversed(range(_TRIES)):
            seen = await self._seen(order_id, list(asked))
            wanted = _with_parts(asked, seen)
            if more := [sku for sku in wanted if sku not in asked]:
                seen |= await self._seen(order_id, more)
            try:
                held = _to_take(wanted, seen)
            except (HoldNotFound, WarehouseShort, AllocationDiffers) as refusal:
                put_back = await self._put_back(order_id, token, seen)
                if not (put_back and tries_left and isinstance(refusal, WarehouseShort)):
                    raise
                # Another order may be short of what this one put back: were both to leave, neither would have it.
                await asyncio.sleep(random.uniform(0, _PAUSE_S))
                token = new_token()  # the old one stands for what is put back
                continue
            if not held:
                if await self._under_one_token(order_id, seen, token):
                    return _taken(asked, seen)
                continue
            take = [self._take(order_id, wanted[sku], seen[sku], token) for sku in held]
            if await self._skus.change_many(take) and len(held) == len(wanted):
                return list(allocations)
        # Nothing is put back: another call may have answered on it. Asked again, the order has it or is refused.
        raise Conflict("this order is being taken by another call")

    async def _seen(self, order_id: str, skus: Sequence[str]) -> dict[str, Document]:
        """What each SKU has for an order: `holds` and `done` are there only when there is one of this order."""
        of_order = {"$elemMatch": {"order_id": order_id}}
        fields = {"holds": of_order, "done": of_order, "on_hand": 1, "available": 1, "product_id": 1, "parts": 1}
        return await self._skus.by_keys(skus, fields)

    def _take(self, order_id: str, want: Want, seen: Document, token: str) -> Change:
        warehouses, quantity = want.shelves, sum(want.shelves.values())
        done = {"order_id": order_id, "warehouses": dict(warehouses), "token": token, **_of_bundles(seen["holds"][0])}
        if want.asked != warehouses:
            done["asked"] = dict(want.asked)
        trimmed = {"$slice": -DONE_KEPT} if random.randrange(_TRIMMED_ONCE_IN) == 0 else {}
        return Change(
            {
                "_id": seen["_id"],
                "holds": {"$elemMatch": {"order_id": order_id, "quantity": quantity}},
                **{f"on_hand.{code}": {"$gte": units} for code, units in warehouses.items()},
            },
            {
                "$pull": {"holds": {"order_id": order_id}},
                "$inc": {
                    "held": -quantity,
                    "sold": want.units,
                    **{f"on_hand.{code}": -units for code, units in warehouses.items()},
                },
                "$push": {"done": {"$each": [done], **trimmed}},
            },
            self._told(order_id, {code: -units for code, units in warehouses.items()}, seen),
        )

    def _told(self, order_id: str, moves: Mapping[str, int], seen: Document) -> list[Message]:
        on_hand, told, now = sum(seen["on_hand"].values()), list[Message](), self._clock.now()
        for warehouse, units in moves.items():
            on_hand += units
            told.append(
                stock_moved(
                    seen["_id"],
                    seen["product_id"],
                    warehouse=warehouse,
                    quantity=units,
                    reason="sale",
                    reference=order_id,
                    on_hand=on_hand,
                    available=seen["available"],
                    at=now,
                    by="catalog",
                )
            )
        return told

    async def _under_one_token(self, order_id: str, seen: Mapping[str, Document], token: str) -> bool:
        tokens = {sku: document["done"][0]["token"] for sku, document in seen.items()}
        if len(set(tokens.values())) == 1:
            return True
        return await self._skus.change_many(
            [
                Change(
                    {"_id": sku, "done": {"$elemMatch": {"order_id": order_id, "token": theirs}}},
                    {"$set": {"done.$.token": token}},
                )
                for sku, theirs in tokens.items()
                if theirs != token
            ]
        )

    async def _put_back(self, order_id: str, token: str, seen: Mapping[str, Document]) -> bool:
        """Makes holds again of what this call took, if anything; the ledger shows both ways."""
        changes = []
        for sku, document in seen.items():
            mine = [taken for taken in document.get("done", ()) if taken["token"] == token]
            if not mine:
                continue
            warehouses = mine[0]["warehouses"]
            quantity = sum(warehouses.values())
            now = self._clock.now()
            kept = _of_bundles(mine[0])
            hold = {"order_id": order_id, "quantity": quantity, "expires_at": now, "token": token, **kept}
            changes.append(
                Change(
                    {"_id": sku, "done": {"$elemMatch": {"order_id": order_id, "token": token}}},
                    {
                        "$pull": {"done": {"order_id": order_id}},
                        "$inc": {
                            "held": quantity,
                            "sold": -kept.get("bundles", quantity),
                            **{f"on_hand.{code}": units for code, units in warehouses.items()},
                        },
                        # It has expired: the sweeper asks at once what became of the order.
                        "$push": {"holds": hold},
                        "$min": {"sweep_at": now},
                    },
                    self._told(order_id, warehouses, document),
                )
            )
        if changes:
            await self._skus.change_many(changes)
        return bool(changes)


def _with_parts(asked: Wanted, seen: Mapping[str, Document]) -> dict[str, Want]:
    """What is to be taken, by SKU: of bundles their parts, summed with what else is asked of them."""
    shelves: dict[str, dict[str, int]] = defaultdict(dict)
    named: dict[str, str] = {}
    for sku, warehouses in asked.items():
        parts = parts_of(seen[sku]) if sku in seen else []
        if parts:
            shelves[sku], named[sku] = {}, sku
        for part in parts or [Part(sku, 1)]:
            shelf = shelves[part.sku]
            for code, units in warehouses.items():
                shelf[code] = shelf.get(code, 0) + units * part.quantity
            named[part.sku] = sku if parts else named.get(part.sku, sku)
    return {sku: Want(shelves[sku], asked.get(sku, {}), named[sku]) for sku in sorted(shelves)}


def _to_take(wanted: Mapping[str, Want], seen: Mapping[str, Document]) -> list[str]:
    """The SKUs still to be taken. Refuses when one cannot be."""
    held = []
    for sku, want in wanted.items():
        there = seen.get(sku)
        if there is None or not ("holds" in there or "done" in there):
            raise HoldNotFound(f"the order holds nothing of {sku}", sku=want.named)
        if "done" in there:
            continue
        hold = there["holds"][0]
        if (units := hold.get("bundles", hold["quantity"])) != want.units:
            raise AllocationDiffers(f"the order holds {units} of {sku}", sku=want.named)
        for warehouse, count in want.shelves.items():
            if there["on_hand"].get(warehouse, 0) < count:
                raise WarehouseShort(f"{warehouse} has fewer of {sku}", sku=want.named, warehouse=warehouse)
        held.append(sku)
    return held


def _taken(asked: Wanted, seen: Mapping[str, Document]) -> list[Allocation]:
    return [
        Allocation(sku, warehouse, units)
        for sku in asked
        for warehouse, units in _answered_for(seen[sku]["done"][0]).items()
    ]


def _answered_for(done: Document) -> Mapping[str, int]:
    asked: Mapping[str, int] = done["asked"] if "asked" in done else done["warehouses"]
    return asked


def _of_bundles(kept: Document) -> dict[str, Any]:
    """What a hold says of bundles, and what stands in its place when it is taken."""
    return {name: kept[name] for name in ("bundles", "lines") if name in kept}


def _by_sku(order_id: str, allocations: Sequence[Allocation]) -> Wanted:
    faults = Faults()
    faults.id("/order_id", order_id)
    if not 1 <= len(allocations) <= _MOST:
        raise Invalid("no allocations, or too many", errors=[FieldError("/allocations", f"must be 1 to {_MOST}")])
    wanted: dict[str, dict[str, int]] = defaultdict(dict)
    for i, allocation in enumerate(allocations):
        pointer = f"/allocations/{i}"
        sku = faults.sku(f"{pointer}/sku", allocation.sku)
        warehouse = faults.warehouse(f"{pointer}/warehouse", allocation.warehouse)
        faults.number(f"{pointer}/quantity", allocation.quantity, 1, MAX_UNITS)
        wanted[sku][warehouse] = wanted[sku].get(warehouse, 0) + allocation.quantity
    faults.refuse()
    return {sku: wanted[sku] for sku in sorted(wanted)}
