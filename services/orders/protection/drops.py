"""This is where it is kept that a price fell, and how far those who had paid more have been looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists
from services.kit.store import Store

from .policy import Policies

_MOST = 100  # drops of a SKU within the days an order is protected


class DropState(StrEnum):
    """The life of a sweep."""

    SWEEPING = "sweeping"
    DONE = "done"
    IGNORED = "ignored"


@dataclass
class Drop:
    """A price that fell, and the sweep over all who paid more. `cursor_at` and `cursor_id` are the last order looked at."""

    id: str
    sku: str
    product_id: str
    currency: str
    old_minor: int
    new_minor: int
    at: datetime
    cause: str
    cursor_at: datetime
    state: DropState = DropState.SWEEPING
    why: str = ""  # it is ignored
    cursor_id: str = ""
    looked: int = 0
    entitled: int = 0
    paid: int = 0
    paid_minor: int = 0
    due_at: datetime | None = None
    done_at: datetime | None = None
    version: int = 0


class Drops:
    """What fell."""

    def __init__(self, drops: Store[Drop], policies: Policies, clock: Clock) -> None:
        self._drops, self._policies, self._clock = drops, policies, clock

    async def fell(self, drop: Drop) -> None:
        """Keeps it; again changes nothing. It is swept by whoever comes first, unless the policy leaves it out."""
        policy, now = await self._policies.get(), self._clock.now()
        drop.cursor_at = drop.at - policy.span - timedelta(milliseconds=1)
        if policy.mode == "off" or drop.cause in policy.excluded_causes or drop.sku in policy.excluded_skus:
            drop.state, drop.why = DropState.IGNORED, drop.cause or policy.mode
        else:
            drop.due_at = now
        try:
            await self._drops.insert(drop)
        except AlreadyExists:
            return

    async def since(self, skus: Sequence[str], moment: datetime, until: datetime) -> list[Drop]:
        """Those of these SKUs between two moments that count, oldest first."""
        where = {"sku": {"$in": list(skus)}, "at": {"$gte": moment, "$lte": until}}
        drops = await self._drops.find(where, sort=[("at", 1)], limit=_MOST)
        return [drop for drop in drops if drop.state is not DropState.IGNORED]

    async def page(self, sku: str, limit: int, cursor: str) -> tuple[list[Drop], str]:
        """Newest first, of one SKU or all, and where the next page starts."""
        return await self._drops.page({"sku": sku} if sku else {}, limit, cursor)
