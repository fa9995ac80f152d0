"""This is where a good body stands for each route about offers and whom they are for."""

from typing import Any

MEMBERS = b"group,customer_id\ntea-club,cus_1\n"
YUAN = {"currency": "CNY", "minor": 900}
OFFERS: dict[tuple[str, str], Any] = {
    ("PUT", "/v1/carts/{cart_id}/channel"): {"channel": "mini_program"},
    ("PUT", "/v1/promotions/{promotion_id}"): {"title": "Spring", "kind": "limited_time", "percent_bp": 1000},
    ("POST", "/v1/promotions/simulations"): {
        "promotion": {"title": "Spring", "kind": "limited_time", "percent_bp": 1000},
        "days": 30,
    },
    ("POST", "/v1/coupons/{code}/batches"): {"count": 100},
    ("POST", "/v1/customers/{customer_id}/coupons"): {"coupon": "SORRY", "reason": "It came late."},
    ("PUT", "/v1/customer-groups/{group_id}"): {"title": "Tea club"},
    ("POST", "/v1/customer-groups/{group_id}/members"): {"customer_ids": ["cus_1"]},
}
