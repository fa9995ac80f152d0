"""This is where it stands who may do what about what comes after a sale: one row a route."""

from gateway.access import BUYER, OPEN, Access, staff

AFTERSALES: dict[tuple[str, str], Access] = {
    ("GET", "/v1/returns/statistics"): staff("returns.read"),
    ("GET", "/v1/returns/{return_id}"): Access(guest=True, customer=True, staff="returns.read"),
    ("POST", "/v1/returns/{return_id}/reject"): staff("returns.approve"),
    ("POST", "/v1/returns/{return_id}/ask"): staff("returns.approve"),
    ("POST", "/v1/returns/{return_id}/answer"): BUYER,
    ("POST", "/v1/returns/{return_id}/cancel"): Access(guest=True, customer=True, staff="returns.approve"),
    ("POST", "/v1/returns/{return_id}/way-back"): Access(guest=True, customer=True, staff="returns.approve"),
    ("POST", "/v1/returns/{return_id}/inspect"): staff("returns.receive"),
    ("POST", "/v1/returns/{return_id}/exchange"): staff("returns.approve"),
    ("POST", "/v1/returns/{return_id}/payment"): BUYER,
    ("GET", "/v1/after-sales-policies"): OPEN,
    ("PUT", "/v1/after-sales-policies/{scope}"): staff("aftersales.write"),
    ("GET", "/v1/return-reasons"): OPEN,
    ("GET", "/v1/carts/{cart_id}/return-insurance"): BUYER,
    ("GET", "/v1/compensation-rules"): staff("returns.read"),
    ("PUT", "/v1/compensation-rules"): staff("refunds.write"),
    ("GET", "/v1/orders/{order_id}/compensations"): staff("returns.read"),
    # Bounded by the table and by what was paid.
    ("POST", "/v1/orders/{order_id}/compensations"): staff("returns.approve"),
}
