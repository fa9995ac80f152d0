"""This is where the head, which is noted apart, follows the chain: a moment later, once for all blocks of that moment.

Until then the chain reaches further than the head, which is how it is after a crash as well; who asks for the head here, or
starts anew, catches up first.
"""

import asyncio
import logging
from typing import Protocol

from .chain import Block, Tip

log = logging.getLogger(__name__)
_LATER_S = 0.25


class Heads(Protocol):
    """Where the head is noted."""

    async def head(self, block: Block) -> None:
        """The head follows; never back."""
        ...

    async def noted_tip(self) -> Tip:
        """The head, as an end."""
        ...


class Heading:
    """Lets the head follow what this process writes."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._reached: Block | None = None
        self._following: asyncio.Task[None] | None = None
        self._noting = asyncio.Lock()

    def to(self, block: Block) -> None:
        """The chain reaches to this block; it may be said after a later one."""
        if self._reached is None or block.number > self._reached.number:
            self._reached = block
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        await asyncio.sleep(_LATER_S)
        await self._tried()

    async def catch_up(self) -> None:
        """The head is where the chain is, as far as it was written here."""
        async with self._noting:
            while block := self._reached:
                await self._heads.head(block)
                if block is self._reached:
                    self._reached = None

    async def tip(self) -> Tip:
        """The head, with all that was written here."""
        await self.catch_up()
        return await self._heads.noted_tip()

    async def close(self) -> None:
        """Nothing follows any more."""
        if self._following:
            self._following.cancel()
        await self._tried()

    async def _tried(self) -> None:
        try:
            await self.catch_up()
        except Exception:  # what is away; whatever it is, the chain is kept
            log.warning("the ledger's head stays behind until the next block", exc_info=True)
