"""This is where it stands who may see how carriers do, and who looks after devices on the way."""

from gateway.access import OPEN, Access, staff

WATCHING: dict[tuple[str, str], Access] = {
    ("GET", "/v1/carriers/scorecards"): staff("shipments.read"),
    ("GET", "/v1/logistics/tower"): staff("shipments.read"),
    ("POST", "/v1/iot/parcel-readings"): OPEN,  # a device shows its id and secret
    ("POST", "/v1/iot/devices"): staff("shipments.write"),
    ("PUT", "/v1/iot/devices/{device_id}/binding"): staff("shipments.write"),
    ("GET", "/v1/iot/devices"): staff("shipments.read"),
    ("PUT", "/v1/iot/rules/{rule_id}"): staff("shipments.write"),
    ("GET", "/v1/iot/rules"): staff("shipments.read"),
    ("GET", "/v1/iot/alerts"): staff("shipments.read"),
    ("GET", "/v1/iot/tracks/{target}"): staff("shipments.read"),
}
