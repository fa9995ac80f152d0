"""This is where it is counted how often, and how much, a customer was given of late because prices fell."""

from dataclasses import dataclass, field
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Conflict, VersionMismatch
from services.kit.store import Store

from .policy import ProtectionPolicy

_TRIES = 8


class ProtectionBusy(Conflict):
    """The same customer's orders are being looked at: try again."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Room taken, in minor units; `key` names order and drop."""

    key: str
    minor: int
    at: datetime


@dataclass
class CustomerGrants:
    """What a customer (`id`) was given of late."""

    id: str
    grants: list[Grant] = field(default_factory=list)
    version: int = 0


class Grants:
    """Takes room for a payment before it is reserved in the order; again it answers what was taken first."""

    def __init__(self, customers: Store[CustomerGrants], clock: Clock) -> None:
        self._customers, self._clock = customers, clock

    async def take(self, customer_id: str, key: str, minor: int, policy: ProtectionPolicy) -> int:
        """How much of `minor` there is room for. A guest's orders are bounded by themselves alone."""
        if not customer_id:
            return minor
        for _ in range(_TRIES):
            kept = await self._customers.get(customer_id) or CustomerGrants(customer_id)
            if mine := [grant for grant in kept.grants if grant.key == key]:
                return min(minor, mine[0].minor)
            now = self._clock.now()
            recent = [grant for grant in kept.grants if grant.at > now - policy.window]
            room = policy.cap_customer_minor - sum(grant.minor for grant in recent)
            given = min(minor, room) if policy.cap_customer_minor else minor
            if given <= 0 or len(recent) >= policy.most_claims:
                return 0
            kept.grants = [*recent, Grant(key, given, now)]
            try:
                await (self._customers.save(kept) if kept.version else self._customers.insert(kept))
                return given
            except (VersionMismatch, AlreadyExists):
                continue
        raise ProtectionBusy("try again in a moment", retry_after_s=1)

    async def give_back(self, customer_id: str, key: str) -> None:
        """It came to nothing."""
        if customer_id:
            await self._customers.change({"_id": customer_id, "grants.key": key}, {"$pull": {"grants": {"key": key}}})
