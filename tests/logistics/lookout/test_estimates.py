"""This is where it is measured how well a delivery is estimated: against one window for everybody, on made-up lanes."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from shop.logistics.v1 import tracking_pb2

from services.kit.rpc import call
from services.logistics.estimates import HIGH, LOW, STEPS, DoorTimes, Estimates, lanes, quantile, shrunk, step_of
from services.logistics.regions import PROVINCES, Region
from tests.house import House

from .watch import watching

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
CARRIERS = ("sandbox", "sf", "zto")


class World:
    """Parcels whose times follow from carrier and distance; some lanes are busy, most are not."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.known: dict[str, DoorTimes] = {}
        self.speed = {"sandbox": 1.3, "sf": 0.8, "zto": 1.6}
        self.far = {name: self.dice.uniform(10, 110) for name in PROVINCES}

    def parcel(self) -> tuple[str, Region, Region, timedelta]:
        carrier, name = self.dice.choice(CARRIERS), PROVINCES[min(int(self.dice.expovariate(0.15)), len(PROVINCES) - 1)]
        took = self.far[name] * self.speed[carrier] * self.dice.lognormvariate(0, 0.25)
        return carrier, Region("CN", "上海市"), Region("CN", name), timedelta(hours=took)

    def count(self, carrier: str, here: Region, there: Region, took: timedelta) -> None:
        for lane in lanes(carrier, here, there):
            one = self.known.setdefault(lane, DoorTimes(lane))
            one.counts[str(step_of(took))] = one.counts.get(str(step_of(took)), 0) + 1
            one.parcels += 1

    def learned(self) -> Estimates:
        estimates = Estimates()
        estimates.learn(self.known.values())
        return estimates


@pytest.mark.parametrize("seed", range(2))
def test_windows_hold_for_eight_of_ten_and_beat_one_for_everybody(seed: int) -> None:
    world = World(seed)
    for _ in range(4000):
        world.count(*world.parcel())
    ours, everybody = world.learned(), world.known["*|*|*"]
    shares = [everybody.counts.get(str(step), 0) / everybody.parcels for step in range(STEPS)]
    naive, widest = quantile(shares, 0.5), quantile(shares, HIGH) - quantile(shares, LOW)
    hits, error, naive_error, width, tried = 0, 0.0, 0.0, 0.0, 1000
    for _ in range(tried):
        carrier, here, there, took = world.parcel()
        expected = ours.expect(carrier, here, there, START)
        assert expected is not None and expected.from_at <= expected.middle_at <= expected.to_at
        hits += expected.from_at <= START + took <= expected.to_at
        error += abs((START + took - expected.middle_at).total_seconds()) / 3600
        naive_error += abs(took.total_seconds() / 3600 - naive)
        width += (expected.to_at - expected.from_at).total_seconds() / 3600
    assert 0.75 <= hits / tried <= 0.92
    assert error < 0.6 * naive_error
    assert width / tried < 0.6 * widest


def test_a_lane_nobody_went_is_estimated_as_its_carrier_is_and_a_new_shop_says_nothing() -> None:
    world = World(1)
    here = Region("CN", "上海市")
    assert world.learned().expect("sf", here, here, START) is None
    for _ in range(100):
        world.count("sf", here, Region("CN", "浙江"), timedelta(hours=20))
        world.count("zto", here, Region("CN", "浙江"), timedelta(hours=70))
    ours = world.learned()
    new = ours.expect("sf", here, Region("CN", "西藏"), START)
    assert new is not None and new.middle_at - START < timedelta(hours=30)
    stranger = ours.expect("yd", here, Region("CN", "西藏"), START)
    assert stranger is not None and stranger.to_at - START > timedelta(hours=60)


def test_few_parcels_move_an_estimate_a_little_many_move_it_wholly() -> None:
    here, there = Region("CN", "上海市"), Region("CN", "四川省")
    middles = []
    for mine in (1, 20, 400):
        world = World(2)
        for _ in range(500):
            world.count("sf", here, Region("CN", "浙江"), timedelta(hours=20))
        for _ in range(mine):
            world.count("sf", here, there, timedelta(hours=90))
        expected = world.learned().expect("sf", here, there, START)
        assert expected is not None
        middles.append((expected.middle_at - START).total_seconds() / 3600)
    assert middles[0] < 25 < middles[1] <= 96 and middles[2] > 88


def test_shares_add_up_and_quantiles_rise() -> None:
    flat = [1.0 / STEPS] * STEPS
    once = shrunk({"3": 10, "5": 30}, 40, flat)
    assert sum(once) == pytest.approx(1)
    assert shrunk({}, 0, once) == once
    twice = shrunk({"9": 5}, 5, once)
    assert sum(twice) == pytest.approx(1) and twice[9] == pytest.approx(0.5)
    marks = [quantile(twice, share / 10) for share in range(1, 10)]
    assert marks == sorted(marks)
    assert step_of(timedelta(days=99)) == STEPS - 1 and step_of(timedelta(hours=-1)) == 0


async def test_what_was_delivered_is_counted_once_and_the_next_is_estimated(house: House) -> None:
    watch = await watching(house)
    ground = watch.desk.logistics.ground
    times = next(store for store in ground.stores if store.name == "door_times")
    for _ in range(3):
        _, waybill = await watch.under_way("picked_up")
        house.clock.advance(hours=20)
        await watch.scan(waybill, "delivered")
        await watch.scan(waybill, "delivered", location="again")
    await house.settled()
    everybody = await times.get("*|*|*")
    assert everybody is not None and (everybody.parcels, everybody.counts, everybody.estimated) == (3, {"3": 3}, 0)
    await times.collection.update_many({"parcels": {"$gt": 0}}, {"$set": {"parcels": 60, "counts": {"3": 60}}})
    await watch.desk.logistics.stop()
    again = await watching(house, again=True)
    key, waybill = await again.under_way("picked_up")
    expected = (await again.tracking(key)).expected
    assert expected.from_at < expected.to_at and expected.samples == 0
    house.clock.advance(hours=20)
    await again.scan(waybill, "delivered")
    await house.settled()
    (lane, *_) = (await call(again.stub.ListLanes, tracking_pb2.ListLanesRequest(carrier="sandbox"))).lanes
    assert (lane.parcels, lane.estimated, lane.hit_rate) == (61, 1, 1.0)
    assert lane.low_h < lane.middle_h < lane.high_h and lane.mean_error_h < 6
