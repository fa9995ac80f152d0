"""This is where money moves: payments, refunds and the ledger of all that was done, in SQLite, without HTTP.

Every method that moves money is one short transaction in which the idempotency key, the payment, the ledger entry and
the webhook to send are written together; none of them awaits, so calls in one process are one after another by nature.
"""

import contextlib
import secrets
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from deploy.sandbox.psp.payment import Answer, Charge, Payment, Refusal

_TABLES = """
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, status TEXT NOT NULL, decline_code TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, capture INTEGER NOT NULL,
    captured INTEGER NOT NULL, refunded INTEGER NOT NULL, released INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS payments_of_reference ON payments (reference);
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, payment TEXT NOT NULL,
    reference TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, key TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS ledger_of_payment ON ledger (payment);
CREATE TABLE IF NOT EXISTS keys (
    key TEXT PRIMARY KEY, fingerprint BLOB NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS webhooks (
    id TEXT PRIMARY KEY, body BLOB NOT NULL, attempts INTEGER NOT NULL, due REAL);
CREATE INDEX IF NOT EXISTS webhooks_by_due ON webhooks (due) WHERE due IS NOT NULL;
"""
_PAYMENT = "id, reference, status, decline_code, amount, currency, capture, captured, refunded, released"
# What books of an earlier version lack.
_ADDED = (
    ("payments", "released", "INTEGER NOT NULL DEFAULT 0"),
    ("ledger", "key", "TEXT NOT NULL DEFAULT ''"),
)
_ENTRY = ("seq", "at", "kind", "payment_id", "reference", "amount_minor", "currency", "key")


class Ledger:
    """The provider's books. `tells` is whether outcomes are told by webhook."""

    def __init__(self, path: str, *, tells: bool = False) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._tells = tells
        self._db = sqlite3.connect(path, isolation_level=None, cached_statements=64)
        # WAL with NORMAL outlives the death of this process at any moment; only the machine's may cost the last writes.
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _TABLES)
        for table, column, kind in _ADDED:
            if column not in {row[1] for row in self._db.execute(f"PRAGMA table_info({table})")}:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def close(self) -> None:
        """Closes the books."""
        self._db.close()

    def charge(self, key: str, fingerprint: bytes, charge: Charge) -> Answer:
        """Charges once a key. Refuses with 422 key_reused when the key came with another fingerprint."""
        with self._once(f"charge {key}", fingerprint) as kept:
            if kept.answer:
                return kept.answer
            card = charge.card
            payment = Payment(
                _new_id("pay"), charge.reference, "", card.decline_code, charge.amount, charge.currency, charge.capture
            )
            if card.decline_code:
                self._decline(payment, card.decline_code)
            elif card.needs_confirmation:
                payment.status = "requires_confirmation"
            else:
                self._authorise(payment)
            row = tuple(asdict(payment).values())
            self._db.execute(f"INSERT INTO payments ({_PAYMENT}) VALUES (?,?,?,?,?,?,?,?,?,?)", row)
            if card.loses_the_answer:
                self._tell(payment)
            return kept.keep(payment.shown())

    def payment(self, payment_id: str) -> Payment:
        """Refuses with 404 not_found."""
        row = self._db.execute(f"SELECT {_PAYMENT} FROM payments WHERE id = ?", (payment_id,)).fetchone()
        if row is None:
            raise Refusal(404, "not_found", "there is no such payment")
        return _payment(row)

    def payments_of(self, reference: str) -> list[Payment]:
        """A reference's payments, oldest first."""
        query = f"SELECT {_PAYMENT} FROM payments WHERE reference = ? ORDER BY rowid"
        return [_payment(row) for row in self._db.execute(query, (reference,))]

    def capture(self, payment_id: str, amount: int = 0, key: str = "") -> Payment:
        """Takes what was authorised, or `amount` of it, once a key; without a key all that is left, and again changes
        nothing. Refuses with 409 wrong_state, 409 over_capture."""
        if key and self._has(payment_id, "capture", key):
            return self.payment(payment_id)
        with self._changed(payment_id, "captured", {"authorised"}) as payment:
            if amount > payment.left or (key and not payment.left):
                raise Refusal(409, "over_capture", f"only {payment.left} of {payment.amount} are left to take")
            if payment.left:
                self._capture(payment, amount or payment.left, key)
        return payment

    def void(self, payment_id: str, key: str = "") -> Payment:
        """Lets go of what was not captured; again changes nothing."""
        with self._changed(payment_id, "voided", {"authorised", "requires_confirmation", "captured"}) as payment:
            if payment.status == "captured" and not payment.left:
                if payment.released:
                    return payment
                raise Refusal(409, "wrong_state", "the payment is captured")
            if payment.status != "voided":
                released = payment.left
                payment.released += released
                payment.status = "captured" if payment.captured else "voided"
                self._enter("void", payment, released, key)
        return payment

    def confirm(self, payment_id: str, *, agreed: bool = True) -> Payment:
        """The customer agrees (the charge goes on) or does not (it is declined); again changes nothing."""
        if self.payment(payment_id).status in {"captured", "authorised", "declined"}:
            return self.payment(payment_id)
        with self._changed(payment_id, "", {"requires_confirmation"}) as payment:
            if agreed:
                self._authorise(payment)
            else:
                self._decline(payment, "confirmation_refused")
            self._tell(payment)
        return payment

    def refund(self, key: str, fingerprint: bytes, payment_id: str, amount: int, *, desk: bool = False) -> Answer:
        """Gives back once a key; what is done at the `desk` shows none. Refuses with 409 not_captured, 409 over_refund,
        422 key_reused."""
        with self._once(f"refund {key}", fingerprint) as kept:
            if kept.answer:
                return kept.answer
            payment = self.payment(payment_id)
            if payment.status != "captured":
                raise Refusal(409, "not_captured", f"a payment that is {payment.status} has nothing to give back")
            if amount > payment.captured - payment.refunded:
                left = payment.captured - payment.refunded
                raise Refusal(409, "over_refund", f"only {left} of {payment.captured} are left to give back")
            payment.refunded += amount
            self._db.execute("UPDATE payments SET refunded = ? WHERE id = ?", (payment.refunded, payment_id))
            self._enter("refund", payment, amount, "" if desk else key)
            refund = {"id": _new_id("rfd"), "payment_id": payment_id, "amount_minor": amount, "status": "refunded"}
            refund["key"] = "" if desk else key
            self._tell(payment, "refunded", refund)
            return kept.keep(refund)

    def tell(self, payment_id: str, what: str) -> None:
        """Tells by webhook what somebody did at the provider's own desk."""
        with self._transaction():
            self._tell(self.payment(payment_id), what)

    def entries(self, since: int = 0, limit: int = -1) -> list[dict[str, Any]]:
        """What was done after entry `since`, oldest first; all of it unless limited."""
        return self._entries("seq > ? ORDER BY seq LIMIT ?", since, limit)

    def movements(self, payment_id: str) -> list[dict[str, Any]]:
        """All that was done with a payment, oldest first, each with the key it was asked with."""
        return self._entries("payment = ? ORDER BY seq", payment_id)

    def between(self, begin: float, end: float) -> list[dict[str, Any]]:
        """The money that moved from `begin` until before `end`, oldest first."""
        return self._entries("at >= ? AND at < ? AND kind IN ('capture', 'refund') ORDER BY seq", begin, end)

    def _entries(self, where: str, *values: object) -> list[dict[str, Any]]:
        query = f"SELECT seq, at, kind, payment, reference, amount, currency, key FROM ledger WHERE {where}"
        return [dict(zip(_ENTRY, row, strict=True)) for row in self._db.execute(query, values)]

    def _has(self, payment_id: str, kind: str, key: str) -> bool:
        return any(entry["kind"] == kind and entry["key"] == key for entry in self.movements(payment_id))

    def webhooks_due(self, now: float, limit: int = 16) -> list[tuple[str, bytes, int]]:
        """(id, body, attempts so far) of webhooks whose time has come."""
        query = "SELECT id, body, attempts FROM webhooks WHERE due <= ? ORDER BY due LIMIT ?"
        return self._db.execute(query, (now, limit)).fetchall()

    def next_webhook_at(self) -> float | None:
        """When the next webhook is due; None when none waits."""
        due: float | None = self._db.execute("SELECT min(due) FROM webhooks WHERE due IS NOT NULL").fetchone()[0]
        return due

    def webhook_delivered(self, webhook_id: str) -> None:
        """It need not be sent again."""
        self._db.execute("DELETE FROM webhooks WHERE id = ?", (webhook_id,))

    def webhook_failed(self, webhook_id: str, due: float | None) -> None:
        """It is tried again at `due`; never again for None, but stays to be looked at."""
        self._db.execute("UPDATE webhooks SET attempts = attempts + 1, due = ? WHERE id = ?", (due, webhook_id))

    def _authorise(self, payment: Payment) -> None:
        payment.status = "authorised"
        self._enter("authorise", payment, payment.amount)
        if payment.capture:
            self._capture(payment, payment.amount, payment.reference)

    def _capture(self, payment: Payment, amount: int, key: str) -> None:
        payment.status, payment.captured = "captured", payment.captured + amount
        self._enter("capture", payment, amount, key)

    def _decline(self, payment: Payment, code: str) -> None:
        payment.status, payment.decline_code = "declined", code
        self._enter("decline", payment, payment.amount)

    def _enter(self, kind: str, payment: Payment, amount: int, key: str = "") -> None:
        row = (time.time(), kind, payment.id, payment.reference, amount, payment.currency, key)
        self._db.execute(
            "INSERT INTO ledger (at, kind, payment, reference, amount, currency, key) VALUES (?,?,?,?,?,?,?)", row
        )

    def _tell(self, payment: Payment, what: str = "", refund: dict[str, Any] | None = None) -> None:
        if not self._tells:
            return
        now = time.time()
        told: dict[str, Any] = {"type": f"payment.{what or payment.status}", "at": now, "payment": payment.shown()}
        body = msgspec.json.encode(told | {"refund": refund} if refund else told)
        self._db.execute("INSERT INTO webhooks VALUES (?,?,0,?)", (_new_id("msg"), body, now))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _once(self, key: str, fingerprint: bytes) -> Iterator["_Once"]:
        with self._transaction():
            row = self._db.execute("SELECT fingerprint, answer FROM keys WHERE key = ?", (key,)).fetchone()
            if row and row[0] != fingerprint:
                raise Refusal(422, "key_reused", "this Idempotency-Key came with another body before")
            once = _Once(Answer(msgspec.json.decode(row[1]), replayed=True) if row else None)
            yield once
            if once.kept is not None:
                answer = msgspec.json.encode(once.kept)
                self._db.execute("INSERT INTO keys VALUES (?,?,?)", (key, fingerprint, answer))

    @contextlib.contextmanager
    def _changed(self, payment_id: str, goal: str, from_states: set[str]) -> Iterator[Payment]:
        with self._transaction():
            payment = self.payment(payment_id)
            if payment.status not in {goal, *from_states}:
                raise Refusal(409, "wrong_state", f"the payment is {payment.status}")
            yield payment
            row = (payment.status, payment.decline_code, payment.captured, payment.released, payment_id)
            self._db.execute(
                "UPDATE payments SET status = ?, decline_code = ?, captured = ?, released = ? WHERE id = ?", row
            )


class _Once:
    """The answer a key has, or gets."""

    def __init__(self, answer: Answer | None) -> None:
        self.answer = answer
        self.kept: dict[str, Any] | None = None

    def keep(self, body: dict[str, Any]) -> Answer:
        """This is the key's answer from now on."""
        self.kept = body
        return Answer(body)


def _new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(13)}"


def _payment(row: tuple[Any, ...]) -> Payment:
    payment = Payment(*row)
    payment.capture = bool(payment.capture)
    return payment
