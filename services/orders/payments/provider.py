"""This is where a payment provider is described; `sandbox.py` is one."""

from dataclasses import dataclass
from typing import Protocol

from services.kit.errors import Conflict, TooLate, Unavailable, WrongState
from services.kit.money import Money


class ProviderAway(Unavailable):
    """The payment provider does not answer; nothing was asked of it."""


class OutcomeUnknown(TooLate):
    """The payment provider did not answer: ask it what it did, never guess."""


class ProviderConflict(Conflict):
    """The payment is in another state than we thought: ask again."""


class ProviderRefused(WrongState):
    """The payment provider did not understand what it was asked, and did nothing."""


class PaymentDeclined(WrongState):
    """No money (metadata: decline_code, order_id)."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the provider sees it, in minor units. `status`: `captured`, `authorised`, `declined`,
    `requires_confirmation` or `voided`."""

    id: str
    status: str
    amount_minor: int
    captured_minor: int = 0
    refunded_minor: int = 0
    decline_code: str = ""
    confirm_url: str = ""
    currency: str = ""
    released_minor: int = 0

    @property
    def left_minor(self) -> int:
        """Authorised, and neither taken nor let go."""
        return self.amount_minor - self.captured_minor - self.released_minor

    def takes(self, amount: Money) -> bool:
        """Whether it is for this amount, all of it; a provider that does not say its currency is believed."""
        whole = self.status != "captured" or self.captured_minor == amount.minor
        return whole and self.amount_minor == amount.minor and self.currency in ("", amount.currency)


@dataclass(frozen=True, slots=True)
class Moved:
    """Money the provider moved: `kind` is `capture`, `void` or `refund`; `key` is what we asked it with, empty when somebody
    did it by hand in the provider's own back office. `id` is the provider's, and rises."""

    id: str
    kind: str
    key: str
    minor: int
    currency: str


class Provider(Protocol):
    """Takes money and gives it back. Each call raises PROVIDER_AWAY or OUTCOME_UNKNOWN, and is safe to repeat."""

    async def charge(self, reference: str, amount: Money, token: str, *, capture: bool = True) -> Payment:
        """Authorises, and captures unless told not to, once a reference."""
        ...

    async def find(self, reference: str) -> Payment | None:
        """The payment of a reference, or None when there is none for certain."""
        ...

    async def capture(self, payment_id: str, minor: int = 0, key: str = "") -> Payment:
        """Takes what was authorised, or so much of it once a key. Refuses with PROVIDER_CONFLICT."""
        ...

    async def confirm(self, payment_id: str) -> Payment:
        """Goes on with what the customer has confirmed. Refuses with PROVIDER_CONFLICT."""
        ...

    async def void(self, payment_id: str, key: str = "") -> None:
        """Lets go of what was not captured; of what is let go already, nothing. Refuses with PROVIDER_CONFLICT."""
        ...

    async def refund(self, payment_id: str, minor: int, key: str) -> None:
        """Gives back, once a key. Refuses with PROVIDER_CONFLICT when more would go back than came."""
        ...

    async def movements(self, payment_id: str) -> list[Moved]:
        """All it did with a payment, oldest first: what a lost answer would have said."""
        ...
