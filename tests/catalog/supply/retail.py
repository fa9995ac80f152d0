"""This is where the real sales are read: units by SKU and day."""

import csv
import gzip
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tests.catalog.supply.extract import FILE, FIRST, LAST

DAYS = (LAST - FIRST).days + 1


@dataclass(frozen=True)
class Retail:
    """`units[i, n]` is what `skus[i]` sold on the n-th day from 2010-12-01; prices in pence."""

    skus: list[str]
    prices: NDArray[np.int64]
    units: NDArray[np.float64]


@cache
def retail() -> Retail:
    """All of it; read once a process."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    units = np.zeros((len(rows), DAYS))
    for i, row in enumerate(rows):
        for cell in row["days"].split():
            day, count = cell.split(":")
            units[i, int(day)] = int(count)
    return Retail([row["sku"] for row in rows], np.array([int(row["price_minor"]) for row in rows]), units)
