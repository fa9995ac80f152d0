"""This is where a SKU is flagged when too many complain of it, and the flag is lifted when the rate has fallen.

One word in the SKU's own document; while it is up, parcels with the SKU wait to be looked at.
"""

from dataclasses import dataclass, field
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists
from services.kit.store import Store
from services.logistics.messages.told import quality_flag_changed
from services.logistics.remembered import Remembered

from .counts import Counts, Rate
from .policies import QcPolicies, QcPolicy

_MOST = 1000


@dataclass
class Flag:
    """A SKU somebody complained of; `id` is the SKU. `raised`: its parcels are looked at."""

    id: str
    category: str
    changed_at: datetime
    raised: bool = False
    shipped: int = 0
    complaints: int = 0
    checklist: list[str] = field(default_factory=list)
    version: int = 0


class Flags:
    """The flags that are up, in memory: every planned parcel is held against them."""

    def __init__(self, kept: Store[Flag], counts: Counts, policies: QcPolicies, clock: Clock) -> None:
        self._kept, self._counts, self._policies, self._clock = kept, counts, policies, clock
        self._known = Remembered(self._read)
        self.forget = self._known.forget

    async def _read(self) -> dict[str, Flag]:
        return {one.id: one for one in await self._kept.find({"raised": True}, limit=_MOST)}

    async def raised(self) -> dict[str, Flag]:
        """Those that are up, by SKU."""
        return await self._known.get()

    async def page(self, raised: bool, limit: int, cursor: str) -> tuple[list[Flag], str]:
        """A page by SKU."""
        return await self._kept.page({"raised": raised}, limit, cursor, newest_first=False)

    async def complained(self, sku: str, category: str) -> Flag:
        """What a complaint makes of a SKU."""
        flag = await self._kept.get(sku) or Flag(sku, category, self._clock.now())
        if category:
            flag.category = category
        return await self._weighed(flag)

    async def weigh_again(self) -> list[Flag]:
        """Those that are up still; a chore: days go by, and complaints leave the window."""
        return [one for flag in list((await self._read()).values()) if (one := await self._weighed(flag)).raised]

    async def _weighed(self, flag: Flag) -> Flag:
        policy = await self._policies.of(flag.id, flag.category)
        rate = await self._counts.rate(flag.id, policy.window_days) if policy else Rate()
        raised = policy is not None and policy.trips(rate)
        if flag.version and (flag.raised, flag.shipped, flag.complaints) == (raised, rate.shipped, rate.complaints):
            return flag
        return await self._kept_as(flag, raised, rate, policy)

    async def _kept_as(self, flag: Flag, raised: bool, rate: Rate, policy: QcPolicy | None) -> Flag:
        turned, now = raised != flag.raised, self._clock.now()
        flag.raised, flag.shipped, flag.complaints = raised, rate.shipped, rate.complaints
        flag.changed_at = now if turned else flag.changed_at
        flag.checklist = policy.checklist if policy else []
        events = [quality_flag_changed(flag, now)] if turned else []
        if flag.version:
            kept = await self._kept.save(flag, *events)  # a stale one is told again, or weighed again by the chore
        else:
            try:
                kept = await self._kept.insert(flag, *events)
            except AlreadyExists:
                return await self._kept.get(flag.id) or flag
        self.forget()
        return kept
