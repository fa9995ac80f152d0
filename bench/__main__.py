"""This is where `make bench` begins: it opens a shop, measures, shows a table, and fails when a goal is missed."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from bench import curve, gate, labels, listing, pricing, purchase, quotes, routes, scans, supply
from bench.report import Report
from bench.yardstick import yardstick
from deploy.demo.catalogue import import_catalogue
from deploy.local.shop import LocalShop
from tests.shop import Shop

_QUIET = {"RATE_LIMIT_PER_S": "1000000", "LOG_LEVEL": "WARNING"}
_NOT_OURS = {"mongod"}


async def _measure(local: LocalShop, report: Report) -> None:
    async with Shop(local) as shop:
        print("Importing the real catalogue …", flush=True)
        await import_catalogue(await shop.owner(), lambda _done, _all: None)
        async with shop.session.get(shop.base + listing.PATH) as response:
            body = await response.read()
        async with yardstick(body) as bare:
            print("Pricing carts …", flush=True)
            pricing.measure(report)
            quotes.measure(report)
            print("Weighing purchases …", flush=True)
            await purchase.measure(shop, bare, report)
            memory = await asyncio.to_thread(local.memory)
            print("Holding the list against a bare route …", flush=True)
            await listing.measure(shop, bare, report)
    ours = {name: size / 2**20 for name, size in memory.items() if name not in _NOT_OURS}
    report.row("memory", "after the purchases, resident")
    report.figure("all processes but mongod", sum(ours.values()), "MB", at_most=650)
    shown = sorted(ours.items(), key=lambda item: -item[1])
    report.figure("  of it", ", ".join(f"{name} {size:.0f}" for name, size in shown), "")


async def _measure_scale(local: LocalShop, report: Report) -> None:
    with (
        tempfile.TemporaryDirectory() as directory,
        LocalShop(Path(directory), environment=_QUIET, on_tmpfs=True) as beside,
    ):
        async with Shop(local) as large, Shop(beside) as small:
            print("Growing to 200,000 SKUs …", flush=True)
            await curve.measure(small, large, report)


async def _measure_scans(local: LocalShop, report: Report) -> None:
    async with Shop(local) as shop:
        print("Telling scans …", flush=True)
        await scans.measure(shop, report)


async def _measure_labels(_local: LocalShop, report: Report) -> None:
    print("Printing labels …", flush=True)
    labels.measure(report)


async def _measure_supply(_local: LocalShop, report: Report) -> None:
    print("Living through seventeen weeks of sales …", flush=True)
    supply.measure(report)


async def _measure_gate(_local: LocalShop, report: Report) -> None:
    gate.measure(report)


async def _measure_routes(local: LocalShop, report: Report) -> None:
    async with Shop(local) as shop:
        await routes.measure(shop, report)


# Each in a shop of its own: `make bench ARGS=scale` measures one of them.
PARTS = {
    "purchase": _measure,
    "scale": _measure_scale,
    "labels": _measure_labels,
    "routes": _measure_routes,
    "scans": _measure_scans,
    "supply": _measure_supply,
    "gate": _measure_gate,
}


def main() -> int:
    """Measures everything once, or the parts that are named."""
    report, wanted = Report(), sys.argv[1:] or list(PARTS)
    for name in wanted:
        with tempfile.TemporaryDirectory() as directory:
            started = time.monotonic()
            with LocalShop(Path(directory), environment=_QUIET, on_tmpfs=True) as local:
                if name == wanted[0]:
                    report.row("start", "from nothing to ready, installed")
                    report.figure("start to ready", time.monotonic() - started, "s", at_most=8)
                uvloop.run(PARTS[name](local, report))
    report.show()
    if report.missed:
        print("Missed:", ", ".join(report.missed))
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
