"""This is where it stands in an order how far its being picked up has come, and what its code is. Pure.

The code is kept nowhere: it is worked out from a secret, so that nobody who reads the database can pick up anything.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

KEPT_FOR = timedelta(days=7)
REMINDED_BEFORE = timedelta(days=1)
MOST_ATTEMPTS = 5
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread
_LENGTH = 8


class PickupState(StrEnum):
    """`preparing` in the store, `ready`, `collected`, or `expired` for nobody came."""

    PREPARING = "preparing"
    READY = "ready"
    COLLECTED = "collected"
    EXPIRED = "expired"


@dataclass
class Pickup:
    """An order that is picked up. `turn` tells a new code from the one before; `attempts` are those to name this one."""

    state: PickupState = PickupState.PREPARING
    turn: int = 1
    attempts: int = 0
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    collected_at: datetime | None = None
    by: str = ""  # who handed it over
    next_at: datetime | None = None  # when somebody is to look at it again
    reminded: bool = False


def code_of(secret: str, order_id: str, turn: int) -> str:
    """The code that collects an order: eight characters, of which nobody can guess one in five tries."""
    key = hashlib.sha256(f"pickup codes {secret}".encode()).digest()
    number = int.from_bytes(hmac.digest(key, f"{order_id} {turn}".encode(), "sha256"))
    code = ""
    for _ in range(_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        code += _ALPHABET[rest]
    return code


def same_code(typed: str, code: str) -> bool:
    """Whether this is it, however it is spaced or capitalized."""
    clean = "".join(c for c in typed.upper() if c.isalnum())
    return hmac.compare_digest(clean.encode(), code.encode())
