"""This is where an order's lines become what is held of each SKU: of a bundle its parts, summed with what else is wanted of
them, for a SKU is held once an order. Pure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kit.money import Money
from services.kit.store import Change, Document

from .parts import Part, parts_of

MOST_HOLDS = 2_000  # of one SKU at one time: a document has an end


@dataclass(frozen=True, slots=True)
class Line:
    """What an order wants of one SKU."""

    sku: str
    quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class Want:
    """What is to be held of one SKU.

    `line` is the order's line of this SKU, whose price and sale are looked at; None for a mere part. A bundle's own document
    holds no units, only the word for how many `bundles`. `shares` says for which lines, when not all is for the SKU itself.
    """

    sku: str
    quantity: int
    line: Line | None = None
    bundles: int = 0
    parts: Sequence[Part] = ()
    shares: Mapping[str, int] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """The line a refusal is about: a bundle it goes into, else the SKU."""
        return next((sku for sku in self.shares if sku != self.sku), self.sku)


@dataclass(slots=True)
class Seen:
    """What a SKU has for an order: `token` is empty when it holds nothing."""

    document: Document
    token: str = ""
    quantity: int = 0
    expires_at: datetime | None = None  # None when nothing is held
    bundles: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)

    def holds(self, want: Want) -> bool:
        """Whether it is just what is wanted."""
        return (self.quantity, self.bundles, self.shares) == (want.quantity, want.bundles, want.shares)

    def is_for_the_line_alone(self, want: Want) -> bool:
        """Whether another call has held it for its own line, and has yet to find out that it is a part of a bundle too."""
        return bool(want.line and want.shares and not self.shares and self.quantity == want.line.quantity)

    def left_without(self, lines: frozenset[str]) -> Mapping[str, int]:
        """What would still be held, by line, if these lines were given back."""
        shares = self.shares or {self.document["_id"]: self.quantity}
        return {line: units for line, units in shares.items() if line not in lines}


def wants_of(lines: Sequence[Line], documents: Mapping[str, Document]) -> list[Want]:
    """What is to be held for an order's lines, by SKU, as far as the documents say that a line is a bundle."""
    shares: dict[str, dict[str, int]] = defaultdict(dict)
    own = {line.sku: line for line in lines}
    wants = []
    for line in lines:
        parts = parts_of(documents[line.sku]) if line.sku in documents else []
        if parts:
            wants.append(Want(line.sku, 0, line, line.quantity, parts))
        for part in parts or [Part(line.sku, 1)]:
            shares[part.sku][line.sku] = part.quantity * line.quantity
    for sku, by_line in shares.items():
        only_own = by_line.keys() == {sku}
        wants.append(Want(sku, sum(by_line.values()), own.get(sku), shares={} if only_own else by_line))
    return sorted(wants, key=lambda want: want.sku)


def as_seen(document: Document) -> Seen:
    """What a document read for an order says."""
    if not document["mine"]:
        return Seen(document, "taken" if document["taken"] else "")
    hold = document["mine"][0]
    shares = {share["sku"]: share["units"] for share in hold.get("lines", ())}
    return Seen(document, hold["token"], hold["quantity"], hold["expires_at"], hold.get("bundles", 0), shares)


def taking(order_id: str, want: Want, token: str, expires_at: datetime) -> Change:
    """Holds what is wanted of one SKU, if it is there and as the customer saw it."""
    hold = {"order_id": order_id, "quantity": want.quantity, "expires_at": expires_at, "token": token}
    where: dict[str, Any] = {
        "_id": want.sku,
        "available": {"$gte": want.quantity},
        "holds.order_id": {"$ne": order_id},
        "done.order_id": {"$ne": order_id},
        f"holds.{MOST_HOLDS - 1}": {"$exists": False},
    }
    if want.line:
        price = want.line.unit_price
        where |= {"live": True, "price.minor": price.minor, "price.currency": price.currency}
    if want.parts:
        where["parts"] = [{"sku": part.sku, "quantity": part.quantity} for part in want.parts]
        hold["bundles"] = want.bundles
    if want.shares:
        hold["lines"] = _kept(want.shares)
    return Change(
        where,
        {
            "$inc": {"available": -want.quantity, "held": want.quantity},
            "$push": {"holds": hold},
            "$min": {"sweep_at": expires_at},
        },
    )


def giving_back(sku: str, order_id: str, quantity: int, which: Mapping[str, Any]) -> Change:
    """Ends one hold, if it is still the one that was seen."""
    hold = {"order_id": order_id, "quantity": quantity, **which}
    return Change(
        {"_id": sku, "holds": {"$elemMatch": hold}},
        {"$pull": {"holds": {"order_id": order_id}}, "$inc": {"held": -quantity, "available": quantity}},
    )


def giving_back_a_share(sku: str, order_id: str, seen: Seen, left: Mapping[str, int]) -> Change:
    """Keeps only what is `left` of a hold, if it is still the one that was seen."""
    quantity = sum(left.values())
    freed = seen.quantity - quantity
    return Change(
        {"_id": sku, "holds": {"$elemMatch": {"order_id": order_id, "quantity": seen.quantity}}},
        {
            "$set": {"holds.$.quantity": quantity, "holds.$.lines": _kept(left)},
            "$inc": {"held": -freed, "available": freed},
        },
    )


def _kept(shares: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "units": units} for sku, units in shares.items()]
