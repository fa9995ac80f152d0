"""This is where it is kept what calls about records send: price protection, invoices, the ledger."""

from typing import Any

_COMPANY = {"kind": "company", "title": "上海某某科技有限公司", "tax_id": "91310115MA1KXXXX1Y"}
RECORDS: dict[tuple[str, str], Any] = {
    ("POST", "/v1/orders/{order_id}/price-guarantees"): {"until": "2027-02-01T00:00:00Z", "reason": "came late"},
    ("PUT", "/v1/price-protection/policy"): {"mode": "claim", "days": 14, "excluded_skus": ["A"]},
    ("POST", "/v1/orders/{order_id}/invoices"): {"title": "王小明"},
    ("POST", "/v1/orders/{order_id}/invoices/{invoice_id}/reissue"): _COMPANY,
    ("POST", "/v1/invoices/{invoice_id}/reverse"): {"reason": "wrong title"},
    ("PUT", "/v1/invoice-profile"): {"seller": {"name": "杭州青瓷", "tax_id": "91330106MA2AXXXX0X"}},
}
