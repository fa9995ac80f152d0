"""This is where bodies are kept of the routes about freight and warehouses."""

from typing import Any

_YUAN = {"currency": "CNY", "minor": 900}
_ZONE = {
    "countries": ["CN"],
    "first_units": 1000,
    "first_price": _YUAN,
    "step_units": 1000,
    "step_price": _YUAN,
    "min_days": 1,
    "max_days": 3,
}
ROUTING: dict[tuple[str, str], Any] = {
    ("POST", "/v1/freight/quotes"): {
        "region": {"country": "CN", "province": "上海市"},
        "goods": {"currency": "CNY", "minor": 900},
        "lines": [{"weight_g": 350, "length_mm": 300, "width_mm": 200, "height_mm": 100}],
    },
    ("POST", "/v1/shipments/{shipment_id}/reroute"): {"from": "main", "reason": "short", "note": "not on its shelf"},
    ("PUT", "/v1/warehouses/{code}"): {
        "title": "Main",
        "region": {"country": "CN"},
        "time_zone": "Asia/Shanghai",
        "hours": [{"day": "1", "spans": [{"opens": "09:00", "closes": "18:00"}]}, {"day": "2026-10-01"}],
        "cut_off": "16:00",
        "zones": ["A-01"],
    },
    ("PUT", "/v1/freight-templates/{template_id}"): {
        "title": "Standard",
        "by": "weight",
        "zones": [_ZONE],
        "carrier": "sandbox",
        "divisor": 6000,
        "free_rules": [{"title": "Three go free", "from_pieces": 3, "except_provinces": ["新疆"]}],
    },
}
