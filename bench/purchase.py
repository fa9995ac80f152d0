"""This is where a whole purchase is weighed: CPU of every process, orders a second, the lag of its events."""

import asyncio
import time
from collections.abc import Awaitable
from statistics import median
from typing import TypeVar

from bench.lag import Lag
from bench.report import Report
from bench.yardstick import Yardstick
from tests.shop import Shop

T = TypeVar("T")

_WARM, _PURCHASES = 60, 300
_AT_ONCE = (8, 32)
_BARE_REQUESTS = 750  # some 30 ms where one costs 0.04; a shared machine is now and then half as fast
_TURNS, _A_TURN = 5, 100


async def _purchases(shop: Shop, skus: list[str], count: int, at_once: int) -> float:
    """Guests who each buy two lines: cart, lines, address, delivery, checkout, paid. Orders a second."""
    turnstile = asyncio.Semaphore(at_once)

    async def buy(number: int) -> None:
        async with turnstile:
            lines = {skus[number % len(skus)]: 1, skus[(number + 1) % len(skus)]: 1}
            order = await shop.visitor().buy(lines, delivery="standard")
            if order["state"] != "paid":
                raise RuntimeError(order)

    started = time.monotonic()
    await asyncio.gather(*(buy(number) for number in range(count)))
    return count / (time.monotonic() - started)


async def measure(shop: Shop, bare: Yardstick, report: Report) -> None:
    """CPU milliseconds a purchase over all processes, and by process."""
    skus = [await shop.product(stock=100_000) for _ in range(20)]
    await _purchases(shop, skus, _WARM, 8)
    await shop.settled()
    await _weigh_discounts(shop, report)
    report.row("a whole purchase", "cart, two lines, address, delivery, checkout, paid; and all its events")
    for at_once in _AT_ONCE:
        lag = await Lag.start(shop)
        unit = await bare.cpu_ms()
        rate, spent = await _weighed(shop, _purchases(shop, skus, _PURCHASES, at_once), _PURCHASES)
        report.figure(f"orders a second, {at_once} buyers", rate, "/s")
        report.figure(f"CPU a purchase, {at_once} buyers", sum(spent.values()), "ms")
        unit = (unit + await bare.cpu_ms()) / 2
        name = f"  in bare FastAPI requests (now {unit:.3f} ms each)"
        report.figure(name, sum(spent.values()) / unit, "", at_most=_BARE_REQUESTS)
        report.figure("  of it", _by_process(spent), "")
        middle, tail = await lag.quantiles(shop)
        report.figure(f"event lag p50, {at_once} buyers", middle * 1000, "ms")
        report.figure(f"event lag p99, {at_once} buyers", tail * 1000, "ms", at_most=250)


async def _weigh_discounts(shop: Shop, report: Report) -> None:
    """The same purchase without any promotion and with three and a coupon: one after the other, again and again."""
    plain = [await shop.product(stock=100_000, cost_minor=1) for _ in range(20)]
    other = [await shop.product(stock=100_000, cost_minor=1) for _ in range(20)]
    owner, code = await shop.owner(), "BENCH-5"
    for promotion in _promotions(other):
        (await owner.call("POST", "/v1/promotions", promotion)).expect(201)
    coupon = {"code": code, "title": "Bench", "amount_off": {"currency": "CNY", "minor": 500}, "skus": other}
    (await owner.call("POST", "/v1/coupons", coupon)).expect(201)
    await _each(shop, plain, "", _WARM // 2)
    await _each(shop, other, code, _WARM // 2)
    turns = [
        [
            (await _weighed(shop, _each(shop, skus, entered, _A_TURN), _A_TURN))[1]
            for skus, entered in ((plain, ""), (other, code))
        ]
        for _ in range(_TURNS)
    ]
    report.row("a purchase with three promotions and a coupon", "beside the same without any, in turn")
    for name, spent in zip(("of the plain one", "with discounts"), zip(*turns, strict=True), strict=True):
        report.figure(f"CPU {name}", median(sum(each.values()) for each in spent), "ms")
        report.figure("  of it", _by_process({each: median(turn[each] for turn in spent) for each in spent[0]}), "")
    ratios = [sum(discounted.values()) / sum(undiscounted.values()) for undiscounted, discounted in turns]
    report.figure("times the plain one", median(ratios), "", at_most=1.3)


async def _weighed(shop: Shop, buying: Awaitable[T], purchases: int) -> tuple[T, dict[str, float]]:
    """What buying answers; and CPU milliseconds a purchase, by process, until all its events have had their effect."""
    before = await asyncio.to_thread(shop.local.cpu_seconds)
    answer = await buying
    await shop.settled()
    after = await asyncio.to_thread(shop.local.cpu_seconds)
    return answer, {name: (after[name] - before.get(name, 0.0)) * 1000 / purchases for name in after}


def _promotions(skus: list[str]) -> list[dict[str, object]]:
    threshold, off = {"currency": "CNY", "minor": 5_000}, {"currency": "CNY", "minor": 300}
    return [
        {"title": "Flash", "kind": "limited_time", "percent_bp": 1_000, "skus": skus},
        {"title": "Spend", "kind": "spend_threshold", "threshold": threshold, "amount_off": off, "skus": skus},
        {"title": "Free delivery", "kind": "free_shipping", "threshold": threshold, "skus": skus},
    ]


async def _each(shop: Shop, skus: list[str], code: str, count: int) -> None:
    """Guests, eight at once, who each buy two lines, and enter the code."""
    turnstile = asyncio.Semaphore(8)

    async def buy(number: int) -> None:
        async with turnstile:
            visitor = shop.visitor()
            cart = await visitor.filled_cart({skus[number % len(skus)]: 1, skus[(number + 1) % len(skus)]: 1})
            if code:
                (await visitor.call("POST", f"/v1/carts/{cart}/coupons", {"code": code})).expect(200)
            order = (await visitor.check_out(cart)).expect(201)
            if order["state"] != "paid" or (code and len(order["discounts"]) != 4):
                raise RuntimeError(order)

    await asyncio.gather(*(buy(number) for number in range(count)))


def _by_process(spent: dict[str, float]) -> str:
    return ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(spent.items(), key=lambda item: -item[1]))
