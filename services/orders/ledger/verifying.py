"""This is where the ledger is verified: from any entry on, against the head and what was noted before."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from services.kit.errors import FieldError, Invalid

from .chain import GENESIS, Block, Checking, Fault, Tip, tip_of

USUAL, MOST = 20_000, 100_000
_FAULTS = 100


class InvalidVerification(Invalid):
    """No such range, or a hash that is none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """From which entry on, how many at most, and a head somebody wrote down before (seq 0: none)."""

    first: int = 1
    most: int = USUAL
    known_seq: int = 0
    known_hash: str = ""

    def check(self) -> None:
        """Refuses with INVALID_VERIFICATION."""
        faults = []
        if self.first < 1:
            faults.append(FieldError("/from", "1 at the least"))
        if not 1 <= self.most <= MOST:
            faults.append(FieldError("/limit", f"1 to {MOST}"))
        if self.known_seq < 0 or (self.known_seq > 0) != bool(self.known_hash):
            faults.append(FieldError("/known_seq", "with known_hash, from 1 on"))
        if faults:
            raise InvalidVerification("this cannot be verified", errors=faults)


@dataclass
class Verdict:
    """What was found: `checked` entries from `first` to `last`; `next` is where to go on, 0 at the end."""

    first: int
    last: int
    checked: int
    head: Tip
    next: int = 0
    faults: list[Fault] = field(default_factory=list)


Blocks = Callable[[int, int], Awaitable[list[Block]]]  # from this number on, so many


class Verifying:
    """Reads the chain and says what is wrong with it."""

    def __init__(
        self,
        blocks: Blocks,
        holding: Callable[[int], Awaitable[Block | None]],
        head: Callable[[], Awaitable[Tip]],
        batch: int = 100,
    ) -> None:
        self._blocks, self._holding, self._head, self._batch = blocks, holding, head, batch

    async def verify(self, wanted: Wanted) -> Verdict:
        """Refuses with INVALID_VERIFICATION. Reads whole blocks, so it may look at a few more than were asked for."""
        wanted.check()
        head = await self._head()  # before the chain: what is appended meanwhile lies behind it
        after = await self._before(wanted.first)
        checking, faults, more = Checking(after), list[Fault](), True
        asked = frozenset({head.seq, wanted.known_seq})
        number = after.number + 1
        while more and checking.checked < wanted.most:
            blocks = await self._blocks(number, self._batch)
            faults.extend(checking.read(blocks, asked))
            more = len(blocks) == self._batch
            number = checking.tip.number + 1
        faults += self._against(checking, head, wanted, over=not more)
        first = after.seq + 1
        going_on = checking.tip.seq + 1 if more else 0
        return Verdict(first, checking.tip.seq, checking.checked, head, going_on, faults[:_FAULTS])

    async def _before(self, first: int) -> Tip:
        """The end of the block before the one that holds an entry."""
        holding = await self._holding(first) if first > 1 else None
        if holding is None or holding.number == 1:
            return Tip()
        before = await self._blocks(holding.number - 1, 1)
        if before and before[0].number == holding.number - 1:
            return tip_of(before[0])
        return Tip(holding.number - 1, holding.first - 1, holding.prev)

    def _against(self, checking: Checking, head: Tip, wanted: Wanted, *, over: bool) -> list[Fault]:
        """What the head, and what somebody noted, say of the entries that were read."""
        noted = [(head.seq, head.hash, "the head"), (wanted.known_seq, wanted.known_hash, "what was noted")]
        faults = []
        for seq, digest, who in noted:
            found = checking.hashes.get(seq)
            if seq and found is not None and found != digest:
                faults.append(Fault(seq, "rewritten", f"entry {seq} is another than {who} says"))
            elif over and seq > checking.tip.seq:
                faults.append(Fault(checking.tip.seq + 1, "truncated", f"{who} reaches to entry {seq}"))
        if over and not checking.tip.seq and head.hash != GENESIS:
            faults.append(Fault(1, "truncated", "the ledger is empty, but was not"))
        return faults
