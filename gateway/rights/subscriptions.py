"""This is where it stands who may do what about subscriptions."""

from gateway.access import MEMBER, OPEN, Access, staff

SUBSCRIPTIONS: dict[tuple[str, str], Access] = {
    ("PUT", "/v1/subscription-plans/{plan_id}"): staff("promotions.write"),
    ("GET", "/v1/subscription-plans"): OPEN,
    ("POST", "/v1/subscriptions"): MEMBER,
    ("GET", "/v1/subscriptions"): Access(customer=True, staff="orders.read"),
    ("GET", "/v1/subscriptions/{subscription_id}"): Access(customer=True, staff="orders.read"),
    ("PATCH", "/v1/subscriptions/{subscription_id}"): MEMBER,
    ("POST", "/v1/subscriptions/{subscription_id}/{action}"): MEMBER,
}
