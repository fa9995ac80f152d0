"""This is where it is judged alike what carriers answer over their lines. Pure."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import msgspec

from services.kit.errors import Unavailable
from services.logistics.carriers import CarrierRefused

T = TypeVar("T")


def understood(read: Callable[[bytes], T], answer: bytes, busy: Collection[str]) -> T:
    """What was answered. Refuses with `CarrierRefused` what is so for good; with `Unavailable` what passes (codes that mean
    the carrier is `busy`), and what is no answer at all: it is to be asked again."""
    try:
        return read(answer)
    except CarrierRefused as refused:
        if refused.meta.get("code") in busy:
            raise Unavailable(refused.detail) from refused
        raise
    except (ValueError, msgspec.DecodeError) as broken:
        raise Unavailable("the carrier's answer is none") from broken


def door(account: Mapping[str, str], live: str, test: str) -> str:
    """Where the account's environment is asked."""
    return live if account["environment"] == "live" else test
