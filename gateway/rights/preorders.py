"""This is where it stands who may do what about goods that are sold ahead."""

from gateway.access import BUYER, OPEN, Access, staff

PREORDERS: dict[tuple[str, str], Access] = {
    ("POST", "/v1/preorders"): staff("promotions.write"),
    ("GET", "/v1/preorders"): OPEN,
    ("GET", "/v1/preorders/{campaign_id}"): OPEN,
    ("POST", "/v1/preorders/{campaign_id}/end"): staff("promotions.write"),
    ("POST", "/v1/orders/{order_id}/balance"): BUYER,
}
