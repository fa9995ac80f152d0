"""This is where carriers' scans come in: late, repeated, shuffled, all at once."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from shop.logistics.v1 import carriers_pb2, carriers_pb2_grpc, shipments_pb2
from shop.logistics.v1.events_pb2 import ParcelMoved, ShipmentShipped

from services.kit.clock import rfc3339
from services.kit.errors import Invalid
from services.kit.rpc import call
from tests.house import House, Started

from .neighbourhood import Signer, opened
from .test_shipments import Desk


class Courier(Signer):
    """A carrier with a list of scans to report."""

    def at(self, logistics: Started) -> "Courier":
        self.stub = carriers_pb2_grpc.CarriersServiceStub(logistics.channel)
        return self

    async def report(self, scans: Sequence[carriers_pb2.Scan]) -> list[carriers_pb2.ScanAnswer]:
        request = carriers_pb2.RecordScansRequest(proof=self.proof(b"scans"), scans=scans)
        return list((await call(self.stub.RecordScans, request)).answers)

    def scan(self, waybill: str, code: str, minutes: int, **more: str) -> carriers_pb2.Scan:
        at = rfc3339(self.clock.now() - timedelta(hours=2) + timedelta(minutes=minutes))
        return carriers_pb2.Scan(waybill=waybill, code=code, occurred_at=at, **more)


async def started(house: House) -> tuple[Desk, Courier]:
    logistics, _ = await opened(house)
    return Desk(house, logistics), Courier(house.clock).at(logistics)


async def shown(desk: Desk, key: str) -> shipments_pb2.Shipment:
    return (await call(desk.stub.GetShipment, shipments_pb2.GetShipmentRequest(id=key))).shipment


async def test_a_parcel_goes_its_way_and_every_move_is_told_once(house: House) -> None:
    desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    await desk.pack(parcel.id)
    await desk.ship(parcel.id)
    way = ["picked_up", "in_transit", "0", "5", "delivered"]
    for minutes, code in enumerate(way):
        scan = courier.scan(parcel.waybill, code, minutes, text="快遞員 13812341234", location="上海")
        (first,) = await courier.report([scan])
        (again,) = await courier.report([scan])
        assert (first.status, again.status) == ("accepted", "duplicate")
    after = await shown(desk, parcel.id)
    assert (after.state, after.tracking_state) == (shipments_pb2.SHIPMENT_STATE_DELIVERED, "delivered")
    assert after.delivered_at == after.tracking[-1].occurred_at
    assert [event.raw_code for event in after.tracking] == way
    assert {event.text for event in after.tracking} == {"快遞員 ***"}
    await house.settled()
    told = house.told(ParcelMoved)
    assert [(one.state, one.revision) for one in told] == [
        ("picked_up", 1),
        ("in_transit", 2),
        ("out_for_delivery", 3),
        ("delivered", 4),
    ]
    assert told[-1].occurred_at == after.delivered_at
    assert told[-1].deliver_by == after.deliver_by
    assert told[-1].shipped_at == after.shipped_at
    assert len(house.told(ShipmentShipped)) == 1


async def test_a_pick_up_ships_what_staff_forgot_to_ship(house: House) -> None:
    desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    scan = courier.scan(parcel.waybill, "picked_up", 5)
    await courier.report([scan])
    after = await shown(desk, parcel.id)
    assert (after.state, after.shipped_at) == (shipments_pb2.SHIPMENT_STATE_SHIPPED, scan.occurred_at)
    await house.settled()
    assert [one.at for one in house.told(ShipmentShipped)] == [scan.occurred_at]
    assert (await desk.ship(parcel.id)).shipped_at == scan.occurred_at


@pytest.mark.parametrize("seed", range(3))
async def test_shuffled_and_repeated_batches_in_parallel_end_as_in_order(house: House, seed: int) -> None:
    desk, courier = await started(house)
    dice = random.Random(seed)
    codes = ["picked_up", "in_transit", "customs", "in_transit", "exception", "out_for_delivery", "delivered", "7"]
    (straight,), (shaken,) = await desk.planned(TEA=1), await desk.planned(TEA=1)
    await courier.report([courier.scan(straight.waybill, code, minutes) for minutes, code in enumerate(codes)])
    scans = [courier.scan(shaken.waybill, code, minutes) for minutes, code in enumerate(codes)]
    arriving = [scan for scan in scans for _ in range(dice.randint(1, 5))]
    dice.shuffle(arriving)
    batches = [arriving[start : start + 4] for start in range(0, len(arriving), 4)]
    answers = await asyncio.gather(*(courier.report(batch) for batch in batches))
    statuses = [answer.status for batch in answers for answer in batch]
    assert statuses.count("accepted") >= len(codes)
    one, other = await shown(desk, straight.id), await shown(desk, shaken.id)
    for name in ("state", "tracking_state", "shipped_at", "delivered_at"):
        assert getattr(one, name) == getattr(other, name), name
    assert [event.raw_code for event in one.tracking] == [event.raw_code for event in other.tracking]
    await house.settled()
    moves = [event for event in house.told(ParcelMoved) if event.shipment_id == shaken.id]
    assert sorted(event.revision for event in moves) == list(range(1, len(moves) + 1))
    assert max(moves, key=lambda event: event.revision).state == "delivered"
    assert len([event for event in house.told(ShipmentShipped) if event.shipment_id == shaken.id]) == 1


async def test_every_scan_of_a_batch_gets_its_answer(house: House) -> None:
    desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    mine = parcel.waybill
    scans = [
        courier.scan(mine, "picked_up", 1, event_id="e1"),
        courier.scan("SB000000000000", "picked_up", 1),
        courier.scan("no such thing", "picked_up", 1),
        carriers_pb2.Scan(waybill=mine, code="3", occurred_at="yesterday"),
        carriers_pb2.Scan(waybill=mine, code="3", occurred_at="2026-11-22T08:00:00"),
        carriers_pb2.Scan(waybill=mine, code="3"),
        courier.scan(mine, "delivered", 60 * 24 * 365),
        courier.scan(mine, "", 1),
        courier.scan(mine, "a\x00b", 1),
        courier.scan(mine, "beamed_up", 2, text="\x1b[31m" + "x" * 9999),
        courier.scan(mine, "in_transit", 3, event_id="e1"),
    ]
    answers = await courier.report(scans)
    assert [(answer.index, answer.status, answer.reason) for answer in answers] == [
        (0, "accepted", ""),
        (1, "rejected", "waybill_not_found"),
        (2, "rejected", "waybill_not_found"),
        (3, "rejected", "invalid_time"),
        (4, "rejected", "invalid_time"),
        (5, "rejected", "invalid_time"),
        (6, "rejected", "invalid_time"),
        (7, "rejected", "invalid_code"),
        (8, "rejected", "invalid_code"),
        (9, "accepted", ""),
        (10, "duplicate", ""),
    ]
    assert answers[9].state == "picked_up"
    after = await shown(desk, parcel.id)
    assert [event.state for event in after.tracking] == ["picked_up", "unknown"]
    assert after.tracking[1].text.isprintable()
    assert await courier.report([]) == []
    with pytest.raises(Invalid) as refused:
        await courier.report([courier.scan(mine, "7", 1)] * 101)
    assert refused.value.reason == "TOO_MANY_SCANS"


async def test_a_stopped_parcels_scans_are_kept_and_not_told(house: House) -> None:
    desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    await desk.stop(parcel.order_id)
    await courier.report([courier.scan(parcel.waybill, "picked_up", 1)])
    after = await shown(desk, parcel.id)
    assert (after.state, after.tracking_state) == (shipments_pb2.SHIPMENT_STATE_CANCELLED, "picked_up")
    await house.settled()
    assert house.told(ParcelMoved) == []
    assert house.told(ShipmentShipped) == []


async def test_a_hundred_scans_of_five_parcels_in_one_go(house: House) -> None:
    desk, courier = await started(house)
    found = [(await desk.planned(TEA=1))[0] for _ in range(5)]
    scans = [
        courier.scan(one.waybill, code, minutes)
        for one in found
        for minutes, code in enumerate(["picked_up", "in_transit", "out_for_delivery", "delivered"] * 5)
    ]
    answers = await courier.report(scans)
    assert {answer.status for answer in answers} == {"accepted"}
    assert {answer.state for answer in answers} == {"delivered"}
    await house.settled()
    assert sorted(event.shipment_id for event in house.told(ParcelMoved)) == sorted(one.id for one in found)
