"""This is where invoices become rows for other software: JSON or XML. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

import msgspec

from services.kit.clock import rfc3339
from services.kit.errors import FieldError, Invalid

from .capitals import capitals
from .invoices import Buyer, Invoice

MEDIA_TYPES = {"json": "application/json", "xml": "application/xml"}


class InvalidExport(Invalid):
    """Exports are `json` or `xml`."""


def row(invoice: Invoice, buyer: Buyer) -> dict[str, Any]:
    """All an invoice says, as plain values; amounts in minor units."""
    return {
        "id": invoice.id,
        "number": invoice.label,
        "kind": invoice.kind,
        "order_id": invoice.order_id,
        "issued_at": rfc3339(invoice.issued_at),
        "period": invoice.period,
        "currency": invoice.currency,
        "seller": asdict(invoice.seller),
        "buyer": asdict(buyer),
        "lines": [asdict(line) for line in invoice.lines],
        "net_minor": invoice.total_minor - invoice.tax_minor,
        "tax_minor": invoice.tax_minor,
        "total_minor": invoice.total_minor,
        "in_words": capitals(invoice.total_minor),
        "reverses": invoice.reverses,
        "reason": invoice.why,
        "digest": invoice.digest,
    }


def exported(rows: Sequence[dict[str, Any]], form: str) -> bytes:
    """One document. Refuses with INVALID_EXPORT."""
    if form == "json":
        return msgspec.json.encode({"invoices": rows})
    if form == "xml":
        root = ElementTree.Element("invoices")
        for each in rows:
            _grow(root, "invoice", each)
        return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
    raise InvalidExport("json or xml", errors=[FieldError("/format", "json or xml")])


def _grow(parent: ElementTree.Element, name: str, value: Any) -> None:
    child = ElementTree.SubElement(parent, name)
    if isinstance(value, dict):
        for key, inner in value.items():
            _grow(child, key, inner)
    elif isinstance(value, list):
        for inner in value:
            _grow(child, "line", inner)
    else:
        child.text = str(value)
