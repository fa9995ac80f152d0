"""This is where it stands who may do what about offers and whom they are for: one row a route."""

from gateway.access import BUYER, MEMBER, OPEN, Access, staff

OFFERS: dict[tuple[str, str], Access] = {
    ("PUT", "/v1/carts/{cart_id}/channel"): BUYER,
    ("POST", "/v1/promotions/simulations"): staff("promotions.write"),
    ("GET", "/v1/promotions/simulations/{simulation_id}"): staff("promotions.read"),
    ("POST", "/v1/coupons/{code}/batches"): staff("promotions.write"),
    ("GET", "/v1/coupon-batches/{batch_id}"): staff("promotions.read"),
    ("GET", "/v1/coupon-batches/{batch_id}/codes"): staff("promotions.write"),  # whoever reads them can use them
    ("GET", "/v1/claimable-coupons"): OPEN,
    ("POST", "/v1/coupons/{code}/claims"): MEMBER,
    ("GET", "/v1/customers/me/coupons"): MEMBER,
    ("POST", "/v1/customers/{customer_id}/coupons"): staff("coupons.grant"),
    ("GET", "/v1/customers/{customer_id}/coupons"): staff("coupons.grant"),
    ("GET", "/v1/coupon-grants"): staff("promotions.read"),
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
