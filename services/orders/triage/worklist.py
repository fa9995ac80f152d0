"""This is where staff's list of what to send next comes from: the urgent first, of those the oldest (O06)."""

from typing import Any

from services.kit.errors import FieldError
from services.kit.store import MOST_A_PAGE, USUAL_PAGE, InvalidPage, Store, decode_cursor, encode_cursor
from services.orders import limits
from services.orders.orders import Order, State
from services.orders.sorting import AT_RISK, AT_RISK_FIRST, rank


class Worklist:
    """Paid orders that have not left."""

    def __init__(self, orders: Store[Order]) -> None:
        self._orders = orders

    async def page(self, class_: str, limit: int, cursor: str) -> tuple[list[Order], str]:
        """A page, of one class or of all, and the cursor of the next. Refuses with INVALID_PAGE, CURSOR_INVALID."""
        if not 0 <= limit <= MOST_A_PAGE:
            raise InvalidPage("a page has 1 to 100", errors=[FieldError("/page/limit", "1 to 100")])
        after = str(decode_cursor(cursor, 1)[0]) if cursor else ""
        where: dict[str, Any] = {"state": State.PAID.value, "rank": {"$gt": after}}
        if class_:
            where["classes"] = limits.code(class_, "/class")
        size = limit or USUAL_PAGE
        rows = await self._orders.find(where, sort=[("rank", 1)], limit=size + 1)
        return rows[:size], encode_cursor(rows[size - 1].rank) if len(rows) > size else ""

    async def at_risk(self, order_id: str) -> None:
        """Its promise is about to break: it comes first now."""
        first = {"priority": AT_RISK_FIRST, "rank": rank(AT_RISK_FIRST, order_id)}
        where = {"_id": order_id, "state": State.PAID.value, "classes": {"$ne": AT_RISK}}
        await self._orders.change(where, {"$set": first, "$push": {"classes": AT_RISK}})
