"""This is where passwords are judged, hashed and compared: argon2id, two at a time, in threads."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.kit.errors import FieldError, Invalid

from .people import email_key

R = TypeVar("R")
_SHORTEST = 10
_LONGEST = 256
_AT_ONCE = 2
# OWASP's minimum for argon2id: 19 MiB, two passes, one lane: about 35 ms of one core.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())


class WeakPassword(Invalid):
    """Too short, too long, too common, or the account's own e-mail address."""


def check_strength(password: str, email: str) -> None:
    """Refuses with WEAK_PASSWORD what is guessed first. Length counts, not kinds of characters (NIST SP 800-63B)."""
    key = email_key(password)
    address = email_key(email)
    if not _SHORTEST <= len(password) <= _LONGEST:
        _refuse(f"{_SHORTEST} to {_LONGEST} characters")
    if key in _COMMON or len(set(key)) < 4:
        _refuse("one of the passwords that are guessed first")
    if key in (address, address.partition("@")[0]):
        _refuse("not the e-mail address itself")


def _refuse(why: str) -> None:
    raise WeakPassword(errors=[FieldError("/password", why)])


class Passwords:
    """Hashes and compares."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
        # Sign-ins queue here, so that a flood of them neither takes 19 MiB each nor outruns the counting of failures.
        self.turn = asyncio.Semaphore(_AT_ONCE)
        # Compared with when there is no such account: the answer then takes as long as a wrong password's.
        self._nobody = _nobody()

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        return await self._in_thread(lambda: _HASHER.hash(_normal(password)))

    async def fits(self, hashed: str | None, password: str) -> bool:
        """Whether it is the one; None stands for an account that does not exist and takes as long."""
        same = await self._in_thread(lambda: self._verify(hashed or self._nobody, _normal(password)))
        return same and hashed is not None

    @staticmethod
    def _verify(hashed: str, password: str) -> bool:
        try:
            return _HASHER.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


def _normal(password: str) -> str:
    # The same password typed on another keyboard may come composed differently.
    return unicodedata.normalize("NFKC", password)
