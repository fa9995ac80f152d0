"""This is where somebody proves who they are: e-mail address, password and, if they have one, a second factor."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from services.kit.errors import FieldError, Invalid, NotSignedIn

from .passwords import Passwords
from .privacy import Privacy
from .tries import TryLimit

_EMAIL_LENGTH = 254
_PASSWORD_LENGTH = 256


class Account(Protocol):
    """Who can sign in: a customer or a member of staff."""

    id: str
    password_hash: str


A = TypeVar("A", bound=Account)


class WrongCredentials(NotSignedIn):
    """Something does not fit; what, is not said."""


class InvalidCredentials(Invalid):
    """Longer than an e-mail address or a password can be."""


class SignIn:
    """Answers who it is, or refuses the same way and as slowly whatever was wrong."""

    def __init__(self, passwords: Passwords, tries: TryLimit, privacy: Privacy) -> None:
        self._passwords, self._tries, self._privacy = passwords, tries, privacy

    async def prove(
        self,
        audience: str,
        email: str,
        password: str,
        find: Callable[[bytes], Awaitable[A | None]],
        second_fits: Callable[[A], Awaitable[bool]] | None = None,
    ) -> A:
        """Refuses with WRONG_CREDENTIALS, TOO_MANY_TRIES and what `second_fits` (asked last) refuses with.

        All of it within one turn: guesses sent side by side cannot outrun the counting of their failures.
        """
        if len(email) > _EMAIL_LENGTH or len(password) > _PASSWORD_LENGTH:
            raise InvalidCredentials(errors=[FieldError("/email", "e-mail address or password is too long")])
        index = self._privacy.email_index(email)
        key = f"{audience}:{index.hex()}"
        async with self._passwords.turn:
            failed_before = await self._tries.check(key)
            account = await find(index)
            fits = await self._passwords.fits(account.password_hash if account else None, password)
            if account is None or not fits or not (second_fits is None or await second_fits(account)):
                await self._tries.failed(key)
                raise WrongCredentials("e-mail address, password or code is wrong")
        if failed_before:
            await self._tries.succeeded(key)
        return account
