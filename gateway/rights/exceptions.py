"""This is where it stands who may hold orders, say how long things may take, and work off what went wrong."""

from gateway.access import Access, staff

EXCEPTIONS: dict[tuple[str, str], Access] = {
    ("POST", "/v1/orders/{order_id}/holds"): staff("orders.write"),
    ("POST", "/v1/orders/{order_id}/holds/{reason}/release"): staff("orders.write"),
    ("GET", "/v1/orders/at-risk"): staff("orders.read"),
    ("GET", "/v1/orders/worklist"): staff("orders.read"),
    ("GET", "/v1/triage-rules"): staff("orders.read"),
    ("PUT", "/v1/triage-rules/{rule_id}"): staff("triage.write"),
    ("PUT", "/v1/orders/{order_id}/address"): Access(guest=True, customer=True, staff="orders.write"),
    ("POST", "/v1/orders/{order_id}/exceptions"): staff("exceptions.write"),
    ("GET", "/v1/exceptions"): staff("orders.read"),
    ("GET", "/v1/exceptions/{exception_id}"): staff("orders.read"),
    ("POST", "/v1/exceptions/{exception_id}/contact"): staff("exceptions.write"),
    ("POST", "/v1/exceptions/{exception_id}/resolve"): staff("orders.write"),
    ("POST", "/v1/exceptions/{exception_id}/reship"): staff("orders.write"),
    ("POST", "/v1/exceptions/{exception_id}/refund"): staff("refunds.write"),
    ("POST", "/v1/exceptions/{exception_id}/address"): staff("exceptions.write"),
    ("GET", "/v1/sla"): staff("orders.read"),
    ("PUT", "/v1/sla/policies/{policy_id}"): staff("sla.write"),
    ("PUT", "/v1/sla/calendars/{calendar_id}"): staff("sla.write"),
}
