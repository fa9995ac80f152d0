"""This is where a good body stands for each route about what comes after a sale."""

from typing import Any

from tests.gateway.borders_bodies import BORDERS

_YUAN = {"currency": "CNY", "minor": 100}
AFTERSALES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/returns/{return_id}/approve"): {"goods_stay": True},
    ("POST", "/v1/returns/{return_id}/reject"): {"text": "It has been worn"},
    ("POST", "/v1/returns/{return_id}/ask"): {"text": "Is the box still there?"},
    ("POST", "/v1/returns/{return_id}/answer"): {"text": "Yes", "photos": ["https://cdn.example.com/q.jpg"]},
    ("POST", "/v1/returns/{return_id}/cancel"): {"text": "I keep it"},
    ("POST", "/v1/returns/{return_id}/way-back"): {"kind": "pickup", "window": "tomorrow morning"},
    ("POST", "/v1/returns/{return_id}/inspect"): {"grades": [{"sku": "A", "grade": "B", "units": 1}]},
    ("POST", "/v1/returns/{return_id}/payment"): {"payment": {"method": "card", "token": "tok_ok"}},
    ("PUT", "/v1/after-sales-policies/{scope}"): {"premium": _YUAN, "cap": _YUAN, "goods_stay": _YUAN},
    ("PUT", "/v1/compensation-rules"): {
        "rules": [{"reason": "damaged", "kind": "cash", "minor": 500}],
        "order_max": _YUAN,
    },
    ("POST", "/v1/orders/{order_id}/compensations"): {"reason": "late_delivery", "return_id": "ret_1"},
    **BORDERS,
}
