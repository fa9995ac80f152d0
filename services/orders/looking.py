"""This is where orders are looked at: one by its id, pages of them, whoever asks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.errors import Invalid, NotFound, NotSignedIn
from services.kit.ids import id_of_moment
from services.kit.store import Store, decode_cursor, encode_cursor

from . import limits
from .orders import DEAD, PLACED, STOREFRONT, Order, State

_MOST_Q = 64


class OrderNotFound(NotFound):
    """There is no such order, or it is another's."""


class InvalidPage(Invalid):
    """A page has 1 to 100 orders."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders: `q` is any number one may know an order by (ours, the channel's, the ERP's, the purchase order's)."""

    state: State | None = None
    channel: str = ""
    customer_type: str = ""
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def where(self) -> dict[str, Any]:
        """As a filter, the customer and the page apart."""
        states = [self.state] if self.state else PLACED
        where: dict[str, Any] = {"state": {"$in": [state.value for state in states]}}
        if self.channel:
            where["channel"] = "" if self.channel == STOREFRONT else self.channel
        if self.customer_type:
            where["customer_type"] = self.customer_type
        if self.q:
            known_by = ("_id", "channel_order_id", "erp_number", "purchase_order")
            where["$or"] = [{name: self.q} for name in known_by]
        return where

    def between(self) -> dict[str, str]:
        """The ids of that time: ids sort by the moment they were made in."""
        bounds = {}
        if self.since:
            bounds["$gte"] = id_of_moment("ord", self.since)
        if self.until:
            bounds["$lt"] = id_of_moment("ord", self.until)
        return bounds


StatesOf = Callable[[Sequence[str]], Awaitable[dict[str, str]]]


class Orders:
    """Looking at orders."""

    def __init__(self, orders: Store[Order], states_of: StatesOf) -> None:
        self._orders, self._states_of = orders, states_of

    async def get(self, order_id: str, customer_id: str, *, staff: bool = False) -> Order:
        """One order. A guest's order is seen by who knows its unguessable id."""
        limits.customer_id(customer_id)
        order = await self._orders.get(order_id) if limits.is_id(order_id, "ord") else None
        if order is None or not (staff or order.customer_id in ("", customer_id)):
            raise OrderNotFound("no such order")
        return order

    async def page(
        self, customer_id: str, wanted: Wanted, *, staff: bool, limit: int, cursor: str
    ) -> tuple[list[Order], str]:
        """Newest first, and where the next page starts. Refuses with INVALID_PAGE."""
        limits.customer_id(customer_id)
        limits.text(wanted.q, "/q", _MOST_Q)
        if not customer_id and not staff:
            raise NotSignedIn("whose orders?")
        where = _page_filter(customer_id, [wanted.state] if wanted.state else PLACED, limit, cursor)
        last = where.pop("_id", {})
        where |= wanted.where()
        if bounds := {**wanted.between(), **_nearer(wanted.between(), last)}:
            where["_id"] = bounds
        size = limit or 20
        rows = await self._orders.find(where, sort=[("_id", -1)], limit=size + 1)
        return rows[:size], encode_cursor(rows[size - 1].id) if len(rows) > size else ""

    async def live(self, order_ids: Sequence[str]) -> list[bool]:
        """Whether each of these orders lives, so that what is held for it stays held."""
        if len(order_ids) > 500:
            raise limits.refused("/order_ids", "at most 500", Invalid)
        states = await self._states_of(order_ids) if order_ids else {}
        return [order_id in states and State(states[order_id]) not in DEAD for order_id in order_ids]


def _page_filter(customer_id: str, states: Sequence[str], limit: int, cursor: str) -> dict[str, Any]:
    """What a page of orders is filtered by. Ids sort by time. Refuses with INVALID_PAGE."""
    if not 0 <= limit <= 100:
        raise limits.refused("/page/limit", "1 to 100", InvalidPage)
    where: dict[str, Any] = {"state": {"$in": list(states)}}
    if customer_id:
        where["customer_id"] = customer_id
    if cursor:
        last = str(decode_cursor(cursor, 1)[0])
        if not limits.is_id(last, "ord"):
            raise limits.refused("/page/cursor", "not a cursor of this list", InvalidPage)
        where["_id"] = {"$lt": last}
    return where


def _nearer(bounds: dict[str, str], last: dict[str, str]) -> dict[str, str]:
    """Where the page before ended, as it lies before the end of the time asked for."""
    return {"$lt": min(last["$lt"], bounds.get("$lt", last["$lt"]))} if last else {}
