"""This is where parcels with a flagged SKU wait, are looked at, and pass or fail; one word in the parcel itself (L13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.protobuf.message import Message

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, WrongState
from services.kit.store import Store, encode
from services.logistics.checks import FAILED, LIFTED, PASSED, WAITS, Check
from services.logistics.floor.troubles import QC_FAILED, QC_HOLD
from services.logistics.messages.told import shipment_troubled
from services.logistics.shipments import PLANNED, Shipment, Shipments
from services.logistics.words import tidied

from .flags import Flag, Flags

REPLACE, EXCEPTION = "replace", "exception"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody saw: the points of the checklist that are fine, a photo's reference."""

    by: str
    fine: Sequence[str] = ()
    photo: str = ""
    note: str = ""
    outcome: str = EXCEPTION  # of a parcel that fails


class NotInQc(WrongState):
    """Nobody need look at this parcel."""


class QcIncomplete(Invalid):
    """Not every point of the checklist is fine: it cannot pass."""


class InvalidQcOutcome(Invalid):
    """What fails is replaced, or is an exception."""


class Looking:
    """Holds parcels until they are looked at."""

    def __init__(self, kept: Store[Shipment], shipments: Shipments, flags: Flags, clock: Clock) -> None:
        self._kept, self._shipments, self._flags, self._clock = kept, shipments, flags, clock

    async def planned(self, parcels: Mapping[str, Sequence[str]]) -> None:
        """Those with a flagged SKU wait. `parcels`: SKUs by shipment."""
        raised = await self._flags.raised()
        if not raised:
            return
        for key, skus in parcels.items():
            if any(sku in raised for sku in skus):
                await self._hold(await self._shipments.get(key), raised)

    async def hold_waiting(self, sku: str) -> None:
        """What is planned already and has this SKU waits too."""
        raised, after = await self._flags.raised(), ""
        while sku in raised:
            found = await self._kept.find({"state": PLANNED, "_id": {"$gt": after}}, limit=_AT_ONCE)
            for parcel in found:
                if any(line.sku == sku for line in parcel.lines):
                    await self._hold(parcel, raised)
            if len(found) < _AT_ONCE:
                return
            after = found[-1].id

    async def _hold(self, parcel: Shipment, raised: Mapping[str, Flag]) -> None:
        skus = sorted({line.sku for line in parcel.lines} & raised.keys())
        if parcel.qc is not None or parcel.state != PLANNED or not skus:
            return
        now = self._clock.now()
        points = list(dict.fromkeys(point for sku in skus for point in raised[sku].checklist))
        where = {"_id": parcel.id, "state": PLANNED, "qc": None}
        event = shipment_troubled(parcel, QC_HOLD, f"complaints about {', '.join(skus)}", 0, now)
        await self._kept.change(where, {"$set": {"qc": encode(Check(WAITS, skus, now, points))}}, event)

    async def page(self, state: str, limit: int, cursor: str) -> tuple[list[Shipment], str]:
        """Parcels by how their check stands, oldest first."""
        where: dict[str, Any] = {"qc.state": state}
        if state == WAITS:
            where["state"] = PLANNED
        return await self._kept.page(where, limit, cursor, newest_first=False)

    async def passed(self, key: str, look: Look) -> Shipment:
        """It may be packed. Refuses with `NotInQc`, `QcIncomplete`."""
        parcel, check = await self._waiting(key)
        if check.state == PASSED:
            return parcel
        if missing := [point for point in check.checklist if point not in look.fine]:
            what = [FieldError("/fine", f"not said to be fine: {point}") for point in missing]
            raise QcIncomplete("a point is not fine: fail it", errors=what)
        return await self._ended(parcel, PASSED, look, {})

    async def failed(self, key: str, look: Look) -> Shipment:
        """Other goods are picked for it (`replace`), and looked at; or it waits for somebody to decide (`exception`).
        Refuses with `NotInQc`, `InvalidQcOutcome`."""
        if look.outcome not in (REPLACE, EXCEPTION):
            raise InvalidQcOutcome("replace or exception", errors=[FieldError("/outcome", "replace or exception")])
        parcel, check = await self._waiting(key)
        if check.state == FAILED:
            return parcel
        if look.outcome == REPLACE:
            return await self._ended(parcel, WAITS, look, {"wave": "", "qc.turn": check.turn + 1})
        turn = parcel.trouble_turn + 1
        text = tidied(look.note, 200) or "it did not pass"
        aside = {"trouble": QC_FAILED, "trouble_text": text, "trouble_turn": turn, "wave": ""}
        return await self._ended(parcel, FAILED, look, aside)

    async def _waiting(self, key: str) -> tuple[Shipment, Check]:
        parcel = await self._shipments.get(key)
        if parcel.qc is None or parcel.qc.state == LIFTED or parcel.state != PLANNED:
            raise NotInQc("nobody need look at this parcel")
        return parcel, parcel.qc

    async def _ended(self, parcel: Shipment, state: str, look: Look, more: Mapping[str, Any]) -> Shipment:
        now = self._clock.now()
        said = {"state": state, "by": look.by, "at": now, "photo": look.photo, "note": tidied(look.note, 500)}
        events = [] if state == WAITS else [_looked_at(parcel, state, now)]
        if state == FAILED:
            events.append(shipment_troubled(parcel, QC_FAILED, more["trouble_text"], more["trouble_turn"], now))
        where = {"_id": parcel.id, "version": parcel.version}
        fields = {f"qc.{name}": value for name, value in said.items()} | dict(more)
        if changed := await self._kept.change(where, {"$set": fields}, *events):
            return changed
        raise Conflict("this parcel changed meanwhile: look again")

    async def lift(self) -> None:
        """Who waits because of nothing that is flagged still need not be looked at; a chore."""
        raised, after = await self._flags.raised(), ""
        while True:
            where = {"qc.state": WAITS, "state": PLANNED, "_id": {"$gt": after}}
            found = await self._kept.find(where, limit=_AT_ONCE)
            for parcel in found:
                if parcel.qc and not any(sku in raised for sku in parcel.qc.skus):
                    event = _looked_at(parcel, LIFTED, self._clock.now())
                    still = {"_id": parcel.id, "qc.state": WAITS, "version": parcel.version}
                    await self._kept.change(still, {"$set": {"qc.state": LIFTED}}, event)
            if len(found) < _AT_ONCE:
                return
            after = found[-1].id


def _looked_at(parcel: Shipment, outcome: str, now: datetime) -> Message:
    """It waits no more to be looked at."""
    return shipment_troubled(parcel, QC_HOLD, "", parcel.qc.held if parcel.qc else 0, now, outcome=outcome)
