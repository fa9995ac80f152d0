"""This is where the shop's own people get accounts, roles and a second factor."""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, NotAllowed, NotFound, NotSignedIn, WrongState
from services.kit.ids import new_id
from services.kit.store import Store, found

from .customers import EmailTaken
from .passwords import Passwords, check_strength
from .people import email_address, person_name
from .privacy import PersonSeal, Privacy
from .second_factor import SecondFactor, enrolment_uri, new_secret, step_of
from .sessions import OWN_MERCHANT, STAFF, Sessions, Tokens
from .sign_in import SignIn

ROLES = ("owner", "goods", "orders", "finance", "marketing", "support", "read-only", "merchant", "rider")
_MOST = 500
_MERCHANT = re.compile(r"mer_[0-9a-z]{1,40}")


@dataclass
class Member:
    """A member of staff, as kept: who they are is sealed with their own key."""

    id: str
    email_index: bytes
    email: bytes
    name: bytes
    password_hash: str
    roles: list[str]
    created_by: str
    created_at: datetime
    second: SecondFactor | None = None
    merchant_id: str = OWN_MERCHANT  # whose things they meet; `self` is the shop, which meets all
    version: int = 0


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A member of staff, as colleagues see them; `totp` says whether the second factor is on."""

    id: str
    email: str
    name: str
    roles: list[str]
    totp: bool
    merchant_id: str


class StaffNotFound(NotFound):
    """There is no such member of staff."""


class UnknownRole(Invalid):
    """Not one of the eight roles, or none at all."""


class InvalidAccount(Invalid):
    """A merchant's account has the role `merchant` and no other; nobody else has it."""


class OwnersOnly(NotAllowed):
    """Only an owner makes accounts."""


class TotpRequired(NotSignedIn):
    """The password is right; the second factor is missing."""


class TotpEnrolled(WrongState):
    """There is a second factor already."""


class WrongCode(Invalid):
    """Not the code of this moment."""


class Staff:
    """Accounts, sign-in, second factors."""

    def __init__(
        self,
        members: Store[Member],
        privacy: Privacy,
        passwords: Passwords,
        sign_in: SignIn,
        sessions: Sessions,
        clock: Clock,
        *,
        development: bool,
    ) -> None:
        self._members, self._privacy, self._passwords = members, privacy, passwords
        self._door, self._sessions, self._clock, self._development = sign_in, sessions, clock, development

    async def sign_in(self, email: str, password: str, code: str) -> Tokens:
        """Refuses with WRONG_CREDENTIALS, TOTP_REQUIRED, TOO_MANY_TRIES."""

        async def second_fits(member: Member) -> bool:
            return await self._second_fits(member, code)

        member = await self._door.prove(STAFF, email, password, self._by_email, second_fits)
        return await self._sessions.begin(member.id, STAFF, member.roles, member.merchant_id)

    async def create(
        self, email: str, password: str, name: str, roles: Sequence[str], by: str, merchant_id: str = ""
    ) -> StaffCard:
        """A sub-account. Refuses with EMAIL_TAKEN, INVALID_EMAIL, WEAK_PASSWORD, INVALID_NAME, UNKNOWN_ROLE,
        INVALID_ACCOUNT, STAFF_NOT_FOUND (who makes it) and OWNERS_ONLY."""
        email = email_address(email, development=self._development)
        check_strength(password, email)
        name = person_name(name)
        if not roles or not set(roles) <= set(ROLES):
            raise UnknownRole(errors=[FieldError("/roles", "some of " + ", ".join(ROLES))])
        merchant_id = merchant_id or OWN_MERCHANT
        _check_merchant(merchant_id, roles)
        maker = await self._kept(by)
        if "owner" not in maker.roles:
            raise OwnersOnly("only an owner makes accounts")
        member, seal = await self._make(email, password, name, sorted(set(roles), key=ROLES.index), by, merchant_id)
        return _card(member, seal)

    async def begin_with_owner(self, email: str, password: str) -> None:
        """Makes the first account, so that somebody can make the others. Once made, it is left as it is."""
        email = email_address(email, development=self._development)
        if await self._by_email(self._privacy.email_index(email)) is None:
            with contextlib.suppress(EmailTaken):  # another replica was quicker
                await self._make(email, password, "Owner", ["owner"], "")

    async def everybody(self) -> list[StaffCard]:
        """By e-mail address."""
        members = await self._members.find({}, limit=_MOST)
        seals = await self._privacy.find_many([member.id for member in members])
        cards = [_card(member, seals[member.id]) for member in members if member.id in seals]
        return sorted(cards, key=lambda card: card.email)

    async def enroll_totp(self, staff_id: str) -> str:
        """Begins a second factor, anew if it was begun before; answers its `otpauth://` URI, this once.

        Refuses with STAFF_NOT_FOUND, TOTP_ENROLLED.
        """
        member = await self._kept(staff_id)
        if member.second and member.second.on:
            raise TotpEnrolled("the second factor is on")
        seal, secret = await self._privacy.of(staff_id), new_secret()
        member.second = SecondFactor(seal.close("totp", secret))
        await self._members.save(member)
        return enrolment_uri(secret, seal.open("email", member.email))

    async def confirm_totp(self, staff_id: str, code: str) -> None:
        """Turns the second factor on; the code that proves it is used up. Again changes nothing.

        Refuses with STAFF_NOT_FOUND, WRONG_CODE.
        """
        member = await self._kept(staff_id)
        if member.second and member.second.on:
            return
        step = await self._step(member, code)
        if member.second is None or step is None:
            raise WrongCode(errors=[FieldError("/code", "not the code of this moment")])
        member.second.on, member.second.last_step = True, step
        await self._members.save(member)

    async def _second_fits(self, member: Member, code: str) -> bool:
        if member.second is None or not member.second.on:
            return True
        if not code:
            raise TotpRequired("the second factor is on: six digits, please")
        step = await self._step(member, code)
        if step is None:
            return False
        # One update decides: of all who bring the same code at once, one uses it.
        unused = {"_id": member.id, "second.last_step": {"$lt": step}}
        return await self._members.change(unused, {"$set": {"second.last_step": step}}) is not None

    async def _step(self, member: Member, code: str) -> int | None:
        if member.second is None:
            return None
        seal = await self._privacy.of(member.id)
        return step_of(seal.open("totp", member.second.sealed), code, self._clock.now())

    async def _make(
        self, email: str, password: str, name: str, roles: list[str], by: str, merchant_id: str = OWN_MERCHANT
    ) -> tuple[Member, PersonSeal]:
        hashed = await self._passwords.hash(password)
        staff_id = new_id("stf")
        seal = await self._privacy.begin(staff_id)
        member = Member(
            id=staff_id,
            email_index=self._privacy.email_index(email),
            email=seal.close("email", email),
            name=seal.close("name", name),
            password_hash=hashed,
            roles=roles,
            created_by=by,
            created_at=self._clock.now(),
            merchant_id=merchant_id,
        )
        try:
            await self._members.insert(member)
        except AlreadyExists:
            await self._privacy.forget(staff_id)
            raise EmailTaken("somebody on the staff has this e-mail address") from None
        return member, seal

    async def _by_email(self, index: bytes) -> Member | None:
        return await self._members.one({"email_index": index})

    async def _kept(self, staff_id: str) -> Member:
        return found(await self._members.get(staff_id), StaffNotFound("no such member of staff"))


def _check_merchant(merchant_id: str, roles: Sequence[str]) -> None:
    if merchant_id != OWN_MERCHANT and not _MERCHANT.fullmatch(merchant_id):
        raise InvalidAccount(errors=[FieldError("/merchant_id", "must be `self` or a merchant's id")])
    if (merchant_id != OWN_MERCHANT) != ("merchant" in roles) or ("merchant" in roles and len(set(roles)) > 1):
        raise InvalidAccount(
            errors=[FieldError("/roles", "`merchant` alone is for a merchant's account, and only there")]
        )


def _card(member: Member, seal: PersonSeal) -> StaffCard:
    second_on = member.second is not None and member.second.on
    name, email = seal.open("name", member.name), seal.open("email", member.email)
    return StaffCard(member.id, email, name, member.roles, second_on, member.merchant_id)
