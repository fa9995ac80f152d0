"""This is where a parcel that cannot go on is set aside, told of, and taken up again; one word in the parcel itself.

Who can send it from elsewhere hears `ShipmentTroubled`; orders opens an exception on it.
"""

import contextlib
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import WrongState
from services.kit.store import Store
from services.logistics.checks import FAILED, WAITS
from services.logistics.messages.told import shipment_troubled
from services.logistics.shipments import PLANNED, Shipment, ShipmentNotFound, Shipments

SHORT_PICK, QC_HOLD, QC_FAILED = "short_pick", "qc_hold", "qc_failed"
TAKEN_UP = "taken_up"
_TRIES = 5


class NothingTheMatter(WrongState):
    """Nothing keeps this parcel."""


class Troubles:
    """Sets parcels aside."""

    def __init__(self, kept: Store[Shipment], shipments: Shipments, clock: Clock) -> None:
        self._kept, self._shipments, self._clock = kept, shipments, clock

    async def set_aside(self, key: str, reason: str, text: str) -> None:
        """It waits, out of its wave; again changes nothing, nor does it for one that is past the warehouse."""
        parcel = await self._shipments.get(key)
        if parcel.state != PLANNED or parcel.trouble:
            return
        turn = parcel.trouble_turn + 1
        where = {"_id": key, "state": PLANNED, "trouble": {"$in": ["", None]}, "version": parcel.version}
        aside = {"trouble": reason, "trouble_text": text, "trouble_turn": turn, "wave": ""}
        event = shipment_troubled(parcel, reason, text, turn, self._clock.now())
        if await self._kept.change(where, {"$set": aside}, event) is None:
            await self.set_aside(key, reason, text)  # it changed meanwhile: look again

    async def rerouted(self, key: str) -> None:
        """It leaves from another warehouse: nothing of what kept it in the old one counts, nor that one's wave."""
        with contextlib.suppress(NothingTheMatter, ShipmentNotFound):
            await self.take_up(key)
        await self._kept.change({"_id": key, "state": PLANNED, "wave": {"$nin": ["", None]}}, {"$set": {"wave": ""}})

    async def take_up(self, key: str) -> Shipment:
        """It can be picked again. Refuses with `ShipmentNotFound`, `NothingTheMatter`."""
        for _ in range(_TRIES):
            parcel = await self._shipments.get(key)
            if not parcel.trouble or parcel.state != PLANNED:
                raise NothingTheMatter("nothing keeps this parcel")
            again: dict[str, Any] = {"trouble": "", "trouble_text": ""}
            now, was = self._clock.now(), parcel.trouble_turn
            events = [shipment_troubled(parcel, parcel.trouble, "", was, now, outcome=TAKEN_UP)]
            if parcel.qc and parcel.qc.state == FAILED:  # what is picked for it is looked at too
                again |= {"qc.state": WAITS, "qc.held": parcel.qc.held + 1}
                events.append(shipment_troubled(parcel, QC_HOLD, "", parcel.qc.held + 1, now))
            where = {"_id": key, "version": parcel.version}
            if taken := await self._kept.change(where, {"$set": again}, *events):
                return taken
        raise NothingTheMatter("this parcel keeps changing")
