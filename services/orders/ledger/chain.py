"""This is where facts become a chain: each entry's hash covers its own words and the hash before it. Pure.

`hash = SHA-256(previous hash ‖ SHA-256(body))`, hex; the body is the entry's canonical JSON (keys sorted, no spaces, UTF-8;
whole numbers and words only), the hash before the first is 64 zeros. Entries are kept many to a block, only because one
write is cheaper than many: the chain runs through all blocks alike, and a block's hash is its last entry's. To show that an
entry was there, its body, the hash before it and the digests of the bodies behind it are enough: no other is disclosed.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact to be written down. `content` is canonical JSON, `about` the orders it concerns."""

    event_id: str
    type: str
    told_at: str
    about: list[str]
    content: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact in its place. `prev` and `hash` are hex."""

    seq: int
    event_id: str
    type: str
    told_at: str
    about: list[str]
    content: str
    prev: str
    hash: str

    def body(self) -> bytes:
        """What its hash covers beside the hash before it."""
        return body(self.seq, self.event_id, self.type, self.told_at, self.about, self.content)

    def digest(self) -> str:
        """SHA-256 of the body, hex."""
        return hashlib.sha256(self.body()).hexdigest()


@dataclass
class Block:
    """Entries written at once; `id` is made of its number, so there is one of each number."""

    id: str
    number: int
    first: int
    last: int
    prev: str
    hash: str
    at: datetime
    entries: list[Entry] = field(default_factory=list)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Tip:
    """Where the chain ends: the last block's number, the last entry's seq and hash."""

    number: int = 0
    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is not as it was written: `altered`, `missing`, `reordered`, `forked`, `truncated`, `rewritten`."""

    seq: int
    kind: str
    text: str


def canonical(thing: object) -> str:
    """Canonical JSON."""
    return json.dumps(thing, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def body(seq: int, event_id: str, kind: str, told_at: str, about: Sequence[str], content: str) -> bytes:
    """The words of an entry, as they are hashed."""
    words = {"about": list(about), "content": content, "event": event_id, "seq": seq, "told_at": told_at, "type": kind}
    return canonical(words).encode()


def linked(prev: str, digest: str) -> str:
    """The hash of an entry whose body has this digest, after that hash."""
    return hashlib.sha256(bytes.fromhex(prev) + bytes.fromhex(digest)).hexdigest()


def block_id(number: int) -> str:
    """Sorts by number."""
    return f"blk_{number:012d}"


def next_block(tip: Tip, facts: Sequence[Noted], at: datetime) -> Block:
    """The block that follows the tip."""
    entries: list[Entry] = []
    prev = tip.hash
    for seq, fact in enumerate(facts, tip.seq + 1):
        digest = hashlib.sha256(body(seq, fact.event_id, fact.type, fact.told_at, fact.about, fact.content)).hexdigest()
        made = linked(prev, digest)
        entries.append(Entry(seq, fact.event_id, fact.type, fact.told_at, fact.about, fact.content, prev, made))
        prev = made
    number = tip.number + 1
    return Block(block_id(number), number, tip.seq + 1, tip.seq + len(facts), tip.hash, prev, at, entries)


def tip_of(block: Block) -> Tip:
    """The chain's end, if this is the last block."""
    return Tip(block.number, block.last, block.hash)


class Checking:
    """Reads blocks in order and finds what is wrong. After a fault it goes on from what is there."""

    def __init__(self, after: Tip) -> None:
        self.tip, self.checked = after, 0
        self.hashes: dict[int, str] = {after.seq: after.hash}  # by seq, of those asked for and the last

    def read(self, blocks: Iterable[Block], asked: frozenset[int] = frozenset()) -> Iterator[Fault]:
        """What is wrong with these blocks, behind those before. Keeps the hashes of the entries `asked` for."""
        for block in blocks:
            yield from self._block(block)
            yield from self._entries(block, asked)
            self.tip = tip_of(block)

    def _block(self, block: Block) -> Iterator[Fault]:
        expected = self.tip.seq + 1
        if block.number != self.tip.number + 1 or block.id != block_id(block.number):
            yield Fault(expected, "missing", f"block {self.tip.number + 1} is not there; block {block.number} follows")
        elif block.first != expected:
            yield Fault(expected, "missing", f"block {block.number} begins with entry {block.first}, not {expected}")
        seqs = [entry.seq for entry in block.entries]
        if sorted(seqs) == list(range(block.first, block.last + 1)) != seqs:
            yield Fault(block.first, "reordered", f"the entries of block {block.number} are out of order")
        elif seqs != list(range(block.first, block.last + 1)):
            yield Fault(block.first, "missing", f"entries of block {block.number} are not there")

    def _entries(self, block: Block, asked: frozenset[int]) -> Iterator[Fault]:
        prev = self.tip.hash
        for entry in block.entries:
            self.checked += 1
            if entry.prev != prev:
                yield Fault(entry.seq, "forked", f"entry {entry.seq} does not follow the one before it")
            if linked(entry.prev, entry.digest()) != entry.hash:
                yield Fault(entry.seq, "altered", f"entry {entry.seq} is not what was written")
            if entry.seq in asked:
                self.hashes[entry.seq] = entry.hash
            prev = entry.hash
        if prev != block.hash:
            yield Fault(block.last, "altered", f"block {block.number} does not end with its last entry")
