"""This is where it is shown that browsing, searching and reserving cost the same with 1,000 SKUs and with 200,000."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from time import monotonic

from shop.catalog.v1 import stock_pb2, stock_pb2_grpc
from shop.type.v1.money_pb2 import Money

from bench.report import Report
from deploy.demo.catalogue import read
from deploy.local.client import Staff
from services.kit.ids import new_id
from services.kit.rpc import call, open_channel
from tests.shop import Shop

SIZES = (1_000, 200_000)
_ASKED, _AT_ONCE, _ROUNDS = 300, 8, 7
_IDLE, _PATIENCE = 0.15, 15  # CPU seconds a second; seconds
_PRICE = 1_900
_FULL = 20  # products a page
_OPEN = ("waiting", "running")  # states of a job
_HEADER = "sku,title,category,price_minor,cost_minor,currency,weight_g,stock"
_WORKERS = ("gateway", "catalog", "mongod")
Ask = Callable[[], Awaitable[object]]


def _rows(first: int, last: int, titles: list[str]) -> Iterator[str]:
    for n in range(first, last):
        title = titles[n % len(titles)].replace('"', "")
        yield f'BIG-{n},"{title} ({n // len(titles)})",Range {n % 40},{_PRICE + n % 5_000},600,CNY,100,1000'


def _broad_queries(titles: list[str]) -> list[str]:
    """Words, and pairs of them, that fill a page already at the small size: a page costs what is on it, too."""
    counts: Counter[str] = Counter()
    for title in titles:
        words = [word for word in dict.fromkeys(title.split()) if word.isalpha() and len(word) > 1]
        counts.update([*words, *("+".join(pair) for pair in combinations(words, 2))])
    return sorted(query for query, count in counts.items() if count > _FULL)


async def _grow(staff: Staff, first: int, last: int, titles: list[str]) -> float:
    """Takes rows in as one file; rows a second."""
    file = "\n".join([_HEADER, *_rows(first, last, titles)]).encode()
    began = monotonic()
    answer = await staff.call("POST", "/v1/imports?publish=true", raw=file, key=new_id("k"), Content_Type="text/csv")
    job = answer.expect(202)
    while job["state"] in _OPEN:
        await asyncio.sleep(0.5)
        looked = await staff.call("GET", f"/v1/jobs/{job['id']}")
        job = looked.body if looked.status == 200 else job  # a busy catalog may be late to say
    if job["counts"][0]["count"] != last - first:
        raise RuntimeError(job)
    return (last - first) / (monotonic() - began)


async def _quiet(shop: Shop, staff: Staff) -> None:
    """Waits until what a large file leaves to be done (segments merged, what sold counted) is done: it is nobody's page.
    The autopilot's night is called off: here it would be all through the measurement, or not at all, by the hour of day."""
    for job in (await staff.get("/v1/jobs"))["items"]:
        if job["state"] in _OPEN:
            await staff.call("POST", f"/v1/jobs/{job['id']}/cancel")
    for _ in range(_PATIENCE):  # a shop is never quite still: its chores look about
        before = await asyncio.to_thread(shop.local.cpu_seconds)
        await asyncio.sleep(1)
        after = await asyncio.to_thread(shop.local.cpu_seconds)
        if sum(after[name] - before[name] for name in _WORKERS) < _IDLE:
            return


@dataclass
class _At:
    """A shop of a size, and who asks it."""

    shop: Shop
    staff: Staff
    size: int

    async def cost(self, count: int, ask: Ask) -> float:
        """CPU milliseconds of gateway, catalog and mongod for one of many."""
        turnstile = asyncio.Semaphore(_AT_ONCE)

        async def one() -> None:
            async with turnstile:
                await ask()

        before = await asyncio.to_thread(self.shop.local.cpu_seconds)
        await asyncio.gather(*(one() for _ in range(count)))
        after = await asyncio.to_thread(self.shop.local.cpu_seconds)
        return sum(after[name] - before[name] for name in _WORKERS) * 1000 / count

    def asks(self, queries: list[str]) -> dict[str, Ask]:
        """What is asked over and over: another page each time, so that no shelf helps; a full one."""
        chance, visitor = random.Random(self.size), self.shop.visitor()
        stock = stock_pb2_grpc.StockServiceStub(open_channel(self.shop.local.environment["CATALOG_ADDRESS"]))

        async def browse() -> None:
            floor = 1 + chance.randrange(_PRICE)
            await visitor.get(f"/v1/products?category=range-{chance.randrange(40)}&min_price={floor}&limit={_FULL}")

        async def search() -> None:
            words = chance.choice(queries)
            await visitor.get(f"/v1/products?q={words}&max_price={10_000 + chance.randrange(1_000_000)}&limit={_FULL}")

        async def reserve() -> None:
            order, n = new_id("ord"), chance.randrange(self.size)
            price = Money(currency="CNY", minor=_PRICE + n % 5_000)
            line = stock_pb2.HoldLine(sku=f"BIG-{n}", quantity=1, unit_price=price)
            await call(stock.HoldStock, stock_pb2.HoldStockRequest(order_id=order, lines=[line]))
            await call(stock.ReleaseHold, stock_pb2.ReleaseHoldRequest(order_id=order, skus=[line.sku]))

        return {"browse": browse, "search": search, "reserve and release": reserve}


async def measure(small: Shop, large: Shop, report: Report) -> None:
    """CPU of each in a small shop and in a large one, in turn: a machine's own speed drifts by a fifth within minutes, so
    only what was measured side by side is compared. And the rate at which a large file goes in."""
    titles = [row["title"] for row in read("catalogue.csv.gz")]
    places = [_At(shop, await shop.owner(), size) for shop, size in zip((small, large), SIZES, strict=True)]
    report.row("scale", f"{SIZES[0]:,} and {SIZES[1]:,} SKUs, titles of the real catalogue")
    for place in places:
        rate = await _grow(place.staff, 0, place.size, titles)
    report.figure(f"a file of {SIZES[1]:,} rows goes in", rate, "rows/s")
    queries = _broad_queries(titles[: SIZES[0]])
    asks = [place.asks(queries) for place in places]
    for name in asks[0]:
        for place, each in zip(places, asks, strict=True):
            await place.cost(_ASKED, each[name])  # everything warm
        for place in places:
            await _quiet(place.shop, place.staff)
        costs = [
            [await place.cost(_ASKED, each[name]) for place, each in zip(places, asks, strict=True)]
            for _ in range(_ROUNDS)
        ]
        middle = [median(figures) for figures in zip(*costs, strict=True)]
        report.figure(f"{name}, CPU ms", f"{middle[0]:.2f} → {middle[1]:.2f}", "")
        report.figure(
            f"{name}, large / small", median(of_large / of_small for of_small, of_large in costs), "", at_most=1.5
        )
