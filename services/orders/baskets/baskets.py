"""This is where past orders are read as baskets, a bounded page at a time, and only the fields that name nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.kit.errors import FieldError, Invalid
from services.kit.ids import id_of_moment
from services.kit.store import decode_cursor, encode_cursor
from services.orders.orders import State

USUAL, MOST = 200, 500
_LONGEST = timedelta(days=366)
_BOUGHT = [State.PAID.value, State.SHIPPED.value, State.DELIVERED.value]


class InvalidPeriod(Invalid):
    """Not a period, or too long, or too many at once."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line; amounts in minor units."""

    sku: str
    category: str
    quantity: int
    unit_minor: int
    cost_minor: int


@dataclass(frozen=True, slots=True)
class Basket:
    """What was bought together."""

    id: str
    placed_at: datetime
    currency: str
    channel: str
    lines: list[Line]


class Reads(Protocol):
    """Reads orders in part, by id."""

    async def __call__(self, where: Mapping[str, Any], most: int, /) -> Sequence[Basket]:
        """At most so many that fit, oldest first."""
        ...


class Baskets:
    """Past orders. Ids sort by the moment they were placed, so a period is a range of ids."""

    def __init__(self, read: Reads) -> None:
        self._read = read

    async def page(self, start: datetime, end: datetime, limit: int, cursor: str) -> tuple[Sequence[Basket], str]:
        """Those placed in a period that were paid and not cancelled. Refuses with `InvalidPeriod`, `CursorInvalid`."""
        if not start < end <= start + _LONGEST:
            raise InvalidPeriod(errors=[FieldError("/until", "after from, and at most 366 days later")])
        if not 0 <= limit <= MOST:
            raise InvalidPeriod(errors=[FieldError("/limit", f"1 to {MOST}")])
        size = limit or USUAL
        ids = {"$gte": id_of_moment("ord", start), "$lt": id_of_moment("ord", end)}
        if cursor:
            ids |= {"$gt": str(decode_cursor(cursor, 1)[0])}
        rows = await self._read({"state": {"$in": _BOUGHT}, "_id": ids}, size + 1)
        return rows[:size], encode_cursor(rows[size - 1].id) if len(rows) > size else ""
