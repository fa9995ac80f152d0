"""This is where it is kept what calls about records send: price protection, invoices, the ledger."""

from typing import Any

RECORDS: dict[tuple[str, str], Any] = {
    ("PUT", "/v1/price-protection/policy"): {"mode": "claim", "days": 14, "excluded_skus": ["A"]},
}
