"""This is where it is added up what a provider paid out, and how long our money was with it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .lines import Outcome, Row, Type

_NOT_COUNTED = {Outcome.BROKEN.value, Outcome.REPEATED.value}


@dataclass
class Payout:
    """A payout of a file; amounts in minor units. `stated_minor` is what the provider says it paid; None: it does not."""

    id: str
    payout_id: str
    provider: str
    file_id: str
    currency: str
    captured_minor: int = 0
    refunded_minor: int = 0
    fees_minor: int = 0
    stated_minor: int | None = None
    difference_minor: int = 0
    captures: int = 0
    waited_s: int = 0
    paid_out_at: datetime | None = None
    version: int = 0

    @property
    def net_minor(self) -> int:
        """What should have been paid out."""
        return self.captured_minor - self.refunded_minor - self.fees_minor

    @property
    def days(self) -> float:
        """From capture to payout, on average."""
        return self.waited_s / self.captures / 86_400 if self.captures else 0.0


def added(payouts: dict[str, Payout], rows: Iterable[Row], provider: str) -> None:
    """Adds rows to the payouts of their file."""
    for row in rows:
        if row.outcome in _NOT_COUNTED or not row.payout_id:
            continue
        key = f"{row.file_id}:{row.payout_id}:{row.currency}"
        payout = payouts.setdefault(key, Payout(key, row.payout_id, provider, row.file_id, row.currency))
        payout.paid_out_at = row.payout_at or payout.paid_out_at
        payout.difference_minor += row.differs_minor
        if row.type == Type.PAYOUT:
            payout.stated_minor = (payout.stated_minor or 0) + row.amount_minor
            continue
        payout.fees_minor += row.fee_minor
        if row.type == Type.REFUND:
            payout.refunded_minor += row.amount_minor
            continue
        payout.captured_minor += row.amount_minor
        payout.captures += 1
        if row.payout_at and row.occurred_at:
            payout.waited_s += max(0, int((row.payout_at - row.occurred_at).total_seconds()))
