"""This is where the provider's settlement file is written: a line a movement of money, and what is paid out. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

COLUMNS = (
    "line_id",
    "type",
    "payment_id",
    "reference",
    "key",
    "amount_minor",
    "fee_minor",
    "currency",
    "occurred_at",
    "payout_id",
    "payout_at",
)
FEE_BP = 60  # of what is captured, half up; refunds cost nothing and give nothing back
_PAID_OUT_AFTER = timedelta(days=1)


def fee_of(kind: str, amount: int) -> int:
    """What the provider keeps of a movement (minor units)."""
    return (amount * FEE_BP + 5_000) // 10_000 if kind == "capture" else 0


def settlement_file(entries: Iterable[Mapping[str, Any]]) -> str:
    """CSV of captures and refunds, then a `payout` line a day and currency: captures less refunds less fees."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    payouts: dict[tuple[str, str], list[Any]] = {}
    for entry in entries:
        at = datetime.fromtimestamp(entry["at"], UTC)
        fee, payout, paid_at = fee_of(entry["kind"], entry["amount_minor"]), f"po-{at:%Y%m%d}", at + _PAID_OUT_AFTER
        line = [f"stl-{entry['seq']}", entry["kind"], entry["payment_id"], entry["reference"], entry["key"]]
        writer.writerow(
            [*line, entry["amount_minor"], fee, entry["currency"], _utc(at), payout, f"{paid_at:%Y-%m-%d}T00:00:00Z"]
        )
        signed = entry["amount_minor"] if entry["kind"] == "capture" else -entry["amount_minor"]
        kept = payouts.setdefault((payout, entry["currency"]), [0, paid_at])
        kept[0] += signed - fee
    for (payout, currency), (net, paid_at) in payouts.items():
        day = f"{paid_at:%Y-%m-%d}T00:00:00Z"
        writer.writerow([f"{payout}-{currency}", "payout", "", "", "", net, 0, currency, day, payout, day])
    return out.getvalue()


def _utc(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
