"""This is where blocks are kept and found; nothing here changes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import IndexModel

from services.kit.errors import AlreadyExists
from services.kit.store import Store

from .chain import GENESIS, Block, Tip, tip_of

HEAD = "head"
_MOST_ABOUT = 500  # blocks that speak of one order
LEDGER = [
    IndexModel([("entries.event_id", 1)], name="once_an_event", unique=True),
    IndexModel([("entries.about", 1)], name="about"),
    IndexModel([("first", 1)], name="by_seq"),
]


@dataclass
class Head:
    """How far the chain has come, noted apart from it: what is cut off its end is missed."""

    id: str
    number: int
    seq: int
    hash: str
    at: datetime
    version: int = 0


class Chain:
    """The ledger's collections."""

    def __init__(self, blocks: Store[Block], heads: Store[Head]) -> None:
        self._blocks, self._heads = blocks, heads

    async def begin(self, at: datetime) -> None:
        """Notes that there is a ledger, or how far it has come: a crash may have left the head behind."""
        try:
            await self._heads.insert(Head(HEAD, 0, 0, GENESIS, at))
        except AlreadyExists:
            if last := await self._last():
                await self.head(last)

    async def tip(self) -> Tip:
        """Where the chain ends."""
        last = await self._last()
        return tip_of(last) if last else Tip()

    async def _last(self) -> Block | None:
        found = await self._blocks.find({"_id": {"$gt": ""}}, sort=[("_id", -1)], limit=1)
        return found[0] if found else None

    async def known(self, event_ids: Sequence[str]) -> set[str]:
        """Those of these events that are written down."""
        where = {"entries.event_id": {"$in": list(event_ids)}}
        blocks = await self._blocks.find(where, limit=max(1, len(event_ids)))
        return {entry.event_id for block in blocks for entry in block.entries}

    async def add(self, block: Block) -> None:
        """Keeps a block, or refuses with `AlreadyExists`."""
        await self._blocks.insert(block)

    async def head(self, block: Block) -> None:
        """The head follows; never back."""
        reached = {"number": block.number, "seq": block.last, "hash": block.hash, "at": block.at}
        await self._heads.change({"_id": HEAD, "seq": {"$lt": block.last}}, {"$set": reached})

    async def noted_head(self) -> Head | None:
        """The head, as it was noted."""
        return await self._heads.get(HEAD)

    async def noted_tip(self) -> Tip:
        """The head, as an end."""
        head = await self._heads.get(HEAD)
        return Tip(head.number, head.seq, head.hash) if head else Tip()

    async def blocks(self, number: int, limit: int) -> list[Block]:
        """Blocks from a number on."""
        return await self._blocks.find({"_id": {"$gte": f"blk_{number:012d}"}}, limit=limit)

    async def holding(self, seq: int) -> Block | None:
        """The block an entry is in."""
        found = await self._blocks.find({"first": {"$lte": seq}}, sort=[("first", -1)], limit=1)
        return found[0] if found else None

    async def about(self, order_id: str) -> list[Block]:
        """The blocks that speak of an order."""
        return await self._blocks.find({"entries.about": order_id}, limit=_MOST_ABOUT)
