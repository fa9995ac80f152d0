"""This is where `make demo` begins: a real catalogue, a real trading day, and two columns that must agree.

It uses the shop that `make run` opened; when none is open it opens one of its own for as long as the demo lasts.
"""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo.catalogue import import_catalogue, read
from deploy.demo.compare import differences, lived, read_figures, skus_of_products, table
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


async def _once(read: Callable[[], Awaitable[Figures]], fits: Callable[[Figures], bool]) -> Figures:
    """The figures once they fit; as they are when they do not within half a minute."""
    for _ in range(_SETTLE_S * 2):
        if fits(found := await read()):
            return found
        await asyncio.sleep(0.5)
    return found


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
            skus = await skus_of_products(staff)

            async def read_now() -> Figures:
                return await read_figures(staff, skus)

            already = (await read_now()).orders
            preparing = bar.add_task("Buying what will be given back", total=len(day))
            await replay.prepare(day, lambda: bar.advance(preparing))
            bought = sum(len(invoice.baskets) for invoice in day if invoice.cancels)
            before = await _once(read_now, lambda now: now.orders >= already + bought)
            living = bar.add_task("Living the day again, by invoice", total=len(day))
            for invoice in day:
                await replay.live(invoice)
                bar.advance(living)
        after = await _once(read_now, lambda now: _same_money(lived(before, now), file))
    shop = lived(before, after)
    _CONSOLE.print(table(shop, file, titles))
    found = differences(day, shop, file)
    for difference in found:
        _CONSOLE.print(f"≠ {difference}")
    agreed = not any("WITHOUT A REASON" in difference for difference in found)
    _CONSOLE.print("The two columns agree." if agreed else "[red]The two columns do not agree.")
    return 0 if agreed else 1


def _same_money(shop: Figures, file: Figures) -> bool:
    return (shop.gmv, shop.refunds, shop.units) == (file.gmv, file.refunds, file.units)


def main() -> int:
    """Runs the demo."""
    with _open_shop() as base:
        return uvloop.run(_demo(base))


if __name__ == "__main__":
    sys.exit(main())
