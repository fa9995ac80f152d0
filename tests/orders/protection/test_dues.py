"""This is where what fallen prices and returns give back is held against a model that knows every unit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orders.addresses import Region
from services.orders.orders import Order, OrderLine, Protection, State
from services.orders.pricing import Total
from services.orders.protection.drops import Drop
from services.orders.protection.dues import due
from services.orders.protection.policy import ProtectionPolicy
from services.orders.quotes import Delivery
from services.orders.screens import Hold

NOW = datetime(2026, 11, 1, tzinfo=UTC)
steps = st.lists(
    st.one_of(st.tuples(st.just("drop"), st.integers(0, 1_200)), st.tuples(st.just("return"), st.integers(1, 7))),
    max_size=12,
)


def bought(quantity: int = 3, unit: int = 1_000, discount: int = 0, points: int = 0, **more: Any) -> Order:
    """A paid order of one line."""
    line = OrderLine("A", "prd_1", "Cup", "kitchen", quantity, unit, discount, points, 400, 300)
    order = Order(
        id="ord_1",
        request_id="r",
        fingerprint=b"",
        cart_id="crt_1",
        cart_claim="crt_1",
        customer_id="cus_1",
        state=State.PAID,
        currency="CNY",
        lines=[line],
        totals=[Total("total", line.paid)],
        discounts=[],
        coupons=[],
        points=points,
        delivery=Delivery("standard", "Standard", 0, 1, 2, ""),
        region=Region("CN", "", "", ""),
        sealed_address=b"",
        sealed_email=b"",
        sealed_token=b"",
        placed_at=NOW,
        paid_at=NOW,
        captured_minor=line.paid,
    )
    for name, value in more.items():
        setattr(order, name, value)
    return order


def fell(price: int, number: int = 1, **more: Any) -> Drop:
    """A drop a day after."""
    at = more.pop("at", NOW + timedelta(days=1))
    return Drop(f"drp_{number}", "A", "prd_1", more.pop("currency", "CNY"), 9_999, price, at, "", at, **more)


def pay(order: Order, drop: Drop, policy: ProtectionPolicy) -> int:
    """As the reservation in the order does it."""
    minor = due(order, drop, policy)
    if minor:
        order.protections.append(Protection(drop.id, "A", 0, drop.new_minor, minor, NOW))
        order.lines[0].protected_minor += minor
        order.refunded_minor += minor
    return minor


class Units:
    """The model: what is left of each unit's money, the dearer first; it knows nothing of lines."""

    def __init__(self, paid: int, quantity: int) -> None:
        self.left = [paid // quantity + (number < paid % quantity) for number in range(quantity)]

    def drop(self, price: int) -> int:
        """Each unit is given what is above the price."""
        back = sum(max(0, each - price) for each in self.left)
        self.left = [min(each, price) for each in self.left]
        return back

    def give_up(self, count: int) -> int:
        """The first units come back."""
        back, self.left = sum(self.left[:count]), self.left[count:]
        return back


@given(
    quantity=st.integers(1, 7),
    unit=st.integers(1, 1_000),
    coupon=st.integers(0, 900),
    points=st.integers(0, 99),
    told=steps,
)
def test_drops_and_returns_give_back_what_a_model_of_units_gives(
    quantity: int, unit: int, coupon: int, points: int, told: list[tuple[str, int]]
) -> None:
    gross = quantity * unit
    discount = min(coupon, gross)
    order = bought(quantity, unit, discount, min(points, gross - discount))
    line, policy, model = order.lines[0], ProtectionPolicy(), Units(order.captured_minor, quantity)
    given_back = 0
    for number, (what, much) in enumerate(told):
        if what == "drop":
            back = pay(order, fell(much, number), policy)
            assert back == model.drop(much)
        else:
            count = min(much, line.kept)
            if not count:
                continue
            back = line.give_up(count)
            assert back == model.give_up(count)
            order.refunded_minor += back
        given_back += back
        assert line.left == sum(model.left) >= 0
    rest = line.give_up(line.kept) if line.kept else 0
    assert given_back + rest == order.captured_minor


@given(
    told=steps,
    cap=st.integers(0, 1_500),
    units=st.integers(1, 7),
    quantity=st.integers(1, 7),
    coupon=st.integers(0, 900),
)
def test_with_caps_and_limits_no_more_goes_back_than_came_and_all_of_it_in_the_end(
    told: list[tuple[str, int]], cap: int, units: int, quantity: int, coupon: int
) -> None:
    order = bought(quantity, 1_000, min(coupon, quantity * 1_000))
    line, policy = order.lines[0], ProtectionPolicy(cap_order_minor=cap, most_units=units)
    protected = returned = 0
    for number, (what, much) in enumerate(told):
        if what == "drop":
            protected += pay(order, fell(much, number), policy)
        elif count := min(much, line.kept):
            returned += (back := line.give_up(count))
            order.refunded_minor += back
            assert back >= 0
        assert 0 <= line.protected_minor <= line.paid
        assert not cap or protected <= cap
    returned += line.give_up(line.kept) if line.kept else 0
    assert protected + returned == order.captured_minor


@given(first=st.integers(0, 999), second=st.integers(0, 999), quantity=st.integers(1, 9), coupon=st.integers(0, 500))
def test_two_drops_give_what_the_lower_one_alone_gives(first: int, second: int, quantity: int, coupon: int) -> None:
    both, alone, policy = bought(quantity, 1_000, coupon), bought(quantity, 1_000, coupon), ProtectionPolicy()
    together = pay(both, fell(first, 1), policy) + pay(both, fell(second, 2), policy)
    assert together == pay(alone, fell(min(first, second)), policy)


def test_a_drop_counts_once() -> None:
    order, policy = bought(), ProtectionPolicy()
    assert [pay(order, fell(900), policy), pay(order, fell(900), policy)] == [300, 0]


@pytest.mark.parametrize(
    ("order", "drop", "policy"),
    [
        (bought(), fell(900, at=NOW + timedelta(days=30, seconds=1)), ProtectionPolicy()),
        (bought(), fell(900, at=NOW - timedelta(seconds=1)), ProtectionPolicy()),
        (bought(), fell(900, currency="USD"), ProtectionPolicy()),
        (bought(), fell(900), ProtectionPolicy(mode="off")),
        (bought(), fell(900), ProtectionPolicy(excluded_channels=["storefront"])),
        (bought(), fell(900), ProtectionPolicy(excluded_categories=["kitchen"])),
        (bought(), fell(900), ProtectionPolicy(excluded_skus=["A"])),
        (bought(customer_type="b2b"), fell(900), ProtectionPolicy()),
        (bought(customer_id=""), fell(900), ProtectionPolicy(guests=False)),
        (bought(state=State.CANCELLING), fell(900), ProtectionPolicy()),
        (bought(state=State.CANCELLED), fell(900), ProtectionPolicy()),
        (bought(holds=[Hold("fraud", "", NOW)]), fell(900), ProtectionPolicy()),
        (bought(discount=300), fell(900), ProtectionPolicy()),  # a coupon had made it as cheap already
        (bought(refunded_minor=3_000), fell(900), ProtectionPolicy()),
        (bought(), fell(1_000), ProtectionPolicy()),
    ],
)
def test_who_is_owed_nothing(order: Order, drop: Drop, policy: ProtectionPolicy) -> None:
    assert due(order, drop, policy) == 0


def test_it_counts_up_to_the_last_moment_of_the_thirtieth_day() -> None:
    assert due(bought(), fell(900, at=NOW + timedelta(days=30)), ProtectionPolicy()) == 300


def test_more_units_than_the_limit_are_not_protected() -> None:
    assert due(bought(quantity=30), fell(900), ProtectionPolicy(most_units=5)) == 500
