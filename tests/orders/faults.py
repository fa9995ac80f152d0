"""This is where a test says where orders' neighbours fail or hang."""

import asyncio

from shop.type.v1 import money_pb2


class Faults:
    """Where to fail (an exception) or hang (an event, set when it is reached): once, or for good."""

    def __init__(self) -> None:
        self.once: dict[tuple[str, str], Exception | asyncio.Event] = {}
        self.always: dict[tuple[str, str], Exception] = {}

    async def at(self, call: str, when: str) -> None:
        """`when` is `before` or `after` the effect."""
        if (call, when) in self.always:
            raise self.always[call, when]
        planned = self.once.pop((call, when), None)
        if isinstance(planned, asyncio.Event):
            planned.set()
            await asyncio.Event().wait()
        elif planned is not None:
            raise planned


def cny(minor: int) -> money_pb2.Money:
    """So many fen."""
    return money_pb2.Money(currency="CNY", minor=minor)
