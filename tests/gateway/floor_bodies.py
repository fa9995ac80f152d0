"""This is where the bodies of calls about the fulfilment floor are, for the tests of all routes."""

from typing import Any

FLOOR: dict[tuple[str, str], Any] = {
    ("PUT", "/v1/insert-offer"): {"url": "https://shop.example.com/i/", "title": "¥5", "coupon": "GROUP5"},
    ("POST", "/v1/waves"): {"warehouse": "main", "most_priority": 2, "ship_by_before": "2026-11-23T08:00:00Z"},
    ("PUT", "/v1/pick-lists/{list_id}/lines/{sku}"): {"picked": 2, "short": 1, "reason": "broken"},
    ("PUT", "/v1/warehouses/{code}/bins/{sku}"): {"zone": "A", "bin": "A-03-2"},
    ("PUT", "/v1/packing-rules"): {"packagings": [{"code": "s", "title": "Small", "tare_g": 50}]},
    ("POST", "/v1/shipments/{shipment_id}/pack"): {"scanned": [{"sku": "A", "quantity": 1}], "weight_g": 350},
    ("POST", "/v1/manifests"): {"carrier": "sandbox", "warehouse": "main", "cutoff_at": "2026-11-22T10:00:00Z"},
    ("PUT", "/v1/qc/policies/{scope}"): {"threshold_percent": 5, "checklist": ["no crack"]},
    ("POST", "/v1/shipments/{shipment_id}/qc/pass"): {"fine": ["no crack"], "photo": "med_1"},
    ("POST", "/v1/shipments/{shipment_id}/qc/fail"): {"outcome": "replace"},
}
