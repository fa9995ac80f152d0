"""This is where a good body stands for each route about what lies on the shelves."""

from typing import Any

SHELVES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/stock/receipts"): {"sku": "A", "warehouse": "main", "quantity": 40},
    ("POST", "/v1/stock/regrades"): {"sku": "A", "from": "A", "to": "C", "quantity": 1, "reason": "fell"},
    ("POST", "/v1/stock/transfers"): {"from": "main", "to": "north", "lines": [{"sku": "A", "quantity": 2}]},
    ("POST", "/v1/stock/transfers/{transfer_id}/receive"): {
        "lines": [{"sku": "A", "received": 1, "damaged": 1, "reason": "fell"}]
    },
    ("POST", "/v1/stock/counts"): {"warehouse": "main", "skus": ["A"]},
    ("PUT", "/v1/stock/counts/{count_id}/lines"): {"lines": [{"sku": "A", "units": 3}]},
    ("PUT", "/v1/skus/{sku}/stock-policy"): {
        "low_line": 20,
        "warehouse_lines": [{"warehouse": "north", "line": 5}],
    },
    ("POST", "/v1/iot/shelf-readings"): {
        "readings": [{"device": "scale-7", "sku": "A", "units": 37, "at": "2026-11-22T08:00:00Z", "seq": 1}]
    },
}
