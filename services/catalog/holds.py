"""This is where stock is held for an order: every line or none, on sale, at the price the customer saw.

One conditional update a SKU, all in one round trip, no transaction: two hundred buyers of one SKU queue for microseconds.
Each call marks what it takes with a token of its own, and gives back only that when it is refused. So two calls for one
order can never undo each other: a call answers "held" only when it has found every line under one token, and lines of two
calls are first brought under one (adopted), which is possible only while the other has not given them back.

That a line is a bundle is found out when its own (empty) shelf does not suffice: then its parts are held in its stead, and
on its own document the word that it is. Orders without one pay nothing for it.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import Conflict, Exhausted, FieldError, Invalid, WrongState
from services.kit.money import Money
from services.kit.store import Change

from .availability import Availability
from .fields import MAX_UNITS, Faults, skus_of
from .parts import bundles_left, whole_ones
from .skus import Sku, new_token
from .store import Table
from .wants import MOST_HOLDS, Line, Seen, Want, as_seen, giving_back, giving_back_a_share, taking, wants_of

HOLD_S = 900
_LONGEST_HOLD_S = 24 * 3600
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


class Holds:
    """Holds stock and gives it back."""

    def __init__(self, skus: Table[Sku], availability: Availability, clock: Clock) -> None:
        self._skus, self._availability, self._clock = skus, availability, clock

    async def hold(self, order_id: str, lines: Sequence[Line], hold_s: int = 0) -> datetime:
        """Holds every line or none; answers until when. Refuses with OUT_OF_STOCK, PRICE_CHANGED, NOT_ON_SALE."""
        wants = wants_of(_checked(order_id, lines, hold_s), {})
        token, expires_at = new_token(), self._clock.now() + timedelta(seconds=hold_s or HOLD_S)
        for tries_left in reversed(range(_TRIES)):
            take = [taking(order_id, want, token, expires_at) for want in wants]
            if await self._skus.change_many(take):
                return expires_at
            seen = await self._seen(order_id, [want.sku for want in wants])
            gave_back = False
            if (whole := wants_of(lines, {sku: each.document for sku, each in seen.items()})) != wants:
                # Bundles are among them: what was taken before that was known is not what is wanted.
                gave_back = await self._give_back(order_id, seen, token)
                wants, token = whole, new_token()
                seen = await self._seen(order_id, [want.sku for want in wants])
            if any(seen[want.sku].is_for_the_line_alone(want) for want in wants if want.sku in seen):
                await asyncio.sleep(random.uniform(0, _PAUSE_S))
                continue
            if refusal := _refusal(wants, seen):
                gave_back |= await self._give_back(order_id, seen, token)
                if not (gave_back and tries_left and isinstance(refusal, OutOfStock)):
                    raise refusal
                # Another order may have been refused for what this one gave back: were both to leave, nobody would buy.
                await asyncio.sleep(random.uniform(0, _PAUSE_S))
                token = new_token()  # the old one stands for what is given back
                continue
            held = [each for each in seen.values() if each.token]
            if len(held) < len(wants):
                continue  # what was short a moment ago is there now: take it
            if await self._under_one_token(order_id, held, token):
                return min((each.expires_at for each in held if each.expires_at), default=expires_at)
            # Another call brings them under its own: were all to go on at once, they would take them from each other.
            await asyncio.sleep(random.uniform(0, _PAUSE_S * (_TRIES - tries_left)))
        # Nothing is given back: another call may have answered on it. Asked again, the order holds it or is refused.
        raise Conflict("this order is being held by another call")

    async def release(self, order_id: str, skus: Sequence[str]) -> None:
        """Gives an order's holds back, of a bundle its parts; what is unknown or finished changes nothing."""
        lines = skus_of(skus)
        seen = await self._seen(order_id, lines)
        parts = {part["sku"] for each in seen.values() for part in each.document.get("parts", ())}
        if more := parts - seen.keys():
            seen |= await self._seen(order_id, sorted(more))
        await self._give_back(order_id, seen, "", frozenset(lines))

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
            "on_hand": 1,
            "parts": 1,
        }
        found = await self._skus.by_keys(skus, fields) if skus else {}
        return {sku: as_seen(document) for sku, document in found.items()}

    async def _give_back(
        self, order_id: str, seen: Mapping[str, Seen], token: str, lines: frozenset[str] | None = None
    ) -> bool:
        """Gives back what a call (or, without a token, any call) took for an order, or for these lines of it; whether there
        was anything."""
        changes = list[Change]()
        for sku, each in seen.items():
            if each.expires_at is None or each.token != (token or each.token):
                continue
            left = each.left_without(lines) if lines else {}
            if not left:
                changes.append(giving_back(sku, order_id, each.quantity, {"token": token} if token else {}))
            elif sum(left.values()) < each.quantity:
                changes.append(giving_back_a_share(sku, order_id, each, left))
        if changes:
            await self._skus.change_many(changes)
            await self._availability.look([change.where["_id"] for change in changes])
        return bool(changes)


def _refusal(wants: Sequence[Want], seen: Mapping[str, Seen]) -> WrongState | Invalid | Exhausted | None:
    """Why they cannot be held; None when they are, or could be now."""
    for want in wants:
        there = seen.get(want.sku)
        if there is None:
            return NotOnSale("there is no such SKU", sku=want.named)
        if there.token:
            if there.expires_at and not there.holds(want):
                return HoldDiffers("the order holds another quantity of it", sku=want.named)
            continue
        refusal = (want.line and _not_as_shown(want.line, there)) or _short(want, wants, seen)
        if refusal:
            return refusal
        if there.document["crowd"] >= MOST_HOLDS:
            return TooManyHolds(f"too many are paying for {want.sku}", sku=want.named, retry_after_s=1)
    return None


def _not_as_shown(line: Line, there: Seen) -> NotOnSale | PriceChanged | None:
    kept = there.document
    if not kept["live"]:
        return NotOnSale(f"{line.sku} is not on sale", sku=line.sku)
    if Money(**kept["price"]) != line.unit_price:
        price = kept["price"]
        return PriceChanged(
            f"{line.sku} costs something else now", sku=line.sku, price=price["minor"], currency=price["currency"]
        )
    return None


def _short(want: Want, wants: Sequence[Want], seen: Mapping[str, Seen]) -> OutOfStock | None:
    """Of a bundle it says how many could be had beside the order's other lines."""
    documents = {sku: each.document for sku, each in seen.items()}
    if want.bundles <= sum(whole_ones(want.parts, documents).values()) and (
        documents[want.sku]["available"] >= want.quantity
    ):
        return None
    bundle = next(each for each in wants if each.sku == want.named)
    if not bundle.parts:
        available = documents[want.sku]["available"]
        return OutOfStock(f"{available} of {want.sku} left", sku=want.sku, available=available)
    others = {each.sku: each.quantity - each.shares.get(bundle.sku, 0) for each in wants}
    left = bundles_left(bundle.parts, documents, others)
    return OutOfStock(f"{left} of {bundle.sku} left", sku=bundle.sku, available=left)


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
