"""This is where customers register and change what the shop knows about them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotFound, VersionMismatch
from services.kit.ids import new_id
from services.kit.store import Store

from .messages import customer_registered
from .passwords import Passwords, check_strength
from .people import Address, e164, email_address, person_name
from .privacy import PersonSeal, Privacy
from .races import until_saved
from .tiers import Tiers
from .wallet import Wallet

LANGUAGES = ("zh-CN", "en")
_PATCH_BYTES = 4096


@dataclass
class SealedAddress:
    """An address in the book, as kept: its parts as JSON, sealed."""

    id: str
    sealed: bytes
    preferred: bool = False
    phone_index: bytes = b""


@dataclass
class Customer:
    """A customer, as kept: who they are is sealed with their own key."""

    id: str
    email_index: bytes
    email: bytes
    name: bytes
    password_hash: str
    registered_at: datetime
    language: str = LANGUAGES[0]
    marketing_consent: bool = False
    addresses: list[SealedAddress] = field(default_factory=list)
    version: int = 0


@dataclass(frozen=True, slots=True)
class SavedAddress:
    """An address in the book, as the customer sees it."""

    id: str
    address: Address
    preferred: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer, as they see themselves."""

    id: str
    email: str
    name: str
    language: str
    marketing_consent: bool
    addresses: list[SavedAddress]
    registered_at: datetime
    version: int
    tier: str = "basic"
    points: int = 0


class EmailTaken(AlreadyExists):
    """Somebody has registered with this address."""


class CustomerNotFound(NotFound):
    """There is no such customer."""


class InvalidPatch(Invalid):
    """Not a JSON Merge Patch over name, language and marketing_consent."""


class Customers:
    """Registers, shows, changes."""

    def __init__(
        self,
        customers: Store[Customer],
        wallets: Store[Wallet],
        privacy: Privacy,
        passwords: Passwords,
        tiers: Tiers,
        clock: Clock,
        *,
        development: bool,
    ) -> None:
        self._customers, self._wallets, self._privacy, self._passwords = customers, wallets, privacy, passwords
        self._tiers, self._clock, self._development = tiers, clock, development

    async def register(self, email: str, password: str, name: str) -> Profile:
        """Refuses with EMAIL_TAKEN, INVALID_EMAIL, WEAK_PASSWORD, INVALID_NAME."""
        email = email_address(email, development=self._development)
        check_strength(password, email)
        name = person_name(name)
        hashed = await self._passwords.hash(password)
        customer_id = new_id("cus")
        # The key first: a customer without one could never be read. One left over by a crash opens nothing.
        seal = await self._privacy.begin(customer_id)
        customer = Customer(
            id=customer_id,
            email_index=self._privacy.email_index(email),
            email=seal.close("email", email),
            name=seal.close("name", name),
            password_hash=hashed,
            registered_at=self._clock.now(),
        )
        try:
            await self._customers.insert(customer, customer_registered(customer))
        except AlreadyExists:
            await self._privacy.forget(customer_id)
            raise EmailTaken("this e-mail address is registered") from None
        return _profile(customer, seal)

    async def exists(self, customer_id: str) -> bool:
        """Whether there is such a customer."""
        return await self._customers.get(customer_id) is not None

    async def known(self, customer_ids: Sequence[str]) -> set[str]:
        """Which of these are customers, in one read of ids."""
        found = self._customers.collection.find({"_id": {"$in": list(customer_ids)}}, {"_id": 1})
        return {document["_id"] for document in await found.to_list(len(customer_ids))} if customer_ids else set()

    async def by_email(self, index: bytes) -> Customer | None:
        """Whom an address's blind index belongs to."""
        return await self._customers.one({"email_index": index})

    async def recognised(self, email: str, phone: str) -> str:
        """Whose e-mail address this is, or whose address book alone has this phone number: somebody's id. Refuses with
        CUSTOMER_NOT_FOUND."""
        if email and (customer := await self.by_email(self._privacy.email_index(email))):
            return customer.id
        if number := e164(phone):
            having = {"addresses.phone_index": self._privacy.phone_index(number)}
            found = await self._customers.find(having, limit=2)
            if len(found) == 1:
                return found[0].id
        raise CustomerNotFound("nobody we know")

    async def look(self, customer_id: str) -> Profile:
        """Refuses with CUSTOMER_NOT_FOUND."""
        customer, seal, wallet = await asyncio.gather(
            self._customers.get(customer_id),
            self._privacy.find(customer_id),
            self._wallets.get(customer_id),
        )
        if customer is None or seal is None:
            raise CustomerNotFound("no such customer")
        wallet = wallet or Wallet(customer_id)
        return _profile(
            customer,
            seal,
            self._tiers.of(wallet.spent, wallet.given(self._clock.now())),
            wallet.usable(self._clock.now()),
        )

    async def change(self, customer_id: str, if_version: int, patch: bytes) -> Profile:
        """Refuses with CUSTOMER_NOT_FOUND, VERSION_MISMATCH (not when `if_version` is 0), INVALID_NAME, INVALID_PATCH."""
        changes = _read_patch(patch)

        async def attempt() -> None:
            customer = await self.kept(customer_id)
            if if_version and customer.version != if_version:
                raise VersionMismatch(f"the customer has changed since version {if_version}")
            seal = await self._privacy.of(customer_id)
            if "name" in changes:
                customer.name = seal.close("name", changes["name"])
            customer.language = changes.get("language", customer.language)
            customer.marketing_consent = changes.get("marketing_consent", customer.marketing_consent)
            await self._customers.save(customer)

        await (attempt() if if_version else until_saved(attempt))
        return await self.look(customer_id)

    async def kept(self, customer_id: str) -> Customer:
        """As kept. Refuses with CUSTOMER_NOT_FOUND."""
        customer = await self._customers.get(customer_id)
        if customer is None:
            raise CustomerNotFound("no such customer")
        return customer


def open_addresses(customer: Customer, seal: PersonSeal) -> list[SavedAddress]:
    """The address book in clear, in the order it was written."""
    return [
        SavedAddress(kept.id, msgspec.json.decode(seal.open(kept.id, kept.sealed), type=Address), kept.preferred)
        for kept in customer.addresses
    ]


def _profile(customer: Customer, seal: PersonSeal, tier: str = "basic", points: int = 0) -> Profile:
    return Profile(
        id=customer.id,
        email=seal.open("email", customer.email),
        name=seal.open("name", customer.name),
        language=customer.language,
        marketing_consent=customer.marketing_consent,
        addresses=open_addresses(customer, seal),
        registered_at=customer.registered_at,
        version=customer.version,
        tier=tier,
        points=points,
    )


def _read_patch(patch: bytes) -> dict[str, Any]:
    """What a merge patch sets; null sets the default (RFC 7396), and a name has none."""
    try:
        given = msgspec.json.decode(patch if len(patch) <= _PATCH_BYTES else b"", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as bad:
        raise InvalidPatch(errors=[FieldError("", "a JSON object of at most 4096 bytes")]) from bad
    changes: dict[str, Any] = {}
    errors = []
    for name, value in given.items():
        if name == "name" and isinstance(value, str):
            changes[name] = person_name(value)
        elif name == "language" and value in (*LANGUAGES, None):
            changes[name] = value or LANGUAGES[0]
        elif name == "marketing_consent" and (value is None or isinstance(value, bool)):
            changes[name] = bool(value)
        else:
            known = name in ("name", "language", "marketing_consent")
            errors.append(
                FieldError(f"/{name}" if known else "", "not a value it can have" if known else "no such field")
            )
    if errors:
        raise InvalidPatch(errors=errors)
    return changes
