"""This is where a good body stands for each route about money."""

from typing import Any

YUAN = {"currency": "CNY", "minor": 900}
SETTLED = (
    b"line_id,type,payment_id,reference,key,amount_minor,fee_minor,currency,occurred_at\n"
    b"stl-1,capture,pay_1,ord_1,ord_1,1600,10,CNY,2026-11-22T08:00:00Z\n"
)
PAYING: dict[tuple[str, str], Any] = {
    ("POST", "/v1/orders/{order_id}/captures"): {"amount": YUAN},
    ("POST", "/v1/orders/{order_id}/voids"): {"reason": "not needed"},
    ("POST", "/v1/orders/{order_id}/refunds"): {"lines": [{"sku": "A", "quantity": 1}], "reason": "goodwill"},
    ("POST", "/v1/orders/{order_id}/collections"): {},
    ("POST", "/v1/settlement-differences/{difference_id}/explain"): {"note": "found at the bank"},
    ("PUT", "/v1/payment-methods/{method}"): {"capture": "shipment"},
}
