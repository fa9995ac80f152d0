"""This is where a good body stands for each route about money."""

from typing import Any

YUAN = {"currency": "CNY", "minor": 900}
PAYING: dict[tuple[str, str], Any] = {
    ("POST", "/v1/orders/{order_id}/captures"): {"amount": YUAN},
    ("POST", "/v1/orders/{order_id}/voids"): {"reason": "not needed"},
    ("POST", "/v1/orders/{order_id}/refunds"): {"lines": [{"sku": "A", "quantity": 1}], "reason": "goodwill"},
    ("POST", "/v1/orders/{order_id}/collections"): {},
    ("PUT", "/v1/payment-methods/{method}"): {"capture": "shipment"},
}
