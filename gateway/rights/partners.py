"""This is where it stands who may do what about partner carriers: staff give keys, carriers prove themselves."""

from gateway.access import OPEN, Access, staff

PARTNERS: dict[tuple[str, str], Access] = {
    ("GET", "/carrier/v1/openapi.json"): OPEN,
    ("GET", "/carrier/v1/docs"): OPEN,
    ("GET", "/carrier/v1/waybills"): OPEN,
    ("GET", "/carrier/v1/waybills/{waybill}"): OPEN,
    ("GET", "/carrier/v1/pickups/waybills"): OPEN,
    ("GET", "/carrier/v1/manifests"): OPEN,
    ("GET", "/carrier/v1/webhooks"): OPEN,
    ("POST", "/carrier/v1/webhooks"): OPEN,
    ("GET", "/carrier/v1/webhooks/{endpoint_id}"): OPEN,
    ("PATCH", "/carrier/v1/webhooks/{endpoint_id}"): OPEN,
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/rotate"): OPEN,
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/test"): OPEN,
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/replay"): OPEN,
    ("GET", "/carrier/v1/webhooks/{endpoint_id}/deliveries"): OPEN,
    ("GET", "/carrier/v1/deliveries/{delivery_id}"): OPEN,
    ("POST", "/carrier/v1/deliveries/{delivery_id}/replay"): OPEN,
    ("GET", "/v1/carrier-keys"): staff("carriers.read"),
    ("POST", "/v1/carrier-keys"): staff("carriers.write"),
    ("GET", "/v1/carrier-keys/{key_id}/use"): staff("carriers.read"),
    ("POST", "/v1/carrier-keys/{key_id}/rotate"): staff("carriers.write"),
    ("POST", "/v1/carrier-keys/{key_id}/revoke"): staff("carriers.write"),
}
# What a key needs for each route of the carriers; without its row a route is not served (a test holds it).
SCOPES: dict[tuple[str, str], str] = {
    ("GET", "/carrier/v1/shipments"): "shipments.read",
    ("GET", "/carrier/v1/waybills"): "shipments.read",
    ("GET", "/carrier/v1/waybills/{waybill}"): "shipments.read",
    ("POST", "/carrier/v1/scans"): "scans.write",
    ("GET", "/carrier/v1/labels/{waybill}"): "labels.read",
    ("GET", "/carrier/v1/pickups"): "pickups.read",
    ("GET", "/carrier/v1/pickups/waybills"): "pickups.read",
    ("GET", "/carrier/v1/manifests"): "manifests.read",
    ("GET", "/carrier/v1/handovers"): "manifests.read",
    ("GET", "/carrier/v1/webhooks"): "webhooks.manage",
    ("POST", "/carrier/v1/webhooks"): "webhooks.manage",
    ("GET", "/carrier/v1/webhooks/{endpoint_id}"): "webhooks.manage",
    ("PATCH", "/carrier/v1/webhooks/{endpoint_id}"): "webhooks.manage",
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/rotate"): "webhooks.manage",
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/test"): "webhooks.manage",
    ("POST", "/carrier/v1/webhooks/{endpoint_id}/replay"): "webhooks.manage",
    ("GET", "/carrier/v1/webhooks/{endpoint_id}/deliveries"): "webhooks.manage",
    ("GET", "/carrier/v1/deliveries/{delivery_id}"): "webhooks.manage",
    ("POST", "/carrier/v1/deliveries/{delivery_id}/replay"): "webhooks.manage",
}
