"""This is where the bodies of calls about holds, deadlines, exceptions and the fleet are, for the tests of all routes."""

from typing import Any

from tests.gateway.fleet_bodies import FLEET
from tests.gateway.tracking_bodies import TRACKING

_OPEN = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "24:00"}]
_ADDRESS = {
    "country": "CN",
    "province": "浙江省",
    "city": "杭州市",
    "street": "文三路 92 号",
    "name": "王小明",
    "phone": "+8613812345678",
}
EXCEPTIONS: dict[tuple[str, str], Any] = {
    **FLEET,
    **TRACKING,
    ("POST", "/v1/orders/{order_id}/holds"): {"reason": "customer_asks", "text": "Wants to add a mug", "pauses": True},
    ("POST", "/v1/orders/{order_id}/holds/{reason}/release"): {"why": "added"},
    ("POST", "/v1/orders/{order_id}/exceptions"): {"reason": "lost", "text": "Nobody has it"},
    ("POST", "/v1/exceptions/{exception_id}/contact"): {"channel": "phone", "result": "reached"},
    ("POST", "/v1/exceptions/{exception_id}/resolve"): {"outcome": "waits", "note": "for the blue one"},
    ("POST", "/v1/exceptions/{exception_id}/reship"): {"lines": [{"sku": "A", "quantity": 1}]},
    ("POST", "/v1/exceptions/{exception_id}/refund"): {"lines": [{"sku": "A", "quantity": 1}]},
    ("POST", "/v1/exceptions/{exception_id}/address"): _ADDRESS,
    ("PUT", "/v1/orders/{order_id}/address"): _ADDRESS,
    ("PUT", "/v1/triage-rules/{rule_id}"): {
        "reason": "audit",
        "text": "Large",
        "when": {"amount_from": {"currency": "CNY", "minor": 5000000}, "regions": ["CN/新疆"]},
        "priority": 3,
    },
    ("PUT", "/v1/sla/policies/{policy_id}"): {"duration_s": 86400, "warn_percent": 12.5, "escalate_s": [3600]},
    ("PUT", "/v1/sla/calendars/{calendar_id}"): {
        "zone": "Asia/Shanghai",
        "week": [_OPEN] * 5 + [[], []],
        "special": [{"date": "2026-10-01", "spans": []}, {"date": "2026-10-10", "spans": _OPEN}],
    },
}
