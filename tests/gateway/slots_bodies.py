"""This is where a good body stands for each route about delivery windows."""

from typing import Any

SLOTS: dict[tuple[str, str], Any] = {
    ("PUT", "/v1/delivery-windows/{code}"): {
        "title": "Morning",
        "warehouse": "main",
        "from": "09:00",
        "until": "12:00",
        "capacity": 40,
        "special": [{"date": "2026-10-01", "capacity": 0}],
    },
    ("PUT", "/v1/orders/{order_id}/delivery-window"): {"window": "am_2026-11-27_0900-1200"},
}
