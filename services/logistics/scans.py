"""This is where carriers' scans come in, up to a hundred at once, and move the parcels they speak of."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.message import Message

from services.kit.clock import Clock, parse_time, rfc3339
from services.kit.errors import Conflict, FieldError, Invalid
from services.kit.store import Change, Store, encode

from .carriers import Carrier
from .messages.told import parcel_moved, return_parcel_moved, shipment_shipped
from .shipments import DELIVERED, SHIPPED, WAITING, Shipment, Shipments
from .tracking import ENDS, MOST_SCANS, Derived, Scan, bounded, derive, scan_key, without_numbers
from .underway import LOST, STUCK, WATCHED
from .words import is_text, is_waybill, tidied

log = logging.getLogger(__name__)
MOST_AT_ONCE = 100
ACCEPTED, DUPLICATE, REJECTED = "accepted", "duplicate", "rejected"
_TRIES = 20
_DERIVED = (
    "state",
    "gate",
    "tracking_state",
    "revision",
    "shipped_at",
    "delivered_at",
    "watch",
    "heard_at",
    "expected",
)
_BY_WAYBILL = (("waybill", 1),)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(
    minutes=10
)  # a carrier's clock may be a little fast; what is said of tomorrow would never be overtaken


@dataclass(frozen=True, slots=True)
class RawScan:
    """What a carrier sends."""

    waybill: str
    code: str
    occurred_at: str
    location: str = ""
    event_id: str = ""
    text: str = ""
    reason: str = ""


@dataclass
class Answer:
    """What became of a scan, and the parcel's state now."""

    status: str
    reason: str = ""
    state: str = ""


class TooManyScans(Invalid):
    """More than a hundred at once."""


class Scans:
    """Takes scans in."""

    def __init__(
        self, kept: Store[Shipment], shipments: Shipments, carrier: Callable[[str], Carrier], clock: Clock
    ) -> None:
        self._kept, self._shipments, self._carrier, self._clock = kept, shipments, carrier, clock

    async def record(self, carrier: str, raw: Sequence[RawScan]) -> list[Answer]:
        """One answer a scan, in the order given. Refuses with `TooManyScans`; another's waybill is not found."""
        if len(raw) > MOST_AT_ONCE:
            raise TooManyScans("at most 100 scans at once", errors=[FieldError("/scans", "at most 100")])
        answers = [Answer("")] * len(raw)
        read: dict[int, Scan] = {}
        for index, scan in enumerate(raw):
            understood = self.understood(carrier, scan)
            if isinstance(understood, Scan):
                read[index] = understood
            else:
                answers[index] = Answer(REJECTED, understood)
        if read:
            await self._take_in(carrier, raw, read, answers)
        return answers

    def understood(self, carrier: str, raw: RawScan) -> Scan | str:
        """The scan, or why it is none."""
        if not is_waybill(raw.waybill):
            return "waybill_not_found"
        if not is_text(raw.code, 64, 1) or not is_text(raw.reason, 64):
            return "invalid_code"
        now = self._clock.now()
        try:
            at = parse_time(raw.occurred_at[:40])
        except (ValueError, OverflowError):
            at = None
        if at is None or not _EARLIEST <= at <= now + _AHEAD:
            return "invalid_time"
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)  # what MongoDB keeps
        text, location = without_numbers(tidied(raw.text, 300)), tidied(raw.location, 200)
        key = scan_key(raw.event_id, raw.code, rfc3339(at), location, text)
        meant = self._carrier(carrier).vocabulary.meaning(raw.code, raw.reason)
        return Scan(key, meant.state, raw.code, text, location, at, now, meant.reason, raw.reason)

    async def _take_in(
        self, carrier: str, raw: Sequence[RawScan], read: Mapping[int, Scan], answers: list[Answer]
    ) -> None:
        by_waybill: dict[str, list[int]] = defaultdict(list)
        for index in read:
            by_waybill[raw[index].waybill].append(index)
        for _ in range(_TRIES):
            where = {"carrier": carrier, "waybill": {"$in": list(by_waybill)}}
            found = {one.waybill: one for one in await self._kept.find(where, _BY_WAYBILL, MOST_AT_ONCE)}
            changes: list[Change] = []
            for waybill, indexes in by_waybill.items():
                if shipment := found.get(waybill):
                    changes += await self._moved(shipment, {index: read[index] for index in indexes}, answers)
                else:
                    for index in indexes:
                        answers[index] = Answer(REJECTED, "waybill_not_found")
            if not changes or await self._kept.change_many(changes):
                return
            # Some parcel changed meanwhile. What was taken in stays; the rest is derived anew.
        raise Conflict("these parcels keep changing")

    async def _moved(self, shipment: Shipment, scans: Mapping[int, Scan], answers: list[Answer]) -> list[Change]:
        """The one change that these scans are to a parcel, if any."""
        known = {scan.key for scan in shipment.scans}
        fresh: list[Scan] = []
        for index, scan in scans.items():
            first = answers[index].status != ACCEPTED  # in an earlier try
            answers[index] = Answer(DUPLICATE if scan.key in known and first else ACCEPTED)
            if scan.key not in known:
                known.add(scan.key)
                fresh.append(scan)
        together = [*shipment.scans, *fresh]
        derived = derive(together)
        for index in scans:
            answers[index].state = derived.state
        return [await self._change(shipment, fresh, together, derived)] if fresh else []

    async def _change(
        self, shipment: Shipment, fresh: Sequence[Scan], together: Sequence[Scan], derived: Derived
    ) -> Change:
        where = {"_id": shipment.id, "version": shipment.version}
        before, state, stood = shipment.state, shipment.tracking_state, shipment.watch in (STUCK, LOST)
        leaves = (
            derived.left_at is not None
            and before in WAITING
            and await self._shipments.may_leave(shipment, even_held=True)
        )
        if derived.left_at and (before in (SHIPPED, DELIVERED) or leaves):
            shipment.shipped_at = shipment.handed_at or min(derived.left_at, shipment.shipped_at or derived.left_at)
            delivered = derived.by if derived.state == DELIVERED else None
            shipment.state = DELIVERED if delivered else SHIPPED
            shipment.delivered_at = delivered.occurred_at if delivered else None
        if leaves:
            self._shipments.leaves(shipment)
        _watch(shipment, together, derived)
        events: list[Message] = [shipment_shipped(shipment)] if leaves and not shipment.return_id else []
        if derived.state != state:
            shipment.tracking_state = derived.state
            shipment.revision += 1
            if shipment.state in (SHIPPED, DELIVERED) or (before in WAITING and derived.left_at is None):
                if shipment.return_id:
                    events.append(return_parcel_moved(shipment, derived.by))
                else:
                    events.append(parcel_moved(shipment, derived.by, stood_still=stood))
            else:
                log.warning("a carrier moves %s, which we stopped", shipment.id)
        values = {name: encode(getattr(shipment, name)) for name in _DERIVED} | {"uncounted": True}
        if len(together) > MOST_SCANS:
            return Change(where, {"$set": values | {"scans": encode(bounded(together))}}, events)
        return Change(where, {"$set": values, "$push": {"scans": {"$each": encode(list(fresh))}}}, events)


def _watch(shipment: Shipment, together: Sequence[Scan], derived: Derived) -> None:
    """Where it is now it has just come to: it is watched anew. One that has arrived is watched no more, one its carrier says
    it has lost is lost."""
    shipment.heard_at = max(scan.occurred_at for scan in together)
    if shipment.state != SHIPPED or derived.state in ENDS:
        shipment.watch = ""
    elif derived.by and derived.by.reason == LOST:
        shipment.watch = LOST
    elif derived.state != shipment.tracking_state or not shipment.watch:
        shipment.watch = WATCHED
