"""This is where what was bought becomes history: a basket once an order, a day's sales once a basket."""

import asyncio

from shop.orders.v1.events_pb2 import OrderedLine, OrderPaid

from services.catalog.baskets import Basket, Baskets, SkuDay
from services.catalog.store import BASKETS, DAYS, Table
from services.kit.computing import apart
from services.kit.ids import new_id
from tests.catalog.counter import Counter, cny


def paid(order: str, *lines: tuple[str, int, int], at: str = "2026-11-20T10:00:00.000Z") -> OrderPaid:
    """An order of (SKU, units, what was paid for them) at ¥9.00 each before discounts."""
    ordered = [
        OrderedLine(sku=sku, product_id=f"prd_{sku}", quantity=units, unit_price=cny(900), paid=cny(minor))
        for sku, units, minor in lines
    ]
    return OrderPaid(order_id=order, customer_id="cus_1", lines=ordered, goods=cny(1), paid_at=at, channel="storefront")


async def _day(counter: Counter, key: str) -> dict[str, int]:
    day = await counter.database["days"].find_one({"_id": key})
    return {name: day[name] for name in ("units", "orders", "gross_minor", "paid_minor")} if day else {}


async def test_each_order_counts_once_however_often_it_is_told(counter: Counter) -> None:
    orders = [new_id("ord") for _ in range(30)]
    for order in orders:
        event = paid(order, ("A", 2, 1700), ("B", 1, 900))
        await counter.house.tell(event, event_id=order)
        await counter.house.tell(event, event_id=order)
    await counter.house.tell(paid("ord_z", ("A", 1, 900), at="2026-11-21T00:00:00.000Z"))
    await counter.house.settled()
    ground = counter.started.ground
    tables = (
        Table(ground.database, "baskets", Basket, ground.relay, BASKETS, ground.turnstile),
        Table(ground.database, "days", SkuDay, ground.relay, DAYS, ground.turnstile),
    )
    await asyncio.gather(*(Baskets(*tables).count() for _ in range(3)))
    await Baskets(*tables).count()
    assert await _day(counter, "A|2026-11-20") == {
        "units": 60,
        "orders": 30,
        "gross_minor": 54_000,
        "paid_minor": 51_000,
    }
    assert await _day(counter, "B|2026-11-20") == {
        "units": 30,
        "orders": 30,
        "gross_minor": 27_000,
        "paid_minor": 27_000,
    }
    assert (await _day(counter, "A|2026-11-21"))["units"] == 1


def _loaded_modules(wanted: str) -> tuple[int, bool]:
    import importlib
    import os

    importlib.import_module(wanted)
    return os.getpid(), True


async def test_heavy_sums_are_done_by_another_process() -> None:
    import os

    pid, done = await apart(_loaded_modules, "fractions")
    assert done and pid != os.getpid()
