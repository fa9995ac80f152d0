"""This is where Solomon's instances are read (100 customers with time windows; M. Solomon, 1987, public benchmark)."""

import math
from pathlib import Path

from services.logistics.fleet.routing import Problem, Stop, Van

# Least known distance, with the fewest vehicles known.
BEST = {"C101": 828.94, "R101": 1650.80, "RC101": 1696.95}
SCALE = 100  # the solver counts in whole numbers
_DATA = Path(__file__).parent / "data"


def problem(name: str, limit_s: float, idle_iterations: int = 10**9) -> Problem:
    """An instance; distance and time are the same in it."""
    numbers = [
        [int(part) for part in line.split()]
        for line in (_DATA / f"{name}.txt").read_text().splitlines()
        if line.split() and all(part.isdigit() for part in line.split())
    ]
    (vehicles, capacity), customers = numbers[0], numbers[1:]
    points = [(row[1], row[2]) for row in customers]
    way = [[round(math.dist(a, b) * SCALE) for b in points] for a in points]
    depot = customers[0]
    return Problem(
        metres=way,
        seconds=way,
        stops=[Stop(row[3], 1, row[4] * SCALE, row[5] * SCALE, row[6] * SCALE) for row in customers[1:]],
        vans=[Van(capacity, 100, depot[4] * SCALE, depot[5] * SCALE)] * vehicles,
        limit_s=limit_s,
        idle_iterations=idle_iterations,
    )
