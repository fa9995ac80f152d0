"""This is where it stands who may see and set up carriers, and follow parcels under way."""

from gateway.access import Access, staff

TRACKING: dict[tuple[str, str], Access] = {
    ("GET", "/v1/carriers"): staff("shipments.read"),
    ("PUT", "/v1/carriers/{code}"): staff("carriers.write"),
    ("GET", "/v1/shipments/standing"): staff("shipments.read"),
    ("GET", "/v1/shipments/{shipment_id}/tracking"): staff("shipments.read"),
    ("GET", "/v1/delivery-times"): staff("shipments.read"),
}
