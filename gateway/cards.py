"""This is where a card's number is found in a request before anybody else sees it (docs/pci.md). Pure.

One look at the bytes lets almost every body through; only one with thirteen digits in a row is looked at field by field.
"""

from typing import Any

from services.kit.cards import has_card

_LEAST = 13
_DIGITS = bytes(ord("0") if chr(byte) in "0123456789" else ord("x") for byte in range(256))
# Numbers of other kinds, some of which look like a card's: one in ten passes its test by chance.
_OTHERS = frozenset(
    {"phone", "sku", "gtin", "barcode", "waybill", "waybills", "purchase_order", "erp_number", "cursor"}
)
_OTHER_ENDS = ("_sku", "_id", "_ids", "_minor")
_OTHER_PATHS = ("/carrier/v1/", "/v1/merchants")  # waybills in texts; numbers of licences and registrations


def pointer_of(body: bytes, value: Any, path: str) -> str | None:
    """Where a card's number is in a JSON body (a JSON pointer without it); None when there is none."""
    if b"0" * _LEAST not in body.translate(_DIGITS, b" -") or path.startswith(_OTHER_PATHS):
        return None
    return _found(value)


def _found(value: Any) -> str | None:
    if isinstance(value, str):
        return "" if has_card(value) else None
    if isinstance(value, dict):
        return _in_fields(value)
    if isinstance(value, list):
        return next((f"/{n}{hit}" for n, each in enumerate(value) if (hit := _found(each)) is not None), None)
    return "" if isinstance(value, int) and has_card(str(value)) else None


def _in_fields(fields: dict[str, Any]) -> str | None:
    for name, each in fields.items():
        if has_card(name):
            return ""
        if name not in _OTHERS and not name.endswith(_OTHER_ENDS) and (hit := _found(each)) is not None:
            return f"/{name.replace('~', '~0').replace('/', '~1')}{hit}"
    return None
