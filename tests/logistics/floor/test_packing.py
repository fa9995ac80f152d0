"""This is where boxes are packed: every unit counted, the scale believed unless somebody says why not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from shop.logistics.v1 import packing_pb2, packing_pb2_grpc, shipments_pb2
from shop.logistics.v1.events_pb2 import ShipmentPacked

from services.kit.clock import SystemClock
from services.kit.errors import Invalid, WrongState
from services.kit.rpc import call
from services.logistics.floor.packing import Packaging, PackRules, allowance, lightest, miscounted
from services.logistics.shipments import Line, Shipment
from tests.house import House

from .test_waves import on_the_floor, refused

PACKED = shipments_pb2.SHIPMENT_STATE_PACKED
Counted = some.dictionaries(some.sampled_from("ABC"), some.integers(1, 5), max_size=3)


async def test_a_parcel_is_packed_by_counting_and_weighing(house: House) -> None:
    desk = await on_the_floor(house)
    stub = packing_pb2_grpc.PackingServiceStub(desk.logistics.channel)
    (parcel,) = await desk.planned(TEA=2, CUP=1)  # 300 g each

    async def pack(scanned: dict[str, int], **more: Any) -> int:
        units = [packing_pb2.ScannedUnits(sku=sku, quantity=count) for sku, count in scanned.items()]
        asked = packing_pb2.PackCountedRequest(id=parcel.id, scanned=units, by="stf_1", **more)
        state: int = (await call(stub.PackCounted, asked)).shipment.state
        return state

    small = packing_pb2.Packaging(code="s", title="Small", tare_g=50, most_g=1000)
    large = packing_pb2.Packaging(code="l", title="Large", tare_g=200)
    rules = packing_pb2.PackRules(tolerance_percent=5, tolerance_g=10, packagings=[small, large])
    kept = (await call(stub.PutPackRules, packing_pb2.PutPackRulesRequest(rules=rules))).rules
    assert kept.version == 1 and (await call(stub.GetPackRules, packing_pb2.GetPackRulesRequest())).rules == kept
    twice = packing_pb2.PackRules(packagings=[small, small])
    await refused(
        call(stub.PutPackRules, packing_pb2.PutPackRulesRequest(rules=twice, if_version=1)),
        Invalid,
        "INVALID_PACK_RULES",
    )
    wrong = await refused(pack({"TEA": 1, "CUP": 1, "NIL": 1}), Invalid, "PACK_MISMATCH")
    assert [(one.pointer, one.message) for one in wrong.errors] == [
        ("/scanned/NIL", "0 wanted, 1 scanned"),
        ("/scanned/TEA", "2 wanted, 1 scanned"),
    ]
    whole = {"TEA": 2, "CUP": 1}
    await refused(pack(whole, packaging="xl"), Invalid, "INVALID_PACKING")
    off = await refused(pack(whole, weight_g=998), WrongState, "WEIGHT_OFF")
    assert (off.meta["expected_g"], off.meta["tolerance_g"]) == ("950", "47")
    await refused(pack(whole, weight_g=902), WrongState, "WEIGHT_OFF")
    assert await desk.state(parcel.id) == shipments_pb2.SHIPMENT_STATE_PLANNED
    assert await pack(whole, weight_g=1200, reason="a gift was added") == PACKED
    assert await pack(whole, weight_g=1) == PACKED  # again changes nothing
    await house.settled()
    assert [one.shipment_id for one in house.told(ShipmentPacked)] == [parcel.id]
    document = await desk.logistics.ground.database["shipments"].find_one({"_id": parcel.id})
    assert document and document["packed_weight_g"] == 1200
    assert (document["packaging"], document["pack_note"]) == ("s", "a gift was added")


@given(Counted, Counted)
def test_only_what_is_right_to_the_unit_counts(wanted: dict[str, int], scanned: dict[str, int]) -> None:
    lines = [Line(sku, sku, 1) for sku, units in wanted.items() for _ in range(units)]
    parcel = Shipment("shp_1", "ord_1", "planned", SystemClock().now(), lines=lines)
    assert (miscounted(parcel, scanned) == []) == (wanted == scanned)


@pytest.mark.parametrize(("expected", "grams"), [(100, 30), (600, 30), (601, 30), (1000, 50), (0, 30)])
def test_a_box_may_be_off_by_percent_and_always_by_grams(expected: int, grams: int) -> None:
    assert allowance(expected, PackRules()) == grams


def test_the_lightest_that_bears_it_is_taken() -> None:
    kinds = [Packaging("a", "A", 10, 100), Packaging("b", "B", 20, 500), Packaging("c", "C", 300)]
    chosen = [lightest(kinds, grams) for grams in (100, 101, 501)]
    assert [one.code for one in chosen if one] == ["a", "b", "c"]
    assert lightest([], 1) is None
