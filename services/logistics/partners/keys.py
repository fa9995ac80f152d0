"""This is where staff give carriers keys, replace their secrets and take them away."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.store import Store
from services.logistics.carrier_keys import SCOPES, USUAL_RATE_PER_S, CarrierKey, CarrierKeys
from services.logistics.key_uses import Counted, KeyUse
from services.logistics.words import is_code, is_id, is_text

from .endpoints import MOST_OVERLAP_H, fresh_secret, overlap_until, shown_secret

MOST_KEYS = 500
_MOST_RATE = 1000
_DAYS_SHOWN = 31
WriteDown = Callable[[dict[tuple[str, str], Counted]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Wish:
    """A key that is wanted."""

    carrier: str
    title: str
    scopes: Sequence[str] = field(default=SCOPES)
    rate_per_s: int = 0
    by: str = ""


class PartnerKeyNotFound(NotFound):
    """There is no such key."""


class PartnerKeyRevoked(WrongState):
    """It opens nothing any more; make another."""


class InvalidPartnerKey(Invalid):
    """Not a key that can be given."""


class TooManyKeys(WrongState):
    """There is no room for another."""


class PartnerKeys:
    """The keys, for staff."""

    def __init__(self, keys: CarrierKeys, uses: Store[KeyUse], write_down: WriteDown, clock: Clock) -> None:
        self._keys, self._kept, self._uses = keys, keys.kept, uses
        self._write_down, self._clock = write_down, clock

    async def create(self, wish: Wish) -> tuple[CarrierKey, str]:
        """A new key and its secret, which nobody can read again. Refuses with `InvalidPartnerKey`, `TooManyKeys`."""
        _check(wish)
        if len(await self._kept.find({}, limit=MOST_KEYS)) >= MOST_KEYS:
            raise TooManyKeys(f"at most {MOST_KEYS}")
        key_id, secret = new_id("ck"), fresh_secret()
        made = CarrierKey(
            key_id,
            wish.carrier,
            [self._keys.sealed(key_id, secret)],
            title=wish.title,
            scopes=list(wish.scopes),
            rate_per_s=wish.rate_per_s or USUAL_RATE_PER_S,
            created_at=self._clock.now(),
            created_by=wish.by,
        )
        await self._kept.insert(made)
        await self._keys.changed()
        return made, shown_secret(secret)

    async def page(self, carrier: str, limit: int, cursor: str) -> tuple[list[CarrierKey], str]:
        """Keys, newest first. Refuses with `InvalidPage`."""
        return await self._kept.page({"carrier": carrier} if carrier else {}, limit, cursor)

    async def get(self, key_id: str) -> CarrierKey:
        """One. Refuses with `PartnerKeyNotFound`."""
        return _there(await self._kept.get(key_id) if is_id(key_id) else None)

    async def rotate(self, key_id: str, hours: int) -> tuple[CarrierKey, str]:
        """A new secret; the one before it is good for so long. Refuses with `PartnerKeyNotFound`, `PartnerKeyRevoked`,
        `InvalidPartnerKey`."""
        if not 0 <= hours <= MOST_OVERLAP_H:
            what = [FieldError("/overlap_hours", f"0 to {MOST_OVERLAP_H}")]
            raise InvalidPartnerKey("secrets overlap for at most a week", errors=what)
        before = await self.get(key_id)
        if before.revoked_at:
            raise PartnerKeyRevoked("this key was revoked: make another")
        secret = fresh_secret()
        sealed = [self._keys.sealed(key_id, secret), before.sealed_secrets[0]]
        until = overlap_until(hours, self._clock.now())
        where = {"_id": key_id, "sealed_secrets": before.sealed_secrets, "revoked_at": None}
        changed = await self._kept.change(where, {"$set": {"sealed_secrets": sealed, "overlap_until": until}})
        if changed is None:  # rotated or revoked meanwhile: look again
            return await self.rotate(key_id, hours)
        await self._keys.changed()
        return changed, shown_secret(secret)

    async def revoke(self, key_id: str) -> CarrierKey:
        """It opens nothing any more; again changes nothing. Refuses with `PartnerKeyNotFound`."""
        there = await self.get(key_id)
        now = {"$set": {"revoked_at": self._clock.now()}}
        revoked = await self._kept.change({"_id": key_id, "revoked_at": None}, now)
        await self._keys.changed()
        return revoked or await self.get(there.id)

    async def use(self, key_id: str) -> list[KeyUse]:
        """What was asked with it, the newest day first. Refuses with `PartnerKeyNotFound`."""
        await self.get(key_id)
        return await self._uses.find({"key_id": key_id}, [("day", -1)], _DAYS_SHOWN)

    async def write_down(self) -> None:
        """What was counted in memory is kept."""
        if counted := self._keys.uses.taken():
            await self._write_down(counted)


def _check(wish: Wish) -> None:
    faults = [] if is_code(wish.carrier) else [FieldError("/carrier", "a carrier's code")]
    if not is_text(wish.title, 100, 1):
        faults.append(FieldError("/title", "one line of 1 to 100 characters"))
    if not wish.scopes or len(set(wish.scopes)) != len(wish.scopes) or not set(wish.scopes) <= set(SCOPES):
        faults.append(FieldError("/scopes", f"of {', '.join(SCOPES)}, each once"))
    if not 0 <= wish.rate_per_s <= _MOST_RATE:
        faults.append(FieldError("/rate_per_s", f"1 to {_MOST_RATE}"))
    if faults:
        raise InvalidPartnerKey(faults[0].message, errors=faults)


def _there(key: CarrierKey | None) -> CarrierKey:
    if key is None:
        raise PartnerKeyNotFound("there is no such key")
    return key
