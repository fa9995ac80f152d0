"""This is where staff let somebody in or keep somebody out, until a time: a customer, an e-mail address, a device, an
address, a card. What they name is hashed at once; the listing stands in the mark's own trail, so looking costs nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound
from services.kit.store import Store
from services.orders import limits
from services.orders.looking import OrderNotFound
from services.orders.orders import Order

from .marks import LISTABLE, Marker, kind_of
from .scoring import unpacked
from .trails import KEPT, Listing, Trail

VERDICTS = ("allow", "deny")
_LONGEST = timedelta(days=5 * 366)


class InvalidFraudListing(Invalid):
    """Nobody can be listed so."""


class FraudListingNotFound(NotFound):
    """No such listing holds."""


class Keeping(Protocol):
    """Where listings are kept."""

    async def list_many(self, listings: Mapping[str, Listing], forgotten_at: datetime) -> None:
        """Sets the listing of each of these marks; one write."""
        ...


class Listings:
    """Whom staff let in or keep out."""

    def __init__(
        self, trails: Store[Trail], keeping: Keeping, orders: Store[Order], marker: Marker, clock: Clock
    ) -> None:
        self._trails, self._keeping, self._orders, self._marker, self._clock = trails, keeping, orders, marker, clock

    async def page(self, verdict: str, limit: int, cursor: str) -> tuple[list[Trail], str]:
        """Those that hold. Refuses with INVALID_FRAUD_LISTING, CURSOR_INVALID."""
        if verdict not in ("", *VERDICTS):
            raise _wrong("/verdict", "`allow` or `deny`")
        chosen = [verdict] if verdict else list(VERDICTS)
        where = {"listing.verdict": {"$in": chosen}, "listing.until": {"$gt": self._clock.now()}}
        return await self._trails.page(where, limit, cursor)

    async def put(self, kind: str, value: str, order_id: str, listing: Listing) -> Trail:
        """Lists. Refuses with INVALID_FRAUD_LISTING, ORDER_NOT_FOUND."""
        now = self._clock.now()
        if kind not in LISTABLE:
            raise _wrong("/kind", ", ".join(LISTABLE))
        if listing.verdict not in VERDICTS:
            raise _wrong("/verdict", "`allow` or `deny`")
        if not now < listing.until <= now + _LONGEST:
            raise _wrong("/until", "later than now, within five years")
        if bool(value) == bool(order_id):
            raise _wrong("/value", "a value or an order, not both")
        mark = await self._seen_with(order_id, kind) if order_id else self._named(kind, value)
        await self.put_all([mark], listing)
        found = await self._trails.get(mark)
        if found is None:
            raise FraudListingNotFound("no such listing")
        return found

    async def put_all(self, marks: Sequence[str], listing: Listing) -> None:
        """Lists several alike."""
        listed = {mark: listing for mark in marks if kind_of(mark)}
        if listed:
            await self._keeping.list_many(listed, max(listing.until, self._clock.now() + KEPT))

    async def remove(self, mark: str) -> None:
        """Forgets what was said. Refuses with FRAUD_LISTING_NOT_FOUND."""
        where = {"_id": mark, "listing.verdict": {"$in": list(VERDICTS)}}
        if not kind_of(mark) or await self._trails.change(where, {"$unset": {"listing": ""}}) is None:
            raise FraudListingNotFound("no such listing")

    def _named(self, kind: str, value: str) -> str:
        if kind == "customer":
            if not limits.is_id(value, "cus"):
                raise _wrong("/value", "a customer's id")
            return self._marker.mark("customer", value)
        if kind == "email":
            return self._marker.email(limits.email(value))
        raise _wrong("/order_id", f"of a {kind} only an order tells: name one")

    async def _seen_with(self, order_id: str, kind: str) -> str:
        order = await self._orders.get(order_id) if limits.is_id(order_id, "ord") else None
        if order is None:
            raise OrderNotFound("no such order")
        decision = unpacked(order.risk)
        if decision is None or kind not in decision.marks:
            raise _wrong("/kind", f"the order has no {kind}")
        return decision.marks[kind]


def _wrong(pointer: str, message: str) -> InvalidFraudListing:
    return InvalidFraudListing(message, errors=[FieldError(pointer, message)])
