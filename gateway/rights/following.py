"""This is where it stands who may follow orders from outside."""

from gateway.access import BUYER, Access, staff

FOLLOWING: dict[tuple[str, str], Access] = {
    ("POST", "/v1/orders/lookup"): BUYER,
    ("GET", "/v1/erp/orders"): staff("erp.read"),
    ("POST", "/v1/erp/acknowledgements"): staff("erp.write"),
}
