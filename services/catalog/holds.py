"""This is where stock is held for an order: every line or none, on sale, at the price the customer saw.

One conditional update a SKU, all in one round trip, no transaction: two hundred buyers of one SKU queue for microseconds.
Each call marks what it takes with a token of its own, and gives back only that when it is refused. So two calls for one
order can never undo each other: a call answers "held" only when it has found every line under one token, and lines of two
calls are first brought under one (adopted), which is possible only while the other has not given them back.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import Conflict, Exhausted, FieldError, Invalid, WrongState
from services.kit.money import Money
from services.kit.store import Change, Document

from .availability import Availability
from .fields import MAX_UNITS, Faults, skus_of
from .skus import Sku, new_token
from .store import Table

HOLD_S = 900
_LONGEST_HOLD_S = 24 * 3600
_MOST_HOLDS = 2_000  # of one SKU at one time: a document has an end
_MOST_LINES = 1_000
_TRIES = 6
_PAUSE_S = 0.03


class OutOfStock(WrongState):
    """Not so many are left. meta: sku, available."""


class PriceChanged(WrongState):
    """It costs something else now. meta: sku, price (minor units), currency."""


class NotOnSale(WrongState):
    """It is not on sale, or there is no such SKU. meta: sku."""


class HoldDiffers(Invalid):
    """The order holds another quantity of it already."""


class TooManyHolds(Exhausted):
    """So many orders are being paid for this SKU that no more can wait."""


@dataclass(frozen=True, slots=True)
class Line:
    """What an order wants of one SKU."""

    sku: str
    quantity: int
    unit_price: Money


@dataclass(slots=True)
class Seen:
    """What a SKU has for an order: `token` is empty when it holds nothing."""

    document: Document
    token: str = ""
    quantity: int = 0
    expires_at: datetime | None = None


class Holds:
    """Holds stock and gives it back."""

    def __init__(self, skus: Table[Sku], availability: Availability, clock: Clock) -> None:
        self._skus, self._availability, self._clock = skus, availability, clock

    async def hold(self, order_id: str, lines: Sequence[Line], hold_s: int = 0) -> datetime:
        """Holds every line or none; answers until when. Refuses with OUT_OF_STOCK, PRICE_CHANGED, NOT_ON_SALE."""
        lines = sorted(_checked(order_id, lines, hold_s), key=lambda line: line.sku)
        token, expires_at = new_token(), self._clock.now() + timedelta(seconds=hold_s or HOLD_S)
        for tries_left in reversed(range(_TRIES)):
            take = [_taking(order_id, line, token, expires_at) for line in lines]
            if await self._skus.change_many(take):
                return expires_at
            seen = await self._seen(order_id, [line.sku for line in lines])
            if refusal := _refusal(lines, seen):
                gave_back = await self._give_back(order_id, seen, token)
                if not (gave_back and tries_left and isinstance(refusal, OutOfStock)):
                    raise refusal
                # Another order may have been refused for what this one gave back: were both to leave, nobody would buy.
                await asyncio.sleep(random.uniform(0, _PAUSE_S))
                token = new_token()  # the old one stands for what is given back
                continue
            held = [each for each in seen.values() if each.token]
            if len(held) < len(lines):
                continue  # what was short a moment ago is there now: take it
            if await self._under_one_token(order_id, held, token):
                return min((each.expires_at for each in held if each.expires_at), default=expires_at)
        # Nothing is given back: another call may have answered on it. Asked again, the order holds it or is refused.
        raise Conflict("this order is being held by another call")

    async def release(self, order_id: str, skus: Sequence[str]) -> None:
        """Gives an order's holds back; what is unknown or finished changes nothing."""
        seen = await self._seen(order_id, skus_of(skus))
        await self._give_back(order_id, seen, "")

    async def _under_one_token(self, order_id: str, held: Sequence[Seen], token: str) -> bool:
        if len({each.token for each in held}) == 1:
            return True
        adopt = [
            Change(
                {"_id": each.document["_id"], "holds": {"$elemMatch": {"order_id": order_id, "token": each.token}}},
                {"$set": {"holds.$.token": token}},
            )
            for each in held
            if each.token not in (token, "taken")
        ]
        return not adopt or await self._skus.change_many(adopt)

    async def _seen(self, order_id: str, skus: Sequence[str]) -> dict[str, Seen]:
        """What each SKU has for an order, of many in one read, without the holds of others."""
        mine = {"$filter": {"input": "$holds", "cond": {"$eq": ["$$this.order_id", order_id]}}}
        taken = {"$in": [order_id, "$done.order_id"]}
        fields = {
            "mine": mine,
            "taken": taken,
            "crowd": {"$size": "$holds"},
            "available": 1,
            "price": 1,
            "live": 1,
        }
        found = await self._skus.by_keys(skus, fields) if skus else {}
        return {sku: _as_seen(document) for sku, document in found.items()}

    async def _give_back(self, order_id: str, seen: Mapping[str, Seen], token: str) -> bool:
        """Gives back what a call (or, without a token, any call) took for an order; whether there was anything."""
        changes = [
            giving_back(sku, order_id, each.quantity, {"token": token} if token else {})
            for sku, each in seen.items()
            if each.quantity and (each.token == token or not token)
        ]
        if changes:
            await self._skus.change_many(changes)
            await self._availability.look([change.where["_id"] for change in changes])
        return bool(changes)


def giving_back(sku: str, order_id: str, quantity: int, which: Mapping[str, Any]) -> Change:
    """Ends one hold, if it is still the one that was seen."""
    hold = {"order_id": order_id, "quantity": quantity, **which}
    return Change(
        {"_id": sku, "holds": {"$elemMatch": hold}},
        {"$pull": {"holds": {"order_id": order_id}}, "$inc": {"held": -quantity, "available": quantity}},
    )


def _taking(order_id: str, line: Line, token: str, expires_at: datetime) -> Change:
    hold = {"order_id": order_id, "quantity": line.quantity, "expires_at": expires_at, "token": token}
    return Change(
        {
            "_id": line.sku,
            "live": True,
            "available": {"$gte": line.quantity},
            "price.minor": line.unit_price.minor,
            "price.currency": line.unit_price.currency,
            "holds.order_id": {"$ne": order_id},
            "done.order_id": {"$ne": order_id},
            f"holds.{_MOST_HOLDS - 1}": {"$exists": False},
        },
        {
            "$inc": {"available": -line.quantity, "held": line.quantity},
            "$push": {"holds": hold},
            "$min": {"sweep_at": expires_at},
        },
    )


def _as_seen(document: Document) -> Seen:
    if document["mine"]:
        hold = document["mine"][0]
        return Seen(document, hold["token"], hold["quantity"], hold["expires_at"])
    return Seen(document, "taken" if document["taken"] else "")


def _refusal(lines: Sequence[Line], seen: Mapping[str, Seen]) -> WrongState | Invalid | Exhausted | None:
    """Why the lines cannot be held; None when they are, or could be now."""
    for line in lines:
        there = seen.get(line.sku)
        if there is None:
            return NotOnSale("there is no such SKU", sku=line.sku)
        if there.token:
            if there.quantity not in (0, line.quantity):
                return HoldDiffers("the order holds another quantity of it", sku=line.sku)
            continue
        kept = there.document
        if not kept["live"]:
            return NotOnSale(f"{line.sku} is not on sale", sku=line.sku)
        if Money(**kept["price"]) != line.unit_price:
            price = kept["price"]
            return PriceChanged(
                f"{line.sku} costs something else now", sku=line.sku, price=price["minor"], currency=price["currency"]
            )
        if kept["available"] < line.quantity:
            return OutOfStock(f"{kept['available']} of {line.sku} left", sku=line.sku, available=kept["available"])
        if kept["crowd"] >= _MOST_HOLDS:
            return TooManyHolds(f"too many are paying for {line.sku}", sku=line.sku, retry_after_s=1)
    return None


def _checked(order_id: str, lines: Sequence[Line], hold_s: int) -> Sequence[Line]:
    faults = Faults()
    faults.id("/order_id", order_id)
    faults.number("/hold_s", hold_s, 0, _LONGEST_HOLD_S)
    if not 1 <= len(lines) <= _MOST_LINES:
        raise Invalid("no lines, or too many", errors=[FieldError("/lines", f"must be 1 to {_MOST_LINES}")])
    for i, line in enumerate(lines):
        faults.sku(f"/lines/{i}/sku", line.sku)
        faults.number(f"/lines/{i}/quantity", line.quantity, 1, MAX_UNITS)
        faults.currency(f"/lines/{i}/unit_price/currency", line.unit_price.currency)
    if len({line.sku for line in lines}) < len(lines):
        faults.add("/lines", "must name each SKU once")
    faults.refuse()
    return lines
