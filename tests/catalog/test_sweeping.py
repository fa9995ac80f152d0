"""This is where holds run out."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from shop.orders.v1 import orders_pb2, orders_pb2_grpc

from services.catalog.availability import Availability
from services.catalog.skus import Sku
from services.catalog.store import SKUS, keep
from services.catalog.sweeping import Fate, Sweeper
from services.kit.errors import Unavailable
from tests.catalog.counter import Counter


class Fates:
    """Orders, as a sweeper knows it."""

    def __init__(self, fates: dict[str, Fate], *, away: bool = False) -> None:
        self.known, self.away, self.asked = fates, away, 0

    async def fates(self, order_ids: Sequence[str]) -> Sequence[Fate | None]:
        self.asked += 1
        if self.away:
            raise Unavailable("orders is away")
        return [self.known.get(order) for order in order_ids]


def sweeper(counter: Counter, fates: Fates) -> Sweeper:
    ground = counter.started.ground
    skus = keep(ground, "skus", Sku, SKUS)
    return Sweeper(skus, fates, Availability(skus, ground.clock), ground.clock)


async def test_dead_orders_give_back_living_ones_keep(counter: Counter) -> None:
    await counter.sell("A", "B")
    await counter.hold("dead", {"A": 1, "B": 2})
    await counter.hold("alive", {"A": 3})
    await counter.hold("odd", {"B": 1})
    fates = Fates({"dead": Fate.RELEASE, "alive": Fate.KEEP})
    counter.house.clock.advance(minutes=14)
    assert await sweeper(counter, fates).sweep() == 0
    counter.house.clock.advance(minutes=2)
    assert await sweeper(counter, fates).sweep() == 4
    assert await counter.there("A") == ({"main": 10}, 3, 7)
    assert await counter.there("B") == ({"main": 10}, 1, 9)
    fates.known["odd"] = Fate.RELEASE
    assert await sweeper(counter, fates).sweep() == 1  # `alive` has fifteen minutes more
    await counter.check()


async def test_three_sweepers_at_once_release_a_hold_once(counter: Counter) -> None:
    skus = [f"S{n}" for n in range(20)]
    await counter.sell(*skus, stock=5)
    await counter.hold("dead", dict.fromkeys(skus, 5))
    counter.house.clock.advance(minutes=16)
    await asyncio.gather(*(sweeper(counter, Fates({"dead": Fate.RELEASE})).sweep() for _ in range(3)))
    for sku in skus:
        assert await counter.there(sku) == ({"main": 5}, 0, 5)
    await counter.check()


async def test_while_orders_is_away_everything_stays(counter: Counter) -> None:
    await counter.sell("A")
    await counter.hold("ord_1", {"A": 1})
    counter.house.clock.advance(minutes=16)
    assert await sweeper(counter, Fates({}, away=True)).sweep() == 0
    assert await counter.there("A") == ({"main": 10}, 1, 9)


async def test_a_hold_that_was_taken_while_orders_was_asked_is_not_released(counter: Counter) -> None:
    await counter.sell("A")
    await counter.hold("ord_1", {"A": 1})
    counter.house.clock.advance(minutes=16)

    class Slow(Fates):
        async def fates(self, order_ids: Sequence[str]) -> Sequence[Fate | None]:
            await counter.confirm("ord_1", ("A", "main", 1))
            return await super().fates(order_ids)

    await sweeper(counter, Slow({"ord_1": Fate.RELEASE})).sweep()
    assert await counter.there("A") == ({"main": 9}, 0, 9)
    await counter.check()


async def test_the_service_sweeps_by_itself_and_asks_orders(counter: Counter) -> None:
    released = asyncio.Event()

    class Orders:
        async def ListHoldFates(self, request: orders_pb2.ListHoldFatesRequest, _context: Any) -> Any:
            asyncio.get_running_loop().call_later(0.05, released.set)
            return orders_pb2.ListHoldFatesResponse(fates=[orders_pb2.HOLD_FATE_RELEASE] * len(request.order_ids))

    await counter.house.fake("orders", Orders(), orders_pb2_grpc.add_OrdersServiceServicer_to_server)
    await counter.sell("A", stock=1)
    await counter.hold("dead", {"A": 1}, hold_s=60)
    counter.house.clock.advance(seconds=61)
    await asyncio.wait_for(released.wait(), 15)
    await counter.house.settled()
    assert await counter.there("A") == ({"main": 1}, 0, 1)


async def test_a_sku_is_left_alone_until_its_first_hold_may_run_out(counter: Counter) -> None:
    async def sweep_at() -> Any:
        kept = await counter.database["skus"].find_one({"_id": "A"})
        return kept and kept.get("sweep_at")

    now = counter.house.clock.now
    await counter.sell("A")
    await counter.hold("taken", {"A": 1})
    first = await sweep_at()
    assert first - now() == timedelta(minutes=15)
    counter.house.clock.advance(minutes=10)
    await counter.hold("later", {"A": 1})
    await counter.confirm("taken", ("A", "main", 1))
    assert await sweep_at() == first
    counter.house.clock.advance(minutes=6)
    fates = Fates({"later": Fate.RELEASE})
    assert await sweeper(counter, fates).sweep() == 0
    assert (await sweep_at()) - now() == timedelta(minutes=9)
    counter.house.clock.advance(minutes=10)
    assert await sweeper(counter, fates).sweep() == 1
    assert await sweeper(counter, fates).sweep() == 0
    assert await sweep_at() is None
    await counter.check()
