"""This is where what is complained of too often waits to be looked at: flagged by rate, passed, failed, let go by time."""

import asyncio
from typing import Any

import pytest
from shop.logistics.v1 import quality_pb2, quality_pb2_grpc, shipments_pb2, waves_pb2
from shop.logistics.v1.events_pb2 import QualityFlagChanged, ShipmentTroubled
from shop.orders.v1.events_pb2 import OrderedLine, ReturnRequested

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, WrongState
from services.kit.rpc import call
from services.logistics.quality.counts import Rate
from services.logistics.quality.policies import QcPolicy
from tests.house import House
from tests.logistics.floor.test_waves import Floor, on_the_floor, refused

PACKED = shipments_pb2.SHIPMENT_STATE_PACKED


class Inspector:
    """Somebody who looks at parcels."""

    def __init__(self, desk: Floor) -> None:
        self.desk = desk
        self.stub = quality_pb2_grpc.QualityServiceStub(desk.logistics.channel)

    async def policy(self, scope: str = "*", **more: Any) -> quality_pb2.QcPolicy:
        usual = {"enabled": True, "threshold_percent": 10, "min_complaints": 2, "window_days": 30}
        said = quality_pb2.QcPolicy(**(usual | {"scope": scope, "checklist": ["no crack", "padded"]} | more))
        asked = quality_pb2.PutQcPolicyRequest(policy=said)
        kept: quality_pb2.QcPolicy = (await call(self.stub.PutQcPolicy, asked)).policy
        return kept

    async def complain(self, number: int, sku: str = "CUP", group: str = "fault", event_id: str = "") -> None:
        event = ReturnRequested(
            return_id=f"ret_{number}",
            order_id=f"ord_{number}",
            group=group,
            blames="customer" if group == "mine" else "supplier",
            lines=[OrderedLine(sku=sku, quantity=1, category="kitchen")],
            at=rfc3339(self.desk.house.clock.now()),
        )
        await self.desk.house.tell(event, event_id=event_id)
        await self.desk.house.settled()

    async def shipped(self, count: int, sku: str = "CUP") -> None:
        (parcel,) = await self.desk.planned(**{sku: count})
        await self.desk.pack(parcel.id)
        await self.desk.ship(parcel.id)
        await self.desk.house.settled()

    async def flags(self, raised: bool = True) -> list[tuple[str, int, int]]:
        found = await call(self.stub.ListQualityFlags, quality_pb2.ListQualityFlagsRequest(raised=raised))
        return [(one.sku, one.complaints, one.shipped) for one in found.flags]

    async def checks(self, state: str = "waiting") -> list[str]:
        found = await call(self.stub.ListQcChecks, quality_pb2.ListQcChecksRequest(state=state))
        return [one.shipment_id for one in found.checks]

    async def look(self, key: str, *fine: str) -> quality_pb2.QcCheck:
        asked = quality_pb2.PassQcRequest(shipment_id=key, fine=fine, photo="med_1", by="stf_1")
        check: quality_pb2.QcCheck = (await call(self.stub.PassQc, asked)).check
        return check

    async def fail(self, key: str, outcome: str) -> quality_pb2.QcCheck:
        asked = quality_pb2.FailQcRequest(shipment_id=key, outcome=outcome, note="a crack", by="stf_1")
        check: quality_pb2.QcCheck = (await call(self.stub.FailQc, asked)).check
        return check


async def test_a_sku_is_flagged_by_its_rate_and_its_parcels_wait(house: House) -> None:
    eye = Inspector(await on_the_floor(house))
    await eye.policy()
    await eye.shipped(10)
    (waits,) = await eye.desk.planned(CUP=1, TEA=1)
    (other,) = await eye.desk.planned(TEA=1)
    await eye.complain(1)
    await eye.complain(2, group="preference")
    await eye.complain(3, group="mine")
    assert (await eye.flags(), await eye.flags(raised=False)) == ([], [("CUP", 1, 10)])
    for _ in range(2):
        await eye.complain(4, event_id="evt_again")  # told twice, counted once
    assert await eye.flags() == [("CUP", 2, 10)]
    assert await eye.checks() == [waits.id]  # what was planned before waits too
    (fresh,) = await eye.desk.planned(CUP=2)
    assert sorted(await eye.checks()) == sorted([waits.id, fresh.id])
    assert (await eye.desk.pack(other.id)).state == PACKED
    await refused(eye.desk.pack(fresh.id), WrongState, "SHIPMENT_IN_QC")
    await refused(eye.look(other.id), WrongState, "NOT_IN_QC")
    wrong = await refused(eye.look(fresh.id, "padded"), Invalid, "QC_INCOMPLETE")
    assert len(wrong.errors) == 1
    await eye.look(fresh.id, "padded", "no crack")
    passed = await eye.look(fresh.id, "padded", "no crack")
    assert (passed.state, passed.by, passed.photo, list(passed.skus)) == ("passed", "stf_1", "med_1", ["CUP"])
    assert (await eye.desk.pack(fresh.id)).state == PACKED
    await house.settled()
    assert [(one.sku, one.raised) for one in house.told(QualityFlagChanged)] == [("CUP", True)]
    told = [(one.shipment_id, one.reason, one.over, one.outcome) for one in house.told(ShipmentTroubled)]
    assert sorted(told) == sorted(
        [
            (waits.id, "qc_hold", False, ""),
            (fresh.id, "qc_hold", False, ""),
            (fresh.id, "qc_hold", True, "passed"),
        ]
    )


async def test_what_fails_is_replaced_or_set_aside(house: House) -> None:
    eye = Inspector(await on_the_floor(house))
    await eye.policy("category:kitchen")
    for number in (1, 2):
        await eye.complain(number)
    (parcel,) = await eye.desk.planned(CUP=1)
    assert await eye.checks() == [parcel.id]
    assert (await eye.desk.wave()).wave.parcels == 1  # it is picked, then looked at
    await refused(eye.fail(parcel.id, "burn"), Invalid, "INVALID_QC_OUTCOME")
    replaced = await eye.fail(parcel.id, "replace")
    assert (replaced.state, replaced.turn) == ("waiting", 1)
    assert (await eye.desk.wave()).wave.parcels == 1  # picked again
    assert (await eye.fail(parcel.id, "exception")).state == "failed"
    await refused(eye.desk.pack(parcel.id), WrongState, "SHIPMENT_SET_ASIDE")
    await refused(eye.desk.wave(), WrongState, "NOTHING_TO_PICK")
    await house.settled()
    assert [one.text for one in house.told(ShipmentTroubled) if one.reason == "qc_failed"] == ["a crack"]
    # What is picked for it instead is looked at too: another word, so that each is told from the last.
    again = waves_pb2.TakeUpShipmentRequest(id=parcel.id)
    await call(eye.desk.floor.TakeUpShipment, again)
    assert await eye.checks() == [parcel.id]
    await eye.look(parcel.id, "padded", "no crack")
    await house.settled()
    told = [(one.turn, one.outcome) for one in house.told(ShipmentTroubled) if one.reason == "qc_hold"]
    assert told == [(0, ""), (0, "failed"), (1, ""), (1, "passed")]


async def test_the_flag_comes_down_when_the_complaints_are_old(house: House) -> None:
    eye = Inspector(await on_the_floor(house))
    await eye.policy()
    for number in (1, 2):
        await eye.complain(number)
    (parcel,) = await eye.desk.planned(CUP=1)
    assert await eye.checks() == [parcel.id]
    house.clock.advance(days=31)
    await eye.desk.logistics.stop()
    eye = Inspector(Floor(house, await house.start("logistics", quality_watch_s=0.05)))
    for _ in range(100):
        if await eye.checks("lifted"):
            break
        await asyncio.sleep(0.05)
    assert (await eye.flags(), await eye.checks(), await eye.checks("lifted")) == ([], [], [parcel.id])
    assert (await eye.desk.pack(parcel.id)).state == PACKED


async def test_a_policy_is_checked_and_changed_by_who_has_read_it(house: House) -> None:
    eye = Inspector(await on_the_floor(house))
    for wrong in (
        {"scope": "brand:x"},
        {"scope": "sku:"},
        {"threshold_percent": 101},
        {"min_complaints": 0},
        {"window_days": 91},
        {"checklist": ["x" * 101]},
    ):
        await refused(eye.policy(**wrong), Invalid, "INVALID_QC_POLICY")
    assert (await eye.policy("sku:CUP")).version == 1
    with pytest.raises(Exception) as stale:
        await eye.policy("sku:CUP")
    assert getattr(stale.value, "reason", "") == "VERSION_MISMATCH"


@pytest.mark.parametrize(
    ("shipped", "complaints", "trips"),
    [(100, 3, False), (100, 4, True), (50, 2, False), (0, 3, True), (0, 0, False), (1000, 30, False), (1000, 31, True)],
)
def test_a_rate_trips_above_the_threshold_with_enough_complaints(shipped: int, complaints: int, trips: bool) -> None:
    assert QcPolicy("*", threshold_percent=3, min_complaints=3).trips(Rate(shipped, complaints)) == trips
