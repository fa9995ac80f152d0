"""This is where a good body stands for each route about prices."""

from typing import Any

YUAN = {"currency": "CNY", "minor": 900}
PRICING: dict[tuple[str, str], Any] = {
    ("POST", "/v1/price-formulas"): {"title": "Half more", "kind": "cost_plus", "skus": ["A"], "profit_bp": 5000},
    ("POST", "/v1/price-proposals"): {"formula_id": "prf_1"},
    ("POST", "/v1/price-proposals/apply"): {"ids": ["ppl_1"]},
    ("POST", "/v1/competitors/prices"): {
        "rows": [
            {"competitor": "C", "name": "Mug", "price_minor": 900, "currency": "CNY", "at": "2026-11-22T08:00:00Z"}
        ]
    },
    ("POST", "/v1/competitors/matches"): {"item_id": "cit_1", "sku": "A"},
    ("POST", "/v1/competitors/campaigns"): {
        "campaigns": [
            {
                "competitor": "C",
                "title": "11.11",
                "starts_at": "2026-11-11T00:00:00Z",
                "ends_at": "2026-11-12T00:00:00Z",
            }
        ]
    },
    ("POST", "/v1/competitors/shares"): {"shares": [{"competitor": "C", "month": "2026-10", "share_bp": 1000}]},
    ("POST", "/v1/price-rules"): {
        "title": "Spring",
        "kind": "flash_steps",
        "skus": ["A"],
        "ends_at": "2026-11-22T08:00:00Z",
        "steps": [{"after_units": 10, "price": YUAN}],
    },
}
