"""This is where a whole purchase is weighed: CPU of every process, orders a second, the lag of its events."""

import asyncio
import time

from bench.lag import Lag
from bench.report import Report
from bench.yardstick import Yardstick
from tests.shop import Shop

_WARM, _PURCHASES = 60, 300
_AT_ONCE = (8, 32)


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
    report.row("a whole purchase", "cart, two lines, address, delivery, checkout, paid; and all its events")
    for at_once in _AT_ONCE:
        lag = await Lag.start(shop)
        unit = await bare.cpu_ms()
        before = await asyncio.to_thread(shop.local.cpu_seconds)
        rate = await _purchases(shop, skus, _PURCHASES, at_once)
        await shop.settled()
        after = await asyncio.to_thread(shop.local.cpu_seconds)
        spent = {name: (after[name] - before.get(name, 0.0)) * 1000 / _PURCHASES for name in after}
        report.figure(f"orders a second, {at_once} buyers", rate, "/s")
        report.figure(f"CPU a purchase, {at_once} buyers", sum(spent.values()), "ms", at_most=30)
        unit = (unit + await bare.cpu_ms()) / 2
        report.figure(f"  in bare FastAPI requests (now {unit:.3f} ms each)", sum(spent.values()) / unit, "")
        report.figure("  of it", ", ".join(f"{name} {ms:.1f}" for name, ms in _largest_first(spent)), "")
        middle, tail = await lag.quantiles(shop)
        report.figure(f"event lag p50, {at_once} buyers", middle * 1000, "ms")
        report.figure(f"event lag p99, {at_once} buyers", tail * 1000, "ms", at_most=250)


def _largest_first(spent: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(spent.items(), key=lambda item: -item[1])
