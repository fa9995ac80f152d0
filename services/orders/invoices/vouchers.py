"""This is where an order's vouchers are told: what was paid, what went back, the invoices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.store import Store
from services.orders.looking import Orders
from services.orders.orders import Order

from .invoices import RED, Invoice

_MOST = 200


@dataclass(frozen=True, slots=True)
class Voucher:
    """A paper: `payment`, `refund`, `price_adjustment` …, `invoice`, `red_invoice`. Below zero: to the customer."""

    kind: str
    reference: str
    minor: int
    at: datetime
    text: str


class Vouchers:
    """Looks at orders' papers."""

    def __init__(self, orders: Orders, invoices: Store[Invoice]) -> None:
        self._orders, self._invoices = orders, invoices

    async def of(self, order_id: str, customer_id: str, *, staff: bool = False) -> tuple[Order, list[Voucher]]:
        """Oldest first. Refuses with ORDER_NOT_FOUND."""
        order = await self._orders.get(order_id, customer_id, staff=staff)
        invoices = await self.invoices(order)
        return order, sorted([*_money(order), *_papers(invoices)], key=lambda each: each.at)

    async def invoices(self, order: Order) -> list[Invoice]:
        """All of an order's, oldest first."""
        found = await self._invoices.find({"order_id": order.id}, limit=_MOST)
        return sorted(found, key=lambda each: (each.issued_at, each.kind, each.number))


def _money(order: Order) -> list[Voucher]:
    paid = []
    if order.paid_at is not None:
        paid.append(Voucher("payment", order.payment_id or order.id, order.captured_minor, order.paid_at, ""))
    moved = [Voucher(each.type, each.id, each.minor, each.at, each.reason) for each in order.adjustments]
    return [*paid, *moved]


def _papers(invoices: Sequence[Invoice]) -> list[Voucher]:
    return [
        Voucher(
            "red_invoice" if each.kind == RED else "invoice", each.label, each.total_minor, each.issued_at, each.why
        )
        for each in invoices
    ]
