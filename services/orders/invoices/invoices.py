"""This is where an invoice is: what it says for good, and what has been reversed of it since. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from services.kit.clock import rfc3339
from services.kit.errors import FieldError, Invalid, WrongState
from services.orders import limits
from services.orders.orders import Order, State

from .profile import InvoiceProfile, Seller
from .taxes import next_part, split

BLUE, RED = "blue", "red"
FREIGHT = "freight"
_TAX_ID = re.compile(r"[0-9A-Z]{15,20}")
_BOUGHT = (State.PAID, State.SHIPPED, State.DELIVERED)
_LOWERS = ("refund", "price_adjustment")  # adjustments that make what was sold cheaper; a compensation is none


class InvalidBuyer(Invalid):
    """An invoice cannot be made out to that."""


class NotInvoiceable(WrongState):
    """It is not paid, or not any more; or nothing is left to be invoiced."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """To whom: an `individual`, or a `company` with its tax id."""

    kind: str
    title: str
    tax_id: str = ""
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""

    def check(self) -> None:
        """Refuses with INVALID_BUYER."""
        for name, most in (("title", 100), ("address", 200), ("phone", 40), ("bank", 100), ("account", 40)):
            limits.text(getattr(self, name), f"/{name}", most, InvalidBuyer, needed=name == "title")
        faults = []
        if self.kind not in ("individual", "company"):
            faults.append(FieldError("/kind", "individual or company"))
        if self.kind == "company" and not _TAX_ID.fullmatch(self.tax_id):
            faults.append(FieldError("/tax_id", "15 to 20 digits and capital letters"))
        if self.kind == "individual" and self.tax_id:
            faults.append(FieldError("/tax_id", "only of a company"))
        if faults:
            raise InvalidBuyer("no invoice can be made out to that", errors=faults)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line: its amount includes tax, `net + tax` is the amount; below zero in red. `key` is the SKU, or `freight`."""

    key: str
    title: str
    quantity: int
    amount_minor: int
    rate_bp: int
    net_minor: int
    tax_minor: int


@dataclass
class Invoice:
    """An invoice. All but `taken_back`, `red` and `order_claim` is as it was issued; `digest` covers it.

    `book` is series and year, and numbers in it follow each other from 1. `settled` are the adjustments that had lowered it
    before it was issued. `order_claim` is the order's id while it is in force, and unique.
    """

    id: str
    book: str
    number: int
    kind: str
    order_id: str
    customer_id: str
    currency: str
    seller: Seller
    stamp: str
    buyer_kind: str
    sealed_buyer: bytes
    lines: list[InvoiceLine]
    period: str  # `2026-11`
    issued_at: datetime
    by: str
    settled: list[str] = field(default_factory=list)
    reverses: str = ""
    refund_id: str = ""
    why: str = ""
    digest: str = ""
    taken_back: list[int] = field(default_factory=list)  # by line, minor units
    red: list[str] = field(default_factory=list)  # refunds it was reversed for
    order_claim: str = ""
    version: int = 0

    @property
    def total_minor(self) -> int:
        """With tax."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """The tax in it."""
        return sum(line.tax_minor for line in self.lines)

    @property
    def left(self) -> list[int]:
        """What is not reversed of each line."""
        return [line.amount_minor - back for line, back in zip(self.lines, self.taken_back, strict=True)]

    @property
    def label(self) -> str:
        """The number as it is printed."""
        return f"{self.book}{self.number:08d}"

    def numbered(self, number: int) -> "Invoice":
        """With its number, and what follows from it."""
        self.number = number
        self.id = f"inv_{self.label.lower()}"
        self.digest = digest(self)
        return self


def digest(invoice: Invoice) -> str:
    """SHA-256 of all that never changes, hex."""
    changing = {"taken_back", "red", "order_claim", "version", "digest"}
    plain: dict[str, Any] = {name: value for name, value in asdict(invoice).items() if name not in changing}
    plain["sealed_buyer"], plain["issued_at"] = invoice.sealed_buyer.hex(), rfc3339(invoice.issued_at)
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def drafted(order: Order, profile: InvoiceProfile) -> list[InvoiceLine]:
    """What is left to be invoiced of an order: what was really paid, less what went back. Refuses with NOT_INVOICEABLE."""
    if order.state not in _BOUGHT or order.paid_at is None or order.captured_minor < order.total_minor:
        raise NotInvoiceable("it is not paid, or not any more")
    gone = lowered(order)
    lines = []
    for line in order.lines:
        left = line.paid - sum(shares.get(line.sku, 0) for shares in gone.values())
        rate = profile.rates_bp.get(line.category, profile.usual_rate_bp)
        lines.append(_line(line.sku, line.title, line.quantity - line.refunded, left, rate))
    freight = order.captured_minor - sum(line.paid for line in order.lines)
    freight -= sum(shares.get(FREIGHT, 0) for shares in gone.values())
    lines.append(_line(FREIGHT, "运费 Freight", 1, freight, profile.freight_rate_bp))
    lines = [line for line in lines if line.amount_minor > 0]
    if not lines:
        raise NotInvoiceable("nothing is left to be invoiced")
    return lines


def lowered(order: Order) -> dict[str, dict[str, int]]:
    """What each adjustment took off, by SKU, and off the freight."""
    gone = {}
    for adjustment in order.adjustments:
        if adjustment.type in _LOWERS and adjustment.minor < 0:
            shares = {share.sku: -share.minor for share in adjustment.shares}
            shares[FREIGHT] = -adjustment.minor - sum(shares.values())
            gone[adjustment.id] = shares
    return gone


def reversal(original: Invoice, amounts: Sequence[int], units: Mapping[str, int]) -> list[InvoiceLine]:
    """The red lines that take so much off each line; their taxes add up to the line's when all of it is taken."""
    lines = []
    for line, back, amount in zip(original.lines, original.taken_back, amounts, strict=True):
        if amount:
            part = next_part(back, amount, line.rate_bp)
            count = units.get(line.key, 0)
            lines.append(InvoiceLine(line.key, line.title, -count, -amount, line.rate_bp, -part.net, -part.tax))
    return lines


def _line(key: str, title: str, quantity: int, amount: int, rate_bp: int) -> InvoiceLine:
    parts = split(amount, rate_bp)
    return InvoiceLine(key, title, quantity, amount, rate_bp, parts.net, parts.tax)
