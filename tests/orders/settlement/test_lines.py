"""This is where a row is read and compared, without a server."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sandbox.psp.settlements import COLUMNS, settlement_file
from services.orders.orders import Adjustment, Order
from services.orders.settlement.lines import NEEDED, Entry, Outcome, Row, compared, key_of, read
from services.orders.settlement.payouts import added

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CELLS = {
    "line_id": "stl-1",
    "type": "capture",
    "payment_id": "pay_1",
    "reference": "ord_1",
    "key": "ord_1",
    "amount_minor": "1600",
    "fee_minor": "10",
    "currency": "CNY",
    "occurred_at": "2026-11-22T12:00:00Z",
    "payout_id": "po-1",
    "payout_at": "2026-11-23T00:00:00Z",
}


def row(**change: str) -> Row:
    """A row with something changed."""
    return read("stl_1", "sandbox", 2, CELLS | change, "")


def test_a_row_says_what_it_claims() -> None:
    good = row()
    assert (good.uid, good.claim, good.order_id) == ("sandbox:stl-1", "capture:ord_1", "ord_1")
    assert row(key="").claim == "capture:ord_1"
    assert row(reference="ord_1-balance", key="ord_1-balance").order_id == "ord_1"


@pytest.mark.parametrize(
    "change",
    [
        {"type": "gift"},
        {"line_id": ""},
        {"amount_minor": "16.00"},
        {"amount_minor": "1" * 14},
        {"fee_minor": "x"},
        {"currency": "yuan"},
        {"occurred_at": "yesterday"},
        {"occurred_at": ""},
        {"key": "a b"},
        {"reference": "x" * 129},
    ],
)
def test_a_row_that_cannot_be_read_says_why(change: dict[str, str]) -> None:
    broken = row(**change)
    assert broken.outcome == "broken"
    assert broken.problem


@pytest.mark.parametrize(
    ("entry", "change", "outcome"),
    [
        ((1600, "CNY"), {}, Outcome.MATCHED),
        (None, {}, Outcome.MISSING_HERE),
        ((1599, "CNY"), {}, Outcome.AMOUNT_DIFFERS),
        ((1600, "USD"), {}, Outcome.CURRENCY_DIFFERS),
        ((1600, "CNY"), {"fee_minor": "11"}, Outcome.FEE_DIFFERS),
    ],
)
def test_a_row_is_compared_to_the_cent(entry: tuple[int, str] | None, change: dict[str, str], outcome: Outcome) -> None:
    ours = Entry("sandbox", entry[0], entry[1], NOON) if entry else None
    assert compared(row(**change), ours, 60)[0] is outcome
    assert compared(row(fee_minor="11"), Entry("sandbox", 1600, "CNY", NOON), -1)[0] is Outcome.MATCHED


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 10**7), st.integers(0, 10**5)), max_size=30))
def test_payouts_add_up_to_their_lines_and_to_what_the_provider_states(moves: list[tuple[bool, int, int]]) -> None:
    entries = [
        {
            "seq": number,
            "kind": "capture" if taken else "refund",
            "amount_minor": amount,
            "currency": "CNY",
            "at": (NOON + timedelta(seconds=later)).timestamp(),
            "payment_id": "pay_1",
            "reference": "ord_1",
            "key": f"k{number}",
        }
        for number, (taken, amount, later) in enumerate(moves)
    ]
    header, *lines = settlement_file(entries).splitlines()
    assert tuple(header.split(",")) == COLUMNS
    assert set(NEEDED) <= set(COLUMNS)
    rows = [
        read("stl_1", "sandbox", n, dict(zip(COLUMNS, line.split(","), strict=True)), "")
        for n, line in enumerate(lines, 2)
    ]
    assert not [each.problem for each in rows if each.problem]
    payouts: dict[str, object] = {}
    added(payouts, rows, "sandbox")  # type: ignore[arg-type]
    for payout in payouts.values():
        assert payout.stated_minor == payout.net_minor  # type: ignore[attr-defined]
    net = sum(a if taken else -a for taken, a, _ in moves) - sum(r.fee_minor for r in rows)
    assert sum(p.net_minor for p in payouts.values()) == net  # type: ignore[attr-defined]


def test_every_refund_is_known_by_what_the_provider_was_asked_with() -> None:
    def given(reason: str, return_id: str = "", key: str = "") -> Adjustment:
        return Adjustment("adj_1", "refund", -100, reason, NOON, [], return_id, key)

    order = cast(Order, SimpleNamespace(id="ord_1"))
    assert key_of(order, given("damaged", "ret_1", "ret_1:credit")) == "ret_1:credit"
    assert key_of(order, given("damaged", "ret_1")) == "ret_1"
    assert key_of(order, given("cancelled")) == "ord_1:cancel"
    assert key_of(order, given("goodwill")) == ""
