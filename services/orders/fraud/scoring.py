"""This is where a checkout gets its score: the probability of fraud, by a logistic model whose weights are data; and where
it is decided what follows from it. Pure.

    log-odds = bias + Σ weight × signal          score = 10,000 / (1 + e^(−log-odds)), in basis points

Reasons are the signals that add most. `deny` is stronger than `allow`, a listing stronger than any score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import exp

import msgspec

from .signals import BIAS, SIGNALS
from .trails import Trail

_MOST_REASONS = 8
_WORTH = 0.05  # in log-odds: less is no reason
LISTED = "listed"


@dataclass
class Model:
    """The weights, and what training says of them. Version 0 is the hand-made one; `means` are categories' mean prices of a
    unit, as `category/currency` (minor units); `auc_bp` is measured on orders it had not seen."""

    id: str = "model"
    bias: float = BIAS
    weights: dict[str, float] = field(default_factory=dict)
    means: dict[str, float] = field(default_factory=dict)
    trained_at: datetime | None = None
    orders: int = 0
    frauds: int = 0
    auc_bp: int = 0
    made: int = 0
    version: int = 0

    def weight(self, name: str) -> float:
        """A signal's weight: what was learnt, else the rule's."""
        learnt = self.weights.get(name)
        if learnt is not None:
            return learnt
        signal = SIGNALS.get(name)
        return signal.weight if signal else 0.0


@dataclass(frozen=True, slots=True)
class Reason:
    """A signal and what it adds to the log-odds, in hundredths."""

    signal: str
    points: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What is made of a checkout; kept with the order, so that it costs no write of its own. `outcome` is what followed,
    `meant` what would have in a shop that enforces: `pass`, `review` or `block`."""

    score_bp: int
    outcome: str
    meant: str
    reasons: list[Reason]
    features: dict[str, float]
    marks: dict[str, str]
    key: str
    model: int

    @property
    def reason(self) -> str:
        """The strongest."""
        return self.reasons[0].signal if self.reasons else ""


_decoder = msgspec.msgpack.Decoder(Decision)


def packed(decision: Decision) -> bytes:
    """As an order keeps it."""
    return msgspec.msgpack.encode(decision)


def unpacked(risk: bytes) -> Decision | None:
    """What `packed` made; None of an order nobody scored."""
    return _decoder.decode(risk) if risk else None


def probability(log_odds: float) -> float:
    """0 to 1."""
    return 1 / (1 + exp(-max(-40.0, min(40.0, log_odds))))


def scored(model: Model, features: Mapping[str, float]) -> tuple[int, list[Reason]]:
    """The score in basis points, and why."""
    parts = {name: model.weight(name) * value for name, value in features.items()}
    strongest = sorted(parts, key=lambda name: -parts[name])[:_MOST_REASONS]
    reasons = [Reason(name, round(100 * parts[name])) for name in strongest if parts[name] >= _WORTH]
    return round(10_000 * probability(model.bias + sum(parts.values()))), reasons


def listed(trails: Sequence[Trail], now: datetime) -> str:
    """What staff say of these marks: `deny`, else `allow`, else nothing."""
    verdicts = {trail.verdict(now) for trail in trails}
    return "deny" if "deny" in verdicts else "allow" if "allow" in verdicts else ""


def outcome_of(score_bp: int, verdict: str, review_at_bp: int, block_at_bp: int) -> str:
    """`pass`, `review` or `block`."""
    if verdict:
        return "block" if verdict == "deny" else "pass"
    if score_bp >= block_at_bp:
        return "block"
    return "review" if score_bp >= review_at_bp else "pass"
