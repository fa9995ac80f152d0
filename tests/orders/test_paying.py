"""This is where it is said in one word where the money of an order is: never more than is in, never what is not gone."""

from hypothesis import given
from hypothesis import strategies as st

from services.orders.paying import Capture, Paying, state_of

TOTAL = 100
steps = st.lists(
    st.tuples(st.sampled_from(["capture", "void", "done", "failed"]), st.integers(1, TOTAL)), min_size=1, max_size=12
)


def words(asked: list[tuple[str, int]], method: str) -> list[tuple[str, int, int]]:
    """The word after each step of an authorised payment, with what is captured and what is let go by then."""
    paying = Paying(method, Capture.SHIPMENT, authorised_minor=TOTAL)
    captured, pending, found = 0, list[tuple[str, int]](), list[tuple[str, int, int]]()
    for what, much in asked:
        if what in ("capture", "void"):
            minor = min(much, paying.left_minor) if what == "capture" else paying.left_minor
            if minor:
                paying.claimed_minor += minor
                pending.append((what, minor))
        elif pending:
            kind, minor = pending.pop(0)
            if what == "failed":
                paying.claimed_minor -= minor
            elif kind == "capture":
                captured += minor
            else:
                paying.voided_minor += minor
        word = state_of("paid", paying, captured, 0, TOTAL)
        found.append((word, captured, paying.voided_minor))
    return found


@given(steps, st.sampled_from(["card", "cod"]))
def test_the_word_is_true_at_every_moment(asked: list[tuple[str, int]], method: str) -> None:
    taken, waits = ("collected", "to_collect") if method == "cod" else ("captured", "authorised")
    for word, captured, voided in words(asked, method):
        if captured:
            assert word == (taken if captured + voided == TOTAL else f"partially_{taken}")
        else:
            assert word == ("voided" if voided == TOTAL else waits)


def test_what_is_on_its_way_is_not_in() -> None:
    asked = [("capture", 40), ("done", 1), ("capture", 60), ("done", 1)]
    assert [word for word, _, _ in words(asked, "card")] == [
        "authorised",
        "partially_captured",
        "partially_captured",
        "captured",
    ]


def test_a_deposit_is_a_part_until_the_balance_is_in() -> None:
    paying = Paying("card", Capture.PAYMENT, first_minor=30)
    assert [state_of("paid", paying, minor, 0, TOTAL) for minor in (30, TOTAL)] == ["partially_captured", "captured"]
