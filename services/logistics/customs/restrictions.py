"""This is where it is kept what may not go where: by destination, HS code and battery, from a day on and until one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, FieldError, Invalid, NotFound, VersionMismatch
from services.kit.store import Store
from services.logistics.remembered import Remembered
from services.logistics.words import is_code, is_country, is_text

from .goods import BATTERIES, Goods

PROHIBITED, RESTRICTED = "prohibited", "restricted"  # refused at checkout; held for staff
EVERYWHERE = "*"
_MOST = 2_000
_TRIES = 5


class InvalidRestriction(Invalid):
    """Not a restriction as it is described."""


class RestrictionNotFound(NotFound):
    """There is no such restriction."""


@dataclass
class Restriction:
    """Goods that may not go to a country (`*`: anywhere abroad). `hs_prefix`, 2 to 10 digits, and `battery` say which; one
    of them at least. Days are `YYYY-MM-DD` in UTC, both inclusive; empty: without a beginning, without an end."""

    id: str
    country: str
    kind: str
    reason: str
    text: str
    hs_prefix: str = ""
    battery: str = ""
    from_day: str = ""
    until_day: str = ""
    version: int = 0

    def hits(self, country: str, goods: Goods, day: str) -> bool:
        """Whether it stands against these goods going there on this day."""
        return (
            self.country in (EVERYWHERE, country)
            and goods.hs_code.startswith(self.hs_prefix)
            and (not self.hs_prefix or bool(goods.hs_code))
            and self.battery in ("", goods.battery)
            and self.from_day <= day
            and (not self.until_day or day <= self.until_day)
        )


def _is_day(text: str) -> bool:
    try:
        return not text or datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m-%d") == text
    except ValueError:
        return False


def faults(one: Restriction) -> list[FieldError]:
    """What is wrong with it."""
    digits = one.hs_prefix
    wrong = {
        "id": is_code(one.id) or "letters, digits, - and _, at most 32",
        "country": one.country == EVERYWHERE or is_country(one.country) or "an ISO 3166-1 alpha-2 code, or *",
        "kind": one.kind in (PROHIBITED, RESTRICTED) or "prohibited or restricted",
        "reason": is_code(one.reason) or "a code",
        "text": is_text(one.text, 300, 1) or "one line of 1 to 300 characters",
        "hs_prefix": not digits
        or (digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 10)
        or "2 to 10 digits",
        "battery": one.battery in ("", *BATTERIES) or f"one of {', '.join(BATTERIES)}",
        "from_day": _is_day(one.from_day) or "YYYY-MM-DD",
        "until_day": (_is_day(one.until_day) and (not one.until_day or one.from_day <= one.until_day))
        or "not before from_day",
    }
    found = [FieldError(f"/{name}", str(said)) for name, said in wrong.items() if said is not True]
    return found or ([] if one.hs_prefix or one.battery else [FieldError("/hs_prefix", "say which goods")])


class Restrictions:
    """All of them, in memory."""

    def __init__(self, kept: Store[Restriction], clock: Clock) -> None:
        self._kept, self._clock = kept, clock
        self._known = Remembered(self._read)

    async def _read(self) -> list[Restriction]:
        return await self._kept.find({}, limit=_MOST)

    async def all(self) -> list[Restriction]:
        """By id."""
        return list(await self._known.get())

    async def against(self, country: str, goods: Goods) -> Sequence[Restriction]:
        """Those that stand against it today; the prohibiting first."""
        day = self._clock.now().strftime("%Y-%m-%d")
        hit = [one for one in await self._known.get() if one.hits(country, goods, day)]
        return sorted(hit, key=lambda one: one.kind != PROHIBITED)

    async def put(self, one: Restriction, if_version: int = 0) -> Restriction:
        """Makes or changes one. Refuses with INVALID_RESTRICTION, VERSION_MISMATCH."""
        if wrong := faults(one):
            raise InvalidRestriction(wrong[0].message, errors=wrong)
        for _ in range(_TRIES):
            before = await self._kept.get(one.id)
            if if_version and (before is None or before.version != if_version):
                raise VersionMismatch("somebody else has changed it")
            one.version = before.version if before else 0
            try:
                kept = await (self._kept.save(one) if before else self._kept.insert(one))
            except (AlreadyExists, VersionMismatch):
                continue
            self._known.forget()
            return kept
        raise Conflict("this restriction keeps changing")

    async def remove(self, key: str) -> None:
        """Takes one out. Refuses with RESTRICTION_NOT_FOUND."""
        gone = await self._kept.collection.delete_one({"_id": key}) if is_code(key) else None
        if not gone or not gone.deleted_count:
            raise RestrictionNotFound("there is no such restriction")
        self._known.forget()
