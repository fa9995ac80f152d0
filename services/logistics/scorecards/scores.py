"""This is where routing reads how good a carrier is for a province: from memory, refreshed by a chore."""

from collections.abc import Mapping

from services.logistics.regions import province

from .cards import NEUTRAL, judged, means, score
from .measures import CARRIER, LANE

Totals = Mapping[str, Mapping[str, int]]


class Scores:
    """Call it: a carrier's score for a province (as people write it), 0 worst, 1000 best, 500 where nothing is known."""

    def __init__(self) -> None:
        self._of_carrier: dict[str, int] = {}
        self._of_lane: dict[str, int] = {}

    def __call__(self, carrier: str, place: str) -> int:
        """Its lane's, else its own."""
        lane = self._of_lane.get(f"{carrier}>{province(place)}")
        return lane if lane is not None else self._of_carrier.get(carrier, NEUTRAL)

    def learn(self, totals: Mapping[str, Totals]) -> None:
        """What was counted, by kind and subject. A lane is drawn toward its carrier, a carrier toward all."""
        carriers = totals.get(CARRIER, {})
        mean = means(summed(carriers))
        own = {code: judged(counts, mean) for code, counts in carriers.items()}
        self._of_carrier = {code: score(shares, mean) for code, shares in own.items()}
        self._of_lane = {
            lane: score(judged(counts, own.get(lane.split(">")[0], mean)), mean)
            for lane, counts in totals.get(LANE, {}).items()
        }


def summed(counted: Totals) -> dict[str, int]:
    """All of them together."""
    total: dict[str, int] = {}
    for counts in counted.values():
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return total
