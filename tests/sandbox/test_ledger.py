"""This is where the provider's books prove that they add up, without HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.sandbox.psp.ledger import Ledger
from deploy.sandbox.psp.payment import Charge, Payment, Refusal
from deploy.sandbox.psp.tokens import card_of

PRINT = b"one body"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    books = Ledger(":memory:", tells=True)
    yield books
    books.close()


def charge(token: str = "tok_ok", *, capture: bool = True, amount: int = 1000) -> Charge:
    return Charge(amount, "CNY", capture, "ord_1", card_of(token))


def paid(ledger: Ledger, key: str = "k", wanted: Charge | None = None) -> Payment:
    return ledger.payment(ledger.charge(key, PRINT, wanted or charge()).body["id"])


def kinds(ledger: Ledger) -> list[str]:
    return [entry["kind"] for entry in ledger.entries()]


def test_the_same_key_again_answers_the_same_and_moves_no_money(ledger: Ledger) -> None:
    first, again = ledger.charge("k", PRINT, charge()), ledger.charge("k", PRINT, charge())
    assert not first.replayed
    assert again.replayed
    assert again.body == first.body
    assert kinds(ledger) == ["authorise", "capture"]


def test_the_same_key_with_another_body_is_refused(ledger: Ledger) -> None:
    ledger.charge("k", PRINT, charge())
    with pytest.raises(Refusal) as refused:
        ledger.charge("k", b"another", charge())
    assert (refused.value.status, refused.value.code) == (422, "key_reused")


def test_a_declined_card_leaves_only_a_decline_in_the_books(ledger: Ledger) -> None:
    payment = paid(ledger, wanted=charge("tok_insufficient_funds"))
    assert (payment.status, payment.decline_code, payment.captured) == ("declined", "insufficient_funds", 0)
    assert kinds(ledger) == ["decline"]


def test_an_authorisation_is_captured_once_and_then_cannot_be_voided(ledger: Ledger) -> None:
    payment = paid(ledger, wanted=charge(capture=False))
    assert (payment.status, payment.captured) == ("authorised", 0)
    assert ledger.capture(payment.id) == ledger.capture(payment.id)
    with pytest.raises(Refusal) as refused:
        ledger.void(payment.id)
    assert refused.value.status == 409
    assert kinds(ledger) == ["authorise", "capture"]


def test_a_void_happens_once_and_nothing_is_captured_after_it(ledger: Ledger) -> None:
    payment = paid(ledger, wanted=charge(capture=False))
    assert ledger.void(payment.id) == ledger.void(payment.id)
    with pytest.raises(Refusal):
        ledger.capture(payment.id)
    assert kinds(ledger) == ["authorise", "void"]


def test_refunds_never_exceed_what_was_captured(ledger: Ledger) -> None:
    payment = paid(ledger)
    ledger.refund("r1", PRINT, payment.id, 600)
    with pytest.raises(Refusal) as refused:
        ledger.refund("r2", PRINT, payment.id, 401)
    assert (refused.value.status, refused.value.code) == (409, "over_refund")
    assert ledger.refund("r1", PRINT, payment.id, 600).replayed
    ledger.refund("r2", PRINT, payment.id, 400)  # a refused key was not used up
    assert ledger.payment(payment.id).refunded == 1000


def test_nothing_is_refunded_of_what_was_not_captured(ledger: Ledger) -> None:
    payment = paid(ledger, wanted=charge(capture=False))
    with pytest.raises(Refusal) as refused:
        ledger.refund("r", PRINT, payment.id, 1)
    assert refused.value.code == "not_captured"


def test_a_confirmation_charges_once_and_a_refusal_declines(ledger: Ledger) -> None:
    agreed, refused = (paid(ledger, key, charge("tok_3ds")) for key in ("a", "b"))
    assert agreed.status == "requires_confirmation"
    assert ledger.confirm(agreed.id).status == "captured"
    assert ledger.confirm(agreed.id, agreed=False).status == "captured"
    assert ledger.confirm(refused.id, agreed=False).decline_code == "confirmation_refused"
    assert ledger.confirm(refused.id).status == "declined"
    assert kinds(ledger) == ["authorise", "capture", "decline"]


def test_a_voided_confirmation_cannot_be_confirmed(ledger: Ledger) -> None:
    payment = paid(ledger, wanted=charge("tok_3ds"))
    ledger.void(payment.id)
    with pytest.raises(Refusal):
        ledger.confirm(payment.id)


def test_only_what_no_answer_told_is_told_by_webhook(ledger: Ledger) -> None:
    payment = paid(ledger)
    assert ledger.next_webhook_at() is None
    paid(ledger, "lost", charge("tok_timeout_captured"))
    ledger.refund("r", PRINT, payment.id, 1)
    bodies = [body for _, body, _ in ledger.webhooks_due(1e12)]
    assert [body.split(b'"')[3] for body in bodies] == [b"payment.captured", b"payment.refunded"]


def test_the_books_and_the_keys_outlive_a_restart(tmp_path: Path) -> None:
    before = Ledger(str(tmp_path / "new" / "psp.sqlite"))
    first = before.charge("k", PRINT, charge())
    before.close()
    after = Ledger(str(tmp_path / "new" / "psp.sqlite"))
    assert after.charge("k", PRINT, charge()).body == first.body
    assert [payment.id for payment in after.payments_of("ord_1")] == [first.body["id"]]
    assert len(after.entries(since=1)) == 1
    after.close()


def test_no_token_is_kept(tmp_path: Path) -> None:
    books = Ledger(str(tmp_path / "psp.sqlite"))
    books.charge("k", PRINT, charge("4242424242424242"))
    books.close()
    assert not any(b"4242424242424242" in path.read_bytes() for path in tmp_path.iterdir())
