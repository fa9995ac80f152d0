"""This is where the bodies of calls about carriers are, for the tests of all routes."""

from typing import Any

TRACKING: dict[tuple[str, str], Any] = {
    ("PUT", "/v1/carriers/{code}"): {
        "on": True,
        "environment": "test",
        "account": {"app_key": "k"},
        "stuck_days": [{"state": "in_transit", "days": 3}],
        "lost_days": 20,
    },
}
