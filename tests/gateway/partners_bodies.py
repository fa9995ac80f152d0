"""This is where it is kept what calls about partner carriers send."""

from typing import Any

_KEY = {"carrier": "quick", "title": "Quick Express", "scopes": ["shipments.read", "scans.write"]}
_ENDPOINT = {"url": "https://hooks.quick.example/shop", "types": ["shipment.planned"]}
PARTNERS: dict[tuple[str, str], Any] = {
    ("POST", "/v1/carrier-keys"): _KEY,
    ("POST", "/v1/carrier-keys/{key_id}/rotate"): {"overlap_hours": 1},
    ("POST", "/carrier/v1/webhooks"): _ENDPOINT,
    ("PATCH", "/carrier/v1/webhooks/{endpoint_id}"): {"state": "disabled"},
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/rotate"): {"overlap_hours": 1},
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/test"): {},
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/replay"): {
        "since": "2026-11-22T08:00:00Z",
        "until": "2026-11-23T08:00:00Z",
    },
    ("POST", "/carrier/v1/deliveries/{delivery_id}/replay"): {},
}
