"""This is where it stands who may do what about money: one row a route."""

from gateway.access import BUYER, OPEN, Access, staff

PAYMENTS: dict[tuple[str, str], Access] = {
    ("POST", "/v1/orders/{order_id}/payment/confirm"): BUYER,
    ("POST", "/v1/payments/webhooks/{provider}"): OPEN,
    ("GET", "/v1/payment-methods"): BUYER,
    ("GET", "/v1/payment-methods/settings"): staff("payments.read"),
    ("PUT", "/v1/payment-methods/{method}"): staff("payments.write"),
    ("GET", "/v1/payments/webhooks"): staff("payments.read"),
    ("GET", "/v1/payments/webhooks/{webhook_id}"): staff("payments.read"),
    ("POST", "/v1/payments/webhooks/{webhook_id}/apply"): staff("payments.write"),
    ("POST", "/v1/settlements"): staff("payments.write"),
    ("GET", "/v1/settlements"): staff("payments.read"),
    ("GET", "/v1/settlements/{settlement_id}"): staff("payments.read"),
    ("GET", "/v1/settlements/{settlement_id}/lines"): staff("payments.read"),
    ("GET", "/v1/settlement-differences"): staff("payments.read"),
    ("POST", "/v1/settlement-differences/{difference_id}/explain"): staff("payments.write"),
    ("GET", "/v1/payouts"): staff("payments.read"),
    ("GET", "/v1/orders/{order_id}/payments"): staff("orders.read"),
    ("POST", "/v1/orders/{order_id}/captures"): staff("payments.write"),
    ("POST", "/v1/orders/{order_id}/voids"): staff("payments.write"),
    ("POST", "/v1/orders/{order_id}/refunds"): staff("refunds.write"),
    ("POST", "/v1/orders/{order_id}/collections"): staff("payments.write"),
}
