"""This is where the bodies of calls about the fleet are, for the tests of all routes."""

from typing import Any

from tests.gateway.slots_bodies import SLOTS

_STOP = "/v1/my-routes/{route_id}/stops/{shipment_id}"
FLEET: dict[tuple[str, str], Any] = {
    **SLOTS,
    ("PUT", "/v1/fleet/vehicles/{code}"): {
        "title": "Trike",
        "kind": "trike",
        "depot": "main",
        "capacity_g": 200_000,
        "capacity_pieces": 80,
    },
    ("PUT", "/v1/shipments/{shipment_id}/delivery"): {"position": {"lat": 31.2, "lng": 121.5}},
    ("POST", "/v1/fleet/plans"): {"depot": "main", "day": "2026-11-23"},
    ("POST", f"{_STOP}/delivered"): {
        "proof": {"kind": "photo", "sha256": "ab" * 32, "receiver": "self"},
        "collected": {"currency": "CNY", "minor": 100},
    },
    ("POST", f"{_STOP}/failed"): {"reason": "nobody_home"},
    ("POST", "/v1/my-routes/{route_id}/finish"): {"cash": [{"currency": "CNY", "minor": 100}]},
}
