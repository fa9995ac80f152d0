"""This is where parcels stand still: told once a revision, found again, and lost when nothing comes."""

import asyncio
from datetime import timedelta

import pytest
from shop.logistics.v1 import connections_pb2, connections_pb2_grpc

from services.kit.errors import Invalid
from services.kit.rpc import call
from services.logistics.connections.connections import LOST_DAYS, PATIENCE, WATCHED_STATES
from tests.house import House

from .watch import watching


async def test_a_parcel_that_stands_still_is_told_once_then_lost_once(house: House) -> None:
    watch = await watching(house)
    key, waybill = await watch.under_way("picked_up", "in_transit")
    await watch.under_way("picked_up", "in_transit", "delivered")
    house.clock.advance(days=PATIENCE["in_transit"], seconds=-1)
    assert await watch.told() == ([], [])
    house.clock.advance(seconds=2)
    (stuck,), none = await watch.told()
    assert (stuck.shipment_id, stuck.waybill, stuck.state, stuck.revision, none) == (key, waybill, "in_transit", 2, [])
    assert (await watch.tracking(key)).watch == "stuck"
    assert len((await watch.told())[0]) == 1
    house.clock.advance(days=LOST_DAYS - PATIENCE["in_transit"])
    told, (lost,) = await watch.told()
    assert (len(told), lost.shipment_id, [line.sku for line in lost.lines]) == (1, key, ["TEA"])
    assert [len(each) for each in await watch.told()] == [1, 1]
    assert [one.watch for one in await watch.standing()] == ["lost"]
    assert await watch.standing(watch="stuck") == []
    with pytest.raises(Invalid):
        await watch.standing(watch="asleep")


async def test_a_parcel_that_moves_on_is_found_and_watched_anew(house: House) -> None:
    watch = await watching(house)
    key, waybill = await watch.under_way("picked_up", "in_transit")
    house.clock.advance(days=5)
    assert [len(each) for each in await watch.told()] == [1, 0]
    await watch.scan(waybill, "out_for_delivery")
    assert (await watch.tracking(key)).watch == "watched"
    house.clock.advance(days=3)
    stuck, _ = await watch.told()
    assert sorted(one.revision for one in stuck) == [2, 3]
    await watch.scan(waybill, "delivered")
    house.clock.advance(days=400)
    assert [len(each) for each in await watch.told()] == [2, 0]
    assert (await watch.tracking(key)).watch == ""
    await house.settled()
    assert {one.revision: one.stood_still for one in watch.moved()} == {1: False, 2: False, 3: True, 4: True}


async def test_the_same_state_scanned_again_puts_it_off_but_is_not_told_again(house: House) -> None:
    watch = await watching(house)
    _, waybill = await watch.under_way("picked_up", "in_transit")
    house.clock.advance(days=3)
    await watch.scan(waybill, "in_transit", location="武漢")
    house.clock.advance(days=3)
    assert [len(each) for each in await watch.told()] == [0, 0]
    house.clock.advance(days=2)
    assert [len(each) for each in await watch.told()] == [1, 0]
    await watch.scan(waybill, "in_transit", location="長沙")
    house.clock.advance(days=5)
    assert [len(each) for each in await watch.told()] == [1, 0]  # one revision, one word


async def test_what_happened_earlier_and_is_told_late_does_not_put_it_off(house: House) -> None:
    watch = await watching(house)
    _, waybill = await watch.under_way("picked_up")
    house.clock.advance(days=2, hours=1)
    await watch.scan(waybill, "picked_up", timedelta(days=2, minutes=30), location="late news")
    assert [len(each) for each in await watch.told()] == [1, 0]


async def test_a_parcel_handed_over_and_never_seen_is_stuck(house: House) -> None:
    watch = await watching(house)
    key, _ = await watch.under_way()
    house.clock.advance(days=PATIENCE["label_created"], minutes=1)
    (stuck,), _ = await watch.told()
    assert (stuck.shipment_id, stuck.state) == (key, "label_created")


async def test_a_scan_and_the_lookout_at_once_agree(house: House) -> None:
    watch = await watching(house)
    keys = [await watch.under_way("picked_up", "in_transit") for _ in range(6)]
    house.clock.advance(days=5)
    await asyncio.gather(watch.look(), *(watch.scan(waybill, "out_for_delivery") for _, waybill in keys), watch.look())
    stuck, _ = await watch.told()
    assert len({(one.shipment_id, one.revision) for one in stuck}) == len(stuck) <= len(keys)
    for key, _ in keys:
        assert (await watch.tracking(key)).watch == "watched"


async def test_staff_say_how_patient_the_shop_is_with_a_carrier(house: House) -> None:
    watch = await watching(house)
    await watch.under_way("picked_up", "in_transit")
    stub = connections_pb2_grpc.ConnectionsServiceStub(watch.desk.logistics.channel)
    wish = connections_pb2.PutConnectionRequest(
        code="sandbox", on=True, environment="test", stuck_days={"in_transit": 1}, lost_days=2
    )
    await call(stub.PutConnection, wish)
    house.clock.advance(days=1, minutes=1)
    assert [len(each) for each in await watch.told()] == [1, 0]
    house.clock.advance(days=1)
    assert [len(each) for each in await watch.told()] == [1, 1]


def test_every_state_a_parcel_can_stand_in_has_its_days() -> None:
    assert set(PATIENCE) == set(WATCHED_STATES)
    assert max(PATIENCE.values()) < LOST_DAYS
