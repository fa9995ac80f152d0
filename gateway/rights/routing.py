"""This is where it stands who may compare carriers and move parcels between warehouses."""

from gateway.access import Access, staff

ROUTING: dict[tuple[str, str], Access] = {
    ("POST", "/v1/freight/quotes"): staff("freight.write"),
    ("POST", "/v1/shipments/{shipment_id}/reroute"): staff("shipments.write"),
}
