"""This is where it is shown that browsing, searching and reserving cost the same with 1,000 SKUs and with 200,000."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from itertools import combinations
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
_ASKED, _RESERVED, _AT_ONCE, _ROUNDS = 400, 400, 8, 4
_IDLE, _PATIENCE = 0.15, 15  # CPU seconds a second; seconds
_PRICE = 1_900
_FULL = 20  # products a page
_OPEN = ("waiting", "running")  # states of a job
_HEADER = "sku,title,category,price_minor,cost_minor,currency,weight_g,stock"
_WORKERS = ("gateway", "catalog", "mongod")
Measured = dict[str, float]


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


async def _cost(shop: Shop, staff: Staff, count: int, ask: Callable[[int], Awaitable[object]]) -> float:
    """CPU milliseconds of gateway, catalog and mongod for one of many: the least of some rounds, for what else goes on in a
    machine only adds."""
    turnstile = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        async with turnstile:
            await ask(number)

    async def round_of(these: int) -> float:
        before = await asyncio.to_thread(shop.local.cpu_seconds)
        await asyncio.gather(*(one(number) for number in range(these)))
        after = await asyncio.to_thread(shop.local.cpu_seconds)
        return sum(after[name] - before[name] for name in _WORKERS) * 1000 / these

    await round_of(count // 3)  # everything warm
    await _quiet(shop, staff)
    return min([await round_of(count) for _ in range(_ROUNDS)])


async def _measure_at(shop: Shop, staff: Staff, size: int, queries: list[str]) -> Measured:
    chance = random.Random(size)
    visitor = shop.visitor()
    stock = stock_pb2_grpc.StockServiceStub(open_channel(shop.local.environment["CATALOG_ADDRESS"]))

    async def browse(_number: int) -> None:
        floor = 1 + chance.randrange(_PRICE)  # another page each time, so that no shelf helps; a full one
        await visitor.get(f"/v1/products?category=range-{chance.randrange(40)}&min_price={floor}&limit={_FULL}")

    async def search(_number: int) -> None:
        words = chance.choice(queries)
        await visitor.get(f"/v1/products?q={words}&max_price={10_000 + chance.randrange(1_000_000)}&limit={_FULL}")

    async def reserve(_number: int) -> None:
        order, n = new_id("ord"), chance.randrange(size)
        price = Money(currency="CNY", minor=_PRICE + n % 5_000)
        line = stock_pb2.HoldLine(sku=f"BIG-{n}", quantity=1, unit_price=price)
        await call(stock.HoldStock, stock_pb2.HoldStockRequest(order_id=order, lines=[line]))
        await call(stock.ReleaseHold, stock_pb2.ReleaseHoldRequest(order_id=order, skus=[line.sku]))

    return {
        "browse": await _cost(shop, staff, _ASKED, browse),
        "search": await _cost(shop, staff, _ASKED, search),
        "reserve and release": await _cost(shop, staff, _RESERVED, reserve),
    }


async def measure(shop: Shop, report: Report) -> None:
    """CPU of each at both sizes, and their ratio; the rate at which a large file goes in."""
    titles = [row["title"] for row in read("catalogue.csv.gz")]
    queries = _broad_queries(titles[: SIZES[0]])
    staff, costs, known = await shop.owner(), list[Measured](), 0
    report.row("scale", f"{SIZES[0]:,} and {SIZES[1]:,} SKUs, titles of the real catalogue")
    for size in SIZES:
        rate = await _grow(staff, known, size, titles)
        known = size
        costs.append(await _measure_at(shop, staff, size, queries))
    report.figure(f"a file of {SIZES[1] - SIZES[0]:,} rows goes in", rate, "rows/s")
    small, large = costs
    for name in small:
        report.figure(f"{name}, CPU ms", f"{small[name]:.2f} → {large[name]:.2f}", "")
        report.figure(f"{name}, large / small", large[name] / small[name], "", at_most=1.5)
