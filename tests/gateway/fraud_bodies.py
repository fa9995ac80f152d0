"""This is where a good body stands for each route about fraud."""

from typing import Any

FRAUD: dict[tuple[str, str], Any] = {
    ("POST", "/v1/fraud/reviews/{order_id}/clear"): {"note": "called the buyer"},
    ("POST", "/v1/fraud/reviews/{order_id}/confirm"): {"note": "stolen card"},
    ("POST", "/v1/fraud/reports"): {
        "order_id": "ord_1",
        "kind": "chargeback",
        "loss": {"currency": "CNY", "minor": 900},
        "reference": "CB-1",
    },
    ("POST", "/v1/fraud/listings"): {
        "kind": "email",
        "value": "a@example.com",
        "verdict": "deny",
        "until": "2027-01-01T00:00:00Z",
    },
    ("PUT", "/v1/fraud/policy"): {"mode": "enforce", "risky_categories": ["phones"]},
}
