"""This is where the shop's profile is: where it is, when it is open, who is behind it (C10)."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from services.catalog.fields import Faults
from services.catalog.gates import Gates
from services.catalog.media.library import Library
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import Invalid, NotFound
from services.kit.store import found

from .hours import Holiday, Opening, Span, Weekday, fault_of, is_zone, opening, overlap
from .keeping import demand_texts, of_the_shop, put

ONE = "self"
_MOST_SPANS, _MOST_HOLIDAYS, _MOST_PHOTOS, _MOST_MEMBERS = 6, 200, 30, 100
_COUNTRY = re.compile(r"[A-Z]{2}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")


@dataclass
class Place:
    """Where the shop is."""

    country: str
    province: str
    city: str
    district: str
    street: str


@dataclass
class Member:
    """Somebody of the team."""

    name: str
    role: str
    photo: str = ""


@dataclass
class Profile:
    """What the shop says of itself. There is one."""

    id: str
    name: str
    place: Place
    phone: str
    time_zone: str
    hours: list[Weekday]
    holidays: list[Holiday]
    photos: list[str]
    logo: str
    intro: str
    history: str
    team: list[Member]
    by: str
    updated_at: datetime | None = None
    version: int = 0

    @property
    def pictures(self) -> dict[str, str]:
        """All pictures it shows, by where."""
        shown = {f"/photos/{number}": key for number, key in enumerate(self.photos)} | {"/logo": self.logo}
        shown |= {f"/team/{number}/photo": member.photo for number, member in enumerate(self.team)}
        return {pointer: key for pointer, key in shown.items() if key}


class StoreNotFound(NotFound):
    """Nobody has written the shop's profile yet."""


class InvalidStore(Invalid):
    """A profile that cannot be."""


def check(profile: Profile) -> Faults:
    """What is wrong with a profile, but for its pictures. Pure."""
    faults, place = Faults(), profile.place
    profile.name = faults.text("/name", profile.name, 200, least=1)
    profile.intro = faults.text("/intro", profile.intro, 5_000, lines=True)
    profile.history = faults.text("/history", profile.history, 20_000, lines=True)
    if not _COUNTRY.fullmatch(place.country):
        faults.add("/address/country", "must be an ISO 3166-1 code, two capital letters")
    for name in ("province", "city", "district", "street"):
        setattr(place, name, faults.text(f"/address/{name}", getattr(place, name), 200))
    if profile.phone and not _PHONE.fullmatch(profile.phone):
        faults.add("/phone", "must be a telephone number")
    if not is_zone(profile.time_zone):
        faults.add("/time_zone", "must be a name like Asia/Shanghai")
    _check_hours(faults, profile)
    for name, things, most in (
        ("holidays", profile.holidays, _MOST_HOLIDAYS),
        ("photos", profile.photos, _MOST_PHOTOS),
        ("team", profile.team, _MOST_MEMBERS),
    ):
        if len(things) > most:
            faults.add(f"/{name}", f"must be at most {most}")
    for number, member in enumerate(profile.team):
        member.name = faults.text(f"/team/{number}/name", member.name, 100, least=1)
        member.role = faults.text(f"/team/{number}/role", member.role, 100)
    return faults


def _check_hours(faults: Faults, profile: Profile) -> None:
    for number, weekday in enumerate(profile.hours):
        faults.number(f"/hours/{number}/weekday", weekday.weekday, 1, 7)
        _check_spans(faults, f"/hours/{number}/spans", weekday.spans)
    if len({each.weekday for each in profile.hours}) < len(profile.hours):
        faults.add("/hours", "must name each weekday once")
    for number, holiday in enumerate(profile.holidays):
        holiday.name = faults.text(f"/holidays/{number}/name", holiday.name, 100)
        try:
            holiday.day = date.fromisoformat(holiday.day).isoformat()
        except ValueError:
            faults.add(f"/holidays/{number}/day", "must be YYYY-MM-DD")
        _check_spans(faults, f"/holidays/{number}/spans", holiday.spans)


def _check_spans(faults: Faults, pointer: str, spans: list[Span]) -> None:
    if len(spans) > _MOST_SPANS:
        faults.add(pointer, f"must be at most {_MOST_SPANS}")
    wrong = [(number, fault) for number, span in enumerate(spans) if (fault := fault_of(span))]
    for number, fault in wrong:
        faults.add(f"{pointer}/{number}", fault)
    if not wrong and overlap(spans):
        faults.add(pointer, "must not overlap")


class Profiles:
    """Keeps the profile and shows it."""

    def __init__(self, profiles: Table[Profile], library: Library, gates: Gates, clock: Clock) -> None:
        self._profiles, self._library, self._gates, self._clock = profiles, library, gates, clock
        library.referrers.append(self._shows)

    async def show(self) -> tuple[Profile, Opening]:
        """The profile, and whether the shop is open now. Refuses with STORE_NOT_FOUND."""
        return self._now(found(await self._profiles.get(ONE), StoreNotFound("nobody has written the profile yet")))

    async def put(self, profile: Profile, if_version: int) -> tuple[Profile, Opening]:
        """Writes it anew. Refuses with INVALID_STORE, LISTING_REFUSED, VERSION_MISMATCH."""
        faults = check(profile)
        gone = await self._library.not_there(set(profile.pictures.values()))
        for pointer, key in profile.pictures.items():
            if key in gone:
                faults.add(pointer, "is no picture of the library that all may see")
        faults.refuse(InvalidStore)
        profile.updated_at = now = self._clock.now()
        await demand_texts(self._gates, of_the_shop(now), [("/intro", profile.intro), ("/history", profile.history)])
        return self._now(await put(self._profiles, profile, if_version))

    def _now(self, profile: Profile) -> tuple[Profile, Opening]:
        return profile, opening(profile.hours, profile.holidays, profile.time_zone, self._clock.now())

    async def _shows(self, asset_id: str) -> str:
        profile = await self._profiles.get(ONE)
        return "the shop's profile" if profile and asset_id in profile.pictures.values() else ""
