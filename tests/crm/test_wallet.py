"""This is where the rules of points are held to, on the document alone."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.crm.wallet import Earning, PointsReturned, PointsShort, PointsSpent, Refund, Wallet

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
EARNING = Earning(100, timedelta(days=365))


def adds_up(wallet: Wallet) -> bool:
    """Balance = lots = ledger, and nothing below zero."""
    lots = sum(lot.points for lot in wallet.lots)
    ledger = sum(entry.points for entry in wallet.entries)
    fine = wallet.balance == lots == ledger and wallet.balance >= 0
    return fine and all(lot.points > 0 for lot in wallet.lots) and not (wallet.owed and wallet.balance)


def delivered(*orders: tuple[str, int, int]) -> Wallet:
    """A wallet of delivered orders: id, minor units of goods, days ago."""
    wallet = Wallet("cus_1")
    for order_id, minor, days in orders:
        wallet.deliver(order_id, minor, NOW - timedelta(days=days), EARNING)
    return wallet


def test_a_delivered_order_earns_a_point_for_each_whole_unit() -> None:
    wallet = delivered(("ord_1", 12_399, 0))
    assert wallet.balance == 123
    assert wallet.lots[0].expires_at == NOW + timedelta(days=365)


def test_an_order_earns_once() -> None:
    wallet = delivered(("ord_1", 10_000, 0), ("ord_1", 10_000, 0))
    assert wallet.balance == 100
    assert len(wallet.entries) == 1


def test_the_soonest_to_expire_is_spent_first() -> None:
    wallet = delivered(("ord_new", 10_000, 1), ("ord_old", 10_000, 300))
    wallet.spend("ord_x", 150, NOW)
    assert [(lot.reference, lot.points) for lot in wallet.lots] == [("ord_new", 50)]


def test_more_than_there_is_cannot_be_spent() -> None:
    wallet = delivered(("ord_1", 10_000, 0))
    with pytest.raises(PointsShort) as refused:
        wallet.spend("ord_x", 101, NOW)
    assert refused.value.meta == {"balance": "100"}
    assert wallet.balance == 100


def test_expired_points_cannot_be_spent_even_before_they_are_taken_out() -> None:
    wallet = delivered(("ord_1", 10_000, 365))
    assert wallet.usable(NOW) == 0
    with pytest.raises(PointsShort):
        wallet.spend("ord_x", 1, NOW)


def test_an_order_spends_once() -> None:
    wallet = delivered(("ord_1", 10_000, 0))
    assert wallet.spend("ord_x", 60, NOW)
    assert wallet.spend("ord_x", 60, NOW) is None
    with pytest.raises(PointsSpent):
        wallet.spend("ord_x", 30, NOW)
    assert wallet.balance == 40


def test_points_given_back_expire_as_before() -> None:
    wallet = delivered(("ord_new", 10_000, 1), ("ord_old", 10_000, 300))
    before = [(lot.points, lot.expires_at, lot.reference) for lot in wallet.lots]
    wallet.spend("ord_x", 150, NOW)
    assert wallet.give_back("ord_x", NOW + timedelta(days=3))
    assert wallet.give_back("ord_x", NOW + timedelta(days=3)) is None
    assert sum(lot.points for lot in wallet.lots) == 200
    assert {(expires, reference) for _, expires, reference in before} == {
        (lot.expires_at, lot.reference) for lot in wallet.lots
    }


def test_a_late_call_of_an_order_that_is_over_spends_nothing() -> None:
    wallet = delivered(("ord_1", 10_000, 0))
    assert wallet.give_back("ord_x", NOW) == []
    with pytest.raises(PointsReturned):
        wallet.spend("ord_x", 60, NOW)
    assert wallet.balance == 100


def test_a_refund_takes_back_what_the_goods_had_earned() -> None:
    wallet = delivered(("ord_1", 10_050, 0))
    wallet.refund("ord_1", Refund("adj_1", 3_000, NOW), "CNY", EARNING)
    assert wallet.balance == 70
    assert wallet.refund("ord_1", Refund("adj_1", 3_000, NOW), "CNY", EARNING) is None
    wallet.refund("ord_1", Refund("adj_2", 7_050, NOW), "CNY", EARNING)
    assert wallet.balance == 0


def test_a_refund_of_an_order_that_earned_nothing_takes_nothing() -> None:
    wallet = delivered(("ord_1", 10_000, 0))
    assert wallet.refund("ord_2", Refund("adj_1", 10_000, NOW), "CNY", EARNING) == []
    assert wallet.balance == 100


def test_what_a_refund_did_not_find_is_taken_from_the_next_points() -> None:
    wallet = delivered(("ord_1", 10_000, 0))
    wallet.spend("ord_2", 80, NOW)
    wallet.refund("ord_1", Refund("adj_1", 10_000, NOW), "CNY", EARNING)
    assert (wallet.balance, [owed.points for owed in wallet.owed]) == (0, [80])
    wallet.deliver("ord_2", 5_000, NOW, EARNING)
    assert (wallet.balance, [owed.points for owed in wallet.owed]) == (0, [30])
    moves = wallet.give_back("ord_2", NOW) or []
    assert (wallet.balance, wallet.owed) == (50, [])
    assert [(move.entry.points, move.entry.reason, move.entry.reference, move.balance) for move in moves] == [
        (80, "returned", "ord_2", 80),
        (-30, "refunded", "adj_1", 50),
    ]
    assert adds_up(wallet)


def test_whatever_comes_first_the_end_is_the_same() -> None:
    ends = set()
    story: list[Callable[[Wallet], object]] = [
        lambda wallet: wallet.deliver("ord_1", 10_050, NOW, EARNING),
        lambda wallet: wallet.refund("ord_1", Refund("adj_1", 3_030, NOW), "CNY", EARNING),
        lambda wallet: wallet.refund("ord_1", Refund("adj_2", 2_020, NOW), "CNY", EARNING),
        lambda wallet: wallet.deliver("ord_2", 999, NOW, EARNING),
    ]
    for order in itertools.permutations(story):
        wallet = Wallet("cus_1")
        for event in [*order, *reversed(order)]:
            event(wallet)
        assert adds_up(wallet)
        ends.add((wallet.balance, tuple(sorted(wallet.spent.items())), len(wallet.owed)))
    assert ends == {(59, (("CNY", -5_050),), 0)}


def test_a_wallet_stays_small_and_forgets_nobody_it_could_pay_twice() -> None:
    wallet = Wallet("cus_1")
    for number in range(1, 603):
        wallet.deliver(f"ord_{number:04}", 100, NOW, EARNING)
    assert (len(wallet.orders), len(wallet.entries), wallet.balance) == (500, 500, 602)
    assert wallet.deliver("ord_0001", 100, NOW, EARNING) is None
    assert wallet.refund("ord_0002", Refund("adj_1", 100, NOW), "CNY", EARNING) is None
    assert wallet.balance == 602


ORDERS = st.sampled_from([f"ord_{number}" for number in range(4)])
STEPS = st.one_of(
    st.tuples(st.just("deliver"), ORDERS, st.integers(0, 30_000)),
    st.tuples(st.just("refund"), ORDERS, st.integers(1, 20_000)),
    st.tuples(st.just("spend"), ORDERS, st.integers(1, 300)),
    st.tuples(st.just("give_back"), ORDERS, st.just(0)),
    st.tuples(st.just("wait"), ORDERS, st.integers(1, 200)),
)


@settings(deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_balance_lots_and_ledger_always_agree(steps: list[tuple[str, str, int]]) -> None:
    wallet, now = Wallet("cus_1"), NOW
    for number, (what, order_id, amount) in enumerate(steps):
        wallet.expire(now)
        try:
            if what == "deliver":
                wallet.deliver(order_id, amount, now, EARNING)
            elif what == "refund":
                wallet.refund(order_id, Refund(f"adj_{number}", amount, now), "CNY", EARNING)
            elif what == "spend":
                wallet.spend(order_id, amount, now)
            elif what == "give_back":
                wallet.give_back(order_id, now)
            else:
                now += timedelta(days=amount)
        except (PointsShort, PointsReturned, PointsSpent):
            pass
        assert adds_up(wallet)
