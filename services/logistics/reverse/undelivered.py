"""This is where a parcel that nobody took is scanned in and looked at, whether a carrier or our own riders brought it back:
its goods go back on the shelf, once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.clock import Clock
from services.kit.errors import Conflict, FieldError, Invalid, WrongState
from services.kit.store import Store
from services.logistics.labels import WaybillNotFound
from services.logistics.shipments import SHIPPED, Shipment
from services.logistics.tracking import GOING_BACK, RETURNED
from services.logistics.words import is_waybill, tidied

from .told import restocked

AS_NEW, SCRAP = "A", "scrap"
GRADES = (AS_NEW, "B", "C", SCRAP)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Found:
    """So many units of a SKU, and how good they are."""

    sku: str
    grade: str
    units: int


class NotComeBack(WrongState):
    """Nobody said that it comes back: it was brought, is on its way, or has not left."""


class InvalidRestock(Invalid):
    """Not what was in the parcel."""


class Undelivered:
    """Takes them in. What its carrier says of a parcel that goes back, nothing takes it to a customer any more."""

    def __init__(self, kept: Store[Shipment], clock: Clock) -> None:
        self._kept, self._clock = kept, clock

    async def page(self, limit: int, cursor: str) -> tuple[list[Shipment], str]:
        """Those that are back and wait to be looked at, oldest first. Refuses with `InvalidPage`."""
        where = {"tracking_state": RETURNED, "restocked_at": None, "state": SHIPPED, "return_id": ""}
        return await self._kept.page(where, limit, cursor, newest_first=False)

    async def restock(self, waybill: str, found: Sequence[Found], by: str) -> Shipment:
        """What was found in it goes where such goods go; again changes nothing. Refuses with `WaybillNotFound`,
        `NotComeBack`, `InvalidRestock`."""
        for _ in range(_TRIES):
            parcel = await self._kept.one({"waybill": waybill, "return_id": ""}) if is_waybill(waybill) else None
            if parcel is None:
                raise WaybillNotFound("there is no such waybill")
            if parcel.restocked_at:
                return parcel
            if parcel.state != SHIPPED or parcel.tracking_state not in (*GOING_BACK, RETURNED):
                raise NotComeBack(f"it is {parcel.tracking_state}", state=parcel.tracking_state)
            there = found or [Found(line.sku, AS_NEW, line.quantity) for line in parcel.lines]
            _check(parcel, there)
            now = self._clock.now()
            where = {"_id": parcel.id, "version": parcel.version, "restocked_at": None}
            done = {"$set": {"restocked_at": now, "restocked_by": tidied(by, 64), "uncounted": True}}
            if kept := await self._kept.change(where, done, restocked(parcel, there, now)):
                return kept
        raise Conflict("this parcel keeps changing")


def _check(parcel: Shipment, found: Sequence[Found]) -> None:
    there, came = Counter[str](), Counter[str]()
    for line in parcel.lines:
        there[line.sku] += line.quantity
    errors = []
    for number, one in enumerate(found):
        came[one.sku] += one.units
        if one.grade not in GRADES:
            errors.append(FieldError(f"/found/{number}/grade", f"one of {', '.join(GRADES)}"))
        if one.units < 1 or came[one.sku] > there[one.sku]:
            errors.append(FieldError(f"/found/{number}/units", f"{there[one.sku]} of it were in the parcel"))
    if errors:
        raise InvalidRestock("this was not in the parcel", errors=errors)
