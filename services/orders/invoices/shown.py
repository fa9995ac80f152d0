"""This is where invoices are shown: an order's, a period's, as a page for people or rows for software."""

import asyncio

from services.kit.store import Store
from services.orders.looking import Orders

from .exports import MEDIA_TYPES, exported, row
from .invoices import Invoice
from .issuing import Issuing
from .pages import pdf
from .profile import Profiles
from .vouchers import Vouchers


class Shown:
    """Reads invoices."""

    def __init__(
        self, invoices: Store[Invoice], orders: Orders, vouchers: Vouchers, issuing: Issuing, profiles: Profiles
    ) -> None:
        self._invoices, self._orders, self._vouchers = invoices, orders, vouchers
        self._issuing, self._profiles = issuing, profiles

    async def of_order(self, order_id: str, customer_id: str, *, staff: bool = False) -> list[Invoice]:
        """All of an order, the reversed and the red ones too, oldest first. Refuses with ORDER_NOT_FOUND."""
        return await self._vouchers.invoices(await self._orders.get(order_id, customer_id, staff=staff))

    async def printed(self, order_id: str, invoice_id: str, customer_id: str, *, staff: bool = False) -> bytes:
        """The PDF. Refuses with ORDER_NOT_FOUND, INVOICE_NOT_FOUND."""
        order = await self._orders.get(order_id, customer_id, staff=staff)
        invoice = await self._issuing.found(invoice_id, order.id)
        original = await self._issuing.found(invoice.reverses) if invoice.reverses else None
        buyer, profile = self._issuing.buyer(invoice), await self._profiles.get()
        # A thousand lines take a while: not on the loop that answers everybody.
        return await asyncio.to_thread(pdf, invoice, buyer, profile.time_zone, original.label if original else "")

    async def page(self, period: str, limit: int, cursor: str) -> tuple[list[Invoice], str]:
        """A period's (or all), the last number first, and where the next page starts."""
        return await self._invoices.page({"period": period} if period else {}, limit, cursor)

    async def export(self, period: str, form: str, limit: int, cursor: str) -> tuple[bytes, str, str]:
        """A page as a document, its media type, and where the next one starts. Refuses with INVALID_EXPORT."""
        page, more = await self.page(period, limit, cursor)
        content = exported([row(each, self._issuing.buyer(each)) for each in page], form)
        return content, MEDIA_TYPES[form], more
