"""This is where it stands who may look at what was held for fear of fraud, decide about it, and say how it is decided."""

from gateway.access import Access, staff

FRAUD: dict[tuple[str, str], Access] = {
    ("GET", "/v1/fraud/reviews"): staff("fraud.read"),
    ("GET", "/v1/fraud/reviews/{order_id}"): staff("fraud.read"),
    ("POST", "/v1/fraud/reviews/{order_id}/clear"): staff("fraud.write"),
    # It gives money back.
    ("POST", "/v1/fraud/reviews/{order_id}/confirm"): staff("fraud.write"),
    ("POST", "/v1/fraud/reports"): staff("fraud.write"),
    ("GET", "/v1/fraud/listings"): staff("fraud.read"),
    ("POST", "/v1/fraud/listings"): staff("fraud.write"),
    ("DELETE", "/v1/fraud/listings/{listing_id}"): staff("fraud.write"),
    ("GET", "/v1/fraud/policy"): staff("fraud.read"),
    ("PUT", "/v1/fraud/policy"): staff("fraud.policy"),
}
