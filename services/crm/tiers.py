"""This is where what somebody has spent becomes a tier. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tiers:
    """From how much on, in minor units of `currency`, spent on goods and kept (refunds do not count)."""

    currency: str
    silver: int
    gold: int
    platinum: int

    def of(self, spent: Mapping[str, int], given: str = "") -> str:
        """`basic`, `silver`, `gold` or `platinum`, at least the one `given`; `spent` is minor units by currency."""
        minor = spent.get(self.currency, 0)
        steps = (("platinum", self.platinum), ("gold", self.gold), ("silver", self.silver))
        return next((tier for tier, least in steps if minor >= least or tier == given), "basic")
