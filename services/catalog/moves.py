"""This is where units that come, go or change their quality become one conditional update of a SKU, and what it tells. Pure.

Grade A is what is sold: it stays in `on_hand`, where holds and sales look. The other grades lie beside it in `graded`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from google.protobuf.message import Message

from services.kit.store import Change, Document

from .messages.events import stock_moved
from .parts import ORDINARY
from .skus import REFS_KEPT


class Grade(StrEnum):
    """How good a unit is."""

    A = "A"  # as new: sold
    B = "B"  # opened or refurbished
    C = "C"  # damaged
    QUARANTINE = "quarantine"  # nobody has looked at it yet


SELLABLE = Grade.A
# What people may book units in or out for; the last ones only out.
REASONS = ("receipt", "return", "count", "damage", "transfer")
LOSSES = ("sample", "theft", "expiry", "loss", "supplier_return")


@dataclass(frozen=True, slots=True)
class Move:
    """Units of one grade in or (negative) out of a warehouse."""

    warehouse: str
    quantity: int
    reason: str
    grade: str = SELLABLE
    note: str = ""

    @property
    def path(self) -> str:
        """Where the SKU's document counts them."""
        if self.grade == SELLABLE:
            return f"on_hand.{self.warehouse}"
        return f"graded.{self.warehouse}.{self.grade}"

    def there(self, seen: Document) -> int:
        """How many units there are where it takes from."""
        if self.grade == SELLABLE:
            return int(seen["on_hand"].get(self.warehouse, 0))
        return int(seen.get("graded", {}).get(self.warehouse, {}).get(self.grade, 0))


def moving(
    seen: Document, moves: Sequence[Move], *, ref: str, reference: str, by: str, at: datetime, transit: int = 0
) -> Change:
    """All of the moves, if `ref` was not booked before and nothing falls below zero. `transit`: units that leave for
    another warehouse, or (negative) that arrive."""
    nets = Counter[str]()
    for move in moves:
        nets[move.path] += move.quantity
    nets["available"] += sum(move.quantity for move in moves if move.grade == SELLABLE)
    nets["in_transit"] += transit
    least = {path: {"$gte": -net} for path, net in nets.items() if net < 0}
    update = {
        "$inc": {path: net for path, net in nets.items() if net},
        "$push": {"refs": {"$each": [ref], "$slice": -REFS_KEPT}},
    }
    told = _told(seen, moves, reference, by, at)
    return Change({"_id": seen["_id"], "refs": {"$ne": ref}, **ORDINARY, **least}, update, told)


def shortage(seen: Document, moves: Sequence[Move]) -> tuple[Move, int] | None:
    """The first move that takes more than there is, and how many there are."""
    for move in moves:
        there = move.there(seen)
        if move.grade == SELLABLE:
            there = min(there, int(seen["available"]))
        if -move.quantity > there:
            return move, there
    return None


def _told(seen: Document, moves: Sequence[Move], reference: str, by: str, at: datetime) -> list[Message]:
    on_hand, available, told = sum(seen["on_hand"].values()), seen["available"], list[Message]()
    for move in moves:
        if move.grade == SELLABLE:
            on_hand, available = on_hand + move.quantity, available + move.quantity
        told.append(
            stock_moved(
                seen["_id"],
                seen["product_id"],
                warehouse=move.warehouse,
                quantity=move.quantity,
                reason=move.reason,
                reference=reference,
                on_hand=on_hand,
                available=available,
                at=at,
                by=by,
                grade=move.grade,
                note=move.note,
            )
        )
    return told
