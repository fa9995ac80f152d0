"""This is where it stands in a pre-order what is due when, and how far it has come. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """`owing` its balance, `paid` and waiting for its goods, `ready` to be sent, or `closed` for the balance never came."""

    OWING = "owing"
    PAID = "paid"
    READY = "ready"
    CLOSED = "closed"


@dataclass
class Preorder:
    """What makes an order a pre-order. `deposit_minor` is what checkout charges (all of it: no balance is due), `keeps`
    whether the deposit stays with the shop when its customer leaves before the balance; `forfeited` once it does."""

    campaign: str
    stage: Stage
    deposit_minor: int
    ships_from: datetime
    pay_from: datetime | None = None
    pay_until: datetime | None = None
    keeps: bool = False
    forfeited: bool = False
    reminded: bool = False
    next_at: datetime | None = None  # when somebody is to look at it again

    @property
    def owing(self) -> bool:
        """Whether its balance may still come."""
        return self.stage is Stage.OWING

    def begin(self) -> None:
        """Checkout is paid: from now on it is looked after."""
        self.next_at = self.pay_from if self.owing else self.ships_from

    def balance_paid(self) -> None:
        """All of it is paid."""
        if self.owing:
            self.stage, self.next_at = Stage.PAID, self.ships_from


def kept_minor(preorder: Preorder | None, captured: int, refunded: int) -> int:
    """What does not go back when the order is cancelled (minor units): a forfeited deposit, as long as it is no more than
    that. Who has paid the balance gets all of it back."""
    if preorder is None or not preorder.forfeited or preorder.stage in (Stage.PAID, Stage.READY):
        return 0
    return min(captured - refunded, preorder.deposit_minor)
