"""This is where an ERP says how it calls orders: one number an order, for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.errors import FieldError, Invalid
from services.kit.store import Store
from services.orders import limits
from services.orders.orders import Order

_MOST = 100


class InvalidAcknowledgement(Invalid):
    """None, or more than 100."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What became of one: `acknowledged`, `other_number`, `unknown` or `invalid`."""

    order_id: str
    outcome: str
    erp_number: str = ""


class Acknowledging:
    """Takes numbers in."""

    def __init__(self, orders: Store[Order]) -> None:
        self._orders = orders

    async def take(self, numbers: Sequence[tuple[str, str]]) -> list[Acknowledged]:
        """An answer each, in order; again changes nothing. Refuses with INVALID_ACKNOWLEDGEMENT."""
        if not 1 <= len(numbers) <= _MOST:
            raise InvalidAcknowledgement("too many", errors=[FieldError("/acknowledgements", f"1 to {_MOST}")])
        return [await self._one(order_id, number) for order_id, number in numbers]

    async def _one(self, order_id: str, number: str) -> Acknowledged:
        try:
            number = limits.text(number, "/erp_number", 64, needed=True)
        except Invalid:
            return Acknowledged(order_id, "invalid")
        if not limits.is_id(order_id, "ord"):
            return Acknowledged(order_id, "invalid")
        free = {"_id": order_id, "erp_number": {"$in": [None, ""]}}
        if await self._orders.change(free, {"$set": {"erp_number": number}}):
            return Acknowledged(order_id, "acknowledged", number)
        order = await self._orders.get(order_id)
        if order is None:
            return Acknowledged(order_id, "unknown")
        outcome = "acknowledged" if order.erp_number == number else "other_number"
        return Acknowledged(order_id, outcome, order.erp_number)
