"""This is where it stands what becomes of a parcel on the fulfilment floor: its wave, its box, what keeps it there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kit.errors import WrongState

from .checks import BARRING, WAITS, Check


class ShipmentSetAside(WrongState):
    """Something of it is not there, or it did not pass: it must be picked again first."""


class ShipmentInQc(WrongState):
    """It must be looked at first."""


@dataclass
class OnFloor:
    """What a parcel has from the floor. `trouble`: why it was set aside; `manifest`: what it is handed over by."""

    wave: str = field(default="", kw_only=True)
    trouble: str = field(default="", kw_only=True)
    trouble_text: str = field(default="", kw_only=True)
    trouble_turn: int = field(default=0, kw_only=True)
    qc: Check | None = field(default=None, kw_only=True)
    packed_at: datetime | None = field(default=None, kw_only=True)
    packed_weight_g: int = field(default=0, kw_only=True)
    packaging: str = field(default="", kw_only=True)
    pack_note: str = field(default="", kw_only=True)
    manifest: str = field(default="", kw_only=True)

    def demand_free(self) -> None:
        """Refuses with `ShipmentSetAside`, `ShipmentInQc`."""
        if self.trouble:
            raise ShipmentSetAside(self.trouble_text or self.trouble, reason=self.trouble)
        if self.qc and self.qc.state == WAITS:
            raise ShipmentInQc("look at it first", skus=", ".join(self.qc.skus))


# The same, in a write's own condition.
FREE: Mapping[str, Any] = {"trouble": {"$in": ["", None]}, "qc.state": {"$nin": list(BARRING)}}
