"""This is where staff say how much complaint is too much, of what, and what is looked at then."""

from dataclasses import dataclass, field

from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch
from services.kit.store import Store
from services.logistics.remembered import Remembered
from services.logistics.words import is_text

from .counts import MOST_DAYS, Rate

ALL = "*"
_MOST = 1000


@dataclass
class QcPolicy:
    """Of what: `*`, `category:<id>` or `sku:<sku>`. Parcels are looked at when more than `threshold_percent` of the units
    shipped in the window were complained of, and at least `min_complaints`."""

    id: str
    enabled: bool = True
    threshold_percent: float = 3.0
    min_complaints: int = 3
    window_days: int = 30
    checklist: list[str] = field(default_factory=list)
    version: int = 0

    def trips(self, rate: Rate) -> bool:
        """Whether it is too much."""
        enough = rate.complaints >= self.min_complaints
        return self.enabled and enough and rate.above(self.threshold_percent)


class InvalidQcPolicy(Invalid):
    """No policy can be so."""


class QcPolicies:
    """The policies, in memory: they are few."""

    def __init__(self, kept: Store[QcPolicy]) -> None:
        self._kept = kept
        self._known = Remembered(self._read)

    async def _read(self) -> dict[str, QcPolicy]:
        return {one.id: one for one in await self._kept.find({}, limit=_MOST)}

    async def all(self) -> list[QcPolicy]:
        """Every policy."""
        return list((await self._known.get()).values())

    async def of(self, sku: str, category: str) -> QcPolicy | None:
        """The nearest: of the SKU, of its category, of all."""
        known = await self._known.get()
        return known.get(f"sku:{sku}") or known.get(f"category:{category}") or known.get(ALL)

    async def put(self, policy: QcPolicy, if_version: int) -> QcPolicy:
        """Says one. Refuses with `InvalidQcPolicy`, `VersionMismatch`."""
        _check(policy)
        policy.version = if_version
        try:
            kept = await (self._kept.save(policy) if if_version else self._kept.insert(policy))
        except AlreadyExists:
            raise VersionMismatch("there is one already") from None
        self._known.forget()
        return kept


def _check(policy: QcPolicy) -> None:
    kind, _, name = policy.id.partition(":")
    wrong = {
        "/scope": policy.id == ALL or (kind in ("category", "sku") and is_text(name, 64, 1)),
        "/threshold_percent": 0 <= policy.threshold_percent <= 100,
        "/min_complaints": 1 <= policy.min_complaints <= 10_000,
        "/window_days": 1 <= policy.window_days <= MOST_DAYS,
        "/checklist": len(policy.checklist) <= 20 and all(is_text(point, 100, 1) for point in policy.checklist),
    }
    if errors := [FieldError(pointer, "not of a policy") for pointer, fine in wrong.items() if not fine]:
        raise InvalidQcPolicy("no policy can be so", errors=errors)
