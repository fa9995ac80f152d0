"""This is where a good body stands for each route about how goods are supplied."""

from typing import Any

SALES = b"day,sku,units,revenue_minor,currency\n2026-10-01,A,12,34800,CNY\n"
_COST = {"currency": "CNY", "minor": 900}
SUPPLY: dict[tuple[str, str], Any] = {
    ("PUT", "/v1/replenishment/policies/{scope}"): {"mode": "draft", "review_days": 7, "service_bp": 9700},
    ("POST", "/v1/suppliers"): {"name": "Kiln", "contacts": [{"name": "Chen", "phone": "+8613800000000"}]},
    ("PATCH", "/v1/suppliers/{supplier_id}"): {"state": "approved"},
    ("PUT", "/v1/suppliers/{supplier_id}/items/{sku}"): {"cost": _COST, "moq": 10, "lead_time_days": 7},
    ("PUT", "/v1/purchase-policy"): {"over_receipt_bp": 0, "weights": {"cost": 20}},
    ("POST", "/v1/purchase-orders"): {"lines": [{"sku": "A", "quantity": 5, "class": "A"}]},
    ("PATCH", "/v1/purchase-orders/{order_id}"): {"lines": [{"sku": "A", "quantity": 6}]},
    ("POST", "/v1/purchase-orders/{order_id}/confirm"): {"promised_at": "2026-12-31T00:00:00Z"},
    ("POST", "/v1/purchase-orders/{order_id}/cancel"): {"reason": "too late"},
    ("POST", "/v1/purchase-orders/{order_id}/receipts"): {"lines": [{"sku": "A", "received": 5, "rejected": 1}]},
}
