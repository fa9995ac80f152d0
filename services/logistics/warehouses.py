"""This is where it is known which warehouses there are, what each can do, and when what is paid leaves it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.kit.calendars import Calendar, NeverOpen, Span
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, VersionMismatch
from services.kit.store import Store

from .messages.told import freight_changed
from .regions import Region, distance
from .remembered import Remembered
from .words import is_code, is_country, is_text

_MOST = 1000
_TRIES = 5
_MOST_SPANS = 5
_MOST_DATES = 400
_MOST_ZONES = 500
_DAY_MINUTES = 24 * 60
DC, STORE = "dc", "store"
KINDS = (DC, STORE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MINUTE = timedelta(minutes=1)


@dataclass
class Warehouse:
    """A place with shelves; `id` is its code. A closed one gets no new orders, what is planned there still leaves.

    `orders_a_day` 0: no bound. `week`: Monday to Sunday, empty for always open. `cut_off`: local minutes after midnight
    until which what is paid leaves the same day. Times are of `time_zone`.
    """

    id: str
    title: str
    region: Region = field(default_factory=Region)
    open: bool = True
    kind: str = DC
    street: str = ""
    latitude_e6: int = 0
    longitude_e6: int = 0
    capacity_m3: int = 0
    orders_a_day: int = 0
    time_zone: str = "UTC"
    week: list[list[Span]] = field(default_factory=list)
    special: dict[str, list[Span]] = field(default_factory=dict)
    cut_off: int | None = None
    zones: list[str] = field(default_factory=list)
    version: int = 0

    def leaves(self, paid: datetime) -> datetime:
        """When what is paid at a moment leaves: at once, or when it next works on a day whose cut-off is not over."""
        if self.cut_off is None and not self.week and not self.special:
            return paid
        local = paid.astimezone(ZoneInfo(self.time_zone))
        ready = paid
        if self.cut_off is not None and local.hour * 60 + local.minute >= self.cut_off:
            ready = self._midnight(local.date() + timedelta(days=1))
        try:
            return Calendar(self.time_zone, self.week, self.special).after(ready, _MINUTE) - _MINUTE
        except NeverOpen:
            return ready

    def wait_days(self, now: datetime) -> int:
        """How many midnights pass there before what is paid now leaves."""
        zone = ZoneInfo(self.time_zone)
        return (self.leaves(now).astimezone(zone).date() - now.astimezone(zone).date()).days

    def today(self, now: datetime) -> datetime:
        """When its day began."""
        return self._midnight(now.astimezone(ZoneInfo(self.time_zone)).date())

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True)
class Used:
    """What a warehouse has to do: shipments planned there today, and those that wait there."""

    planned_today: int = 0
    waiting: int = 0


Planned = Callable[[str, datetime], Awaitable[Used]]
"""What was planned in a warehouse since a moment."""


class InvalidWarehouse(Invalid):
    """Not a warehouse as it is described."""


def checked(warehouse: Warehouse) -> Warehouse:
    """The warehouse. Refuses with `InvalidWarehouse`."""
    place, spans = warehouse.region, [*warehouse.week, *warehouse.special.values()]
    wrong = {
        "/code": is_code(warehouse.id) or "1 to 32 letters, digits, - or _",
        "/title": is_text(warehouse.title, 100, 1) or "1 to 100 printable characters",
        "/region/country": is_country(place.country) or "an ISO 3166-1 alpha-2 code",
        "/region/province": is_text(place.province, 64) or "at most 64 printable characters",
        "/region/city": is_text(place.city, 64) or "at most 64 printable characters",
        "/region/district": is_text(place.district, 64) or "at most 64 printable characters",
        "/kind": warehouse.kind in KINDS or "dc or store",
        "/street": is_text(warehouse.street, 200) or "at most 200 printable characters",
        "/latitude_e6": abs(warehouse.latitude_e6) <= 90_000_000 or "millionths of a degree",
        "/longitude_e6": abs(warehouse.longitude_e6) <= 180_000_000 or "millionths of a degree",
        "/capacity_m3": 0 <= warehouse.capacity_m3 <= 10**9 or "cubic metres, not below zero",
        "/orders_a_day": 0 <= warehouse.orders_a_day <= 10**9 or "not below zero",
        "/time_zone": _is_zone(warehouse.time_zone) or "an IANA time zone",
        "/hours": (
            len(warehouse.special) <= _MOST_DATES
            and all(map(_is_date, warehouse.special))
            and all(map(_in_order, spans))
        )
        or f"weekdays 1 to 7 and dates, each with at most {_MOST_SPANS} spans in order",
        "/cut_off": 0 <= (warehouse.cut_off or 0) <= _DAY_MINUTES or "minutes after midnight",
        "/zones": (
            len(warehouse.zones) <= _MOST_ZONES
            and len(set(warehouse.zones)) == len(warehouse.zones)
            and all(map(is_code, warehouse.zones))
        )
        or f"at most {_MOST_ZONES} codes, each once",
    }
    errors = [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]
    if errors:
        raise InvalidWarehouse("this is no warehouse", errors=errors)
    return warehouse


def _is_zone(name: str) -> bool:
    try:
        return len(name) <= 64 and bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_date(day: str) -> bool:
    try:
        return _DATE.fullmatch(day) is not None and bool(date.fromisoformat(day))
    except ValueError:
        return False


def _in_order(spans: list[Span]) -> bool:
    edges = [edge for span in spans for edge in (span.opens, span.closes)]
    return (
        len(spans) <= _MOST_SPANS and edges == sorted(set(edges)) and all(0 <= edge <= _DAY_MINUTES for edge in edges)
    )


class Warehouses:
    """The warehouses, in memory: they are few and every plan needs them."""

    def __init__(self, kept: Store[Warehouse], clock: Clock, planned: Planned) -> None:
        self._kept, self._clock, self._planned = kept, clock, planned
        self._known = Remembered(self._read)
        self._bounded = Remembered(self._full)
        self.forget = self._known.forget

    async def _read(self) -> dict[str, Warehouse]:
        return {warehouse.id: warehouse for warehouse in await self._kept.find({}, limit=_MOST)}

    async def all(self) -> dict[str, Warehouse]:
        """Every warehouse, by code, in the codes' order."""
        return await self._known.get()

    async def used(self, now: datetime) -> dict[str, Used]:
        """What each has to do."""
        known = await self.all()
        return {code: await self._planned(code, one.today(now)) for code, one in known.items()}

    async def full(self) -> frozenset[str]:
        """Those that have got all the orders they can send today, as of a moment ago."""
        known = await self.all()
        if not any(one.orders_a_day for one in known.values()):
            return frozenset()
        return await self._bounded.get()

    async def _full(self) -> frozenset[str]:
        now, bounded = self._clock.now(), [one for one in (await self.all()).values() if one.orders_a_day]
        used = {one.id: await self._planned(one.id, one.today(now)) for one in bounded}
        return frozenset(one.id for one in bounded if used[one.id].planned_today >= one.orders_a_day)

    async def leaving(self, to: Region, now: datetime) -> tuple[str, int]:
        """The open warehouse nearest to a place, and how many days pass before what is paid now leaves it."""
        opened = [one for one in (await self.all()).values() if one.open]
        if not opened:
            return "", 0
        near = min(opened, key=lambda one: (distance(one.region, to), one.id))
        return near.id, near.wait_days(now)

    async def put(self, warehouse: Warehouse) -> Warehouse:
        """Makes or changes one. Refuses with `InvalidWarehouse`."""
        checked(warehouse)
        for _ in range(_TRIES):
            event = freight_changed(warehouse.id, self._clock.now())
            before = await self._kept.get(warehouse.id)
            try:
                if before is None:
                    kept = await self._kept.insert(warehouse, event)
                else:
                    warehouse.version = before.version
                    kept = await self._kept.save(warehouse, event)
            except (AlreadyExists, VersionMismatch):
                continue
            self.forget()
            self._bounded.forget()
            return kept
        raise Conflict("this warehouse keeps changing")

    async def found(self, first: Warehouse) -> None:
        """Gives a shop that has none its first warehouse."""
        if not await self._kept.find({}, limit=1):
            try:
                await self._kept.insert(first)
            except AlreadyExists:
                return  # another replica was quicker


MAIN = Warehouse("main", "主倉 Main warehouse", Region("CN", "上海", "上海", ""))
