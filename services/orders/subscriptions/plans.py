"""This is where it stands what can be subscribed to, how often, and what is done when a renewal fails."""

import re
from dataclasses import dataclass, field

from services.kit.errors import AlreadyExists, Invalid, NotFound, VersionMismatch
from services.kit.store import Store
from services.orders import limits

from .cycles import EVERY

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_MOST, _MOST_SKUS, _MOST_RETRIES, _MOST_DAYS = 200, 100, 10, 30
SKIP, HOLD, ACCEPT = "skip", "hold", "accept"


class InvalidPlan(Invalid):
    """Nothing can be subscribed to like that."""


class PlanNotFound(NotFound):
    """There is no such plan, or it is closed."""


@dataclass
class Plan:
    """A plan. `every`: how often one may choose. When it costs more than was agreed: `skip` the cycle, `hold` (paused until
    its customer resumes) or `accept`; when something is out of stock: `skip`, or `hold` and try daily. `retry_days`: after a
    declined payment. What it gives off is a promotion of the channel `subscription`."""

    id: str
    title: str
    skus: list[str]
    every: list[str]
    on_price_rise: str = HOLD
    on_stock_out: str = SKIP
    remind_days: int = 3
    retry_days: list[int] = field(default_factory=lambda: [1, 3, 5])
    open: bool = True
    version: int = 0


class Plans:
    """The plans."""

    def __init__(self, kept: Store[Plan]) -> None:
        self._kept = kept

    async def put(self, plan: Plan, if_version: int) -> Plan:
        """Keeps one. Refuses with INVALID_PLAN, VERSION_MISMATCH."""
        _check(plan)
        seen = await self._kept.get(plan.id)
        if if_version and (seen is None or seen.version != if_version):
            raise VersionMismatch(f"it has changed since version {if_version}")
        if seen is not None:
            plan.version = seen.version
            return await self._kept.save(plan)
        try:
            return await self._kept.insert(plan)
        except AlreadyExists as raced:
            raise VersionMismatch("somebody else has just made it") from raced

    async def get(self, plan_id: str) -> Plan:
        """One. Refuses with PLAN_NOT_FOUND."""
        plan = await self._kept.get(plan_id)
        if plan is None:
            raise PlanNotFound("no such plan")
        return plan

    async def all(self) -> list[Plan]:
        """By id."""
        return await self._kept.find({"_id": {"$gt": ""}}, limit=_MOST)


def _check(plan: Plan) -> None:
    if not _SLUG.fullmatch(plan.id):
        raise limits.refused("/id", "a slug", InvalidPlan)
    plan.title = limits.text(plan.title, "/title", 100, InvalidPlan, needed=True)
    if not 1 <= len(set(plan.skus)) == len(plan.skus) <= _MOST_SKUS:
        raise limits.refused("/skus", f"1 to {_MOST_SKUS}, each once", InvalidPlan)
    for sku in plan.skus:
        limits.sku(sku, "/skus")
    if not 1 <= len(plan.every) <= _MOST_RETRIES or not all(map(EVERY.fullmatch, plan.every)):
        raise limits.refused("/every", "like `2w` or `1m`", InvalidPlan)
    if plan.on_price_rise not in (SKIP, HOLD, ACCEPT) or plan.on_stock_out not in (SKIP, HOLD):
        raise limits.refused("/on_price_rise", "`skip`, `hold`, or (a price) `accept`", InvalidPlan)
    if not 0 <= plan.remind_days <= 6:
        raise limits.refused("/remind_days", "0 to 6: less than the shortest cycle", InvalidPlan)
    if len(plan.retry_days) > _MOST_RETRIES or not all(1 <= days <= _MOST_DAYS for days in plan.retry_days):
        raise limits.refused("/retry_days", f"at most {_MOST_RETRIES}, of 1 to {_MOST_DAYS}", InvalidPlan)
