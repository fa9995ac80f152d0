"""This is where a good body stands for each route about goods that are sold ahead, picked up, or subscribed to."""

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
    ("PUT", "/v1/subscription-plans/{plan_id}"): {"title": "Coffee", "skus": ["A"], "every": ["1m"]},
    ("POST", "/v1/subscriptions"): {
        "plan": "coffee",
        "every": "1m",
        "items": [{"sku": "A", "quantity": 1}],
        "address": {
            "country": "CN",
            "city": "杭州市",
            "street": "文三路 90 号",
            "name": "王小明",
            "phone": "13812345678",
        },
        "payment_token": "tok_ok",
        "currency": "CNY",
    },
    ("PATCH", "/v1/subscriptions/{subscription_id}"): {"items": [{"sku": "A", "quantity": 2}]},
    ("PUT", "/v1/carts/{cart_id}/pickup"): {"store": "hz-01"},
    ("POST", "/v1/pickups/{order_id}/collect"): {"code": "7KQ2M9XA"},
}
