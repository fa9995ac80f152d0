"""This is where a payment and what can be said about it are defined. Pure."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from deploy.sandbox.psp.tokens import Card


class Refusal(Exception):
    """The provider says no: an HTTP status, a code for programs and a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Payment:
    """A payment; amounts in minor units. `captured` and `released` never exceed `amount`, `refunded` never `captured`."""

    id: str
    reference: str
    status: str
    decline_code: str
    amount: int
    currency: str
    capture: bool
    captured: int = 0
    refunded: int = 0
    released: int = 0

    @property
    def left(self) -> int:
        """Authorised, and neither taken nor let go."""
        return self.amount - self.captured - self.released

    def shown(self) -> dict[str, Any]:
        """As merchants see it, but for the confirm_url, which depends on where they came in."""
        shown: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "amount_minor": self.amount,
            "currency": self.currency,
            "captured_minor": self.captured,
            "refunded_minor": self.refunded,
            "reference": self.reference,
        }
        if self.released:
            shown["released_minor"] = self.released
        return shown | {"decline_code": self.decline_code} if self.decline_code else shown


@dataclass(frozen=True, slots=True)
class Charge:
    """What a merchant asks for."""

    amount: int
    currency: str
    capture: bool
    reference: str
    card: Card = field(default_factory=Card)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a keyed call answers, and whether it did so before."""

    body: dict[str, Any]
    replayed: bool = False


def fingerprint_of(secret: str, *parts: object) -> bytes:
    """Tells bodies apart without keeping them: keyed, since a token may be a card number sent by mistake."""
    return hashlib.blake2b(repr(parts).encode(), key=secret.encode()[:64], digest_size=16).digest()
