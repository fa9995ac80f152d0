"""This is where a good body stands for each route about goods that are sold ahead, or picked up."""

from typing import Any

PREORDERS: dict[tuple[str, str], Any] = {
    ("POST", "/v1/preorders"): {
        "title": "Double eleven",
        "currency": "CNY",
        "items": [{"sku": "A", "most": 10}],
        "opens_at": "2026-11-22T08:00:00Z",
        "closes_at": "2026-11-23T08:00:00Z",
        "ships_from": "2026-12-22T08:00:00Z",
    },
    ("POST", "/v1/orders/{order_id}/balance"): {"payment_token": "tok_ok"},
    ("PUT", "/v1/carts/{cart_id}/pickup"): {"store": "hz-01"},
    ("POST", "/v1/pickups/{order_id}/collect"): {"code": "7KQ2M9XA"},
}
