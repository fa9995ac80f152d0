"""This is where it is shown that a parcel's state depends on its scans, not on the order they came in."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from services.logistics.carriers import VOCABULARIES, canonical, vocabulary
from services.logistics.carriers.sandbox import Sandbox, check_digit
from services.logistics.tracking import CANONICAL, MOST_SCANS, Scan, bounded, derive, scan_key, without_numbers

START = datetime(2026, 11, 1, tzinfo=UTC)


def scan(state: str, minutes: int, key: str = "") -> Scan:
    at = START + timedelta(minutes=minutes)
    return Scan(key or f"{state}{minutes}", state, state, "", "", at, at)


def state_of(*steps: str) -> str:
    return derive([scan(state, minutes) for minutes, state in enumerate(steps)]).state


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([], "label_created"),
        (["picked_up", "in_transit", "out_for_delivery", "delivered"], "delivered"),
        (["picked_up", "delivered", "in_transit", "returned"], "delivered"),
        (["picked_up", "attempt_failed", "out_for_delivery"], "out_for_delivery"),
        (["picked_up", "exception", "in_transit"], "in_transit"),
        (["picked_up", "in_transit", "unknown", "label_created"], "in_transit"),
        (["out_for_delivery", "rejected", "in_transit"], "rejected"),
        (["rejected", "returning", "in_transit", "out_for_delivery"], "returning"),
        (["rejected", "returning", "delivered"], "returned"),
        (["rejected", "returning", "returned", "delivered"], "returned"),
        (["cancelled", "in_transit"], "cancelled"),
    ],
)
def test_the_way_of_a_parcel(steps: list[str], state: str) -> None:
    assert state_of(*steps) == state


def test_of_one_moment_the_later_in_a_parcels_life_counts() -> None:
    assert derive([scan("delivered", 5), scan("out_for_delivery", 5), scan("in_transit", 5)]).state == "delivered"


@pytest.mark.parametrize("seed", range(100))
def test_shuffled_repeated_and_split_scans_give_the_same_state(seed: int) -> None:
    dice = random.Random(seed)
    scans = [scan(dice.choice(CANONICAL), dice.randint(0, 40), f"k{number}") for number in range(dice.randint(1, 25))]
    in_order = derive(scans)
    arriving = [one for one in scans for _ in range(dice.randint(1, 5))]
    dice.shuffle(arriving)
    kept: dict[str, Scan] = {}
    while arriving:
        size = dice.randint(1, 7)
        batch, arriving = arriving[:size], arriving[size:]
        for one in batch:
            kept.setdefault(one.key, one)
        so_far = derive(kept.values())
        assert so_far.state in CANONICAL
    assert derive(kept.values()) == in_order


def test_too_many_scans_are_forgotten_without_changing_the_state() -> None:
    dice = random.Random(7)
    scans = [scan(dice.choice(["in_transit", "exception", "unknown"]), dice.randint(1, 9000)) for _ in range(700)]
    scans = list({one.key: one for one in [*scans, scan("picked_up", 0), scan("delivered", 5000)]}.values())
    kept = bounded(scans)
    assert len(kept) == MOST_SCANS < len(scans)
    assert derive(kept).state == derive(scans).state == "delivered"
    assert bounded(kept) == kept


def test_a_scan_is_itself_by_its_id_or_by_its_content() -> None:
    assert scan_key("e1", "a") == scan_key("e1", "b") != scan_key("", "e1")
    assert scan_key("", "a", "b") == scan_key("", "a", "b") != scan_key("", "ab", "")


def test_couriers_numbers_are_not_kept() -> None:
    assert without_numbers("快遞員 王師傅 138 1234-1234 派送中") == "快遞員 王師傅 *** 派送中"
    assert without_numbers("Gate 12, 3 of 4") == "Gate 12, 3 of 4"


def test_every_vocabulary_speaks_of_canonical_states_only() -> None:
    names = sorted(path.stem for path in VOCABULARIES.glob("*.json"))
    assert names == ["17track", "aftership", "canonical", "karrio", "kuaidi100", "sf", "shippo", "yunda", "zto"]
    assert all(vocabulary(name) for name in names)


def test_the_sandbox_speaks_canonical_and_kuaidi100_and_does_not_guess() -> None:
    sandbox = Sandbox()
    assert [canonical(sandbox, code) for code in ("3", "5", "DELIVERED", "picked_up", "14")] == [
        "delivered",
        "out_for_delivery",
        "delivered",
        "picked_up",
        "rejected",
    ]
    assert canonical(sandbox, "beamed up") == "unknown"
    assert {canonical(sandbox, state) for state in CANONICAL} == set(CANONICAL)


def test_the_check_digit_is_luhns() -> None:
    assert check_digit("7992739871") == "3"
