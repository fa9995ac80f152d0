"""This is where a parcel's state is derived from all its scans: late, repeated and shuffled ones give the same. Pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

LABEL_CREATED = "label_created"
UNKNOWN = "unknown"
DELIVERED = "delivered"
_REJECTED, _RETURNING, RETURNED, _CANCELLED = "rejected", "returning", "returned", "cancelled"
# In the order of a parcel's life: of two scans of one moment the one further down happened later.
CANONICAL = (
    UNKNOWN,
    LABEL_CREATED,
    "picked_up",
    "in_transit",
    "customs",
    "out_for_delivery",
    "ready_for_pickup",
    "attempt_failed",
    "exception",
    DELIVERED,
    _REJECTED,
    _RETURNING,
    RETURNED,
    _CANCELLED,
)
_RANK = {state: rank for rank, state in enumerate(CANONICAL)}
ENDS = frozenset({DELIVERED, RETURNED, _CANCELLED})
GOING_BACK = frozenset({_REJECTED, _RETURNING})
# At the sender's door a carrier says "delivered" too.
_ON_THE_WAY_BACK = {s: s for s in (_RETURNING, RETURNED, _CANCELLED)} | {DELIVERED: RETURNED}
_TELLS_NOTHING = frozenset({UNKNOWN, LABEL_CREATED})
_NOT_LEFT = _TELLS_NOTHING | {_CANCELLED}
MOST_SCANS = 500
_NUMBERS = re.compile(r"\+?\d[\d \-]{5,}\d")


@dataclass
class Scan:
    """What a carrier said happened to a parcel. `key` is the carrier's own id of it, or its content's hash; `code` and
    `raw_reason` are the carrier's words, `state` and `reason` ours."""

    key: str
    state: str
    code: str
    text: str
    location: str
    occurred_at: datetime
    received_at: datetime
    reason: str = ""
    raw_reason: str = ""


@dataclass(frozen=True, slots=True)
class Derived:
    """What all scans together say: the state, since when, by which scan (None for none), and when the parcel left."""

    state: str
    by: Scan | None
    left_at: datetime | None


def scan_key(event_id: str, *content: str) -> str:
    """What makes a scan itself: the carrier's own id, or without one a hash of its content."""
    text = f"id\0{event_id}" if event_id else "\0".join(("content", *content))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def without_numbers(text: str) -> str:
    """A carrier's text without what looks like a phone number: couriers sign with theirs."""
    return _NUMBERS.sub("***", text)


def in_order(scans: Iterable[Scan]) -> list[Scan]:
    """By the time they happened, then by the course of a parcel's life."""
    return sorted(scans, key=lambda scan: (scan.occurred_at, _RANK[scan.state], scan.key))


def derive(scans: Iterable[Scan]) -> Derived:
    """The state all scans lead to. An end stays; what was refused or goes back can only come back."""
    state, by, left_at = LABEL_CREATED, None, None
    for scan in in_order(scans):
        if left_at is None and scan.state not in _NOT_LEFT:
            left_at = scan.occurred_at
        if state in ENDS or scan.state in _TELLS_NOTHING:
            continue
        after = scan.state
        if state in GOING_BACK:
            after = _ON_THE_WAY_BACK.get(after, state)
        if after != state:
            state, by = after, scan
    return Derived(state, by, left_at)


def bounded(scans: Sequence[Scan]) -> list[Scan]:
    """At most `MOST_SCANS`. Beyond it those are forgotten that decide least: first what tells nothing, then the oldest
    stations of the way; how it ended is kept, so the state they lead to stays."""
    surplus = len(scans) - MOST_SCANS
    if surplus <= 0:
        return list(scans)
    ordered = in_order(scans)
    deciding = ENDS | GOING_BACK
    nothing = [scan.key for scan in ordered if scan.state in _TELLS_NOTHING]
    stations = [scan.key for scan in ordered if scan.state not in deciding | _TELLS_NOTHING]
    ends = [scan.key for scan in reversed(ordered) if scan.state in deciding]
    forgotten = set([*nothing, *stations, *ends][:surplus])
    return [scan for scan in ordered if scan.key not in forgotten]
