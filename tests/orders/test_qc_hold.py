"""This is where an order is in QC hold: as long as one of its parcels waits to be looked at before it is packed."""

from typing import Any

from shop.logistics.v1.events_pb2 import ShipmentTroubled
from shop.orders.v1 import holds_pb2, holds_pb2_grpc, orders_pb2, triage_pb2, triage_pb2_grpc
from shop.type.v1.page_pb2 import Page

from services.kit.rpc import call

from .test_exceptions import got, listed
from .world import World


def looked_at(order: orders_pb2.Order, parcel: str, outcome: str = "", turn: int = 0) -> ShipmentTroubled:
    """A parcel waits to be looked at before it is packed, or that is over."""
    about = {"order_id": order.id, "shipment_id": parcel, "reason": "qc_hold", "text": "complaints about A"}
    return ShipmentTroubled(**about, turn=turn, over=bool(outcome), outcome=outcome)


async def worklist(world: World, class_: str) -> list[Any]:
    """What staff see of a class."""
    stub = triage_pb2_grpc.TriageServiceStub(world.service.channel)
    request = triage_pb2.ListWorklistRequest(**{"class": class_}, page=Page(limit=50))
    return list((await call(stub.ListWorklist, request)).orders)


async def test_an_order_is_in_qc_hold_as_long_as_one_of_its_parcels_is_looked_at(world: World) -> None:
    order = await world.bought({"A": 1})
    waits = [looked_at(order, parcel) for parcel in ("shp_1", "shp_2")]
    for event in (*waits, *waits):
        await world.house.tell(event, key=event.shipment_id)
    await world.house.settled()
    (case,) = await listed(world, reason="qc_hold")
    assert (case.state, case.text, case.contact_clock.policy) == ("open", "complaints about A", "exception_contact")
    assert [one.id for one in await worklist(world, "qc_hold")] == [order.id]
    await world.house.tell(looked_at(order, "shp_1", "passed"), key="shp_1")
    await world.house.settled()
    assert (await got(world, case.id)).state == "open"
    assert len(await worklist(world, "qc_hold")) == 1
    # The other one fails: somebody decides about it, and it is looked at anew when that is decided.
    failed = looked_at(order, "shp_2", "failed")
    for event in (failed, failed, waits[0]):
        await world.house.tell(event, key=event.shipment_id)
    await world.house.settled()
    assert (await got(world, case.id)).outcome == "failed"
    assert await worklist(world, "qc_hold") == []
    for outcome in ("", "lifted"):
        await world.house.tell(looked_at(order, "shp_2", outcome, turn=1), key="shp_2")
    await world.house.settled()
    assert sorted(one.outcome for one in await listed(world, reason="qc_hold")) == ["failed", "lifted"]
    assert await worklist(world, "qc_hold") == []


async def test_the_end_of_a_look_that_is_told_before_its_beginning_leaves_nothing_open(world: World) -> None:
    order = await world.bought({"A": 1})
    for outcome in ("passed", "", "passed"):
        await world.house.tell(looked_at(order, "shp_1", outcome), key="shp_1")
        await world.house.settled()
    assert [one.outcome for one in await listed(world, reason="qc_hold")] == ["passed"]
    assert await worklist(world, "qc_hold") == []


async def test_what_staff_hold_for_quality_stays_in_the_class_when_the_floor_is_done(world: World) -> None:
    order = await world.bought({"A": 1})
    await world.house.tell(looked_at(order, "shp_1"), key="shp_1")
    await world.house.settled()
    stub = holds_pb2_grpc.HoldsServiceStub(world.service.channel)
    await call(stub.HoldOrder, holds_pb2.HoldOrderRequest(order_id=order.id, reason="qc", by="stf_1"))
    await world.house.tell(looked_at(order, "shp_1", "passed"), key="shp_1")
    await world.house.settled()
    assert [one.id for one in await worklist(world, "qc_hold")] == [order.id]
    await call(stub.ReleaseHold, holds_pb2.ReleaseHoldRequest(order_id=order.id, reason="qc", by="stf_1"))
    assert await worklist(world, "qc_hold") == []
