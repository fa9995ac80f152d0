"""This is where `make demo` begins: a real catalogue, a real trading day, and two columns that must agree.

It uses the shop that `make run` opened; when none is open it opens one of its own for as long as the demo lasts.
"""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo.catalogue import import_catalogue, read
from deploy.demo.compare import differences, lived, read_figures, table
from deploy.demo.day import Figures, figures, invoices
from deploy.demo.replay import Replay
from deploy.local.client import Carrier, Staff
from deploy.local.ports import LAPTOP, accepts
from deploy.local.shop import LocalShop

_CONSOLE = Console()
_SETTLE_S = 30


@contextlib.contextmanager
def _open_shop() -> Iterator[str]:
    if accepts(LAPTOP["gateway"]):
        yield f"http://127.0.0.1:{LAPTOP['gateway']}"
        return
    _CONSOLE.print("No shop is open here: opening one for the demo.")
    with tempfile.TemporaryDirectory() as folder:
        environment = {"RATE_LIMIT_PER_S": "100000", "LOG_LEVEL": "WARNING"}
        with LocalShop(Path(folder), environment=environment, on_tmpfs=True) as shop:
            yield shop.urls["gateway"]


def _bar() -> Progress:
    return Progress(TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


async def _settled(staff: Staff, wanted: Figures, before: Figures) -> Figures:
    """The shop's figures once they have stopped moving, or have arrived where they are expected."""
    latest = lived(before, await read_figures(staff))
    for _ in range(_SETTLE_S * 2):
        if (latest.gmv, latest.refunds, latest.units) == (wanted.gmv, wanted.refunds, wanted.units):
            break
        await asyncio.sleep(0.5)
        latest = lived(before, await read_figures(staff))
    return latest


async def _quiet(staff: Staff, orders: int) -> Figures:
    """The figures once `orders` more than now have arrived; the baseline of the day."""
    for _ in range(_SETTLE_S * 2):
        found = await read_figures(staff)
        if found.orders >= orders:
            return found
        await asyncio.sleep(0.5)
    raise TimeoutError(f"{orders} orders were placed but the KPIs show {found.orders}")


async def _demo(base: str) -> int:
    rows = read("day.csv.gz")
    day, file = invoices(rows), figures(rows)
    titles = {row["sku"]: row["title"] for row in read("catalogue.csv.gz")}
    async with aiohttp.ClientSession() as session:
        staff = await Staff(base, session).sign_in()
        with _bar() as bar:
            importing = bar.add_task("Importing the catalogue", total=len(titles))
            prices = await import_catalogue(staff, lambda done, _all: bar.update(importing, completed=done))
            replay = Replay(staff, Carrier(base, session), prices)
            already = (await read_figures(staff)).orders
            preparing = bar.add_task("Buying what will be given back", total=len(day))
            await replay.prepare(day, lambda: bar.advance(preparing))
            bought = sum(len(invoice.baskets) for invoice in day if invoice.cancels)
            before = await _quiet(staff, already + bought)
            living = bar.add_task("Living the day again, by invoice", total=len(day))
            for invoice in day:
                await replay.live(invoice)
                bar.advance(living)
        shop = await _settled(staff, file, before)
    _CONSOLE.print(table(shop, file, titles))
    found = differences(day, shop, file)
    for difference in found:
        _CONSOLE.print(f"≠ {difference}")
    agreed = not any("WITHOUT A REASON" in difference for difference in found)
    _CONSOLE.print("The two columns agree." if agreed else "[red]The two columns do not agree.")
    return 0 if agreed else 1


def main() -> int:
    """Runs the demo."""
    with _open_shop() as base:
        return uvloop.run(_demo(base))


if __name__ == "__main__":
    sys.exit(main())
