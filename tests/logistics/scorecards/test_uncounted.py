"""This is where it is held that nothing happens to a parcel behind the scorecards' back, whoever does it."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from shop.logistics.v1 import shipments_pb2
from shop.orders.v1.events_pb2 import OrderedLine, ReturnRequested
from shop.type.v1.address_pb2 import Region

from services.kit.rpc import call
from services.kit.store import Store
from services.logistics.scorecards.measures import Measured, measured
from tests.house import House
from tests.logistics.fleet.riding import Depot, depot
from tests.logistics.test_scans import Courier
from tests.logistics.test_undelivered import Bench

from .test_scorecards import Watch

T = TypeVar("T")


class Books:
    """The scorecards, brought up to date after each step."""

    def __init__(self, at: Depot) -> None:
        self.at, self.watch = at, Watch(at.house, at.logistics)
        ground = at.logistics.ground
        self.measures = Store(ground.database, "measures", Measured, ground.relay)

    async def after(self, step: Awaitable[T]) -> T:
        """What a step answers, once it is counted; and counted it is as it is."""
        done = await step
        await self.watch.counted()
        for parcel in await self.watch.kept.find({"_id": {"$gt": ""}}, limit=100):
            if not parcel.uncounted:
                counted = await self.measures.get(parcel.id)
                assert counted and replace(counted, version=0) == replace(measured(parcel), version=0), (step, parcel)
        return done


async def test_whoever_changes_a_parcel_has_it_counted_anew(house: House) -> None:
    at = await depot(house)
    books, courier = Books(at), Courier(house.clock).at(at.logistics)
    bench = Bench(at.logistics)
    refused, absent = [await books.after(at.parcel()) for _ in range(2)]
    route = await books.after(at.out())
    await books.after(at.fail(route.id, refused.id, "refused"))
    await books.after(at.fail(route.id, absent.id))
    assert await bench.waiting() == []
    await books.after(at.finish(route.id))
    assert await bench.waiting() == [refused.waybill]  # the other one is brought once more
    await books.after(bench.restock(refused.waybill))
    assert await bench.waiting() == []
    (stopped,), (sent,) = [await books.after(at.desk.planned(TEA=1)) for _ in range(2)]
    await books.after(at.desk.stop(stopped.order_id))
    elsewhere = shipments_pb2.ReaddressShipmentsRequest(
        order_id=sent.order_id,
        revision=1,
        region=Region(country="CN", province="浙江省", city="杭州市"),
        sealed_address=b"sealed",
    )
    await books.after(call(at.desk.stub.ReaddressShipments, elsewhere))
    await books.after(at.desk.pack(sent.id))
    await books.after(at.desk.ship(sent.id))
    house.clock.advance(days=9)
    await books.after(asyncio.gather(books.watch.lateness.strike(), books.watch.looked()))
    house.clock.advance(days=9)
    await books.after(books.watch.looked())
    never = ReturnRequested(order_id=sent.order_id, reason="damaged", blames="carrier", lines=[OrderedLine(sku="TEA")])
    await house.tell(never)
    await books.after(house.settled())
    await books.after(courier.report([courier.scan(sent.waybill, "delivered", 1)]))
