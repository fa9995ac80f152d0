"""This is where it is decided how many to order, and said why."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.supply.plan import NEVER, PlanLine, bounded, days_left, explained, review_period, to_order
from services.catalog.supply.policies import Mode
from services.catalog.supply.service_levels import ServiceLevels


@pytest.mark.parametrize(
    ("position", "due", "moq", "pack", "wanted"),
    [
        (100, True, 1, 1, 0),  # all there
        (90, True, 1, 1, 10),
        (90, False, 1, 1, 0),  # not its day
        (90, True, 1, 12, 0),  # a pack would overshoot, and nothing presses
        (70, True, 1, 12, 24),
        (70, True, 50, 12, 0),  # less than its supplier delivers, and nothing presses
        (40, False, 1, 1, 60),  # at the line: at once
        (40, False, 1, 12, 60),
        (39, False, 1, 12, 72),  # at least the deficit
        (40, False, 100, 12, 108),
    ],
)
def test_orders_are_whole_packs_at_the_right_time(position: int, due: bool, moq: int, pack: int, wanted: int) -> None:
    assert to_order(position, 40, 100, due=due, moq=moq, pack_size=pack) == wanted


@given(
    position=st.integers(0, 300),
    line=st.integers(0, 150),
    gap=st.integers(0, 150),
    moq=st.integers(1, 60),
    pack=st.integers(1, 40),
)
def test_at_the_line_an_order_reaches_the_level_and_off_it_never_passes_it(
    position: int, line: int, gap: int, moq: int, pack: int
) -> None:
    up_to = line + gap
    units = to_order(position, line, up_to, due=True, moq=moq, pack_size=pack)
    assert units % pack == 0 and (units == 0 or units >= moq)
    if position <= line and position < up_to:
        assert position + units >= up_to
    elif units:
        assert position + units <= up_to


def test_goods_of_one_rhythm_are_reviewed_on_the_same_day() -> None:
    monday = date(2026, 11, 23)
    assert review_period(monday, 7) == review_period(date(2026, 11, 22), 7) + 1
    assert review_period(monday, 7) == review_period(date(2026, 11, 29), 7)
    assert review_period(monday, 1) + 1 == review_period(date(2026, 11, 24), 1)


def test_bounds_and_days_left() -> None:
    assert (bounded(50, 0, None), bounded(50, 60, None), bounded(50, 0, 40)) == (50, 60, 40)
    assert (days_left(30, 21), days_left(0, 21), days_left(30, 0)) == (10, 0, NEVER)


def test_a_line_says_every_number_it_is_made_of() -> None:
    line = PlanLine(
        id="A",
        product_id="prd_1",
        title="Mug",
        made_at=datetime(2026, 11, 22, tzinfo=UTC),
        run="job_1",
        stock_class="A",
        mode=Mode.DRAFT,
        service=0.95,
        lead_mean=13,
        lead_sd=2,
        review_days=1,
        needed=85.2,
        weekly=42.6,
        up_to=125,
        line=110,
        on_hand=32,
        available=30,
        on_order=0,
        quantity=100,
        to_order=True,
        days_left=4.9,
        moq=20,
        pack_size=10,
        supplier_id="sup_1",
        reviewed=1,
        trials=[],
        tried=True,
    )
    en, zh = explained(line)
    assert en == (
        "Order 100: forecast 85 over 14 days (lead time 13±2, review every 1), safety 40, up to 125; on hand 30, "
        "on order 0, pack 10, at least 20; class A, level 0.95."
    )
    assert "安全库存 40 件" in zh and "订购 100 件" in zh
    assert len(en) <= 500 and len(zh) <= 500  # what a purchase order takes for a reason


def test_classes_end_where_the_value_says_and_levels_come_from_the_curve() -> None:
    levels = ServiceLevels(
        "levels",
        datetime(2026, 11, 22, tzinfo=UTC),
        "job_1",
        ends={"A": (500, "K"), "B": (100, "M")},
        curves={"A": [(0.8, 0.06), (0.9, 0.03), (0.95, 0.015)]},
    )
    assert [
        levels.class_of(*each) for each in (("A", 900), ("K", 500), ("L", 500), ("Z", 101), ("Z", 99), ("Z", 0))
    ] == [*("A", "A", "B", "B", "C", "C")]
    assert levels.level("A", 9_500) == (0.9, True)  # 5 % are allowed, 3 % are aimed at
    assert levels.level("A", 9_700) == (0.95, True)
    assert levels.level("C", 9_700) == (0.975, False)
