"""This is where plans and routes are put on paper: the sheet a rider takes along, and the picture."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

from services.kit.errors import FieldError, Invalid
from services.logistics.addresses import Address, masked

from . import maps, sheets
from .geography import Position
from .parcels import Parcels
from .plan import RoutePlan
from .route import Route

_NO_MINOR_UNITS = frozenset({"JPY", "KRW", "VND"})


class InvalidForm(Invalid):
    """A route is printed as `sheet` or `map`."""


class Printing:
    """Prints. Times are the shop's."""

    def __init__(self, parcels: Parcels, zone: str) -> None:
        self._parcels, self._zone = parcels, ZoneInfo(zone)

    async def addresses(self, route: Route) -> dict[str, Address]:
        """Where each parcel of a route goes, by its id; name and phone masked."""
        found = await self._parcels.many([stop.plan.shipment_id for stop in route.stops])
        return {key: masked(self._parcels.address_of(parcel)) for key, parcel in found.items()}

    async def route(self, route: Route, form: str) -> tuple[bytes, str]:
        """The sheet or the map, and its media type. Refuses with `InvalidForm`."""
        if form == "map":
            stops = [stop.plan.position for stop in route.stops]
            line = maps.Line(_title(route.vehicle, route.metres), stops, [stop.over for stop in route.stops])
            return maps.drawn(route.depot_at, [line]), maps.MEDIA_TYPE
        if form != "sheet":
            raise InvalidForm("a route is printed as sheet or map", errors=[FieldError("/form", "sheet or map")])
        rows = self._rows(route, await self.addresses(route))
        title = f"路线单 Route sheet  {route.day}  {route.vehicle}"
        hours = f"{self._when(route.leaves_at)}-{self._when(route.back_at)}"
        summary = f"{route.id}   {route.depot}   {len(rows)} stops   {hours}"
        due = "  ".join(f"COD {_amount(c, m)}" for c, m in _to_collect(route).items())
        return await asyncio.to_thread(sheets.sheet, title, f"{summary}   {due}".strip(), rows), sheets.MEDIA_TYPE

    def plan(self, plan: RoutePlan) -> tuple[bytes, str]:
        """All routes of a plan in one picture."""
        lines = [
            maps.Line(_title(route.vehicle, route.metres), [stop.position for stop in route.stops])
            for route in plan.routes
        ]
        return maps.drawn(plan.depot_at or Position(0, 0), lines), maps.MEDIA_TYPE

    def _rows(self, route: Route, addresses: dict[str, Address]) -> list[sheets.Row]:
        rows = []
        for number, stop in enumerate(route.stops, 1):
            plan, to = stop.plan, addresses.get(stop.plan.shipment_id, Address(""))
            rows.append(
                sheets.Row(
                    number,
                    self._when(plan.arrives_at),
                    f"{self._when(plan.window_from)}-{self._when(plan.window_until)}",
                    f"{to.name}  {to.phone}",
                    " ".join(part for part in (to.city, to.district, to.street) if part),
                    plan.waybill,
                    plan.order_id,
                    _amount(plan.collect_currency, plan.collect_minor) if plan.collect_minor else "",
                    stop.state,
                )
            )
        return rows

    def _when(self, at: datetime | None) -> str:
        return f"{at.astimezone(self._zone):%H:%M}" if at else ""


def _title(vehicle: str, metres: int) -> str:
    return f"{vehicle}  {metres / 1000:.1f} km"


def _to_collect(route: Route) -> dict[str, int]:
    sums: dict[str, int] = {}
    for stop in route.stops:
        if stop.plan.collect_minor:
            currency = stop.plan.collect_currency
            sums[currency] = sums.get(currency, 0) + stop.plan.collect_minor
    return sums


def _amount(currency: str, minor: int) -> str:
    whole = currency in _NO_MINOR_UNITS
    return f"{currency} {minor}" if whole else f"{currency} {minor // 100}.{minor % 100:02d}"
