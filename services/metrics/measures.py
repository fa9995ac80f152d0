"""This is where it is said what can be measured: sums, distinct visitors, visits, shelf time, buyers. Pure.

A measure answers cells: (start of the grain, value of the dimension, currency) → number. Where it knows no dimension or
no currency, that part of the cell is empty.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .behaviour import BEHAVIOUR, STAGES
from .days import Span

Cell = tuple[datetime, str, str]
Cells = Mapping[Cell, float]

# What each type of fact can be told apart by; `product` goes through the lines.
DIMENSIONS: dict[str, dict[str, str]] = {
    BEHAVIOUR: {"channel": "channel"},
    "order_paid": {"product": "product", "channel": "channel", "region": "region"},
    "checkout_refused": {"reason": "reason"},
    "order_cancelled": {"reason": "reason", "product": "product"},
    "refund_issued": {"product": "product", "region": "region", "reason": "reason"},
    "fraud_loss": {"reason": "reason"},
    "return_requested": {"product": "product", "region": "region", "reason": "reason"},
    "shipment_shipped": {"carrier": "carrier", "warehouse": "warehouse"},
    "parcel_delivered": {"carrier": "carrier"},
}
NAMES = ("product", "channel", "region", "carrier", "warehouse", "reason")


@dataclass(frozen=True, slots=True)
class Ask:
    """When, in which grain, by which dimension (empty for none), and whether currencies are told apart."""

    span: Span
    grain: str
    by: str = ""
    per_currency: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """Adds a field of facts up, or counts them; through the lines where asked by product, as `line_field`."""

    type: str
    field: str = ""
    line_field: str = ""
    where: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)

    def dimensions(self) -> frozenset[str]:
        """What it can be asked by."""
        known = frozenset(DIMENSIONS.get(self.type, {}))
        return known if self.line_field or not self.field else known - {"product"}


@dataclass(frozen=True, slots=True)
class Distinct:
    """Counts distinct values of a field: visitors (of some events, or by stage of the funnel), customers, SKUs sold."""

    type: str
    field: str
    names: tuple[str, ...] = ()
    by_stage: bool = False

    def dimensions(self) -> frozenset[str]:
        """What it can be asked by; the funnel's key is its stage already."""
        return frozenset() if self.by_stage else frozenset(DIMENSIONS.get(self.type, {})) - {"product"}


@dataclass(frozen=True, slots=True)
class Visits:
    """Counts visits (sessions) that did `did` and not `did_not`; `single` ones saw one page and did nothing more;
    or adds up their dwell. A visit belongs to where it begins."""

    did: str = ""
    did_not: str = ""
    single: bool = False
    channel: str = ""
    dwell: bool = False

    def dimensions(self) -> frozenset[str]:
        """What it can be asked by."""
        return frozenset() if self.channel else frozenset(DIMENSIONS[BEHAVIOUR])


@dataclass(frozen=True, slots=True)
class OnShelf:
    """SKU-days on sale, of them those with nothing available, distinct SKUs on sale, or mean units on hand.

    Weighed by time: a SKU that is gone for six hours is a quarter of a stock-out day.
    """

    what: Literal["sku_days", "sku_days_out", "skus", "units"]

    def dimensions(self) -> frozenset[str]:
        """What it can be asked by: nothing."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Buyers:
    """Customers with at least `orders` paid orders in the `window_days` that end with the grain; or, as `gaps`, the
    seconds between two orders of one customer, or as `pairs` how many such gaps end within the grain."""

    orders: int = 1
    window_days: int = 90
    what: Literal["customers", "gaps", "pairs"] = "customers"

    def dimensions(self) -> frozenset[str]:
        """What it can be asked by: nothing."""
        return frozenset()


Measure = Sum | Distinct | Visits | OnShelf | Buyers

FUNNEL = tuple(STAGES)
