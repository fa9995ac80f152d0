"""This is where scorecards are kept by logistics itself: shuffled scans, complaints, the delivery clock, two replicas."""

import asyncio
import random
from typing import Any

import pytest
from shop.logistics.v1 import scorecards_pb2 as pb
from shop.logistics.v1 import scorecards_pb2_grpc
from shop.logistics.v1.events_pb2 import ParcelLost, ParcelMoved, ShipmentLate
from shop.orders.v1.events_pb2 import OrderedLine, ReturnRequested

from services.kit.errors import Invalid
from services.kit.rpc import call
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from services.kit.store import Store
from services.logistics.carriers.sandbox import Sandbox
from services.logistics.connections.connections import LOST_DAYS, PATIENCE, Connection, Connections
from services.logistics.lookout.standing import Standing
from services.logistics.scorecards.complaints import Complaints
from services.logistics.scorecards.counting import Counting
from services.logistics.scorecards.lateness import Lateness
from services.logistics.scorecards.measures import Measured
from services.logistics.scorecards.scores import Scores
from services.logistics.scorecards.store import Counter, Ledgers
from services.logistics.shipments import Shipment
from tests.house import House, Started
from tests.logistics.neighbourhood import opened
from tests.logistics.test_scans import Courier
from tests.logistics.test_shipments import Desk

GAUGES = ("shop_carrier_on_time_ratio", "shop_carrier_on_time_target")


class Watch:
    """Logistics, its chores done when the test wants them."""

    def __init__(self, house: House, logistics: Started) -> None:
        self.house, ground = house, logistics.ground
        self.kept = Store(ground.database, "shipments", Shipment, ground.relay)
        measures = Store(ground.database, "measures", Measured, ground.relay)
        counters = Store(ground.database, "score_counters", Counter, ground.relay)
        self.counters, self.scores = counters, Scores()
        self.counting = Counting(Ledgers(self.kept, measures, counters), self.scores, house.clock)
        self.lateness = Lateness(self.kept, house.clock)
        known = Store(ground.database, "connections", Connection, ground.relay)
        sealed = Seal(DEVELOPMENT_SEAL_KEY)
        connections = Connections(known, {"sandbox": Sandbox()}, sealed, house.clock, ("sandbox",))
        self.standing = Standing(self.kept, connections, house.clock)
        self.stub = scorecards_pb2_grpc.ScorecardsServiceStub(logistics.channel)

    async def counted(self) -> None:
        while await self.kept.find({"uncounted": True}, limit=1):
            await self.counting.count()

    async def looked(self) -> None:
        """The lookout has looked, two replicas at once."""
        await asyncio.gather(self.standing.round(), self.standing.round())

    async def card(self, by: str = "carrier") -> pb.Scorecard:
        await self.counted()
        (card,) = (await call(self.stub.ListScorecards, pb.ListScorecardsRequest(by=by, window=28))).scorecards
        return card

    async def row(self) -> pb.TowerRow:
        await self.counted()
        (row,) = (await call(self.stub.GetTower, pb.GetTowerRequest())).rows
        return row


async def started(house: House) -> tuple[Watch, Desk, Courier]:
    logistics, _ = await opened(house)
    return Watch(house, logistics), Desk(house, logistics), Courier(house.clock).at(logistics)


async def test_shuffled_and_repeated_scans_make_the_card_they_make_in_order(house: House) -> None:
    watch, desk, courier = await started(house)
    for number in range(4):
        (parcel,) = await desk.planned(TEA=1)
        way = [("picked_up", 1), ("in_transit", 5), ("delivered", 60)]
        way += [("attempt_failed", 30)] if number == 0 else []
        scans = [courier.scan(parcel.waybill, code, at) for code, at in way]
        luck = random.Random(number)
        told = scans * 2
        luck.shuffle(told)
        for one in told:
            await courier.report([one])
            # Two replicas count at once.
            await asyncio.gather(watch.counting.count(), watch.counting.count())
    card = await watch.card()
    assert (card.subject, card.parcels, card.on_time.count, card.on_time.of) == ("sandbox", 4, 4, 4)
    assert (card.first_attempt.count, card.first_attempt.of) == (3, 4)
    assert 0 < card.door_hours_p50 <= 6
    assert (await watch.card("route")).subject.startswith("main>")
    assert (await watch.card("warehouse")).subject == "main"
    row = await watch.row()
    assert (dict(row.states), row.late) == ({"delivered": 4}, 0)
    await watch.counting.refresh()
    assert watch.scores("sandbox", "上海市") >= 500


async def test_a_parcel_that_is_late_is_told_of_once_and_counts(house: House) -> None:
    watch, desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    await desk.pack(parcel.id)
    await desk.ship(parcel.id)
    assert await watch.lateness.strike() == 0
    house.clock.advance(days=9)
    await asyncio.gather(watch.lateness.strike(), watch.lateness.strike())
    await house.settled()
    (late,) = house.told(ShipmentLate)
    assert (late.shipment_id, late.state, late.carrier) == (parcel.id, "shipped", "sandbox")
    card, row = await watch.card(), await watch.row()
    assert ((card.on_time.count, card.on_time.of), row.late) == ((0, 1), 1)
    # Then it comes after all.
    await courier.report([courier.scan(parcel.waybill, "delivered", 0)])
    card, row = await watch.card(), await watch.row()
    assert (card.on_time.count, card.on_time.of) == (0, 1)
    assert (dict(row.states), row.late) == ({"delivered": 1}, 0)
    await watch.lateness.strike()
    await house.settled()
    assert len(house.told(ShipmentLate)) == 1


async def test_what_the_lookout_calls_lost_is_lost_on_the_card_until_it_moves(house: House) -> None:
    watch, desk, courier = await started(house)
    silent, moving = [(await desk.planned(TEA=1))[0] for _ in range(2)]
    for parcel in (silent, moving):
        await courier.report([courier.scan(parcel.waybill, "picked_up", 119)])
    house.clock.advance(days=PATIENCE["picked_up"], hours=2)
    await watch.looked()
    row, card = await watch.row(), await watch.card()
    assert (row.stuck, row.lost, card.lost.count) == (2, 0, 0)
    await courier.report([courier.scan(moving.waybill, "attempt_failed", 119)])
    # Its promise is long over, but its carrier has more days.
    house.clock.advance(days=LOST_DAYS - PATIENCE["picked_up"], hours=-3)
    await watch.lateness.strike()
    await watch.looked()
    assert (await watch.card()).lost.count == 0
    house.clock.advance(hours=2)
    await watch.looked()
    await house.settled()
    assert [one.shipment_id for one in house.told(ParcelLost)] == [silent.id]
    row, card = await watch.row(), await watch.card()
    assert (row.late, row.stuck, row.lost, row.troubled) == (2, 1, 1, 1)
    assert (card.lost.count, card.lost.of) == (1, 2)
    await courier.report([courier.scan(silent.waybill, "in_transit", 119)])
    row, card = await watch.row(), await watch.card()
    assert (row.stuck, row.lost, card.lost.count) == (1, 0, 0)


async def test_lost_is_lost_whoever_says_so(house: House) -> None:
    watch, desk, courier = await started(house)
    missed, mislaid, arrived = [(await desk.planned(TEA=1))[0] for _ in range(3)]
    for parcel in (missed, mislaid, arrived):
        await courier.report([courier.scan(parcel.waybill, "picked_up", 9)])
    await courier.report([courier.scan(arrived.waybill, "delivered", 30)])
    lost = courier.scan(mislaid.waybill, "exception", 20)
    lost.reason = "lost"
    await courier.report([lost])
    for parcel in (missed, arrived):
        never = ReturnRequested(
            order_id=parcel.order_id, reason="lost", blames="carrier", lines=[OrderedLine(sku="TEA")]
        )
        await house.tell(never)
    await house.settled()
    row, card = await watch.row(), await watch.card()
    assert (row.lost, row.troubled, card.lost.count, card.lost.of) == (2, 1, 2, 3)
    await watch.looked()
    await house.settled()
    assert house.told(ParcelLost) == []  # they know already
    await courier.report([courier.scan(one.waybill, "delivered", 119) for one in (missed, mislaid)])
    row, card = await watch.row(), await watch.card()
    assert (row.lost, card.lost.count) == (0, 0)
    await house.settled()
    found = {one.shipment_id for one in house.told(ParcelMoved) if one.stood_still}
    assert found == {missed.id, mislaid.id}


async def test_damage_counts_once_and_only_where_the_carrier_is_to_blame(house: House) -> None:
    watch, desk, courier = await started(house)
    (parcel,) = await desk.planned(TEA=1)
    await courier.report([courier.scan(parcel.waybill, code, at) for code, at in (("picked_up", 1), ("delivered", 9))])
    about: dict[str, Any] = {"order_id": parcel.order_id, "reason": "damaged", "carriers": ["sandbox"]}
    told = [
        ReturnRequested(**about, blames="supplier", lines=[OrderedLine(sku="TEA")]),
        ReturnRequested(**about, blames="carrier", lines=[OrderedLine(sku="CUP")]),
        ReturnRequested(**about | {"carriers": ["other"]}, blames="carrier", lines=[OrderedLine(sku="TEA")]),
        ReturnRequested(**about | {"reason": "late"}, blames="carrier", lines=[OrderedLine(sku="TEA")]),
    ]
    for event in told:
        await house.tell(event)
    await house.settled()
    assert (await watch.card()).damaged.count == 0
    blamed = ReturnRequested(**about, blames="carrier", lines=[OrderedLine(sku="TEA")])
    for event in (blamed, blamed):
        await house.tell(event)
        await Complaints(watch.kept).on_return_requested(event, None)  # type: ignore[arg-type]
    await house.settled()
    assert (await watch.card()).damaged.count == 1


async def test_what_no_card_is_made_of_is_refused(house: House) -> None:
    watch, _, _ = await started(house)
    for by, window in (("customer", 28), ("carrier", 7)):
        with pytest.raises(Invalid) as refused:
            await call(watch.stub.ListScorecards, pb.ListScorecardsRequest(by=by, window=window))
        assert refused.value.reason == "INVALID_WINDOW"


async def test_the_dashboard_finds_what_logistics_shows(house: House) -> None:
    logistics, _ = await opened(house)
    registry = logistics.ground.metrics.registry
    labels = {one: vars(registry._names_to_collectors[one])["_labelnames"] for one in GAUGES}
    assert labels == {"shop_carrier_on_time_ratio": ("carrier",), "shop_carrier_on_time_target": ()}
