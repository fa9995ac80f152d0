"""This is where it stands who may do what about records: price protection, invoices and vouchers, the ledger."""

from gateway.access import OPEN, Access, staff

RECORDS: dict[tuple[str, str], Access] = {
    ("GET", "/v1/orders/{order_id}/price-protection"): Access(guest=True, customer=True, staff="orders.read"),
    ("POST", "/v1/orders/{order_id}/price-protection"): Access(guest=True, customer=True, staff="refunds.write"),
    ("GET", "/v1/price-protection/drops"): staff("orders.read"),
    ("GET", "/v1/price-protection/policy"): staff("orders.read"),
    ("PUT", "/v1/price-protection/policy"): staff("refunds.write"),
    ("GET", "/v1/ledger/head"): OPEN,
    ("GET", "/v1/ledger/verification"): staff("ledger.read"),
    ("GET", "/v1/orders/{order_id}/evidence"): staff("ledger.read"),
}
