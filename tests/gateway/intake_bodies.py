"""This is where a good body stands for each route about channels and what comes in through them."""

from typing import Any

from tests.gateway.preorder_bodies import PREORDERS

_YUAN = {"currency": "CNY", "minor": 900}
_ORDER = {
    "lines": [{"sku": "A", "quantity": 1, "paid_minor": 900}],
    "total": _YUAN,
    "payment": {"method": "external", "reference": "P1"},
    "address": {"city": "杭州市", "street": "文三路 90 号", "name": "王小明", "phone": "13812345678"},
}
_ACCOUNT = {"company": "Tea House", "tax_id": "91330106MA2B0C1D2E", "credit_limit": _YUAN, "contacts": ["cus_1"]}
INTAKE: dict[tuple[str, str], Any] = {
    **PREORDERS,
    ("PUT", "/v1/channels/{channel}"): {"title": "Taobao", "kind": "marketplace"},
    ("PUT", "/v1/channels/{channel}/skus/{channel_sku}"): {"sku": "A", "price": _YUAN},
    ("POST", "/v1/channels/{channel}/orders"): _ORDER,
    ("POST", "/v1/channels/{channel}/orders/batch"): {"orders": [_ORDER | {"channel_order_id": "T1"}]},
    ("POST", "/v1/intake/{entry_id}/retry"): {"lines": [{"sku": "A", "quantity": 1}]},
    ("POST", "/v1/accounts"): _ACCOUNT,
    ("PUT", "/v1/accounts/{account_id}"): _ACCOUNT,
    ("POST", "/v1/accounts/{account_id}/orders"): {
        "lines": [{"sku": "A", "quantity": 1}],
        "total": _YUAN,
        "address": _ORDER["address"],
    },
    ("POST", "/v1/receivables/{order_id}/payments"): {"minor": 900, "reference": "B-1"},
    ("POST", "/v1/orders/lookup"): {"number": "ord_1", "phone": "+8613812345678"},
    ("POST", "/v1/erp/acknowledgements"): {"acknowledgements": [{"order_id": "ord_1", "erp_number": "SO-1"}]},
    ("POST", "/v1/intake/{entry_id}/close"): {"note": "by hand"},
    ("POST", "/v1/channels/{channel}/settlements"): {
        "settlement": "S-1",
        "rows": [{"channel_order_id": "T1", "settled": _YUAN}],
    },
}
