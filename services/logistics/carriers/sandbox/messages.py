"""This is where the sandbox's magic waybill numbers are: one for every canonical state. Pure.

`SBMAGIC-DELIVERED` is delivered, `SBMAGIC-OUT-FOR-DELIVERY` is on the van, and so on.
"""

from datetime import datetime, timedelta

from services.kit.clock import rfc3339
from services.logistics.tracking import CANONICAL, LABEL_CREATED, UNKNOWN

_MAGIC = "SBMAGIC-"
_USUAL = ("picked_up", "in_transit", "out_for_delivery")
# How a parcel gets to a state: what is not here comes by the usual way.
_WAYS: dict[str, tuple[str, ...]] = {
    UNKNOWN: (UNKNOWN,),
    LABEL_CREATED: (LABEL_CREATED,),
    "cancelled": (LABEL_CREATED, "cancelled"),
    "picked_up": ("picked_up",),
    "in_transit": ("picked_up", "in_transit"),
    "customs": ("picked_up", "in_transit", "customs"),
    "out_for_delivery": _USUAL,
    "returning": (*_USUAL, "attempt_failed", "returning"),
    "returned": (*_USUAL, "rejected", "returning", "returned"),
}
_STEP = timedelta(hours=3)


def magic(state: str) -> str:
    """The magic number that is in a state."""
    return f"{_MAGIC}{state.upper().replace('_', '-')}"


_STATES = {magic(state): state for state in CANONICAL}


def state_of(waybill: str) -> str | None:
    """The state a magic number is in; None for any other."""
    return _STATES.get(waybill)


def journey(state: str, now: datetime) -> list[tuple[str, str]]:
    """Codes and RFC 3339 times of the scans that lead to a state, the last of them just now."""
    way = _WAYS.get(state, (*_USUAL, state))
    return [(code, rfc3339(now - _STEP * (len(way) - 1 - place))) for place, code in enumerate(way)]
