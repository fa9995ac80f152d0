"""This is where the fleet goes on with what broke off: an answer that was lost, a release whose replica died."""

import asyncio

from shop.logistics.v1 import fleet_pb2 as pb

from services.kit.rpc import call
from tests.house import House

from .riding import depot


async def test_what_broke_off_is_told_by_itself_after_a_while(house: House) -> None:
    at = await depot(house)
    parcel = await at.parcel(cash=500)
    route = await at.out()
    at.orders.lost = 1
    assert (await at.deliver(route.id, parcel.id, 500)).owed == 1
    house.clock.advance(seconds=10)
    async with asyncio.timeout(10):
        while (await at.route(route.id)).owed:
            await asyncio.sleep(0.05)
    (stop,) = (await at.route(route.id)).stops
    assert (stop.cash, at.orders.asked, len(at.orders.booked)) == ("booked", 2, 1)


async def test_a_release_that_broke_off_is_ended_by_itself(house: House) -> None:
    at = await depot(house)
    parcel = await at.parcel()
    plan = await at.planned()
    plans = at.logistics.ground.database["route_plans"]
    begun = {"state": "releasing", "busy": True, "lease_until": None}  # as it is left by who died right then
    await plans.update_one({"_id": plan.id}, {"$set": begun})
    async with asyncio.timeout(10):
        while plan.state != "released":
            await asyncio.sleep(0.05)
            plan = (await call(at.fleet.GetRoutePlan, pb.GetRoutePlanRequest(id=plan.id))).plan
    route = await at.route(plan.routes[0].id)
    assert [stop.shipment_id for stop in route.stops] == [parcel.id] and plan.unserved[:] == []
