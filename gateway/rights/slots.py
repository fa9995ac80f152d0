"""This is where it stands who may keep delivery windows, and who may choose in them."""

from gateway.access import BUYER, Access, staff

SLOTS: dict[tuple[str, str], Access] = {
    ("GET", "/v1/delivery-windows"): staff("fleet.read"),
    ("PUT", "/v1/delivery-windows/{code}"): staff("fleet.write"),
    ("GET", "/v1/delivery-windows/{code}/slots"): staff("fleet.read"),
    ("GET", "/v1/carts/{cart_id}/delivery-windows"): BUYER,
    ("GET", "/v1/orders/{order_id}/delivery-windows"): Access(guest=True, customer=True, staff="orders.read"),
    ("PUT", "/v1/orders/{order_id}/delivery-window"): Access(guest=True, customer=True, staff="orders.write"),
}
