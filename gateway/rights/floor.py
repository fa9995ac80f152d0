"""This is where it stands who may do what on the fulfilment floor, and with the cards in parcels."""

from gateway.access import MEMBER, OPEN, Access, staff

FLOOR: dict[tuple[str, str], Access] = {
    ("POST", "/v1/waves"): staff("shipments.write"),
    ("GET", "/v1/waves"): staff("shipments.read"),
    ("GET", "/v1/waves/{wave_id}"): staff("shipments.read"),
    ("GET", "/v1/pick-lists"): staff("shipments.read"),
    ("GET", "/v1/pick-lists/{list_id}"): staff("shipments.read"),
    ("POST", "/v1/pick-lists/{list_id}/claim"): staff("shipments.write"),
    ("POST", "/v1/pick-lists/{list_id}/release"): staff("shipments.write"),
    ("PUT", "/v1/pick-lists/{list_id}/lines/{sku}"): staff("shipments.write"),
    ("PUT", "/v1/warehouses/{code}/bins/{sku}"): staff("shipments.write"),
    ("POST", "/v1/shipments/{shipment_id}/take-up"): staff("shipments.write"),
    ("GET", "/v1/packing-rules"): staff("shipments.read"),
    ("PUT", "/v1/packing-rules"): staff("freight.write"),
    ("POST", "/v1/manifests"): staff("shipments.write"),
    ("GET", "/v1/manifests"): staff("shipments.read"),
    ("GET", "/v1/manifests/{manifest_id}.pdf"): staff("shipments.read"),
    ("GET", "/v1/manifests/{manifest_id}"): staff("shipments.read"),
    ("POST", "/v1/manifests/{manifest_id}/close"): staff("shipments.write"),
    # Partner carriers prove themselves to logistics, call by call.
    ("GET", "/v1/qc/policies"): staff("shipments.read"),
    ("PUT", "/v1/qc/policies/{scope}"): staff("triage.write"),
    ("GET", "/v1/qc/flags"): staff("shipments.read"),
    ("GET", "/v1/qc/checks"): staff("shipments.read"),
    ("POST", "/v1/shipments/{shipment_id}/qc/pass"): staff("shipments.write"),
    ("POST", "/v1/shipments/{shipment_id}/qc/fail"): staff("shipments.write"),
    ("GET", "/v1/insert-offer"): staff("shipments.read"),
    ("PUT", "/v1/insert-offer"): staff("promotions.write"),
    ("GET", "/v1/shipments/{shipment_id}/insert"): staff("shipments.read"),
    ("GET", "/v1/inserts/{code}"): OPEN,  # the code is the key
    ("POST", "/v1/inserts/{code}"): MEMBER,
}
