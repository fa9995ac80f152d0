"""This is where it stands how the shop decides: whether it enforces, what loss it bears, how much staff can look at, from
which scores on. One document; every replica has it in memory and looks again every few seconds."""

from dataclasses import dataclass, field
from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, FieldError, Invalid, VersionMismatch
from services.kit.store import Store

from .thresholds import BLOCK_BP, REVIEW_BP

MODES = ("observe", "enforce")
_ID = "policy"


class InvalidFraudPolicy(Invalid):
    """No policy can be so."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen when the thresholds last moved. `losses` as (currency, lost, charged, orders), minor units."""

    at: datetime
    losses: list[tuple[str, int, int, int]]
    reviews_per_day: float
    why: str


@dataclass
class FraudPolicy:
    """`mode`: empty until staff choose. `target_ppm`: 1,000 is 0.1 % of what is charged (K36)."""

    id: str = _ID
    mode: str = ""
    target_ppm: int = 1_000
    capacity_per_day: int = 50
    review_at_bp: int = 1_000
    block_at_bp: int = 6_000
    adaptive: bool = True
    risky_categories: list[str] = field(default_factory=list)
    updated_at: datetime | None = None
    by: str = ""
    observed: Observed | None = None
    nightly_at: datetime | None = None  # whoever has the night's work has it until then
    worked_on: str = ""  # the last night that was done
    version: int = 0


class Policies:
    """The one policy."""

    def __init__(self, policies: Store[FraudPolicy], clock: Clock, usual_mode: str) -> None:
        self._policies, self._clock, self._usual_mode = policies, clock, usual_mode
        self.now = FraudPolicy()

    @property
    def enforces(self) -> bool:
        """Whether orders are held and refused, not only scored."""
        return self.mode_of(self.now) == "enforce"

    def mode_of(self, policy: FraudPolicy) -> str:
        """What staff chose, else what this environment usually does."""
        return policy.mode or self._usual_mode

    async def look(self) -> FraudPolicy:
        """Looks again; answers what holds."""
        found = await self._policies.get(_ID)
        if found is not None:
            self.now = found
        return self.now

    async def made(self) -> FraudPolicy:
        """The policy, kept if it is not yet: what others change by a condition must be there."""
        found = await self._policies.get(_ID)
        if found is None:
            try:
                found = await self._policies.insert(FraudPolicy())
            except AlreadyExists:
                found = await self._policies.get(_ID) or FraudPolicy()
        self.now = found
        return found

    async def put(self, wanted: FraudPolicy, if_version: int, by: str) -> FraudPolicy:
        """How it is decided from now on. Refuses with INVALID_FRAUD_POLICY, VERSION_MISMATCH."""
        _check(wanted)
        await self.made()
        where: dict[str, object] = {"_id": _ID} | ({"version": if_version} if if_version else {})
        chosen = {
            name: getattr(wanted, name)
            for name in ("mode", "target_ppm", "capacity_per_day", "review_at_bp", "block_at_bp", "adaptive")
        }
        chosen |= {"risky_categories": list(wanted.risky_categories), "updated_at": self._clock.now(), "by": by}
        kept = await self._policies.change(where, {"$set": chosen})
        if kept is None:
            raise VersionMismatch("the policy has changed")
        self.now = kept
        return kept


def _check(wanted: FraudPolicy) -> None:
    wrong: list[FieldError] = []
    bounds = {
        "target_ppm": (1, 100_000),
        "capacity_per_day": (1, 100_000),
        "review_at_bp": REVIEW_BP,
        "block_at_bp": BLOCK_BP,
    }
    for name, (least, most) in bounds.items():
        if not least <= getattr(wanted, name) <= most:
            wrong.append(FieldError(f"/{name}", f"{least} to {most}"))
    if wanted.mode not in MODES:
        wrong.append(FieldError("/mode", "`observe` or `enforce`"))
    if wanted.review_at_bp >= wanted.block_at_bp:
        wrong.append(FieldError("/block_at_bp", "above review_at_bp"))
    if len(wanted.risky_categories) > 100 or any(not 0 < len(each) <= 100 for each in wanted.risky_categories):
        wrong.append(FieldError("/risky_categories", "at most 100, each of 1 to 100 characters"))
    if wrong:
        raise InvalidFraudPolicy("no policy can be so", errors=wrong)
