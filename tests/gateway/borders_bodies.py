"""This is where a good body stands for each route about addresses, customs and parcels that come back."""

from typing import Any

CUSTOMS_ROWS = b"sku,hs_code,origin,description\nMUG-01,691200,CN,Ceramic mug\n"
BORDERS: dict[tuple[str, str], Any] = {
    ("POST", "/v1/returns/{return_id}/pickup"): {"window": "2026-11-30 09:00-12:00"},
    ("POST", "/v1/return-parcels/scans"): {"waybill": "SB1"},
    ("POST", "/v1/undelivered-parcels/scans"): {
        "waybill": "SB1",
        "found": [{"sku": "TEA-01", "grade": "A", "units": 1}],
    },
    ("PUT", "/v1/pickup-plan"): {"slots": ["09:00-12:00"], "capacity": 20},
    ("PUT", "/v1/customs/goods/{sku}"): {"hs_code": "691200", "origin": "CN", "description": "Ceramic mug"},
    ("PUT", "/v1/customs/restrictions/{restriction_id}"): {
        "country": "US",
        "kind": "prohibited",
        "hs_prefix": "8507",
        "reason": "dangerous_goods",
        "text": "Batteries do not fly.",
    },
    ("PUT", "/v1/customs/duties/{country}"): {"rates": [{"hs_prefix": "69", "duty_bp": 1200, "tax_bp": 2000}]},
    ("POST", "/v1/addresses/validations"): {"line": "广东深圳南山科技园科苑路15号 13800138000 张三"},
}
