"""This is where ids come from: a prefix, then 26 characters that sort by time and cannot be guessed. Pure."""

import secrets
import time
from datetime import UTC, datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing that looks like something else


def _base32(value: int, length: int) -> str:
    return "".join(ALPHABET[(value >> (5 * i)) & 31] for i in range(length - 1, -1, -1))


def id_of_moment(prefix: str, moment: datetime) -> str:
    """The least id that could be made in this moment: what an id of before sorts below."""
    return f"{prefix}_{_base32(max(0, int(moment.timestamp() * 1000)) << 80, 26)}"


def new_id(prefix: str) -> str:
    """`prefix_` + 48 bits of milliseconds + 80 random bits (the layout of a ULID)."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{prefix}_{_base32((milliseconds << 80) | secrets.randbits(80), 26)}"


def made_at(id_: str) -> datetime | None:
    """When an id of ours was made; None for what is none."""
    letters = id_.partition("_")[2]
    if len(letters) != 26 or not set(letters) <= set(ALPHABET):
        return None
    value = 0
    for letter in letters:
        value = value * 32 + ALPHABET.index(letter)
    try:
        return datetime.fromtimestamp((value >> 80) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
