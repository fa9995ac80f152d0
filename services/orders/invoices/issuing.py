"""This is where invoices are issued, reversed and issued anew; a number is taken by the write that keeps its invoice.

A number follows the last one of its book, and no two invoices have the same: who loses a race takes the next. So a crash
leaves no gap. A red one, and what it takes off the one it reverses, are one transaction.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, NotFound, VersionMismatch
from services.kit.seal import Seal
from services.kit.store import Store
from services.orders import limits
from services.orders.aftersales.intake import Together
from services.orders.aftersales.returns import Return
from services.orders.looking import Orders
from services.orders.orders import Order

from .invoices import BLUE, RED, Buyer, Invoice, InvoiceLine, drafted, lowered, reversal
from .messages import invoice_issued
from .profile import InvoiceProfile, Profiles

_TRIES = 100
Taken = Callable[[Invoice], list[int]]  # how much of each line
_REISSUED = "issued anew"


class InvoiceNotFound(NotFound):
    """There is no such invoice, or it is of another's order."""


class InvoiceExists(AlreadyExists):
    """One is in force, made out to somebody else (metadata: invoice_id)."""


class InvoicesBusy(Conflict):
    """Too many are being issued at once."""


class Issuing:
    """Issues invoices."""

    def __init__(
        self,
        invoices: Store[Invoice],
        orders: Orders,
        returns: Store[Return],
        profiles: Profiles,
        together: Together,
        seal: Seal,
        clock: Clock,
    ) -> None:
        self._invoices, self._orders, self._returns, self._profiles = invoices, orders, returns, profiles
        self._together, self._seal, self._clock = together, seal, clock
        self._turn = asyncio.Lock()  # one replica's own do not race each other

    async def issue(self, order_id: str, customer_id: str, buyer: Buyer, by: str, *, staff: bool = False) -> Invoice:
        """The invoice of a paid order; the same again for the same buyer. Refuses with ORDER_NOT_FOUND, INVALID_BUYER,
        NOT_INVOICEABLE, NO_INVOICE_PROFILE, INVOICE_EXISTS, INVOICES_BUSY."""
        buyer.check()
        order = await self._orders.get(order_id, customer_id, staff=staff)
        profile = await self._profiles.get()
        invoice = await self._in_force(order, buyer)
        if invoice is None:
            invoice = await self._issued(order, buyer, by, profile)
            # What went back while it was being issued is in nobody's figures yet.
            order = await self._orders.get(order_id, customer_id, staff=staff)
        return await self.catch_up(invoice, order)

    async def _in_force(self, order: Order, buyer: Buyer) -> Invoice | None:
        invoice = await self._invoices.one({"order_claim": order.id})
        if invoice is not None and self.buyer(invoice) != buyer:
            raise InvoiceExists("one is in force already: have it issued anew", invoice_id=invoice.id)
        return invoice

    async def _issued(self, order: Order, buyer: Buyer, by: str, profile: InvoiceProfile) -> Invoice:
        now = self._clock.now()
        lines = drafted(order, profile)
        sealed = self._seal.close(msgspec.json.encode(buyer), order.id)
        invoice = _made(profile, profile.series, now, order, lines, by)
        invoice.buyer_kind, invoice.sealed_buyer, invoice.order_claim = buyer.kind, sealed, order.id
        invoice.settled = list(lowered(order))

        async def keep() -> None:
            await self._invoices.insert(invoice, invoice_issued(invoice))

        async def there() -> Invoice | None:
            return await self._in_force(order, buyer)

        return await self._under_a_number(invoice, keep, there)

    async def _under_a_number(
        self, invoice: Invoice, keep: Callable[[], Awaitable[None]], there: Callable[[], Awaitable[Invoice | None]]
    ) -> Invoice:
        """Keeps it under the next number of its book, unless somebody has done the same meanwhile."""
        async with self._turn:
            for _ in range(_TRIES):
                last = await self._invoices.find({"book": invoice.book}, sort=[("number", -1)], limit=1)
                invoice.numbered(last[0].number + 1 if last else 1)
                try:
                    await keep()
                except AlreadyExists:
                    if (other := await there()) is not None:
                        return other
                    await asyncio.sleep(random.uniform(0, 0.01))
                    continue
                return invoice
        raise InvoicesBusy("too many at once", retry_after_s=1)

    async def catch_up(self, invoice: Invoice, order: Order) -> Invoice:
        """Reverses what went back since it was issued, each refund once; answers it as it is then."""
        for refund_id, shares in lowered(order).items():
            if refund_id in (*invoice.settled, *invoice.red):
                continue
            units = await self._units_of(order, refund_id)

            def taken(now: Invoice, shares: Mapping[str, int] = shares) -> list[int]:
                return _taken(now, shares)

            invoice = await self._reversed(invoice, taken, units, "refund", refund_id, "orders")
        return invoice

    async def reverse(self, invoice_id: str, why: str, by: str) -> Invoice:
        """Takes back all that is left of it; again changes nothing. Refuses with INVOICE_NOT_FOUND, INVOICES_BUSY."""
        invoice = await self.found(invoice_id)
        reason = limits.text(why, "/reason", 200)
        return await self._reversed(invoice, lambda now: now.left, {}, reason, "", by)

    async def issue_anew(
        self, order_id: str, invoice_id: str, customer_id: str, buyer: Buyer, by: str, *, staff: bool = False
    ) -> Invoice:
        """Reverses it and issues another, made out to `buyer`; half done, the same again goes on. Refuses as `issue`."""
        buyer.check()
        order = await self._orders.get(order_id, customer_id, staff=staff)
        invoice = await self.found(invoice_id, order.id)
        if invoice.order_claim and self.buyer(invoice) != buyer:
            await self.catch_up(invoice, order)
            await self.reverse(invoice_id, _REISSUED, by)
        return await self.issue(order_id, customer_id, buyer, by, staff=staff)

    async def found(self, invoice_id: str, order_id: str = "") -> Invoice:
        """Refuses with INVOICE_NOT_FOUND."""
        invoice = await self._invoices.get(invoice_id) if limits.is_id(invoice_id, "inv") else None
        if invoice is None or (order_id and invoice.order_id != order_id):
            raise InvoiceNotFound("there is no such invoice")
        return invoice

    def buyer(self, invoice: Invoice) -> Buyer:
        """To whom it is made out."""
        return msgspec.json.decode(self._seal.open(invoice.sealed_buyer, invoice.order_id), type=Buyer)

    async def _reversed(
        self, original: Invoice, taken: Taken, units: Mapping[str, int], why: str, refund_id: str, by: str
    ) -> Invoice:
        """The original as it is after a red invoice took so much off its lines; a refund once."""
        profile = await self._profiles.get()
        for _ in range(_TRIES):
            amounts = taken(original)
            if refund_id in original.red or (not refund_id and not any(amounts)):
                return original
            red = _made(
                profile, profile.red_series, self._clock.now(), original, reversal(original, amounts, units), by
            )
            red.kind, red.reverses, red.refund_id, red.why = RED, original.id, refund_id, why
            red.seller, red.stamp = original.seller, original.stamp
            red.buyer_kind, red.sealed_buyer = original.buyer_kind, original.sealed_buyer
            with contextlib.suppress(VersionMismatch):  # it has been reversed meanwhile: look again
                await self._taken_off(original, red, amounts)
            original = await self.found(original.id)
        raise InvoicesBusy("it keeps changing", retry_after_s=1)

    async def _taken_off(self, original: Invoice, red: Invoice, amounts: Sequence[int]) -> None:
        back = [before + amount for before, amount in zip(original.taken_back, amounts, strict=True)]
        over = sum(back) == original.total_minor
        update: dict[str, Any] = {"$set": {"taken_back": back} | ({"order_claim": ""} if over else {})}
        if red.refund_id:
            update["$push"] = {"red": red.refund_id}
        seen = {"_id": original.id, "version": original.version}

        async def both(session: Any) -> None:
            if red.lines:  # a refund may be of what the invoice never had
                await self._invoices.insert(red, invoice_issued(red), session=session)
            if await self._invoices.change(seen, update, session=session) is None:
                raise VersionMismatch("it has been reversed meanwhile")

        async def keep() -> None:
            await self._together(both)

        async def there() -> Invoice | None:
            now = await self.found(original.id)
            return now if now.version != original.version else None

        await self._under_a_number(red, keep, there)

    async def _units_of(self, order: Order, refund_id: str) -> dict[str, int]:
        """Units a refund was for."""
        adjustment = next(each for each in order.adjustments if each.id == refund_id)
        if adjustment.reason == "cancelled":
            return {line.sku: line.quantity - line.returned for line in order.lines}
        rma = await self._returns.get(adjustment.return_id) if adjustment.return_id else None
        return {line.sku: line.quantity for line in rma.lines} if rma else {}


def _taken(invoice: Invoice, shares: Mapping[str, int]) -> list[int]:
    """How much of each line a refund takes; never more than is left of it."""
    return [max(0, min(left, shares.get(line.key, 0))) for line, left in zip(invoice.lines, invoice.left, strict=True)]


def _made(
    profile: InvoiceProfile, series: str, now: datetime, about: Order | Invoice, lines: list[InvoiceLine], by: str
) -> Invoice:
    local = now.astimezone(ZoneInfo(profile.time_zone))
    order_id = about.order_id if isinstance(about, Invoice) else about.id
    return Invoice(
        id="",
        book=f"{series}{local.year}",
        number=0,
        kind=BLUE,
        order_id=order_id,
        customer_id=about.customer_id,
        currency=about.currency,
        seller=profile.seller,
        stamp=profile.stamp,
        buyer_kind="",
        sealed_buyer=b"",
        lines=lines,
        period=f"{local:%Y-%m}",
        issued_at=now,
        by=by,
        taken_back=[0] * len(lines),
    )
