"""This is where a carrier reads its parcels one by one: all of them, what waits for it, what was handed to it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.kit.errors import FieldError
from services.kit.store import CursorInvalid, InvalidPage, Store, decode_cursor, encode_cursor
from services.logistics.carriers import DEFAULT_CARRIER
from services.logistics.labels import WaybillNotFound
from services.logistics.pickups import InvalidDate, is_day
from services.logistics.shipments import STATES, WAITING, Shipment, Shipments
from services.logistics.words import is_waybill, page_limit

from .rehearsal import Rehearsal

_BY_HAND_OVER = (("shipped_at", 1), ("_id", 1))


class PartnerParcels:
    """A carrier's own parcels; another's are not found."""

    def __init__(self, kept: Store[Shipment], shipments: Shipments, rehearsal: Rehearsal) -> None:
        self._kept, self._shipments, self._rehearsal = kept, shipments, rehearsal

    async def page(self, carrier: str, limit: int, cursor: str) -> tuple[list[Shipment], str]:
        """All that have a waybill, oldest first. Refuses with `InvalidPage`."""
        theirs = {"carrier": carrier, "state": {"$in": list(STATES)}, "waybill": {"$gt": ""}}
        return await self._shipments.page(theirs, limit, cursor)

    async def get(self, carrier: str, waybill: str) -> Shipment:
        """One. Refuses with `WaybillNotFound`."""
        if carrier == DEFAULT_CARRIER and (rehearsed := self._rehearsal.parcel(waybill)):
            return rehearsed
        found = await self._kept.one({"waybill": waybill, "carrier": carrier}) if is_waybill(waybill) else None
        if found is None:
            raise WaybillNotFound("there is no such waybill")
        return found

    async def waiting(self, carrier: str, day: str, limit: int, cursor: str) -> tuple[list[Shipment], str]:
        """What waits at the end of a day (`YYYY-MM-DD`, UTC), oldest first. Refuses with `InvalidDate`, `InvalidPage`."""
        where = {"carrier": carrier, "state": {"$in": list(WAITING)}, "created_at": {"$lt": _end_of(day)}}
        return await self._shipments.page(where, limit, cursor)

    async def handed(self, carrier: str, day: str, limit: int, cursor: str) -> tuple[list[Shipment], str]:
        """What was handed over on a day, in that order. Refuses with `InvalidDate`, `InvalidPage`."""
        most, end = page_limit(limit), _end_of(day)
        where: Mapping[str, Any] = {"carrier": carrier, "shipped_at": {"$gte": end - timedelta(1), "$lt": end}}
        if cursor:
            where = {**where, "$or": _after(cursor)}
        found = await self._kept.find(where, _BY_HAND_OVER, most + 1)
        last = found[most - 1] if len(found) > most else None
        return found[:most], encode_cursor(_ms(last.shipped_at), last.id) if last and last.shipped_at else ""


def _after(cursor: str) -> list[dict[str, Any]]:
    try:
        at, key = decode_cursor(cursor, 2)
        moment = datetime.fromtimestamp(int(at) / 1000, UTC)
    except (CursorInvalid, ValueError, TypeError, OverflowError) as wrong:
        raise InvalidPage("not of this list", errors=[FieldError("/page/cursor", "not of this list")]) from wrong
    return [{"shipped_at": {"$gt": moment}}, {"shipped_at": moment, "_id": {"$gt": str(key)}}]


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _end_of(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day if is_day(day) else ""), time(), UTC) + timedelta(1)
    except (ValueError, OverflowError):
        raise InvalidDate("a day is YYYY-MM-DD", errors=[FieldError("/date", "YYYY-MM-DD")]) from None
