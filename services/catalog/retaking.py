"""This is where what an order has taken from one warehouse is taken from another instead: all lines or none, once.

What is found where it was taken from goes back in the same write, so that sound goods that change places never change how
many can be ordered. The reference kept on each SKU names the warehouse: whoever asks again is told where it was.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.errors import Conflict
from services.kit.store import Document

from .fields import MAX_UNITS, Faults
from .moves import Grade, Move, moving
from .parts import Part, parts_of
from .skus import Sku, SkuNotFound
from .stock import COUNTED
from .store import NotAsSeen, Table, Write, together
from .taking import WarehouseShort

SOUND, DAMAGED, LOST = "sound", "damaged", "lost"
FOUND = ("", SOUND, DAMAGED, LOST)
_MOST = 1_000
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Retake:
    """Units (SKU, count) taken from `warehouse`: what was `found` of them there, and where they are taken from now (`to`,
    or nowhere yet)."""

    request_id: str
    order_id: str
    units: Sequence[tuple[str, int]]
    warehouse: str
    found: str
    to: str
    by: str


class Retaking:
    """Moves what was taken."""

    def __init__(self, skus: Table[Sku], clock: Clock) -> None:
        self._skus, self._clock = skus, clock

    async def move(self, retake: Retake) -> str:
        """Takes it from elsewhere, once a request id; answers from where it is taken. Refuses with WAREHOUSE_SHORT."""
        _checked(retake)
        for _ in range(_TRIES):
            seen, wanted = await self._seen(retake)
            if (before := await self._before(retake, list(wanted))) is not None:
                return before
            if not retake.found and not retake.to:
                return ""  # only asked
            moves = {sku: _moves(retake, count) for sku, count in wanted.items()}
            for sku, count in wanted.items():
                if retake.to and _is_short(retake, seen[sku], count):
                    raise WarehouseShort(f"{retake.to} has fewer of {sku}", sku=sku, warehouse=retake.to)

            try:
                await together((self._skus, self._writes(retake, seen, moves)))
            except NotAsSeen:
                continue
            return retake.to
        raise Conflict("these SKUs are being moved by others")

    def _writes(self, retake: Retake, seen: Mapping[str, Document], moves: Mapping[str, Sequence[Move]]) -> list[Write]:
        """A SKU each; in the order of their names, that no two wait for one another."""
        ref, now, by = f"{_prefix(retake)}{retake.to}", self._clock.now(), retake.by or "logistics"
        anew = {"refs": {"$not": re.compile(f"^{re.escape(_prefix(retake))}")}}
        changes = [
            moving(seen[sku], moves[sku], ref=ref, reference=retake.order_id, by=by, at=now) for sku in sorted(moves)
        ]
        return [self._skus.changing({**each.where, **anew}, each.update, *each.events) for each in changes]

    async def _seen(self, retake: Retake) -> tuple[dict[str, Document], Counter[str]]:
        """The SKUs it is about, and how many units of each: of bundles their parts."""
        asked = Counter[str]()
        for sku, quantity in retake.units:
            asked[sku] += quantity
        found, wanted = await self._skus.by_keys(sorted(asked), COUNTED), Counter[str]()
        for sku, count in asked.items():
            for part in parts_of(found.get(sku, {})) or [Part(sku, 1)]:
                wanted[part.sku] += count * part.quantity
        if more := wanted.keys() - found.keys():
            found |= await self._skus.by_keys(sorted(more), COUNTED)
        if gone := wanted.keys() - found.keys():
            raise SkuNotFound(f"there is no SKU {min(gone)}")
        return found, wanted

    async def _before(self, retake: Retake, skus: Sequence[str]) -> str | None:
        """Where it was taken from when it was asked before."""
        prefix = _prefix(retake)
        where = {"_id": {"$in": list(skus)}, "refs": {"$regex": f"^{re.escape(prefix)}"}}
        found = await self._skus.parts(where, {"refs": 1}, limit=1)
        return (
            next((ref.removeprefix(prefix) for ref in found[0]["refs"] if ref.startswith(prefix)), None)
            if found
            else None
        )


def _prefix(retake: Retake) -> str:
    return f"moved:{retake.request_id}:"


def _moves(retake: Retake, count: int) -> list[Move]:
    moves = []
    if retake.found == DAMAGED:
        moves.append(Move(retake.warehouse, count, "damage", Grade.C))
    elif retake.found:
        moves.append(Move(retake.warehouse, count, "return"))
    if retake.found == LOST:
        moves.append(Move(retake.warehouse, -count, "loss"))
    if retake.to:
        moves.append(Move(retake.to, -count, "sale"))
    return moves


def _is_short(retake: Retake, seen: Document, count: int) -> bool:
    """Whether fewer lie there than are to be taken. Sound goods that come back keep the promises to others."""
    there = int(seen["on_hand"].get(retake.to, 0))
    return count > (there if retake.found == SOUND else min(there, int(seen["available"])))


def _checked(retake: Retake) -> None:
    faults = Faults()
    faults.id("/order_id", retake.order_id)
    faults.id("/request_id", retake.request_id)
    if not 1 <= len(retake.units) <= _MOST:
        faults.add("/lines", f"must be 1 to {_MOST}")
    for i, (sku, quantity) in enumerate(retake.units[:_MOST]):
        faults.sku(f"/lines/{i}/sku", sku)
        faults.number(f"/lines/{i}/quantity", quantity, 1, MAX_UNITS)
    faults.warehouse("/warehouse", retake.warehouse)
    if retake.to:
        faults.warehouse("/to", retake.to)
    if retake.found not in FOUND:
        faults.add("/found", f"must be one of {', '.join(FOUND[1:])}")
    faults.text("/by", retake.by, 128)
    faults.refuse()
