"""This is where it is kept which carriers are on, our accounts with them, and how patient we are with each.

Which carriers there are is written here: those built in, and any number of partners that staff add. What an account has is
sealed, and shown to nobody: only which fields are known.
"""

import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.kit.clock import Clock
from services.kit.errors import (
    AlreadyExists,
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    Unavailable,
    VersionMismatch,
    WrongState,
)
from services.kit.seal import Seal
from services.kit.store import Store
from services.logistics.addresses import Address
from services.logistics.carriers import DEFAULT_CARRIER, Carrier, Parcel
from services.logistics.carriers.partner import Partner
from services.logistics.carriers.partner.messages import VOCABULARY_NAMES, is_prefix
from services.logistics.fleet.carrier import OWN_FLEET
from services.logistics.messages.places import unsealed_address
from services.logistics.messages.told import connection_changed
from services.logistics.remembered import Remembered
from services.logistics.tracking import CANONICAL, ENDS, UNKNOWN
from services.logistics.words import is_code, is_text

LIVE, TEST = "live", "test"
_ON_AT_FIRST = (DEFAULT_CARRIER, OWN_FLEET)
_STALE_S = 30.0
_MOST = 200
_MOST_DAYS = 365
# Days without a scan after which somebody looks, by the state a parcel is in.
PATIENCE = {
    "label_created": 2,  # handed over, and never seen
    "picked_up": 2,
    "in_transit": 4,
    "customs": 7,
    "out_for_delivery": 2,
    "ready_for_pickup": 7,
    "attempt_failed": 3,
    "exception": 3,
    "rejected": 5,
    "returning": 7,
}
LOST_DAYS = 15
WATCHED_STATES = tuple(state for state in CANONICAL if state not in ENDS and state != UNKNOWN)


@dataclass
class Connection:
    """A carrier as this shop has it; `id` is its code. `prefix` and `speaks` are a partner's."""

    id: str
    on: bool = False
    environment: str = TEST
    partner: bool = False
    title: str = ""
    prefix: str = ""
    speaks: str = ""
    sealed: bytes = field(default=b"", repr=False)
    known: list[str] = field(default_factory=list)  # the account's fields that are sealed in it
    stuck_days: dict[str, int] = field(default_factory=dict)  # what differs from `PATIENCE`
    lost_days: int = LOST_DAYS
    updated_at: datetime | None = None
    updated_by: str = ""
    version: int = 0

    def patience(self, state: str) -> timedelta:
        """How long a parcel may be in a state without a scan."""
        return timedelta(days=self.stuck_days.get(state, PATIENCE.get(state, LOST_DAYS)))

    def lost_after(self) -> timedelta:
        """How long a parcel may be without a scan before it counts as lost."""
        return timedelta(days=self.lost_days)


@dataclass(frozen=True, slots=True)
class Wish:
    """What staff want of a connection. Fields of the account that are not named stay as they are."""

    on: bool
    environment: str
    account: Mapping[str, str] = field(repr=False)
    stuck_days: Mapping[str, int]
    lost_days: int
    partner: bool = False
    title: str = ""
    prefix: str = ""
    speaks: str = ""


class CarrierNotFound(NotFound):
    """There is no such carrier."""


class CarrierNotConnected(Unavailable):
    """Our account with it is not complete: it waits until somebody completes it."""


class AccountIncomplete(WrongState):
    """A carrier is not turned on without an account."""


class LastCarrier(WrongState):
    """The last carrier that is on stays on: who else would bring the parcels?"""


class InvalidConnection(Invalid):
    """Not a connection as it is described."""


class Connections:
    """The connections, in memory: they are few and every plan needs them."""

    def __init__(
        self,
        kept: Store[Connection],
        carriers: MutableMapping[str, Carrier],
        seal: Seal,
        clock: Clock,
        builtin: tuple[str, ...],
    ) -> None:
        self._kept, self._carriers, self._seal, self._clock = kept, carriers, seal, clock
        self._builtin = builtin
        self._known = Remembered(self._read, _STALE_S)
        self.forget = self._known.forget

    async def _read(self) -> dict[str, Connection]:
        found = {code: Connection(code, on=code in _ON_AT_FIRST) for code in self._builtin}
        found |= {one.id: one for one in await self._kept.find({}, limit=_MOST)}
        for one in found.values():
            if one.partner:
                self._carriers[one.id] = Partner(one.id, one.title, one.prefix, one.speaks)
        return {code: one for code, one in found.items() if code in self._carriers}

    async def all(self) -> dict[str, Connection]:
        """Every carrier's, by code."""
        return await self._known.get()

    async def get(self, code: str) -> Connection:
        """One. Refuses with CARRIER_NOT_FOUND."""
        found = (await self.all()).get(code)
        if found is None:
            raise CarrierNotFound("there is no such carrier")
        return found

    def carrier(self, code: str) -> Carrier:
        """Who it is; the default one for a code nobody has."""
        return self._carriers.get(code) or self._carriers[DEFAULT_CARRIER]

    async def asked(self, ability: str) -> list[Carrier]:
        """Those that have an account with us and can be asked this; the sandbox knows nothing that we do not."""
        known = [
            self.carrier(code) for code, one in (await self.all()).items() if one.known and code != DEFAULT_CARRIER
        ]
        return [carrier for carrier in known if ability in carrier.abilities]

    async def on(self) -> list[str]:
        """Those that get new parcels."""
        return [code for code, one in (await self.all()).items() if one.on]

    async def bringing_back(self) -> Carrier:
        """Who brings what customers return: the default one while it is on, else a partner that is. Carriers with systems of
        their own are asked for the way out only."""
        known = await self.all()
        partners = sorted(code for code, one in known.items() if one.partner)
        return self.carrier(next((code for code in (DEFAULT_CARRIER, *partners) if known[code].on), DEFAULT_CARRIER))

    async def secrets(self, code: str) -> Mapping[str, str]:
        """The account's fields, unsealed, and its environment. Refuses with CARRIER_NOT_CONNECTED."""
        one = await self.get(code)
        if set(self._carriers[code].account_fields) - set(one.known):
            raise CarrierNotConnected(f"our account with {code} is not complete")
        return self._opened(one) | {"environment": one.environment}

    def _opened(self, one: Connection) -> dict[str, str]:
        return dict(json.loads(self._seal.open(one.sealed, _subject(one.id)))) if one.sealed else {}

    async def put(self, code: str, wish: Wish, if_version: int, by: str) -> Connection:
        """Changes one, or adds a partner. Refuses with CARRIER_NOT_FOUND, INVALID_CONNECTION, ACCOUNT_INCOMPLETE,
        LAST_CARRIER, VERSION_MISMATCH."""
        self.forget()
        known = await self.all()
        before = known.get(code)
        if before is None and not wish.partner:
            raise CarrierNotFound("there is no such carrier; a partner is added with its title, prefix and vocabulary")
        before = before or Connection(code, partner=True)
        if if_version != before.version:
            raise VersionMismatch(f"{code} has changed since version {if_version}")
        self._check(code, before, wish, known)
        after = self._changed(before, wish, by)
        event = connection_changed(after, self._clock.now())
        try:
            kept = await (self._kept.save(after, event) if before.version else self._kept.insert(after, event))
        except AlreadyExists:
            raise Conflict("somebody else was quicker: read again") from None
        self.forget()
        await self.all()
        return kept

    def _check(self, code: str, before: Connection, wish: Wish, known: Mapping[str, Connection]) -> None:
        errors = _problems(code, before, wish, self._fields(code), known)
        if errors:
            raise InvalidConnection("this is no connection", errors=errors)
        missing = set(self._fields(code)) - set(before.known) - {name for name, value in wish.account.items() if value}
        if wish.on and missing:
            raise AccountIncomplete(f"{', '.join(sorted(missing))} missing", missing=",".join(sorted(missing)))
        elsewhere = code != OWN_FLEET  # which brings within its city only
        if (
            elsewhere
            and not wish.on
            and before.on
            and not any(one.on for other, one in known.items() if other not in (code, OWN_FLEET))
        ):
            raise LastCarrier("turn another one on first")

    def _fields(self, code: str) -> tuple[str, ...]:
        return self._carriers[code].account_fields if code in self._carriers else ()

    def _changed(self, before: Connection, wish: Wish, by: str) -> Connection:
        account = self._opened(before) | {name: value for name, value in wish.account.items() if value}
        sealed = self._seal.close(json.dumps(account).encode(), _subject(before.id)) if account else b""
        return Connection(
            id=before.id,
            on=wish.on,
            environment=wish.environment,
            partner=before.partner,
            title=wish.title if before.partner else "",
            prefix=wish.prefix if before.partner else "",
            speaks=wish.speaks if before.partner else "",
            sealed=sealed,
            known=sorted(account),
            stuck_days=dict(wish.stuck_days),
            lost_days=wish.lost_days,
            updated_at=self._clock.now(),
            updated_by=by,
            version=before.version,
        )


@dataclass(frozen=True)
class OurAccount:
    """Our account with one carrier, for its adapter alone."""

    connections: Connections
    code: str
    seal: Seal

    async def secrets(self) -> Mapping[str, str]:
        """Its fields. Refuses with CARRIER_NOT_CONNECTED."""
        return await self.connections.secrets(self.code)

    def address(self, parcel: Parcel) -> Address:
        """Where a parcel goes."""
        return unsealed_address(self.seal.open(parcel.sealed_address, parcel.order_id))


def _subject(code: str) -> str:
    return f"carrier/{code}"


def _problems(
    code: str, before: Connection, wish: Wish, fields: tuple[str, ...], known: Mapping[str, Connection]
) -> list[FieldError]:
    wrong = {
        "/code": is_code(code) or "1 to 32 letters, digits, - or _",
        "/environment": wish.environment in (LIVE, TEST) or "live or test",
        "/account": set(wish.account) <= set(fields) or f"its fields are: {', '.join(fields) or 'none'}",
        "/lost_days": 1 <= wish.lost_days <= _MOST_DAYS or f"1 to {_MOST_DAYS}",
        "/stuck_days": _are_days(wish.stuck_days) or f"1 to {_MOST_DAYS} each, by {', '.join(PATIENCE)}",
    }
    wrong |= {f"/account/{name}": is_text(value, 300) or "one line" for name, value in wish.account.items()}
    if before.partner:
        others = {one.prefix for other, one in known.items() if other != code and one.prefix}
        wrong |= {
            "/title": is_text(wish.title, 100, 1) or "1 to 100 printable characters",
            "/prefix": (is_prefix(wish.prefix) and wish.prefix not in others) or "2 to 4 capitals nobody else has",
            "/speaks": wish.speaks in VOCABULARY_NAMES or f"one of {', '.join(VOCABULARY_NAMES)}",
        }
    return [FieldError(pointer, str(said)) for pointer, said in wrong.items() if said is not True]


def _are_days(days: Mapping[str, int]) -> bool:
    return all(state in PATIENCE and 1 <= count <= _MOST_DAYS for state, count in days.items())
