"""This is where staff keep the windows in which a warehouse's riders bring orders, and where their days are laid out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.kit.calendars import Calendar
from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, NotFound, VersionMismatch
from services.kit.store import Store, found
from services.logistics.messages.told import freight_changed
from services.logistics.regions import SAME_CITY, Region, distance, district
from services.logistics.remembered import Remembered
from services.logistics.warehouses import Warehouse, Warehouses
from services.logistics.words import is_code, is_text

MOST_WINDOWS, MOST_PLACES, MOST_DAYS = 200, 500, 30
_MOST_DISTRICTS, _MOST_DATES = 100, 400
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ID = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,31})_(\d{4}-\d{2}-\d{2})_(\d{4})-(\d{4})")


@dataclass
class DeliveryWindow:
    """`id` is its code. Riders of `warehouse` bring orders sent by `option` to `districts` of its city (none: all of it), on
    `weekdays` (1 Monday to 7 Sunday) from `begins` until `ends` (HH:MM, the shop's time), `capacity` orders a day; on
    `special` dates so many. It is taken up to `days_ahead` days before, and until `cut_off_min` minutes before it begins."""

    id: str
    title: str
    warehouse: str
    option: str
    begins: str
    ends: str
    capacity: int
    districts: list[str] = field(default_factory=list)
    weekdays: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5, 6, 7])
    cut_off_min: int = 120
    days_ahead: int = 7
    special: dict[str, int] = field(default_factory=dict)
    open: bool = True
    version: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """A window on a day: between two moments, for so many orders; taken and left before its cut-off."""

    id: str
    window: DeliveryWindow
    from_at: datetime
    until_at: datetime
    cut_off_at: datetime
    capacity: int


class InvalidDeliveryWindow(Invalid):
    """Not a window as it is described."""


class DeliveryWindowNotFound(NotFound):
    """There is no such window."""


def faults(one: DeliveryWindow, warehouses: Mapping[str, Warehouse]) -> list[FieldError]:
    """What is wrong with it."""
    hours = _HOUR.fullmatch(one.begins) and _HOUR.fullmatch(one.ends) and one.begins < one.ends
    days = sorted(set(one.weekdays)) == sorted(one.weekdays) and all(1 <= day <= 7 for day in one.weekdays)
    places = all(_is_date(day) and 0 <= most <= MOST_PLACES for day, most in one.special.items())
    right = {
        "code": is_code(one.id) or "1 to 32 letters, digits, - or _",
        "title": is_text(one.title, 100, 1) or "1 to 100 printable characters",
        "warehouse": one.warehouse in warehouses or "the code of a warehouse",
        "option": is_code(one.option) or "the id of a delivery option",
        "districts": (
            len(one.districts) <= _MOST_DISTRICTS and all(is_text(name, 64, 1) for name in one.districts)
        ) or f"at most {_MOST_DISTRICTS} districts of the warehouse's city",
        "weekdays": (bool(one.weekdays) and days) or "1 Monday to 7 Sunday, each once",
        "until": bool(hours) or "HH:MM, later than from",
        "capacity": 1 <= one.capacity <= MOST_PLACES or f"1 to {MOST_PLACES} orders",
        "cut_off_min": 0 <= one.cut_off_min <= 7 * 1440 or "0 to 10,080 minutes",
        "days_ahead": 0 <= one.days_ahead <= MOST_DAYS or f"0 to {MOST_DAYS}",
        "special": (len(one.special) <= _MOST_DATES and places) or f"dates with 0 to {MOST_PLACES} orders",
    }  # fmt: skip
    return [FieldError(f"/{name}", str(said)) for name, said in right.items() if said is not True]


def _is_date(day: str) -> bool:
    try:
        return len(day) == 10 and bool(date.fromisoformat(day))
    except ValueError:
        return False


def code_of(slot: str) -> str:
    """The window a slot is of; empty when this is no slot."""
    read = _ID.fullmatch(slot)
    return read.group(1) if read else ""


class Windows:
    """The windows, in memory: they are few, and what sending costs says which ways have some."""

    def __init__(self, kept: Store[DeliveryWindow], warehouses: Warehouses, zone: str, clock: Clock) -> None:
        self._kept, self._warehouses, self._zone, self._clock = kept, warehouses, ZoneInfo(zone), clock
        self._known = Remembered(self._read)
        self.forget = self._known.forget

    async def _read(self) -> Mapping[str, Sequence[DeliveryWindow]]:
        """Those that are open, by option."""
        by_option: dict[str, list[DeliveryWindow]] = {}
        for one in await self._kept.find({}, limit=MOST_WINDOWS):
            if one.open:
                by_option.setdefault(one.option, []).append(one)
        return by_option

    async def options(self, to: Region) -> frozenset[str]:
        """The delivery options with which a window is chosen there."""
        known = await self._known.get()
        if not known:
            return frozenset()
        there = await self._warehouses.all()
        return frozenset(option for option, all_of in known.items() if any(serves(one, there, to) for one in all_of))

    async def openings(self, option: str, to: Region) -> list[Opening]:
        """What can be taken there now, full or not, the soonest first."""
        there, now = await self._warehouses.all(), self._clock.now()
        serving = [one for one in (await self._known.get()).get(option, ()) if serves(one, there, to)]
        days = [each for one in serving for each in self._days(one, there[one.warehouse]) if each.cut_off_at > now]
        return sorted(days, key=lambda each: (each.from_at, each.id))

    async def days(self, code: str) -> list[Opening]:
        """A window's next days. Refuses with `DeliveryWindowNotFound`."""
        one = await self.get(code)
        warehouse = (await self._warehouses.all()).get(one.warehouse)
        return list(self._days(one, warehouse)) if warehouse else []

    async def opening(self, slot: str, option: str, to: Region) -> Opening | None:
        """The slot as it is at this moment; None when it cannot be taken there, or not any more."""
        one = await self._kept.get(code_of(slot)) if code_of(slot) else None
        there = await self._warehouses.all()
        if one is None or not one.open or one.option != option or not serves(one, there, to):
            return None
        now = self._clock.now()
        same = (each for each in self._days(one, there[one.warehouse]) if each.id == slot and each.cut_off_at > now)
        return next(same, None)

    def _days(self, one: DeliveryWindow, warehouse: Warehouse) -> Iterator[Opening]:
        today = self._clock.now().astimezone(self._zone).date()
        hours = Calendar(self._zone.key, warehouse.week, warehouse.special)
        for ahead in range(one.days_ahead + 1):
            day = today + timedelta(days=ahead)
            capacity = one.special.get(day.isoformat(), one.capacity)
            midnight = self._at(day, "00:00")
            if day.isoweekday() not in one.weekdays or capacity == 0:
                continue
            if not hours.open_between(midnight, self._at(day + timedelta(days=1), "00:00")):
                continue  # a holiday of the warehouse
            begins, ends = self._at(day, one.begins), self._at(day, one.ends)
            times = f"{one.begins}-{one.ends}".replace(":", "")
            cut_off = begins - timedelta(minutes=one.cut_off_min)
            yield Opening(f"{one.id}_{day.isoformat()}_{times}", one, begins, ends, cut_off, capacity)

    def _at(self, day: date, clock: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(clock), self._zone)

    async def get(self, code: str) -> DeliveryWindow:
        """One. Refuses with `DeliveryWindowNotFound`."""
        return found(await self._kept.get(code), DeliveryWindowNotFound("there is no such window"))

    async def page(self, warehouse: str, limit: int, cursor: str) -> tuple[list[DeliveryWindow], str]:
        """A page, by code."""
        where = {"warehouse": warehouse} if warehouse else {}
        return await self._kept.page(where, limit, cursor, newest_first=False)

    async def put(self, one: DeliveryWindow, if_version: int = 0) -> DeliveryWindow:
        """Makes or changes one; places given out stay. Refuses with `InvalidDeliveryWindow`, `VersionMismatch`."""
        if wrong := faults(one, await self._warehouses.all()):
            raise InvalidDeliveryWindow("this is no delivery window", errors=wrong)
        before, event = await self._kept.get(one.id), freight_changed(one.id, self._clock.now())
        if if_version and (before is None or before.version != if_version):
            raise VersionMismatch("it has changed since it was read")
        try:
            if before is None:
                kept = await self._kept.insert(one, event)
            else:
                one.version = before.version
                kept = await self._kept.save(one, event)
        except AlreadyExists as quicker:
            raise Conflict("this window was made just now") from quicker
        self.forget()
        return kept


def serves(one: DeliveryWindow, warehouses: Mapping[str, Warehouse], to: Region) -> bool:
    """Whether its riders go there."""
    warehouse = warehouses.get(one.warehouse)
    if warehouse is None or not warehouse.open or distance(warehouse.region, to) != SAME_CITY:
        return False
    return not one.districts or district(to.district) in {district(name) for name in one.districts}
