"""This is where riders go their rounds: planned, released, loaded, handed over, failed, back; each told once."""

import asyncio
from datetime import timedelta

import pytest
from shop.logistics.v1 import fleet_pb2 as pb
from shop.logistics.v1.events_pb2 import ParcelMoved, RouteFinished, RouteReleased, StopVisited

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.house import House

from .riding import OTHER, PHOTO, RIDER, Depot, depot


async def test_a_rider_brings_a_parcel_against_proof_and_cash_and_hands_it_in(house: House) -> None:
    at = await depot(house)
    plain, cod = await at.parcel(), await at.parcel(cash=8800, district="徐汇区")
    plan = await at.planned()
    (drafted,) = plan.routes
    assert {stop.shipment_id for stop in drafted.stops} == {plain.id, cod.id} and not plan.unserved
    assert drafted.metres > 10_000 and plan.percent == 100
    assert [stop.arrives_at for stop in drafted.stops] == sorted(stop.arrives_at for stop in drafted.stops)
    assert await at.tracking(plain.id) == ("label_created", [])
    await at.released(plan)
    assert await at.released(plan) == await at.released(plan)
    mine = (await call(at.routes.ListRoutes, pb.ListRoutesRequest(rider=RIDER))).routes
    assert [one.id for one in mine] == [drafted.id]
    route = (await call(at.routes.DepartRoute, pb.DepartRouteRequest(id=drafted.id, rider=RIDER))).route
    assert {stop.state for stop in route.stops} == {"loaded"} and route.owed == 0
    assert await at.tracking(plain.id) == ("out_for_delivery", ["out_for_delivery"])
    address = route.stops[0].address
    assert (address.name, address.phone, address.street) == ("張**", "138****1234", "世紀大道 1 號")
    await _all_the_cash_and_nothing_else(at, route.id, plain.id, cod.id)
    at.orders.lost = 1
    owing = await at.deliver(route.id, cod.id, 8800)
    assert owing.owed == 1 and [one.cash for one in owing.stops if one.shipment_id == cod.id] == ["owed"]
    assert (await at.tracking(cod.id))[0] == "delivered"  # what is away holds nothing else up
    again = await at.deliver(route.id, cod.id, 8800)  # asked again, and booked once
    assert again.owed == 0 and len(at.orders.booked) == 1 and at.orders.asked == 2
    assert list(at.orders.booked.values()) == [(cod.order_id, 8800, RIDER)]
    with pytest.raises(WrongState) as done:
        await at.deliver(route.id, cod.id, 8800, sha256="cd" * 32)
    assert done.value.reason == "STOP_DONE"
    with pytest.raises(WrongState) as early:
        await at.finish(route.id, 8800)
    assert early.value.reason == "STOPS_OPEN"
    await at.deliver(route.id, plain.id)
    over = await at.finish(route.id, 8700)
    assert (over.state, over.cash[0].due.minor, over.cash[0].difference_minor) == ("finished", 8800, -100)
    assert await at.finish(route.id, 8700) == over
    with pytest.raises(WrongState):
        await at.finish(route.id, 8800)
    assert (await at.tracking(cod.id))[0] == (await at.tracking(plain.id))[0] == "delivered"
    proof = next(stop.proof for stop in over.stops if stop.shipment_id == cod.id)
    assert (proof.sha256, proof.receiver, proof.position.lat) == (PHOTO, "self", 31.2)
    await house.settled()
    assert [event.stops for event in house.told(RouteReleased)] == [2]
    assert sorted(event.shipment_id for event in house.told(StopVisited)) == sorted([plain.id, cod.id])
    assert [event.handed_in[0].minor for event in house.told(RouteFinished)] == [8700]
    states = [event.state for event in house.told(ParcelMoved) if event.shipment_id == cod.id]
    assert states == ["out_for_delivery", "delivered"]


async def _all_the_cash_and_nothing_else(at: Depot, route: str, plain: str, cod: str) -> None:
    arrived = pb.ArriveAtStopRequest(id=route, rider=RIDER, shipment_id=cod)
    await call(at.routes.ArriveAtStop, arrived)
    for wrong in (0, 8799, 8801):
        with pytest.raises(WrongState) as differs:
            await at.deliver(route, cod, wrong)
        assert differs.value.reason == "CASH_DIFFERS"
    with pytest.raises(WrongState):
        await at.deliver(route, plain, 100)


async def test_after_so_many_attempts_a_parcel_goes_back_for_good(house: House) -> None:
    at = await depot(house)
    parcel, refused = await at.parcel(), await at.parcel()
    route = await at.out()
    await at.fail(route.id, refused.id, "refused")
    failed = await at.fail(route.id, parcel.id)
    assert await at.fail(route.id, parcel.id) == failed
    with pytest.raises(WrongState):
        await at.fail(route.id, parcel.id, "no_access")
    with pytest.raises(Invalid):
        await at.fail(route.id, parcel.id, "rain")
    assert (await at.tracking(parcel.id))[0] == "attempt_failed"
    assert (await at.planned()).routes[:] == []  # it is still in the van
    await at.finish(route.id)
    assert (await at.tracking(refused.id))[0] == "returned"
    house.clock.advance(minutes=1)
    route = await at.out()
    (stop,) = route.stops
    assert (stop.shipment_id, stop.attempt) == (parcel.id, 2)
    assert (await at.tracking(parcel.id))[0] == "out_for_delivery"
    house.clock.advance(minutes=1)
    await at.fail(route.id, parcel.id)
    assert (await at.tracking(parcel.id))[0] == "returning"
    house.clock.advance(minutes=1)
    await at.finish(route.id)
    assert await at.tracking(parcel.id) == (
        "returned",
        ["out_for_delivery", "attempt_failed"] * 2 + ["returning", "returned"],
    )
    assert (await at.planned()).routes[:] == []


async def test_a_new_plan_takes_what_has_not_left_and_leaves_what_has(house: House) -> None:
    at = await depot(house)
    await at.vehicle("v2", OTHER, capacity_pieces=5)
    first = await at.parcel()
    gone = await at.out()
    second = await at.parcel()
    waiting = await at.released(await at.planned())
    third = await at.parcel()
    anew = await at.planned()
    assert list(anew.replaces) == [waiting.routes[0].id]
    (route,) = anew.routes  # the vehicle that left is out
    assert route.vehicle != gone.vehicle and {stop.shipment_id for stop in route.stops} == {second.id, third.id}
    await at.released(anew)
    assert (await at.route(waiting.routes[0].id)).state == "recalled"
    still = await at.route(gone.id)
    assert still.state == "on_the_way" and [stop.shipment_id for stop in still.stops] == [first.id]
    with pytest.raises(WrongState) as recalled:
        await call(at.routes.DepartRoute, pb.DepartRouteRequest(id=waiting.routes[0].id, rider=waiting.routes[0].rider))
    assert recalled.value.reason == "ROUTE_NOT_OPEN"


async def test_two_plans_released_at_once_share_no_parcel(house: House) -> None:
    at = await depot(house)
    keys = {(await at.parcel()).id for _ in range(3)}
    plans = [await at.planned() for _ in range(2)]
    released = await asyncio.gather(*(at.released(plan) for plan in plans), at.released(plans[0]))
    for plan in (released[0], released[1]):
        assert plan.state == "released"
    routes = {route.id: {stop.shipment_id for stop in route.stops} for plan in released for route in plan.routes}
    brought = [key for stops in routes.values() for key in stops]
    assert sorted(brought) == sorted(keys)
    lost = [one.shipment_id for plan in released[:2] for one in plan.unserved]
    assert sorted(lost) == sorted(keys) and {one.reason for plan in released for one in plan.unserved} == {
        "taken_elsewhere"
    }


async def test_what_is_not_packed_or_was_stopped_stays_at_the_depot(house: House) -> None:
    at = await depot(house)
    packed, loose, stopped = await at.parcel(), await at.parcel(pack=False), await at.parcel()
    plan = await at.released(await at.planned())
    await at.desk.stop(stopped.order_id)
    route = (await call(at.routes.DepartRoute, pb.DepartRouteRequest(id=plan.routes[0].id, rider=RIDER))).route
    assert {stop.shipment_id: stop.state for stop in route.stops} == {
        packed.id: "loaded",
        loose.id: "left_behind",
        stopped.id: "left_behind",
    }
    assert (await at.tracking(stopped.id))[0] == (await at.tracking(loose.id))[0] == "label_created"
    await at.desk.pack(loose.id)
    await at.deliver(route.id, packed.id)
    await at.finish(route.id)
    assert [stop.shipment_id for stop in (await at.planned()).routes[0].stops] == [loose.id]


async def test_a_window_and_a_place_are_kept_to_and_what_cannot_be_is_said(house: House) -> None:
    at = await depot(house)
    parcel, far, heavy = await at.parcel(), await at.parcel(district=""), await at.parcel(TEA=300)
    begins = house.clock.now() + timedelta(days=1)
    noon = begins.replace(hour=4, minute=0, second=0, microsecond=0)  # 12:00 in Shanghai
    if noon.date().isoformat() != at.day:
        noon += timedelta(days=1 if noon.date().isoformat() < at.day else -1)
    asked = pb.SetDeliveryRequest(
        shipment_id=parcel.id,
        position=pb.Position(lat=31.3, lng=121.6),
        window_from=rfc3339(noon),
        window_until=rfc3339(noon + timedelta(hours=1)),
    )
    kept = await call(at.fleet.SetDelivery, asked)
    assert (kept.position.lat, kept.window_from) == (31.3, rfc3339(noon))
    for wrong in (
        pb.SetDeliveryRequest(shipment_id=parcel.id, window_from=rfc3339(noon)),
        pb.SetDeliveryRequest(shipment_id=parcel.id, window_from=rfc3339(noon), window_until=rfc3339(noon)),
        pb.SetDeliveryRequest(shipment_id=parcel.id, position=pb.Position(lat=91, lng=0)),
        pb.SetDeliveryRequest(shipment_id=parcel.id, window_from="noon", window_until="later"),
    ):
        with pytest.raises(Invalid):
            await call(at.fleet.SetDelivery, wrong)
    plan = await at.planned()
    by_parcel = {stop.shipment_id: stop for route in plan.routes for stop in route.stops}
    stop = by_parcel[parcel.id]
    assert (stop.place, stop.window_from, by_parcel[far.id].place) == ("exact", rfc3339(noon), "city")
    assert stop.arrives_at <= rfc3339(noon + timedelta(hours=1))
    assert [(one.shipment_id, one.reason) for one in plan.unserved] == [(heavy.id, "too_much_for_any_vehicle")]
    await at.released(plan)
    with pytest.raises(WrongState) as late:
        await call(at.fleet.SetDelivery, asked)
    assert late.value.reason == "ON_THE_WAY"
    for form, begins_with in (("sheet", b"%PDF"), ("map", b"<svg")):
        printed = await call(at.routes.PrintRoute, pb.PrintRouteRequest(id=plan.routes[0].id, form=form))
        assert printed.document.startswith(begins_with)
    drawn = await call(at.fleet.DrawRoutePlan, pb.DrawRoutePlanRequest(id=plan.id))
    assert drawn.media_type == "image/svg+xml"


async def test_another_riders_route_is_not_there_and_nonsense_is_refused(house: House) -> None:
    at = await depot(house)
    parcel = await at.parcel()
    route = await at.out()
    steps: list[tuple[str, object]] = [
        ("GetRoute", pb.GetRouteRequest(id=route.id, rider=OTHER)),
        ("PrintRoute", pb.PrintRouteRequest(id=route.id, rider=OTHER, form="sheet")),
        ("DepartRoute", pb.DepartRouteRequest(id=route.id, rider=OTHER)),
        ("ArriveAtStop", pb.ArriveAtStopRequest(id=route.id, rider=OTHER, shipment_id=parcel.id)),
        ("FailStop", pb.FailStopRequest(id=route.id, rider=OTHER, shipment_id=parcel.id, reason="other")),
        ("FinishRoute", pb.FinishRouteRequest(id=route.id, rider=OTHER)),
    ]
    for name, asked in steps:
        with pytest.raises(NotFound):
            await call(getattr(at.routes, name), asked)
    with pytest.raises(NotFound):
        await at.deliver(route.id, parcel.id, rider=OTHER)
    with pytest.raises(NotFound):
        await at.deliver(route.id, "shp_none")
    for proof in (pb.Proof(), pb.Proof(kind="photo", sha256="AB" * 32, receiver="self"), pb.Proof(kind="photo")):
        asked = pb.DeliverStopRequest(id=route.id, rider=RIDER, shipment_id=parcel.id, proof=proof)
        with pytest.raises(Invalid):
            await call(at.routes.DeliverStop, asked)
    for wrong in ({"depot": "moon"}, {"kind": "ufo"}, {"capacity_g": 0}, {"shift_until": "07:00"}, {"title": ""}):
        with pytest.raises(Invalid):
            await at.vehicle("v9", **wrong)
    for depot_code, day in (("moon", at.day), ("main", "2001-01-01"), ("main", "someday")):
        with pytest.raises(Invalid):
            await call(at.fleet.CreateRoutePlan, pb.CreateRoutePlanRequest(depot=depot_code, day=day))


async def test_cash_that_orders_does_not_book_is_shown_and_not_asked_for_ever(house: House) -> None:
    at = await depot(house)
    parcel = await at.parcel(cash=500)
    route = await at.out()
    at.orders.refuses = True
    told = await at.deliver(route.id, parcel.id, 500)
    (stop,) = told.stops
    assert (stop.cash, stop.cash_problem, told.owed) == ("refused", "NOT_CASH", 0)
    assert (await at.finish(route.id, 500)).cash[0].difference_minor == 0


async def test_two_riders_with_one_phone_hand_over_once(house: House) -> None:
    at: Depot = await depot(house)
    parcel = await at.parcel(cash=500)
    route = await at.out()

    async def tried(step: object) -> str:
        try:
            await step  # type: ignore[misc]
        except Refused as refusal:
            return refusal.reason
        return "done"

    ends = await asyncio.gather(
        tried(at.deliver(route.id, parcel.id, 500)),
        tried(at.deliver(route.id, parcel.id, 500, sha256="cd" * 32)),
        tried(at.fail(route.id, parcel.id)),
    )
    assert ends.count("done") == 1 and ends.count("STOP_DONE") == 2
    (stop,) = (await at.route(route.id)).stops
    assert len(at.orders.booked) == (stop.state == "delivered")
    await house.settled()
    assert len(house.told(StopVisited)) == 1


@pytest.mark.long
@pytest.mark.parametrize("run", range(50))
async def test_fifty_times_two_plans_share_no_parcel(house: House, run: int) -> None:
    await test_two_plans_released_at_once_share_no_parcel(house)
