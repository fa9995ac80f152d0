"""This is where it stands who may do what about offers and whom they are for: one row a route."""

from gateway.access import Access, staff

OFFERS: dict[tuple[str, str], Access] = {
    ("GET", "/v1/coupon-templates"): staff("promotions.read"),
    ("GET", "/v1/coupons/{code}"): staff("promotions.read"),
    ("POST", "/v1/coupons/{code}/pause"): staff("promotions.write"),
    ("POST", "/v1/coupons/{code}/resume"): staff("promotions.write"),
    ("POST", "/v1/coupons/{code}/end"): staff("promotions.write"),
    ("GET", "/v1/customer-groups"): staff("groups.read"),
    ("PUT", "/v1/customer-groups/{group_id}"): staff("groups.write"),
    ("POST", "/v1/customer-groups/import"): staff("groups.write"),
    ("GET", "/v1/customer-groups/{group_id}/members"): staff("groups.read"),
    ("POST", "/v1/customer-groups/{group_id}/members"): staff("groups.write"),
    ("DELETE", "/v1/customer-groups/{group_id}/members/{customer_id}"): staff("groups.write"),
}
