"""This is where it stands who may have addresses judged, say what crosses borders and see what comes back."""

from gateway.access import BUYER, Access, staff

_ANYBODY = Access(guest=True, customer=True, staff="")
BORDERS: dict[tuple[str, str], Access] = {
    ("POST", "/v1/addresses/validations"): _ANYBODY,
    ("GET", "/v1/pickup-windows"): _ANYBODY,
    ("GET", "/v1/returns/{return_id}/parcel"): Access(guest=True, customer=True, staff="returns.read"),
    ("GET", "/v1/returns/{return_id}/label"): Access(guest=True, customer=True, staff="returns.read"),
    ("POST", "/v1/returns/{return_id}/pickup"): Access(guest=True, customer=True, staff="returns.approve"),
    ("DELETE", "/v1/returns/{return_id}/parcel"): Access(guest=True, customer=True, staff="returns.approve"),
    ("GET", "/v1/return-parcels"): staff("returns.read"),
    ("POST", "/v1/return-parcels/scans"): staff("returns.receive"),
    ("GET", "/v1/undelivered-parcels"): staff("returns.read"),
    ("POST", "/v1/undelivered-parcels/scans"): staff("returns.receive"),
    ("GET", "/v1/pickup-plan"): staff("returns.read"),
    ("PUT", "/v1/pickup-plan"): staff("freight.write"),
    ("GET", "/v1/carts/{cart_id}/duties"): BUYER,
    ("GET", "/v1/customs/goods"): staff("customs.read"),
    ("GET", "/v1/customs/goods/{sku}"): staff("customs.read"),
    ("PUT", "/v1/customs/goods/{sku}"): staff("customs.write"),
    ("POST", "/v1/customs/goods/imports"): staff("customs.write"),
    ("GET", "/v1/customs/restrictions"): staff("customs.read"),
    ("PUT", "/v1/customs/restrictions/{restriction_id}"): staff("customs.write"),
    ("DELETE", "/v1/customs/restrictions/{restriction_id}"): staff("customs.write"),
    ("GET", "/v1/customs/duties"): staff("customs.read"),
    ("PUT", "/v1/customs/duties/{country}"): staff("customs.write"),
    ("GET", "/v1/shipments/{shipment_id}/declaration"): staff("shipments.read"),
    ("GET", "/v1/shipments/{shipment_id}/customs-papers/{kind}"): staff("shipments.read"),
}
