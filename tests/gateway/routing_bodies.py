"""This is where bodies are kept of the routes that compare carriers and move parcels."""

from typing import Any

ROUTING: dict[tuple[str, str], Any] = {
    ("POST", "/v1/freight/quotes"): {
        "region": {"country": "CN", "province": "上海市"},
        "goods": {"currency": "CNY", "minor": 900},
        "lines": [{"weight_g": 350, "length_mm": 300, "width_mm": 200, "height_mm": 100}],
    },
    ("POST", "/v1/shipments/{shipment_id}/reroute"): {"from": "main", "reason": "short", "note": "not on its shelf"},
}
