"""This is where the bodies of calls about devices on the way are, for the tests of all routes."""

from typing import Any

WATCHING: dict[tuple[str, str], Any] = {
    ("POST", "/v1/iot/parcel-readings"): {"readings": [{"seq": 1, "at": "2026-11-22T08:00:00Z", "temperature_c": 4.5}]},
    ("POST", "/v1/iot/devices"): {"title": "Logger 7"},
    ("PUT", "/v1/iot/devices/{device_id}/binding"): {"kind": "shipment", "id": "shp_1"},
    ("PUT", "/v1/iot/rules/{rule_id}"): {"kind": "temperature", "low": 2.0, "high": 8.0},
}
