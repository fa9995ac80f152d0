"""This is where one of several carriers is chosen by price, promise and score, and said why. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .tariffs import Consignment, Quote, Tariff

NEUTRAL, BEST = 500, 1000
Scores = Callable[[str, str], int]
"""A carrier's score for a province (as people write it): 0 worst, 1000 best, 500 where nothing is known."""


def neutral(_carrier: str, _province: str) -> int:
    """Where nobody measures carriers, all are alike."""
    return NEUTRAL


@dataclass(frozen=True, slots=True)
class Weights:
    """What a day later than the quickest, and the worst score instead of the best, count: thousandths of the mean price."""

    day: int = 50
    score: int = 300


USUAL = Weights()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way as it was judged; the least `total` is chosen. Amounts in minor units."""

    tariff: Tariff
    quote: Quote
    chargeable_g: int
    score: int
    day_penalty: int
    score_penalty: int
    verdict: str = ""

    @property
    def total(self) -> int:
        """Price and penalties."""
        return self.quote.price.minor + self.day_penalty + self.score_penalty

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The smaller the better."""
        return (self.total, self.quote.price.minor, self.quote.max_days, self.quote.id)


def shop(
    tariffs: Iterable[Tariff],
    sent: Consignment,
    scores: Scores = neutral,
    weights: Weights = USUAL,
    *,
    warehouse: str = "",
    within_days: int = 0,
    offered: Iterable[tuple[Tariff, Quote]] = (),
) -> list[Candidate]:
    """All ways that go there in time, the best first, each with why. `within_days` 0: however long it takes; `offered`: what
    carriers asked when they were asked."""
    found = [(tariff, quote) for tariff in tariffs if (quote := tariff.quote(sent, warehouse))]
    found += [(tariff, quote) for tariff, quote in offered if quote.price.currency == sent.goods.currency]
    found = [(tariff, quote) for tariff, quote in found if not within_days or quote.max_days <= within_days]
    if not found:
        return []
    mean = sum(quote.price.minor for _, quote in found) // len(found)
    quickest = min(quote.max_days for _, quote in found)
    judged = []
    for tariff, quote in found:
        score = min(BEST, max(0, scores(tariff.template.carrier, sent.region.province)))
        late = mean * weights.day * (quote.max_days - quickest) // 1000
        risk = mean * weights.score * (BEST - score) // (1000 * BEST)
        judged.append(Candidate(tariff, quote, tariff.chargeable_g(sent), score, late, risk))
    judged.sort(key=lambda one: one.rank)
    return _with_verdicts(judged)


def _with_verdicts(judged: Sequence[Candidate]) -> list[Candidate]:
    best = judged[0]
    said = (
        f"chosen: {best.total} = price {best.quote.price.minor} + days {best.day_penalty} + score {best.score_penalty}"
    )
    return [replace(best, verdict=said), *(replace(one, verdict=_against(one, best)) for one in judged[1:])]


def _against(one: Candidate, best: Candidate) -> str:
    worse = {
        "dearer": one.quote.price.minor - best.quote.price.minor,
        "slower": one.day_penalty - best.day_penalty,
        "less reliable": one.score_penalty - best.score_penalty,
    }
    named = ", ".join(f"{word} by {amount}" for word, amount in worse.items() if amount > 0)
    return f"not chosen: {one.total - best.total} more than {best.quote.id}; {named or 'just as good'}"
