"""This is where it is said what one parcel shows of its carrier, its route and its warehouse. Pure.

All of it follows from the parcel as it is kept, so scans that come late, twice or shuffled show the same in the end.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from services.logistics.regions import province
from services.logistics.shipments import CANCELLED, DELIVERED, SHIPPED, STOPPED, Shipment
from services.logistics.tracking import UNKNOWN, in_order
from services.logistics.underway import LOST, STUCK

CARRIER, ROUTE, WAREHOUSE, LANE = "carrier", "route", "warehouse", "lane"
BY = (CARRIER, ROUTE, WAREHOUSE, LANE)
TOWER = "tower"
LATE = "late"  # not at the door when it should be
PLACES = (LATE, STUCK, LOST, "troubled")  # what the control tower counts beside the states
HOURS = (6, 12, 24, 36, 48, 72, 96, 120, 168, 240, 336, 504)  # from the warehouse to the door: upper bounds
LAGS_S = (1, 10, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)  # from a scan until we know: upper bounds
NAMES = (
    *("sent", "delivered", "promised", "on_time", "damaged", "lost", "attempted", "first"),
    *("scans", "scan_s", "handed", "pickup_s", "timed", "door_s"),
    *(f"hours_{at}" for at in range(len(HOURS) + 1)),
    *(f"lag_{at}" for at in range(len(LAGS_S) + 1)),
)
_FAILED = "attempt_failed"
_PLAIN = str.maketrans("|>", "  ")
_TROUBLE = frozenset({"exception", _FAILED})


@dataclass
class Measured:
    """What a parcel showed when it was last counted, at its `version`; `day` (UTC) is the day it left on, empty before."""

    id: str
    version: int = 0
    day: str = ""
    carrier: str = ""
    warehouse: str = ""
    province: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)  # what the control tower sees of it


def measured(parcel: Shipment) -> Measured:
    """What it shows now. What comes back, or never was to be sent, shows nothing."""
    shown = Measured(parcel.id, parcel.version, carrier=parcel.carrier, warehouse=parcel.warehouse)
    if parcel.return_id or parcel.state == STOPPED:
        return shown
    shown.province = province(parcel.region.province).translate(_PLAIN)
    shown.places = _places(parcel)
    if parcel.state in (SHIPPED, DELIVERED) and parcel.shipped_at:
        shown.day = parcel.shipped_at.date().isoformat()
        counts = Counter(sent=1, damaged=int(parcel.damaged), lost=int(parcel.watch == LOST))
        counts.update(_delivery(parcel, parcel.shipped_at))
        counts.update(_scanning(parcel))
        shown.counts = {name: count for name, count in counts.items() if count}
    return shown


def spread(shown: Measured | None) -> dict[str, Counter[str]]:
    """What it adds to which counter, by the counter's id."""
    if shown is None:
        return {}
    added: dict[str, Counter[str]] = {}
    if shown.places:
        added[f"{TOWER}|{shown.warehouse}>{shown.carrier}|"] = Counter(shown.places)
    if shown.day:
        subjects = {
            CARRIER: shown.carrier,
            ROUTE: f"{shown.warehouse}>{shown.province}",
            WAREHOUSE: shown.warehouse,
            LANE: f"{shown.carrier}>{shown.province}",
        }
        added |= {f"{by}|{subject}|{shown.day}": Counter(shown.counts) for by, subject in subjects.items()}
    return added


def difference(before: Measured | None, after: Measured) -> dict[str, dict[str, int]]:
    """What is to be added to which counter, so that the parcel counts as it is now and no more as it was."""
    old, new = spread(before), spread(after)
    changes: dict[str, dict[str, int]] = {}
    for key in old.keys() | new.keys():
        change = Counter(new.get(key, {}))
        change.subtract(old.get(key, {}))
        if some := {name: count for name, count in change.items() if count}:
            changes[key] = some
    return changes


def _places(parcel: Shipment) -> dict[str, int]:
    places = {parcel.state: 1}
    if parcel.state not in (DELIVERED, CANCELLED):
        signs = (bool(parcel.overdue), parcel.watch == STUCK, parcel.watch == LOST, parcel.tracking_state in _TROUBLE)
        places |= {name: 1 for name, is_so in zip(PLACES, signs, strict=True) if is_so}
    return places


def _delivery(parcel: Shipment, left_at: datetime) -> Counter[str]:
    at, by = parcel.delivered_at, parcel.deliver_by
    counts = Counter[str]()
    if by and (at or parcel.overdue):
        counts.update(promised=1, on_time=int(at is not None and at <= by))
    failed = any(scan.state == _FAILED for scan in parcel.scans)
    counts.update(attempted=int(bool(at) or failed), first=int(bool(at) and not failed))
    if at:
        seconds = max(0, int((at - left_at).total_seconds()))
        counts.update({"delivered": 1, "timed": 1, "door_s": seconds, f"hours_{bisect_left(HOURS, seconds / 3600)}": 1})
    return counts


def _scanning(parcel: Shipment) -> Counter[str]:
    counts = Counter[str]()
    told = [scan for scan in in_order(parcel.scans) if scan.state != UNKNOWN]
    for scan in told:
        seconds = max(0, int((scan.received_at - scan.occurred_at).total_seconds()))
        counts.update({"scans": 1, "scan_s": seconds, f"lag_{bisect_left(LAGS_S, seconds)}": 1})
    moved = next((scan for scan in told if scan.state != "label_created"), None)
    if parcel.handed_at and moved:
        counts.update(handed=1, pickup_s=max(0, int((moved.occurred_at - parcel.handed_at).total_seconds())))
    return counts
