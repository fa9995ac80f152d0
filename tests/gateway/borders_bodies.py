"""This is where a good body stands for each route about addresses, customs and parcels that come back."""

from typing import Any

BORDERS: dict[tuple[str, str], Any] = {
    ("POST", "/v1/addresses/validations"): {"line": "广东深圳南山科技园科苑路15号 13800138000 张三"},
}
