"""This is where penalty points are added up, and it is worked out how that makes a merchant stand (C19). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kit.errors import Invalid, NotFound, WrongState

MOST_POINTS = 48
REASONS: dict[str, tuple[str, str]] = {
    "prohibited_goods": ("prohibited goods", "发布违禁商品"),
    "counterfeit": ("counterfeit goods", "出售假冒商品"),
    "infringement": ("infringement of rights", "侵犯知识产权"),
    "false_advertising": ("false advertising", "虚假宣传"),
    "unqualified": ("sold without qualification", "无资质经营"),
    "quality": ("goods of poor quality", "商品质量不合格"),
    "fake_transactions": ("faked transactions", "虚假交易"),
    "late_dispatch": ("dispatched late", "延迟发货"),
    "bad_service": ("bad service", "服务违规"),
    "data_abuse": ("abuse of customers' data", "泄露消费者信息"),
    "other": ("other breach of the rules", "其他违规"),
}


class PenaltyState(StrEnum):
    """Whether points count."""

    COUNTS = "counts"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Standing(StrEnum):
    """How a merchant stands."""

    ACTIVE = "active"
    WARNED = "warned"
    SUSPENDED = "suspended"
    CLOSED = "closed"


OUT = frozenset({Standing.SUSPENDED, Standing.CLOSED})  # of business: nothing of theirs is on sale


class PenaltyNotFound(NotFound):
    """The merchant has no such penalty."""


class PenaltySettled(WrongState):
    """It was appealed, revoked or upheld already, or does not count any more."""


class InvalidPenalty(Invalid):
    """The points, their reason or their evidence are not what they must be."""


@dataclass
class Penalty:
    """Points against a merchant; only its settlement is ever added."""

    id: str
    points: int
    reason: str
    evidence: str
    product_id: str
    at: datetime
    expires_at: datetime
    by: str
    request_id: str
    fingerprint: bytes
    appeal: str = ""
    appealed_at: datetime | None = None
    revoked: bool = False
    decision: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    told: bool = False  # whether the merchant was told

    def state(self, now: datetime) -> PenaltyState:
        """Whether they count now."""
        if self.revoked:
            return PenaltyState.REVOKED
        return PenaltyState.COUNTS if now < self.expires_at else PenaltyState.EXPIRED


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many points on a merchant is warned, suspended, closed (until the owner opens it again)."""

    warning: int
    suspension: int
    closure: int

    def standing(self, points: int) -> Standing:
        """How so many points make a merchant stand that is not closed."""
        if points >= self.suspension:
            return Standing.SUSPENDED
        return Standing.WARNED if points >= self.warning else Standing.ACTIVE


def counting(penalties: Sequence[Penalty], now: datetime) -> int:
    """Points that count now."""
    return sum(each.points for each in penalties if each.state(now) is PenaltyState.COUNTS)


def a_year_after(moment: datetime) -> datetime:
    """The same day twelve months later; the 28th for a 29th of February."""
    try:
        return moment.replace(year=moment.year + 1)
    except ValueError:
        return moment.replace(year=moment.year + 1, day=28)
