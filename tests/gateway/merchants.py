"""This is where a good body stands for each route about merchants."""

from typing import Any

PAPER = {"number": "91350100M000100Y43", "document": "https://cdn.example.com/p.pdf", "valid_until": "2030-12-31"}
APPLICATION = {
    "legal_name": "厦门某某商贸有限公司",
    "contact": {"name": "王小明", "phone": "+8613812345678", "email": "wang@example.com"},
    "business_licence": PAPER,
    "brand_authorisations": [PAPER | {"brand": "青花"}],
    "special_permits": [PAPER | {"kind": "food"}],
}
MERCHANT = "/v1/merchants/{merchant_id}"
MERCHANTS: dict[tuple[str, str], Any] = {
    ("POST", "/v1/merchants/applications"): APPLICATION,
    ("PATCH", "/v1/merchants/applications/{application_id}"): {"business_licence": PAPER},
    ("POST", "/v1/merchants/applications/{application_id}/approve"): {"categories": ["kitchen"]},
    ("POST", "/v1/merchants/applications/{application_id}/return"): {
        "missing": [{"pointer": "/business_licence/document", "message": "请上传营业执照"}]
    },
    ("POST", "/v1/merchants/applications/{application_id}/reject"): {"reason": "不符合要求"},
    ("PATCH", MERCHANT): {"contact": {"phone": "+8613812345678"}},
    ("POST", MERCHANT + "/licences"): PAPER | {"kind": "food", "categories": ["food"]},
    ("POST", MERCHANT + "/licences/{licence_id}/renew"): {"valid_until": "2035-12-31"},
    ("POST", MERCHANT + "/licences/{licence_id}/review"): {"accept": True},
    ("POST", MERCHANT + "/penalties"): {"points": 12, "reason": "counterfeit", "evidence": "鉴定报告"},
    ("POST", MERCHANT + "/penalties/{penalty_id}/appeal"): {"text": "商品为正品"},
    ("POST", MERCHANT + "/penalties/{penalty_id}/revoke"): {"reason": "申诉成立"},
    ("POST", MERCHANT + "/penalties/{penalty_id}/uphold"): {"reason": "证据充分"},
    ("POST", MERCHANT + "/close"): {"reason": "清退"},
    ("POST", MERCHANT + "/reopen"): {"reason": "整改完成"},
    ("PUT", "/v1/categories/{category_id}/requirements"): {"kinds": ["food"]},
}
