"""This is where it stands who may do what about orders that are picked up."""

from gateway.access import BUYER, Access, staff

PICKUPS: dict[tuple[str, str], Access] = {
    ("GET", "/v1/carts/{cart_id}/pickup-points"): BUYER,
    ("PUT", "/v1/carts/{cart_id}/pickup"): BUYER,
    ("GET", "/v1/orders/{order_id}/pickup"): Access(guest=True, customer=True, staff="orders.read"),
    ("GET", "/v1/pickups"): staff("orders.read"),
    ("POST", "/v1/pickups/{order_id}/ready"): staff("orders.write"),
    ("POST", "/v1/pickups/{order_id}/code"): staff("orders.write"),
    ("POST", "/v1/pickups/{order_id}/collect"): staff("orders.write"),
}
