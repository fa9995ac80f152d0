"""This is where an order is looked at before it is charged: whoever has something against it adds a screen."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .checkout import Purchase
    from .orders import Order


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a paid order is not sent yet: a coded reason, words for staff, who (empty: the shop itself), and who let it go and
    why. While one that `pauses` stands, the promise to send it stands still: it waits for the customer."""

    reason: str
    text: str
    at: datetime
    released_at: datetime | None = None
    released_by: str = ""
    by: str = ""
    why: str = ""
    pauses: bool = False


# Looks at a frozen order before it is kept; adds to its `holds`, or refuses it. Must bear repeating, and be quick.
Screen = Callable[["Order", "Purchase"], Awaitable[None]]


class Screens:
    """All that have something to say; asked one after the other."""

    def __init__(self) -> None:
        self.all: list[Screen] = []

    async def look(self, order: "Order", purchase: "Purchase") -> None:
        """Refuses with whatever a screen refuses."""
        for screen in self.all:
            await screen(order, purchase)


def standing(holds: Sequence[Hold]) -> list[Hold]:
    """Those nobody has let go."""
    return [hold for hold in holds if hold.released_at is None]
