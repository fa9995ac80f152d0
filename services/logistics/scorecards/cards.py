"""This is where counts become a scorecard, small numbers drawn toward the mean of all. Pure.

A share of `k` in `n` parcels is judged as (k + 20 m) / (n + 20), where `m` is the share over all: twenty parcels that went
as they go on average stand beside the real ones. One late parcel of one makes nobody the worst.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .measures import HOURS, LAGS_S

PRIOR = 20
NEUTRAL, BEST = 500, 1000
_USUAL = {"on_time": 0.95, "first": 0.9, "damaged": 0.005, "lost": 0.001}
# What a share counts in the whole; damage and loss are rare and weigh as often more.
_WEIGHTS = {"on_time": 0.6, "first": 0.2, "damaged": -4.0, "lost": -10.0}
_OF = {"on_time": "promised", "first": "attempted", "damaged": "sent", "lost": "sent"}
_STEEP = 2500  # ten hundredths better than the mean is 250 above neutral
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`; `raw` as it is (0 of none), `judged` drawn toward the mean."""

    count: int
    of: int
    judged: float

    @property
    def raw(self) -> float:
        """As counted."""
        return self.count / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Card:
    """How somebody did. Times in seconds and hours; quantiles lie between two bounds, 0 of none."""

    subject: str
    parcels: int
    shares: Mapping[str, Share]
    score: int
    scan_latency_s: float
    scan_latency_p90_s: float
    pickup_delay_s: float
    door_hours: tuple[float, float, float]  # half, nine of ten, 19 of 20 are there by then


def means(all_of_them: Counts) -> dict[str, float]:
    """Each share over all; the usual one where nothing was counted."""
    return {name: _drawn(all_of_them.get(name, 0), all_of_them.get(_OF[name], 0), _USUAL[name]) for name in _OF}


def shares(counts: Counts, mean: Mapping[str, float]) -> dict[str, Share]:
    """Its shares."""
    made = {}
    for name, of in _OF.items():
        count, total = counts.get(name, 0), counts.get(of, 0)
        made[name] = Share(count, total, _drawn(count, total, mean[name]))
    return made


def score(judged: Mapping[str, float], mean: Mapping[str, float]) -> int:
    """0 worst, 1000 best; 500 is the mean, and whoever is not known yet."""
    better = sum(weight * (judged[name] - mean[name]) for name, weight in _WEIGHTS.items())
    return min(BEST, max(0, round(NEUTRAL + _STEEP * better)))


def judged(counts: Counts, mean: Mapping[str, float]) -> dict[str, float]:
    """Its shares, drawn toward the mean."""
    return {name: share.judged for name, share in shares(counts, mean).items()}


def card(subject: str, counts: Counts, mean: Mapping[str, float]) -> Card:
    """The scorecard of these counts."""
    made = shares(counts, mean)
    return Card(
        subject,
        counts.get("sent", 0),
        made,
        score({name: share.judged for name, share in made.items()}, mean),
        _mean(counts, "scan_s", "scans"),
        quantile(0.9, LAGS_S, [counts.get(f"lag_{at}", 0) for at in range(len(LAGS_S) + 1)]),
        _mean(counts, "pickup_s", "handed"),
        _door(counts),
    )


def _door(counts: Counts) -> tuple[float, float, float]:
    found = [counts.get(f"hours_{at}", 0) for at in range(len(HOURS) + 1)]
    return quantile(0.5, HOURS, found), quantile(0.9, HOURS, found), quantile(0.95, HOURS, found)


def quantile(part: float, bounds: Sequence[float], counts: Sequence[int]) -> float:
    """Where `part` of them lie below: straight between a bucket's two bounds; beyond the last bound that bound itself."""
    wanted, below = part * sum(counts), 0
    for at, count in enumerate(counts):
        if count and below + count >= wanted:
            if at == len(bounds):
                return float(bounds[-1])
            low = bounds[at - 1] if at else 0.0
            return low + (bounds[at] - low) * (wanted - below) / count
        below += count
    return 0.0


def _drawn(count: int, of: int, mean: float) -> float:
    return (count + PRIOR * mean) / (of + PRIOR)


def _mean(counts: Counts, total: str, of: str) -> float:
    return counts.get(total, 0) / counts[of] if counts.get(of) else 0.0
