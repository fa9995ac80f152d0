"""This is where a lot is: the units of one receipt line, whose they were, what is left of them. Pure."""

from dataclasses import dataclass
from datetime import datetime

from services.kit.errors import NotFound
from services.kit.money import Money

UNKNOWN = "unknown"


class LotNotFound(NotFound):
    """There is no such lot."""


@dataclass
class Lot:
    """Units that came together. What stood on a shelf before its first lot is a lot without a supplier.

    `remaining` never falls below zero: it is changed by conditional updates only.
    """

    id: str
    sku: str
    warehouse: str
    supplier_id: str
    order_id: str
    receipt_id: str
    batch: str  # what the supplier calls it
    units: int  # sound ones, put on the shelf
    rejected: int
    remaining: int
    unit_cost: Money
    at: datetime  # received
    sent_at: datetime | None = None  # the order was
    promised_at: datetime | None = None
    expires_at: datetime | None = None
    version: int = 0


def unknown_lot_id(sku: str, warehouse: str) -> str:
    """The lot of what was on a shelf before lots were kept."""
    return f"{UNKNOWN}:{sku}:{warehouse}"
