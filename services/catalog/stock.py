"""This is where units come onto the shelf and are counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, WrongState
from services.kit.ids import new_id
from services.kit.store import Change, CursorInvalid, Document, decode_cursor, encode_cursor

from .fields import MAX_UNITS, Faults, is_sku, skus_of
from .moves import LOSSES, REASONS, SELLABLE, Grade, Move, moving, shortage
from .ownership import theirs
from .parts import Part, parts_of, told_by_parts
from .skus import Movement, Sku, SkuNotFound
from .store import Table

COUNTED = {"product_id": 1, "on_hand": 1, "held": 1, "available": 1, "graded": 1, "in_transit": 1, "parts": 1}
_TRIES = 5
_SHOWN = 200


class InvalidQuantity(Invalid):
    """Zero, too many, or more than there is to take away."""


class BundleHasNoStock(WrongState):
    """Units are booked on the parts of a bundle, never on itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries of a SKU's ledger; what is empty or None does not matter."""

    sku: str
    merchant_id: str = ""
    warehouse: str = ""
    reason: str = ""
    grade: str = ""
    since: datetime | None = None
    until: datetime | None = None


def booking(
    seen: Document, warehouse: str, quantity: int, *, reason: str, ref: str, reference: str, by: str, clock: Clock
) -> Change:
    """Units onto a shelf (or off it when negative), if `ref` was not booked before and nothing falls below zero."""
    move = Move(warehouse, quantity, reason)
    return moving(seen, [move], ref=ref, reference=reference, by=by, at=clock.now())


class Stock:
    """Books units in and out, once a reference, and tells what there is."""

    def __init__(self, skus: Table[Sku], movements: Table[Movement], clock: Clock) -> None:
        self._skus, self._movements, self._clock = skus, movements, clock

    async def receive(
        self,
        sku: str,
        warehouse: str,
        quantity: int,
        *,
        reason: str,
        request_id: str,
        by: str,
        merchant_id: str = "",
        grade: str = SELLABLE,
    ) -> Document:
        """Books units into a warehouse (out when negative), once a request id; answers what there is then.

        Refuses with SKU_NOT_FOUND, INVALID_QUANTITY, BUNDLE_HAS_NO_STOCK.
        """
        warehouse = _checked(sku, warehouse, quantity, reason, request_id, by, grade)
        request_id = request_id or new_id("req")
        move = Move(warehouse, quantity, reason, grade)
        ref = f"request:{request_id}"
        return await self.book(sku, [move], ref=ref, reference=request_id, by=by, merchant_id=merchant_id)

    async def book(
        self, sku: str, moves: Sequence[Move], *, ref: str, reference: str, by: str, merchant_id: str = ""
    ) -> Document:
        """Books moves of one SKU together, once a `ref`; answers what there is then.

        Refuses with SKU_NOT_FOUND, INVALID_QUANTITY, BUNDLE_HAS_NO_STOCK.
        """
        for _ in range(_TRIES):
            seen = await self.counted(sku, merchant_id)
            if parts_of(seen):
                raise BundleHasNoStock(f"{sku} is a bundle: book its parts", sku=sku)
            change = moving(seen, moves, ref=ref, reference=reference, by=by, at=self._clock.now())
            if await self._skus.change_many([change]) or await self._booked(sku, ref):
                return await self.counted(sku, merchant_id)
            if short := shortage(seen, moves):
                message = f"only {short[1]} can be taken away there"
                raise InvalidQuantity(message, errors=[FieldError("/quantity", message)])
        raise Conflict("this SKU is being moved by others")

    async def put_back(
        self,
        units: Iterable[tuple[str, int]],
        warehouse: str,
        ref: str,
        reference: str,
        *,
        grade: str = SELLABLE,
        lost: bool = False,
    ) -> None:
        """Puts goods that came back onto a shelf, once a reference; of a bundle its parts. What is not ours is left out.
        `lost`: they are good for nothing, and written off in the same moment."""
        came = Counter[str]()
        for sku, quantity in units:
            if is_sku(sku) and quantity > 0:
                came[sku] += quantity
        found = await self._skus.by_keys(sorted(came), COUNTED)
        wanted = Counter[str]()
        for sku, seen in found.items():
            for part in parts_of(seen) or [Part(sku, 1)]:
                wanted[part.sku] += came[sku] * part.quantity
        if more := wanted.keys() - found.keys():
            found |= await self._skus.by_keys(sorted(more), COUNTED)
        if found:
            faults, now = Faults(), self._clock.now()
            warehouse = faults.warehouse("/warehouse", warehouse)
            faults.refuse()
            moves = {
                sku: [Move(warehouse, count, "return", grade)]
                + ([Move(warehouse, -count, "damage", grade, "scrap")] if lost else [])
                for sku, count in wanted.items()
                if sku in found
            }
            await self._skus.change_many(
                [
                    moving(found[sku], of_sku, ref=ref, reference=reference, by="catalog", at=now)
                    for sku, of_sku in moves.items()
                ]
            )

    async def of(self, skus: Sequence[str], merchant_id: str = "") -> list[Document]:
        """What there is of many SKUs, in one read; of bundles how many could be packed, in a second one."""
        wanted = skus_of(skus)
        found = list((await self._skus.by_keys(wanted, COUNTED, theirs(merchant_id))).values()) if wanted else []
        await told_by_parts(self._skus, found)
        return found

    async def movements(self, asked: Asked, limit: int = 0, cursor: str = "") -> tuple[list[Movement], str]:
        """The ledger of a SKU, newest first, and where the next page starts. Refuses with SKU_NOT_FOUND."""
        await self.counted(asked.sku, asked.merchant_id)
        size = min(limit or _SHOWN, _SHOWN)
        where: dict[str, Any] = {"sku": asked.sku}
        if span := {op: at for op, at in (("$gte", asked.since), ("$lt", asked.until)) if at}:
            where["at"] = span
        if asked.warehouse:
            where["warehouse"] = asked.warehouse
        if asked.reason:
            where["reason"] = asked.reason
        if asked.grade:  # entries from before there were grades have none
            where["grade"] = {"$in": [SELLABLE, None]} if asked.grade == SELLABLE else asked.grade
        if cursor:
            at, key = decode_cursor(cursor, 2)
            moment = _moment(at)
            where["$or"] = [{"at": {"$lt": moment}}, {"at": moment, "_id": {"$lt": key}}]
        found = await self._movements.find(where, [("at", -1), ("_id", -1)], size + 1)
        last = found[size - 1] if len(found) > size else None
        return found[:size], encode_cursor(last.at.isoformat(), last.id) if last else ""

    async def counted(self, sku: str, merchant_id: str = "") -> Document:
        """What there is of one SKU. Refuses with SKU_NOT_FOUND."""
        found = await self._skus.by_keys([sku], COUNTED, theirs(merchant_id)) if is_sku(sku) else {}
        if sku not in found:
            raise SkuNotFound("there is no such SKU")
        return found[sku]

    async def _booked(self, sku: str, ref: str) -> bool:
        return bool(await self._skus.parts({"_id": sku, "refs": ref}, {"_id": 1}))


def _moment(text: object) -> datetime:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise CursorInvalid("this cursor is not one of this list's") from None


def _checked(sku: str, warehouse: str, quantity: int, reason: str, request_id: str, by: str, grade: str) -> str:
    faults = Faults()
    faults.sku("/sku", sku)
    warehouse = faults.warehouse("/warehouse", warehouse)
    if reason not in (*REASONS, *LOSSES):
        faults.add("/reason", f"must be one of {', '.join((*REASONS, *LOSSES))}")
    if grade not in tuple(Grade):
        faults.add("/grade", f"must be one of {', '.join(Grade)}")
    faults.text("/request_id", request_id, 255)
    faults.text("/by", by, 128)
    faults.refuse()
    faults.number("/quantity", quantity, -MAX_UNITS, MAX_UNITS)
    if quantity == 0:
        faults.add("/quantity", "must not be zero")
    if quantity > 0 and reason in LOSSES:
        faults.add("/quantity", f"must be negative: {reason} takes units away")
    faults.refuse(InvalidQuantity)
    return warehouse
