"""This is where it stands what a subscription is, and what a customer wants of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.orders.addresses import Address

from .cycles import due_of


class State(StrEnum):
    """Whether it is renewed."""

    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Item:
    """So many of a SKU each time."""

    sku: str
    quantity: int


@dataclass
class Subscription:
    """A subscription. `cycle` is the one that comes next, due at `due_at`; while it is being ordered `sealed_draft` is what
    is asked for under number `attempt`. `agreed_minor`: what its customer was last shown one costs. `why`: it paused."""

    id: str
    customer_id: str
    plan: str
    every: str
    zone: str
    first_at: datetime
    due_at: datetime
    items: list[Item]
    currency: str
    agreed_minor: int
    delivery_option: str
    sealed_address: bytes
    sealed_email: bytes
    sealed_token: bytes
    request_id: str
    fingerprint: bytes
    state: State = State.ACTIVE
    why: str = ""
    cycle: int = 1
    attempt: int = 1
    failures: int = 0
    reminded: int = 0  # the cycle its customer was last reminded of
    wake_at: datetime | None = None
    sealed_draft: bytes = b""
    orders: list[str] = field(default_factory=list)  # the newest, newest last
    version: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wants, or wants changed (None, or empty: as it is). Personal."""

    items: Sequence[Item] = ()
    delivery_option: str = ""
    address: Address | None = field(default=None, repr=False)
    payment_token: str = field(default="", repr=False)
    plan: str = ""
    every: str = ""
    zone: str = ""
    currency: str = ""
    first_at: datetime | None = None
    email: str = field(default="", repr=False)


def following(of: Subscription, cycle: int, now: datetime) -> dict[str, Any]:
    """What is kept once it goes on with another cycle: looked at at once, to be reminded in time."""
    due = due_of(of.first_at, of.zone, of.every, cycle)
    return {"cycle": cycle, "due_at": due, "wake_at": now, "attempt": 1, "failures": 0, "sealed_draft": b""}
