"""This is where routes are held against the best known: Solomon's instances, ten seconds each."""

import asyncio
import time

from bench.report import Report
from services.kit.computing import apart
from services.logistics.fleet.routing import solve
from tests.logistics.fleet.solomon import BEST, SCALE, problem
from tests.shop import Shop

_LIMIT_S = 10.0
_OVER_PERCENT = 3.0


async def measure(shop: Shop, report: Report) -> None:
    """Distance over the best known, in percent; that the shop answers while it is computed."""
    report.row("routes", f"100 stops with time windows and capacity, {_LIMIT_S:g} s each (Solomon, 1987)")
    for name, best in BEST.items():
        print(f"Laying routes of {name} …", flush=True)
        solving = asyncio.ensure_future(apart(solve, problem(name, _LIMIT_S)))
        slowest = 0.0
        while not solving.done():
            began = time.monotonic()
            async with shop.session.get(f"{shop.base}/v1/products?limit=1") as answered:
                await answered.read()
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.2)
        solved = solving.result()
        metres = solved.metres / SCALE
        report.figure(f"{name}, distance", f"{metres:.2f} ({len(solved.tours)} vehicles; best known {best})", "")
        report.figure(f"{name}, over the best known", 100 * (metres / best - 1), "%", at_most=_OVER_PERCENT)
        report.figure(f"{name}, left out", float(len(solved.unserved)), "stops", at_most=0)
        report.figure(f"{name}, a list meanwhile, slowest", slowest * 1000, "ms")
