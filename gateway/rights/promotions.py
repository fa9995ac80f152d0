"""This is where it stands who may do what about promotions: one row a route."""

from gateway.access import BUYER, Access, staff

PROMOTIONS: dict[tuple[str, str], Access] = {
    ("GET", "/v1/promotions/{promotion_id}"): staff("promotions.read"),
    ("PUT", "/v1/promotions/{promotion_id}"): staff("promotions.write"),
    ("POST", "/v1/promotions/{promotion_id}/pause"): staff("promotions.write"),
    ("POST", "/v1/promotions/{promotion_id}/resume"): staff("promotions.write"),
    ("GET", "/v1/carts/{cart_id}/lines/{sku}/removal"): BUYER,
}
