"""This is where it is estimated when a parcel will be at the door, from how long parcels took; and measured how well. Pure.

Door-to-door times are counted in steps of six hours by carrier, province of origin and of destination. Where few went that
way, the carrier's other parcels count with the weight of `_PRIOR` of them, and behind these everybody's (empirical Bayes:
a Dirichlet prior centred on the level above). The window runs from the first to the last decile, so that it should hold for
eight of ten; how often it really held is counted beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from .regions import Region, province

STEP_H = 6
STEPS = 120  # thirty days; what took longer counts as that
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
_PRIOR = 5.0
_FEWEST = 30  # parcels in all, below which nothing is promised
ALL = "*"


@dataclass
class DoorTimes:
    """How long parcels of a lane took: `counts` by step. Of those that had an estimate: how many, how many came within it,
    and by how many hours the middle of it was wrong in all. `id` is `carrier|origin|destination`."""

    id: str
    counts: dict[str, int] = field(default_factory=dict)
    parcels: int = 0
    estimated: int = 0
    hits: int = 0
    error_h: float = 0.0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """When a parcel is expected. `hit_rate` of such windows held so far, out of `samples`; 0 of 0 at the beginning."""

    from_at: datetime
    to_at: datetime
    middle_at: datetime
    hit_rate: float = 0.0
    samples: int = 0


class Estimating(Protocol):
    """Estimates."""

    def expect(self, carrier: str, origin: Region, to: Region, shipped_at: datetime) -> Expected | None:
        """When it will be there; None where too little is known."""
        ...


def lanes(carrier: str, origin: Region, to: Region) -> tuple[str, str, str]:
    """The lane, its carrier's, everybody's: each stands behind the one before it."""
    ends = "|".join(f"{end.country} {province(end.province)}".strip() for end in (origin, to))
    return f"{carrier}|{ends}", f"{carrier}|{ALL}|{ALL}", f"{ALL}|{ALL}|{ALL}"


def step_of(took: timedelta) -> int:
    """The step a time falls into."""
    return min(STEPS - 1, max(0, int(took.total_seconds() // (STEP_H * 3600))))


class Estimates:
    """What was learned until a moment; read anew now and then."""

    def __init__(self) -> None:
        self._known: dict[str, DoorTimes] = {}
        self._windows: dict[str, tuple[float, float, float, float, int]] = {}

    def learn(self, known: Iterable[DoorTimes]) -> None:
        """Takes the place of what was known."""
        self._known = {one.id: one for one in known}
        self._windows = {}

    def expect(self, carrier: str, origin: Region, to: Region, shipped_at: datetime) -> Expected | None:
        """When it will be there; None where too little is known."""
        levels = lanes(carrier, origin, to)
        if self._of(levels[-1]).parcels < _FEWEST:
            return None
        if levels[0] not in self._windows:
            self._windows[levels[0]] = self._window(levels)
        low, middle, high, rate, samples = self._windows[levels[0]]
        first, last, likely = (shipped_at + timedelta(hours=hours) for hours in (low, high, middle))
        return Expected(first, last, likely, rate, samples)

    def _of(self, lane: str) -> DoorTimes:
        return self._known.get(lane) or DoorTimes(lane)

    def _window(self, levels: tuple[str, ...]) -> tuple[float, float, float, float, int]:
        shares, rate, samples = [1.0 / STEPS] * STEPS, 0.0, 0
        for lane in reversed(levels):
            one = self._of(lane)
            shares = shrunk(one.counts, one.parcels, shares)
            weight = _PRIOR if samples else 0.0
            if one.estimated:
                rate, samples = (one.hits + weight * rate) / (one.estimated + weight), one.estimated
        low, middle, high = (quantile(shares, share) for share in (LOW, MIDDLE, HIGH))
        return low, middle, high, round(rate, 4), samples


def shrunk(counts: Mapping[str, int], parcels: int, behind: list[float]) -> list[float]:
    """The shares of the steps: as counted, and as many as `_PRIOR` parcels as the level behind has it."""
    weight = _PRIOR if max(behind) > 1.5 / STEPS else 0.0  # nothing stands behind everybody
    if parcels + weight == 0:
        return behind
    return [(counts.get(str(step), 0) + weight * behind[step]) / (parcels + weight) for step in range(STEPS)]


def quantile(shares: list[float], share: float) -> float:
    """Hours within which this share of parcels came; linear within a step."""
    below = 0.0
    for step, of_all in enumerate(shares):
        if of_all > 0 and below + of_all >= share:
            return STEP_H * (step + (share - below) / of_all)
        below += of_all
    return float(STEP_H * STEPS)
