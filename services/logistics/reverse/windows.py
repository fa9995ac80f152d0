"""This is where carriers' time for home pickups is given out: so many a city and window, never more."""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, NotFound, VersionMismatch, WrongState
from services.kit.store import Store
from services.logistics.regions import Region, city, province

WINDOW = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})")
_SLOT = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")
_USUAL = "usual"
_TRIES = 5
_KEPT = timedelta(days=30)


class PickupWindowNotFound(NotFound):
    """No carrier comes then, or not any more."""


class PickupFull(WrongState):
    """The carrier has no time left in that window."""


class InvalidPickupPlan(Invalid):
    """Not a plan as it is described."""


@dataclass
class PickupPlan:
    """When carriers come: `slots` a day in the shop's time zone, `capacity` pickups a city in each, `days` ahead; a slot
    that begins within `lead_h` hours is closed."""

    id: str = _USUAL
    slots: list[str] = field(default_factory=lambda: ["09:00-12:00", "13:00-18:00", "18:00-21:00"])
    capacity: int = 20
    days: int = 7
    lead_h: int = 2
    version: int = 0


@dataclass
class Slot:
    """A window in a city: who has a place in it, and for how many more there is one."""

    id: str
    left: int
    gone_at: datetime
    holders: list[str] = field(default_factory=list)
    version: int = 0


def faults(plan: PickupPlan) -> list[FieldError]:
    """What is wrong with it."""
    well = all(_SLOT.fullmatch(slot) and slot[:5] < slot[6:] for slot in plan.slots)
    wrong = {
        "slots": (1 <= len(plan.slots) <= 24 and well and len(set(plan.slots)) == len(plan.slots))
        or "1 to 24 different ones, like 09:00-12:00",
        "capacity": 1 <= plan.capacity <= 10_000 or "1 to 10,000",
        "days": 1 <= plan.days <= 60 or "1 to 60",
        "lead_h": 0 <= plan.lead_h <= 240 or "0 to 240",
    }
    return [FieldError(f"/{name}", str(said)) for name, said in wrong.items() if said is not True]


class Windows:
    """Gives them out."""

    def __init__(self, plans: Store[PickupPlan], slots: Store[Slot], zone: str, clock: Clock) -> None:
        self._plans, self._slots, self._zone, self._clock = plans, slots, ZoneInfo(zone), clock

    async def plan(self) -> PickupPlan:
        """As it is; until staff say otherwise the usual one."""
        return await self._plans.get(_USUAL) or PickupPlan()

    async def put(self, plan: PickupPlan, if_version: int = 0) -> PickupPlan:
        """Changes it; places given out stay. Refuses with INVALID_PICKUP_PLAN, VERSION_MISMATCH."""
        if wrong := faults(plan):
            raise InvalidPickupPlan(wrong[0].message, errors=wrong)
        for _ in range(_TRIES):
            before = await self._plans.get(_USUAL)
            if if_version and (before is None or before.version != if_version):
                raise VersionMismatch("somebody else has changed it")
            plan.version = before.version if before else 0
            try:
                return await (self._plans.save(plan) if before else self._plans.insert(plan))
            except (AlreadyExists, VersionMismatch):
                continue
        raise Conflict("this plan keeps changing")

    async def open(self, place: Region) -> list[tuple[str, int]]:
        """Windows that can be booked at a place, the next first, and for how many more."""
        plan = await self.plan()
        wanted = self._bookable(plan)
        taken = await self._slots.get_many([_key(place, window) for window in wanted])
        return [
            (window, taken[key].left if (key := _key(place, window)) in taken else plan.capacity) for window in wanted
        ]

    async def take(self, place: Region, window: str, holder: str) -> datetime:
        """A place in a window, once a holder; answers when the window ends. Refuses with PICKUP_WINDOW_NOT_FOUND,
        PICKUP_FULL."""
        plan, key = await self.plan(), _key(place, window)
        ends = self.ends(window)
        if (there := await self._slots.get(key)) and holder in there.holders:
            return ends
        if window not in self._bookable(plan):
            raise PickupWindowNotFound("no carrier comes then", window=window)
        if there is None:
            with contextlib.suppress(AlreadyExists):  # somebody was quicker
                await self._slots.insert(Slot(key, plan.capacity, ends + _KEPT))
        where = {"_id": key, "left": {"$gt": 0}, "holders": {"$ne": holder}}
        if await self._slots.change(where, {"$inc": {"left": -1}, "$push": {"holders": holder}}):
            return ends
        if (there := await self._slots.get(key)) and holder in there.holders:
            return ends
        raise PickupFull("the carrier has no time left then: choose another window", window=window)

    async def give_back(self, place: Region, window: str, holder: str) -> None:
        """A place that is not needed; again changes nothing."""
        if is_window(window):
            where = {"_id": _key(place, window), "holders": holder}
            await self._slots.change(where, {"$inc": {"left": 1}, "$pull": {"holders": holder}})

    def ends(self, window: str) -> datetime:
        """When a window is over. Refuses with PICKUP_WINDOW_NOT_FOUND what is no time."""
        return self._at(window, 3)

    def _at(self, window: str, part: int) -> datetime:
        found = WINDOW.fullmatch(window)
        try:
            local = datetime.fromisoformat(f"{found.group(1)}T{found.group(part)}:00" if found else "")
        except ValueError:
            raise PickupWindowNotFound("no carrier comes then", window=window[:40]) from None
        return local.replace(tzinfo=self._zone)

    def _bookable(self, plan: PickupPlan) -> Sequence[str]:
        now = self._clock.now().astimezone(self._zone)
        days = [(now + timedelta(days=ahead)).strftime("%Y-%m-%d") for ahead in range(plan.days + 1)]
        windows = [f"{day} {slot}" for day in days for slot in sorted(plan.slots)]
        return [window for window in windows if self._at(window, 2) >= now + timedelta(hours=plan.lead_h)]


def is_window(window: str) -> bool:
    """Whether it is a window, and not words."""
    return WINDOW.fullmatch(window) is not None


def _key(place: Region, window: str) -> str:
    return f"{place.country}/{province(place.province)}/{city(place.city)}/{window}"[:200]
