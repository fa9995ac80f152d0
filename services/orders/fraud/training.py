"""This is where weights are learnt, in a process of its own (numpy is never loaded into the service). Pure.

Logistic regression by Newton's method, each weight held to its rule by a Gaussian prior of SPREAD (the MAP estimate; ridge
towards the rules): with a handful of frauds the rules stand, with thousands the data speak. Good orders beyond MOST_GOOD are
sampled and weigh more for it. The last fifth, by time, is not learnt from but measured on; a model that is not a thousandth
better on it than the one in use is not taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SPREAD, BIAS_SPREAD = 0.5, 2.0
FEWEST_FRAUDS = 20
_ROUNDS, _TINY, _BETTER = 30, 1e-6, 0.999


@dataclass(frozen=True, slots=True)
class Sample:
    """An order's signals, whether it was fraud, and for how many it stands."""

    features: Mapping[str, float]
    fraud: bool
    stands_for: float = 1.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """Weights, and how good they are on what they had not seen. `taken`: better than those in use."""

    bias: float
    weights: dict[str, float] = field(default_factory=dict)
    auc: float = 0.0
    loss: float = 0.0
    loss_before: float = 0.0
    taken: bool = False


def learn(
    samples: Sequence[Sample], rules: Mapping[str, float], bias: float, used: Mapping[str, float], used_bias: float
) -> Learnt:
    """Weights from samples in order of time. `rules` is every signal's prior weight, `used` the weights in use."""
    import numpy as np

    names = list(rules)
    cut = len(samples) - len(samples) // 5
    seen, unseen = samples[:cut], samples[cut:]
    prior = np.array([bias, *(rules[name] for name in names)])
    before = np.array([used_bias, *(used.get(name, rules[name]) for name in names)])
    x, y, w = _matrix(seen, names)
    weights = fitted(x, y, w, prior)
    x, y, w = _matrix(unseen, names)
    scores = x @ weights
    loss, loss_before = _log_loss(scores, y, w), _log_loss(x @ before, y, w)
    return Learnt(
        float(weights[0]),
        {name: round(float(weight), 4) for name, weight in zip(names, weights[1:], strict=True)},
        auc(scores, y),
        loss,
        loss_before,
        bool(y.any() and loss < loss_before * _BETTER),
    )


def fitted(x: Any, y: Any, w: Any, prior: Any) -> Any:
    """The weights at the peak of likelihood × prior; the first column of `x` is ones."""
    import numpy as np

    holds = np.full(len(prior), SPREAD**-2)
    holds[0] = BIAS_SPREAD**-2
    weights = prior.copy()
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -40, 40)))
        gradient = x.T @ (w * (y - p)) - holds * (weights - prior)
        curvature = (x.T * (w * p * (1 - p))) @ x + np.diag(holds)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < _TINY:
            break
    return weights


def auc(scores: Any, y: Any) -> float:
    """How often a fraud scores above a good order (Mann–Whitney; ties count half). 0 where one of them is missing."""
    import numpy as np

    y = np.asarray(y, dtype=bool)
    bad, good = int(y.sum()), int((~y).sum())
    if not bad or not good:
        return 0.0
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[inverse][y].sum() - bad * (bad + 1) / 2) / (bad * good))


def average_precision(scores: Any, y: Any) -> float:
    """Σ (recall step × precision) from the highest score down: the area under precision and recall."""
    import numpy as np

    hits = np.asarray(y, dtype=float)[np.argsort(-np.asarray(scores), kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / max(1.0, hits.sum()))


def _matrix(samples: Sequence[Sample], names: Sequence[str]) -> tuple[Any, Any, Any]:
    import numpy as np

    place = {name: index for index, name in enumerate(names, 1)}
    x = np.zeros((len(samples), len(names) + 1))
    x[:, 0] = 1.0
    for row, sample in enumerate(samples):
        for name, value in sample.features.items():
            if name in place:
                x[row, place[name]] = value
    y = np.array([float(sample.fraud) for sample in samples])
    return x, y, np.array([sample.stands_for for sample in samples])


def _log_loss(log_odds: Any, y: Any, w: Any) -> float:
    import numpy as np

    p = np.clip(1 / (1 + np.exp(-np.clip(log_odds, -40, 40))), 1e-9, 1 - 1e-9)
    return float(-(w * (y * np.log(p) + (1 - y) * np.log(1 - p))).sum() / max(1.0, float(w.sum())))
