"""This is where a row of a settlement file is read, and compared with what our own books say of it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kit.clock import parse_time
from services.orders.orders import DEAD, Adjustment, Order
from services.orders.paying import Kind, Step

NEEDED = ("line_id", "type", "payment_id", "reference", "key", "amount_minor", "fee_minor", "currency", "occurred_at")
_ID = re.compile(r"[\x21-\x7e]{0,128}")
_MOST_MINOR = 10**12
_BP = 10_000


class Type(StrEnum):
    """What a row tells of."""

    CAPTURE = "capture"
    REFUND = "refund"
    CASH = "cash"
    PAYOUT = "payout"


class Outcome(StrEnum):
    """What became of a row, or what differs. `repeated`: another file had the very same line; `broken`: cannot be read."""

    MATCHED = "matched"
    MISSING_HERE = "missing_here"
    MISSING_AT_PROVIDER = "missing_at_provider"
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    FEE_DIFFERS = "fee_differs"
    PAYOUT_DIFFERS = "payout_differs"
    DUPLICATE = "duplicate"
    REPEATED = "repeated"
    BROKEN = "broken"


@dataclass
class Row:
    """A row; `id` is its file's and its number. `uid` is the provider's line, `claim` the movement of ours it speaks of."""

    id: str
    file_id: str
    row: int
    uid: str = ""
    claim: str = ""
    type: str = ""
    payment_id: str = ""
    reference: str = ""
    amount_minor: int = 0
    fee_minor: int = 0
    currency: str = ""
    occurred_at: datetime | None = None
    payout_id: str = ""
    payout_at: datetime | None = None
    problem: str = ""
    outcome: str = ""
    order_id: str = ""
    differs_minor: int = 0
    version: int = 0


class Unreadable(ValueError):
    """What is wrong with a row."""


def read(file_id: str, provider: str, number: int, cells: Mapping[str, str], problem: str) -> Row:
    """A row as it is kept; what cannot be read says why."""
    row = Row(f"{file_id}:{number:07}", file_id, number, problem=problem[:200])
    if problem:
        row.outcome = Outcome.BROKEN.value
        return row
    try:
        _fill(row, provider, {name: value.strip() for name, value in cells.items()})
    except Unreadable as wrong:
        row.problem, row.outcome = str(wrong), Outcome.BROKEN.value
    return row


def _fill(row: Row, provider: str, cells: Mapping[str, str]) -> None:
    if cells.get("type") not in set(Type):
        raise Unreadable(f"type is one of {', '.join(Type)}")
    row.type = cells["type"]
    for name in ("line_id", "payment_id", "reference", "key", "payout_id"):
        if not _ID.fullmatch(cells.get(name, "")):
            raise Unreadable(f"{name} is at most 128 visible characters")
    if not cells["line_id"]:
        raise Unreadable("line_id is missing")
    row.uid = f"{provider}:{cells['line_id']}"
    row.payment_id, row.reference = cells["payment_id"], cells["reference"]
    row.amount_minor, row.fee_minor = _minor(cells, "amount_minor"), _minor(cells, "fee_minor")
    row.currency = cells["currency"]
    if not re.fullmatch("[A-Z]{3}", row.currency):
        raise Unreadable("currency is three capital letters")
    row.occurred_at, row.payout_at = _time(cells, "occurred_at"), _time(cells, "payout_at")
    if row.occurred_at is None:
        raise Unreadable("occurred_at is missing")
    row.payout_id = cells.get("payout_id", "")
    row.order_id = row.reference.partition("-")[0]
    if row.type != Type.PAYOUT:
        row.claim = f"{row.type}:{cells['key'] or row.reference}"


def _minor(cells: Mapping[str, str], name: str) -> int:
    text = cells.get(name) or "0"
    if not re.fullmatch(r"-?\d{1,13}", text) or abs(int(text)) > _MOST_MINOR:
        raise Unreadable(f"{name} is a whole number of minor units")
    return int(text)


def _time(cells: Mapping[str, str], name: str) -> datetime | None:
    text = cells.get(name, "")
    try:
        return parse_time(text) if text else None
    except (ValueError, OverflowError):
        raise Unreadable(f"{name} is an RFC 3339 time") from None


@dataclass(frozen=True, slots=True)
class Entry:
    """What our books say of a movement (minor units)."""

    provider: str
    minor: int
    currency: str
    at: datetime


def entries(order: Order) -> dict[str, Entry]:
    """Every movement of an order by what a row would claim. What went through somebody else's books is `outside`."""
    found: dict[str, Entry] = {}
    at = order.paid_at or order.placed_at
    provider = _provider(order.payment_id)
    if order.paid_at is None:
        return _undone(order) if order.state in DEAD else {}
    moved = [m for m in order.movements if m.step is Step.DONE]
    later = sum(m.minor for m in moved if m.kind in (Kind.CHARGE, Kind.CAPTURE))
    cash = [m for m in moved if m.via == "cash" and m.kind is Kind.CAPTURE]
    if cash:
        found[f"cash:{order.id}"] = Entry("cash", sum(m.minor for m in cash), order.currency, cash[-1].at)
    if order.captured_minor > later:
        found[f"capture:{order.id}"] = Entry(provider, order.captured_minor - later, order.currency, at)
    for movement in moved:
        entry = Entry(_provider(movement.payment_id), movement.minor, order.currency, movement.done_at or movement.at)
        if movement.via == "provider" and movement.kind in (Kind.CAPTURE, Kind.CHARGE):
            found[f"capture:{movement.id}"] = entry
        elif movement.via == "provider" and movement.kind in (Kind.REFUND, Kind.PAYOUT):
            found[f"refund:{movement.id}"] = entry
    return found | _elsewhere(order, provider, set(found))


def _elsewhere(order: Order, provider: str, known: set[str]) -> dict[str, Entry]:
    """Refunds of returns, of fallen prices and of a cancelled order, which are written down in ways of their own."""
    found: dict[str, Entry] = {}
    for adjustment in order.adjustments:
        key = key_of(order, adjustment)
        if key and f"refund:{key}.0" not in known and adjustment.minor < 0:
            found[f"refund:{key}"] = Entry(provider, -adjustment.minor, order.currency, adjustment.at)
    for given in order.protections:
        key = f"{order.id}:{given.drop_id}"
        if f"refund:{key}.0" not in known:
            found[f"refund:{key}"] = Entry(provider, given.minor, order.currency, given.at)
    return found


def key_of(order: Order, adjustment: Adjustment) -> str:
    """What the provider was asked with; empty for what is a movement of its own."""
    cancelled = f"{order.id}:cancel" if adjustment.reason == "cancelled" else ""
    return adjustment.key or adjustment.return_id or cancelled


def _undone(order: Order) -> dict[str, Entry]:
    """An order that came to nothing after all: what was taken in the last moment went back."""
    entry = Entry("undone", order.due_minor, order.currency, order.placed_at)
    return {f"capture:{order.id}": entry, f"refund:{order.id}:undo": entry, f"refund:{order.id}:cancel": entry}


def _provider(payment_id: str) -> str:
    return "sandbox" if payment_id.startswith("pay_") else "outside"


def fee_of(row: Row, fee_bp: int) -> int:
    """What the provider may keep of a row (half up); what it says when nobody has set how much."""
    if fee_bp < 0 or row.type != Type.CAPTURE:
        return row.fee_minor if fee_bp < 0 else 0
    return (row.amount_minor * fee_bp + _BP // 2) // _BP


def compared(row: Row, entry: Entry | None, fee_bp: int) -> tuple[Outcome, int, int]:
    """What becomes of a row: the outcome, what our books say and what the row says (minor units)."""
    if entry is None:
        return Outcome.MISSING_HERE, 0, row.amount_minor
    if entry.currency != row.currency:
        return Outcome.CURRENCY_DIFFERS, entry.minor, row.amount_minor
    if entry.minor != row.amount_minor:
        return Outcome.AMOUNT_DIFFERS, entry.minor, row.amount_minor
    if row.fee_minor != fee_of(row, fee_bp):
        return Outcome.FEE_DIFFERS, fee_of(row, fee_bp), row.fee_minor
    return Outcome.MATCHED, entry.minor, row.amount_minor
