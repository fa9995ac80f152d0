"""This is where parcels are counted in whatever order their scans come: the counters end the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.kit.clock import SettableClock
from services.logistics.regions import Region, province
from services.logistics.scorecards.cards import PRIOR, card, means, quantile, shares
from services.logistics.scorecards.counting import Counting
from services.logistics.scorecards.measures import LATE, Measured, difference, measured, spread
from services.logistics.scorecards.scores import Scores, summed
from services.logistics.shipments import DELIVERED, SHIPPED, Shipment
from services.logistics.tracking import Scan, derive
from services.logistics.underway import LOST, STUCK, WATCHED

T0 = datetime(2026, 11, 1, 8, tzinfo=UTC)
STATES = ("picked_up", "in_transit", "attempt_failed", "exception", "delivered", "unknown", "returning", "returned")


def parcel(scans: Sequence[Scan], version: int = 1, **more: object) -> Shipment:
    """As logistics keeps it after these scans."""
    derived = derive(scans)
    one = Shipment("shp_1", "ord_1", "packed", T0, warehouse="main", carrier="sandbox", version=version)
    one.region, one.deliver_by, one.scans = Region("CN", "浙江省"), T0 + timedelta(hours=30), list(scans)
    one.tracking_state = derived.state
    if derived.left_at:
        one.state, one.shipped_at = SHIPPED, derived.left_at
    if derived.state == "delivered" and derived.by:
        one.state, one.delivered_at = DELIVERED, derived.by.occurred_at
    for name, value in more.items():
        setattr(one, name, value)
    return one


def scan(number: int, state: str, hours: int, lag_s: int = 60) -> Scan:
    at = T0 + timedelta(hours=hours)
    return Scan(f"{number}", state, "", "", "", at, at + timedelta(seconds=lag_s))


scans = st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 60), st.integers(0, 9000)), min_size=1, max_size=8)


class Kept:
    """`counting.Books` in memory, with the parcel as it is at the moment."""

    def __init__(self) -> None:
        self.parcels: dict[str, Shipment] = {}
        self.flagged: set[str] = set()
        self.measures: dict[str, Measured] = {}
        self.counters: dict[str, Counter[str]] = {}

    def change(self, one: Shipment) -> None:
        self.parcels[one.id] = one
        self.flagged.add(one.id)

    async def uncounted(self, limit: int) -> list[Shipment]:
        return [self.parcels[key] for key in sorted(self.flagged)][:limit]

    async def known(self, keys: Sequence[str]) -> dict[str, Measured]:
        return {key: self.measures[key] for key in keys if key in self.measures}

    async def count(
        self, parcels: Sequence[tuple[Measured | None, Measured]], changes: Mapping[str, Mapping[str, int]]
    ) -> bool:
        for before, after in parcels:
            if self.measures.get(after.id) != before:
                return False
            self.measures[after.id] = after
        for key, change in changes.items():
            self.counters.setdefault(key, Counter()).update(change)
        return True

    async def clear(self, parcels: Sequence[Shipment]) -> None:
        self.flagged -= {one.id for one in parcels if self.parcels[one.id].version == one.version}

    async def totals(self, by: str, since: str) -> dict[str, dict[str, int]]:
        rows = [(key.split("|"), counts) for key, counts in self.counters.items()]
        return {subject: dict(counts) for (kind, subject, day), counts in rows if kind == by and day >= since}


@given(scans, st.randoms(use_true_random=False))
async def test_shuffled_and_repeated_scans_count_once(wanted: list[tuple[str, int, int]], luck: Any) -> None:
    told = [scan(number, *one) for number, one in enumerate(wanted)]
    end = spread(measured(parcel(told)))
    kept = Kept()
    counting = Counting(kept, Scores(), SettableClock(T0 + timedelta(days=5)))
    order = [*told, *told]
    luck.shuffle(order)
    seen: dict[str, Scan] = {}
    for version, one in enumerate(order, 1):
        seen[one.key] = one
        kept.change(parcel(list(seen.values()), version))
        if version % 2:
            await counting.count()
            await counting.count()  # told again: nothing to do
    await counting.count()
    counted = {key: +counts for key, counts in kept.counters.items() if +counts}
    assert counted == {key: +counts for key, counts in end.items() if +counts}
    assert all(count >= 0 for counts in kept.counters.values() for count in counts.values())


@given(scans, st.sampled_from(["", WATCHED, STUCK, LOST]), st.sampled_from(["", LATE]))
def test_lost_and_stuck_are_what_the_lookout_says_whatever_was_promised(
    wanted: list[tuple[str, int, int]], watch: str, overdue: str
) -> None:
    one = parcel([scan(number, *said) for number, said in enumerate(wanted)], watch=watch, overdue=overdue)
    shown = measured(one)
    under_way = one.state != DELIVERED
    assert shown.counts.get("lost", 0) == int(bool(one.shipped_at) and watch == LOST)
    assert [shown.places.get(name, 0) for name in (STUCK, LOST)] == [under_way * (watch == it) for it in (STUCK, LOST)]


def test_a_parcel_says_all_that_is_asked_of_it() -> None:
    told = [scan(1, "picked_up", 1), scan(2, "attempt_failed", 20, 600), scan(3, "delivered", 29)]
    shown = measured(parcel(told, handed_at=T0, damaged=True)).counts
    assert shown["promised"] == shown["on_time"] == shown["damaged"] == shown["attempted"] == 1
    assert "first" not in shown  # somebody had to come twice
    assert (shown["pickup_s"], shown["door_s"], shown["scan_s"]) == (3600, 28 * 3600, 720)
    late = measured(parcel(told[:1], overdue="late")).counts
    assert (late["promised"], late.get("on_time", 0)) == (1, 0)
    # A scan that comes late shows that it was there in time after all.
    assert measured(parcel(told, overdue="late")).counts["on_time"] == 1
    assert measured(parcel(told[:1], return_id="ret_1")).counts == {}


def test_what_was_counted_moves_with_the_day_it_left() -> None:
    late, early = measured(parcel([scan(1, "in_transit", 30)])), measured(parcel([scan(1, "in_transit", 2)], 2))
    moved = difference(late, early)
    assert moved["carrier|sandbox|2026-11-02"]["sent"] == -1
    assert moved["carrier|sandbox|2026-11-01"]["sent"] == 1
    assert difference(early, early) == {}


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_small_numbers_are_drawn_toward_the_mean(good: int, bad: int) -> None:
    mean = {"on_time": 0.9, "first": 0.9, "damaged": 0.0, "lost": 0.0}
    share = shares({"on_time": good, "promised": good + bad}, mean)["on_time"]
    assert min(share.raw if share.of else 0.9, 0.9) - 1e-9 <= share.judged <= max(share.raw, 0.9) + 1e-9
    assert abs(share.judged - (good + PRIOR * 0.9) / (good + bad + PRIOR)) < 1e-12


def test_one_late_parcel_makes_nobody_the_worst() -> None:
    small = {"sent": 1, "promised": 1, "on_time": 0}
    large = {"sent": 500, "promised": 500, "on_time": 400}
    mean = means(summed({"small": small, "large": large}))
    assert card("small", small, mean).shares["on_time"].raw < card("large", large, mean).shares["on_time"].raw
    assert card("small", small, mean).score > card("large", large, mean).score - 100


def test_routing_reads_the_lane_else_the_carrier_else_nothing() -> None:
    scores = Scores()
    good = {"sent": 300, "promised": 300, "on_time": 297}
    bad = {"sent": 300, "promised": 300, "on_time": 210}
    scores.learn({"carrier": {"quick": good, "slow": bad}, "lane": {f"quick>{province('浙江')}": bad}})
    assert scores("quick", "江蘇省") > 500 > scores("slow", "江蘇省")
    assert scores("quick", "浙江省") < scores("quick", "江蘇省")
    assert scores("new", "浙江省") == 500


@given(st.lists(st.integers(0, 50), min_size=4, max_size=4))
def test_quantiles_rise_and_stay_within_the_bounds(counts: list[int]) -> None:
    found = [quantile(part, (1, 5, 9), counts) for part in (0.1, 0.5, 0.9)]
    assert found == sorted(found)
    assert all(0 <= value <= 9 for value in found)
