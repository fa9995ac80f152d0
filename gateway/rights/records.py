"""This is where it stands who may do what about records: price protection, invoices and vouchers, the ledger."""

from gateway.access import OPEN, Access, staff

# A guest's order is whose unguessable id one holds.
_THEIRS = Access(guest=True, customer=True, staff="invoices.write")
_THEIRS_OR_SEEN = Access(guest=True, customer=True, staff="invoices.read")
RECORDS: dict[tuple[str, str], Access] = {
    ("GET", "/v1/orders/{order_id}/price-protection"): Access(guest=True, customer=True, staff="orders.read"),
    ("POST", "/v1/orders/{order_id}/price-protection"): Access(guest=True, customer=True, staff="refunds.write"),
    ("POST", "/v1/orders/{order_id}/price-guarantees"): staff("coupons.grant"),
    ("GET", "/v1/price-protection/drops"): staff("orders.read"),
    ("GET", "/v1/price-protection/policy"): staff("orders.read"),
    ("PUT", "/v1/price-protection/policy"): staff("refunds.write"),
    ("POST", "/v1/orders/{order_id}/invoices"): _THEIRS,
    ("GET", "/v1/orders/{order_id}/invoices"): _THEIRS_OR_SEEN,
    ("GET", "/v1/orders/{order_id}/invoices/{invoice_id}.pdf"): _THEIRS_OR_SEEN,
    ("POST", "/v1/orders/{order_id}/invoices/{invoice_id}/reissue"): _THEIRS,
    ("GET", "/v1/orders/{order_id}/vouchers"): _THEIRS_OR_SEEN,
    ("GET", "/v1/invoices"): staff("invoices.read"),
    ("GET", "/v1/invoices/export"): staff("invoices.read"),
    ("POST", "/v1/invoices/{invoice_id}/reverse"): staff("invoices.write"),
    ("GET", "/v1/invoice-profile"): staff("invoices.read"),
    ("PUT", "/v1/invoice-profile"): staff("invoices.write"),
    ("GET", "/v1/ledger/head"): OPEN,
    ("GET", "/v1/ledger/verification"): staff("ledger.read"),
    ("GET", "/v1/orders/{order_id}/evidence"): staff("ledger.read"),
}
