"""This is where forecasts are tried on the past beside those that need no thought (K28). Pure.

Judged is the total of one, four and 13 weeks, said at several origins a week apart, each from what was known then; WAPE is
the sum of absolute errors by the sum of what was sold. A forecast of nothing has a WAPE of 1 by definition: on goods that
sell now and then it is a hard one to beat week by week, and useless; that is why totals are judged.

Needs numpy: run it through `apart`.
"""

import numpy as np

from .forecasting import WARM_UP, Floats, Forecast, Weeks

TRIALS = ((1, 4), (4, 4), (13, 3))  # (weeks of the total, origins)
PARTS = ("actual", "ours", "naive", "last", "mean")
_MEAN_OF = 13


def tried(weeks: Weeks, foreseen: Forecast) -> Floats:
    """`[i, k, p]`: for the k-th of `TRIALS`, what was sold and by how much each forecast was wrong in all (`PARTS`). `naive`
    is the same number of weeks before; `last` the last week, `mean` that of 13 weeks, times their number."""
    skus, length = weeks.rate.shape
    sums = np.concatenate([np.zeros((skus, 1)), weeks.rate.cumsum(1)], axis=1)
    opened = np.concatenate([np.zeros((skus, 1)), weeks.open.cumsum(1)], axis=1)
    result = np.zeros((skus, len(TRIALS), len(PARTS)))
    for k, (horizon, origins) in enumerate(TRIALS):
        said = foreseen.said(horizon)
        for cut in range(length - horizon, max(length - horizon - origins, WARM_UP - 1), -1):
            actual = sums[:, cut + horizon] - sums[:, cut]
            before, back = max(0, cut - horizon), max(0, cut - _MEAN_OF)
            forecasts = (
                said[:, cut - 1],
                (sums[:, cut] - sums[:, before]) * horizon / (cut - before),
                weeks.rate[:, cut - 1] * horizon,
                (sums[:, cut] - sums[:, back]) * horizon / (cut - back),
            )
            counts = (opened[:, cut] >= WARM_UP) & (opened[:, cut + horizon] - opened[:, cut] > horizon / 2)
            result[:, k, 0] += counts * actual
            for p, each in enumerate(forecasts, 1):
                result[:, k, p] += counts * np.abs(each - actual)
    return result
