"""This is where waves are made and picked: each parcel once, urgent ones first, one picker a list, short picks set aside."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from shop.logistics.v1 import shipments_pb2, waves_pb2, waves_pb2_grpc
from shop.logistics.v1.events_pb2 import PickListDone, ShipmentTroubled, WaveReleased

from services.kit.clock import SystemClock
from services.kit.errors import Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from services.logistics.floor.bins import Bin
from services.logistics.floor.picklists import lines_of
from services.logistics.shipments import Line, Shipment
from tests.house import House
from tests.logistics.neighbourhood import opened, paid
from tests.logistics.test_planning import parcels
from tests.logistics.test_shipments import Desk


class Floor(Desk):
    """Staff on the floor."""

    @property
    def floor(self) -> "waves_pb2_grpc.WavesServiceAsyncStub":
        return waves_pb2_grpc.WavesServiceStub(self.logistics.channel)

    async def wave(self, **more: Any) -> waves_pb2.MakeWaveResponse:
        asked = waves_pb2.MakeWaveRequest(**({"warehouse": "main", "by": "stf_1"} | more))
        made: waves_pb2.MakeWaveResponse = await call(self.floor.MakeWave, asked)
        return made

    async def get(self, key: str) -> waves_pb2.PickList:
        found: waves_pb2.PickList = (await call(self.floor.GetPickList, waves_pb2.GetPickListRequest(id=key))).list
        return found

    async def claim(self, key: str, by: str = "stf_1") -> waves_pb2.PickList:
        asked = waves_pb2.ClaimPickListRequest(id=key, by=by)
        claimed: waves_pb2.PickList = (await call(self.floor.ClaimPickList, asked)).list
        return claimed

    async def pick(self, key: str, sku: str, picked: int, by: str = "stf_1", **more: Any) -> waves_pb2.PickList:
        asked = waves_pb2.RecordPickRequest(id=key, sku=sku, picked=picked, by=by, **more)
        changed: waves_pb2.PickList = (await call(self.floor.RecordPick, asked)).list
        return changed

    async def urgent(self, priority: int, **lines: int) -> shipments_pb2.Shipment:
        event = paid(self.house.clock, lines)
        event.priority = priority
        await self.house.tell(event)
        await self.house.settled()
        return (await parcels(self.logistics, event.order_id))[0]


async def on_the_floor(house: House) -> Floor:
    logistics, _ = await opened(house)
    return Floor(house, logistics)


async def refused(awaited: Any, kind: type[Refused], reason: str) -> Refused:
    with pytest.raises(kind) as no:
        await awaited
    assert no.value.reason == reason
    return no.value


async def test_a_wave_takes_each_parcel_once_and_the_urgent_first(house: House) -> None:
    desk = await on_the_floor(house)
    made = [await desk.urgent(priority, TEA=2, CUP=1) for priority in (5, 1, 9)]
    held = await desk.urgent(1, TEA=1)
    await call(desk.stub.HoldShipments, shipments_pb2.HoldShipmentsRequest(order_id=held.order_id, turn=1))
    for sku, place in (("CUP", ("A", "01")), ("TEA", ("B", "07"))):
        asked = waves_pb2.PutBinRequest(warehouse="main", sku=sku, zone=place[0], bin=place[1])
        await call(desk.floor.PutBin, asked)
    wave = await desk.wave(a_list=2)
    assert (wave.wave.state, wave.wave.parcels, wave.wave.units, wave.wave.lists) == ("open", 3, 9, 2)
    first, second = [await desk.get(one.id) for one in wave.lists]
    assert list(first.shipment_ids) == [made[1].id, made[0].id] and list(second.shipment_ids) == [made[2].id]
    assert [(line.sku, line.zone, line.bin, line.quantity) for line in first.lines] == [
        ("CUP", "A", "01", 2),
        ("TEA", "B", "07", 4),
    ]
    await refused(desk.wave(), WrongState, "NOTHING_TO_PICK")
    fourth = await desk.urgent(2, TEA=1)
    await refused(desk.wave(carrier="other"), WrongState, "NOTHING_TO_PICK")
    await refused(desk.wave(most_priority=1), WrongState, "NOTHING_TO_PICK")
    assert list((await desk.get((await desk.wave(most_priority=2)).lists[0].id)).shipment_ids) == [fourth.id]
    for wrong in ({"most": 501}, {"a_list": 101}, {"warehouse": "$"}, {"ship_by_before": "soon"}):
        await refused(desk.wave(**wrong), Invalid, "INVALID_WAVE")
    await house.settled()
    assert [(one.parcels, one.units) for one in house.told(WaveReleased)] == [(3, 9), (1, 1)]


async def test_waves_made_at_once_share_the_parcels_and_none_is_on_two(house: House) -> None:
    desk = await on_the_floor(house)
    made = {(await desk.urgent(3, TEA=1)).id for _ in range(6)}
    answers = await asyncio.gather(*(desk.wave(a_list=2) for _ in range(4)), return_exceptions=True)
    waves = [one for one in answers if not isinstance(one, BaseException)]
    assert all(getattr(one, "reason", "NOTHING_TO_PICK") == "NOTHING_TO_PICK" for one in answers)
    listed = [key for wave in waves for one in wave.lists for key in one.shipment_ids]
    assert sorted(listed) == sorted(made)


async def test_a_wave_that_broke_off_is_finished(house: House) -> None:
    desk = await on_the_floor(house)
    made = {(await desk.urgent(3, TEA=1)).id for _ in range(3)}
    wave = (await desk.wave(a_list=2)).wave
    database = desk.logistics.ground.database
    await database["waves"].update_one({"_id": wave.id}, {"$set": {"state": "making"}})  # as if it had broken off
    await database["pick_lists"].delete_one({"_id": f"pck_{wave.id.removeprefix('wav_')}_001"})
    house.clock.advance(seconds=60)
    found = await call(desk.floor.GetWave, waves_pb2.GetWaveRequest(id=wave.id))
    for _ in range(200):
        if found.wave.state == "open":
            break
        await asyncio.sleep(0.05)
        found = await call(desk.floor.GetWave, waves_pb2.GetWaveRequest(id=wave.id))
    assert {key for one in found.lists for key in one.shipment_ids} == made
    assert found.wave.parcels == 3


async def _claimed_at_once(desk: Floor, runs: int) -> None:
    for _ in range(runs):
        await desk.urgent(3, TEA=1)
        key = (await desk.wave()).lists[0].id
        pickers = [f"stf_{n}" for n in range(6)]
        answers = await asyncio.gather(*(desk.claim(key, who) for who in pickers), return_exceptions=True)
        won = [who for who, one in zip(pickers, answers, strict=True) if not isinstance(one, BaseException)]
        assert len(won) == 1 and (await desk.get(key)).claimed_by == won[0]
        assert [getattr(one, "reason", "") for one in answers].count("PICK_LIST_TAKEN") == 5


async def test_of_pickers_who_claim_one_list_one_has_it(house: House) -> None:
    await _claimed_at_once(await on_the_floor(house), 2)


@pytest.mark.long
async def test_of_pickers_who_claim_one_list_one_has_it_fifty_times(house: House) -> None:
    await _claimed_at_once(await on_the_floor(house), 50)


async def test_a_list_is_worked_off_and_what_is_short_is_set_aside(house: House) -> None:
    desk = await on_the_floor(house)
    urgent, usual = await desk.urgent(1, TEA=2), await desk.urgent(5, TEA=2, CUP=1)
    key = (await desk.wave()).lists[0].id
    await refused(desk.pick(key, "TEA", 4), WrongState, "PICK_LIST_TAKEN")  # not claimed
    assert [(await desk.claim(key)).state for _ in range(2)] == ["claimed", "claimed"]
    await refused(desk.pick(key, "TEA", 4, by="stf_2"), WrongState, "PICK_LIST_TAKEN")
    released = await call(desk.floor.ReleasePickList, waves_pb2.ReleasePickListRequest(id=key, by="stf_1"))
    assert (released.list.state, released.list.claimed_by) == ("open", "")
    await desk.claim(key)
    for sku, picked, missing in (("NIL", 1, 0), ("TEA", 5, 0), ("TEA", 3, 1)):  # the last says no reason
        await refused(desk.pick(key, sku, picked, short=missing), Invalid, "INVALID_PICK")
    house.clock.advance(minutes=5)
    short = [await desk.pick(key, "TEA", 3, short=1, reason="broken") for _ in range(2)][-1]
    assert (short.state, short.lines[-1].short) == ("claimed", 1)
    await refused(desk.pick(key, "TEA", 4), Invalid, "INVALID_PICK")
    assert (await desk.pick(key, "CUP", 1)).state == "done"
    await refused(desk.claim(key), WrongState, "PICK_LIST_DONE")
    await refused(desk.claim("pck_none"), NotFound, "PICK_LIST_NOT_FOUND")
    await refused(desk.pack(usual.id), WrongState, "SHIPMENT_SET_ASIDE")  # the less urgent goes without
    assert (await desk.pack(urgent.id)).state == shipments_pb2.SHIPMENT_STATE_PACKED
    await refused(desk.wave(), WrongState, "NOTHING_TO_PICK")
    taken = await call(desk.floor.TakeUpShipment, waves_pb2.TakeUpShipmentRequest(id=usual.id))
    assert taken.shipment.id == usual.id
    again = waves_pb2.TakeUpShipmentRequest(id=usual.id)
    await refused(call(desk.floor.TakeUpShipment, again), WrongState, "NOTHING_THE_MATTER")
    assert list((await desk.wave()).lists[0].shipment_ids) == [usual.id]
    await desk.pack(usual.id)
    await house.settled()
    assert [(one.picked, one.short, one.took_s) for one in house.told(PickListDone)] == [(4, 1, 300)]
    told = [(one.shipment_id, one.reason, one.over, one.turn) for one in house.told(ShipmentTroubled)]
    assert sorted(told) == [(usual.id, "short_pick", False, 1), (usual.id, "short_pick", True, 1)]


@given(
    some.lists(
        some.lists(some.tuples(some.sampled_from("ABCD"), some.integers(1, 9)), min_size=1, max_size=4), max_size=8
    )
)
def test_a_lists_totals_are_what_its_parcels_want(orders: list[list[tuple[str, int]]]) -> None:
    now = SystemClock().now()
    made = [
        Shipment(f"shp_{n}", f"ord_{n}", "planned", now, lines=[Line(sku, sku, units) for sku, units in lines])
        for n, lines in enumerate(orders)
    ]
    bins = {"A": Bin("", "Z", "9"), "C": Bin("", "A", "1")}
    lines = lines_of(made, bins)
    wanted = Counter[str]()
    for order in orders:
        for sku, units in order:
            wanted[sku] += units
    assert {line.sku: line.quantity for line in lines} == dict(wanted)
    assert all(sum(share.quantity for share in line.parcels) == line.quantity for line in lines)
    assert [line.sku for line in lines] == [sku for sku in ("C", "A", "B", "D") if wanted[sku]]
    for line in lines:
        line.short = line.quantity
        assert set(line.without()) == {share.shipment_id for share in line.parcels}
        line.short = 1
        assert line.without() == [line.parcels[-1].shipment_id]
