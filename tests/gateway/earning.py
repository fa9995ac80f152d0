"""This is where a good body stands for each route about what goods earn."""

from typing import Any

EARNING: dict[tuple[str, str], Any] = {
    ("PUT", "/v1/cost-models/{scope}"): {"commission_bp": 500, "freight_per_kg_minor": 800, "payment_bp": None},
    ("PUT", "/v1/products/{product_id}/role"): {"role": "traffic"},
    ("PUT", "/v1/assortment/industry-averages/{category_id}"): {"average": {"currency": "CNY", "minor": 3000}},
    ("PUT", "/v1/margin-floor"): {"floor_bp": 3000},
    ("PUT", "/v1/skus/{sku}/margin-override"): {
        "reason": "The last forty, to make room",
        "min_margin_bp": 1000,
        "expires_at": "2026-12-01T00:00:00Z",
    },
}
