"""This is where readings are held against rules, beside a plain model of an alert; and places against fences."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logistics.telemetry.judging import Episode, Reading, judge, measure, metres, within
from services.logistics.telemetry.rules import InvalidRule, Rule, checked
from services.logistics.telemetry.tracks import MOST_POINTS, Point, outline

T0 = datetime(2026, 11, 1, 8, tzinfo=UTC)
COLD = Rule("cold", "temperature", low=2, high=8, margin=1, settle_s=120)


def reading(minute: float, **values: float) -> Reading:
    at = T0 + timedelta(minutes=minute)
    return Reading(f"dev_1|{minute}", "dev_1", "shipment:shp_1", int(minute), at, at, **values)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from([1.0, 2.5, 5.0, 7.5, 9.0]), max_size=40))
def test_an_alert_begins_once_and_ends_only_after_two_quiet_minutes(temperatures: list[float]) -> None:
    episode: Episode | None = None
    lasts, quiet = False, 0  # the model, minute by minute
    for minute, degrees in enumerate(temperatures):
        before = episode
        episode, over = judge(COLD, before, reading(minute, temperature_c=degrees), f"alr_{minute}")
        quiet = quiet + 1 if 3 <= degrees <= 7 else 0
        began = not lasts and not 2 <= degrees <= 8
        ended = lasts and quiet >= 3  # two minutes lie between three readings
        assert over == ended
        assert (before is None and episode is not None) == began
        if began:
            lasts, quiet = True, 0
            assert episode and episode.alert_id == f"alr_{minute}"
        if ended:
            lasts, episode = False, None
        assert (episode is not None) == lasts


def test_each_kind_measures_its_own() -> None:
    assert measure(COLD, reading(0, humidity=50)) is None
    shock = Rule("shock", "shock", high=5)
    assert measure(shock, reading(0, shock_g=6)) == ("breach", 6)
    assert measure(shock, reading(0, shock_g=1)) == ("calm", 1)
    home = Rule("home", "geofence", middle=[31.0, 121.0], radius_m=1000, margin=100)
    places = {31.0: "calm", 31.0085: "edge", 31.02: "breach"}
    for latitude, stands in places.items():
        found = measure(home, reading(0, latitude=latitude, longitude=121.0))
        assert found and found[0] == stands
    out = Rule("out", "geofence", middle=[31.0, 121.0], radius_m=1000, keep_in=False)
    assert [measure(out, reading(0, latitude=x, longitude=121.0))[0] for x in places] == ["breach", "breach", "calm"]  # type: ignore[index]


def test_places_and_fences() -> None:
    assert 111_000 < metres((0, 0), (1, 0)) < 111_400
    assert metres((31, 121), (31, 121)) == 0
    horseshoe = [[0, 0], [0, 3], [3, 3], [3, 2], [1, 2], [1, 1], [3, 1], [3, 0]]
    inside = {(0.5, 1.5): True, (2, 1.5): False, (2, 0.5): True, (2, 2.5): True, (4, 1): False, (-1, 1): False}
    assert {place: within(place, horseshoe) for place in inside} == inside


@pytest.mark.parametrize(
    "rule",
    [
        Rule("a", "weather"),
        Rule("a", "temperature"),
        Rule("a", "temperature", low=8, high=2),
        Rule("a", "temperature", low=2, high=3, margin=1),  # it could never be over
        Rule("a", "shock", low=1),
        Rule("a", "silence"),
        Rule("a", "geofence"),
        Rule("a", "geofence", corners=[[0, 0], [1, 1]]),
        Rule("a", "geofence", middle=[0, 999], radius_m=5),
        Rule("a b", "shock", high=1),
    ],
)
def test_what_is_no_rule_is_refused(rule: Rule) -> None:
    with pytest.raises(InvalidRule):
        checked(rule)


@given(st.integers(1, 1500))
def test_an_outline_is_bounded_and_keeps_its_ends(count: int) -> None:
    points = [Point(T0 + timedelta(minutes=at), 1.0, 2.0, None) for at in range(count)]
    drawn: list[Point] = []
    for at in range(0, count, 50):
        drawn = outline([*drawn, *points[at : at + 50]])
    assert len(drawn) <= MOST_POINTS
    assert (drawn[0], drawn[-1]) == (points[0], points[-1])
    assert drawn == sorted(drawn, key=lambda point: point.at)
