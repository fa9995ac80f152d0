"""This is where public catalogue answers are kept ready: bytes by query, fresh for less than a second.

What catalog tells of a change drops everything at once. When catalog is away the last answer is shown, and says its age.
"""

import asyncio
import hashlib
import time
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache

import zstandard

from services.kit.errors import TooLate, Unavailable

FRESH_S = 0.9  # a price change is seen within a second even if its event is lost
_STALE_S = 600.0
_ROOM = 2_048
_BYTES = 32 * 1024 * 1024
WORTH_BYTES = 1_024
_SHORT_BYTES = 4_096
_ACCEPT = 500  # characters of Accept-Encoding that are looked at
_ZSTD = zstandard.ZstdCompressor(level=1)  # one loop, one call at a time

# Makes an answer's bytes, and what its ETag begins with.
Fetch = Callable[[], Awaitable[tuple[bytes, str]]]


@dataclass(slots=True)
class Kept:
    """A ready answer."""

    body: bytes
    etag: bytes
    at: float
    generation: int
    packed: dict[str, bytes] = field(default_factory=dict)

    def bytes_for(self, coding: str) -> bytes:
        """The body in a content coding (`zstd`, `gzip` or empty), packed once."""
        if not coding:
            return self.body
        if coding not in self.packed:
            self.packed[coding] = pack(self.body, coding)
        return self.packed[coding]


def pack(body: bytes, coding: str) -> bytes:
    """Compressed, quickly rather than well."""
    if coding == "zstd":
        return _ZSTD.compress(body)
    # zlib's usual window and tables are 256 KB to fetch and clear: for a short answer most of what packing costs.
    window, memory = (12, 5) if len(body) <= _SHORT_BYTES else (15, 8)
    packing = zlib.compressobj(1, zlib.DEFLATED, 16 + window, memory)
    return packing.compress(body) + packing.flush()


def coding_for(accept_encoding: str, size: int) -> str:
    """Which coding to answer in: zstd, gzip, or empty for none."""
    if size < WORTH_BYTES or not accept_encoding:
        return ""
    return _coding_of(accept_encoding[:_ACCEPT])


@lru_cache(256)
def _coding_of(accept_encoding: str) -> str:
    offered = {part.split(";")[0].strip() for part in accept_encoding.split(",") if not part.rstrip().endswith(";q=0")}
    return next((coding for coding in ("zstd", "gzip") if coding in offered), "")


class Shelf:
    """The ready answers. Bounded in number and bytes; the one not asked for longest goes first."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._alias: OrderedDict[bytes, str] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[Kept]] = {}
        self._generation = 0
        self._bytes = 0

    def drop(self) -> None:
        """Something changed: nothing kept is fresh any more."""
        self._generation += 1

    def ready(self, target: bytes) -> Kept | None:
        """The fresh answer to exactly this path and query, if there is one."""
        key = self._alias.get(target)
        kept = self._kept.get(key) if key is not None else None
        return kept if kept is not None and self._fresh(kept) else None

    def _fresh(self, kept: Kept) -> bool:
        return kept.generation == self._generation and self._now() - kept.at < FRESH_S

    async def get(self, key: str, target: bytes, fetch: Fetch) -> tuple[Kept, int]:
        """The answer for `key`, and its age in seconds if it is stale (0 else). However many ask, one fetches."""
        self._remember(target, key)
        kept = self._kept.get(key)
        if kept is not None and self._fresh(kept):
            self._kept.move_to_end(key)
            return kept, 0
        try:
            return await self._fetched(key, fetch), 0
        except (Unavailable, TooLate):
            age = self._now() - kept.at if kept else _STALE_S
            if kept is None or age >= _STALE_S:
                raise
            return kept, max(1, int(age))

    async def _fetched(self, key: str, fetch: Fetch) -> Kept:
        # Who asks after a change must not be given what was fetched before it.
        flight = f"{self._generation}|{key}"
        task = self._fetching.get(flight)
        if task is None:
            task = asyncio.create_task(self._fetch(key, fetch))
            self._fetching[flight] = task
            task.add_done_callback(lambda _: self._fetching.pop(flight, None))
        return await asyncio.shield(task)

    async def _fetch(self, key: str, fetch: Fetch) -> Kept:
        generation, at = self._generation, self._now()
        body, prefix = await fetch()
        etag = f'"{prefix}{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        kept = Kept(body, etag.encode(), at, generation)
        self._keep(key, kept)
        return kept

    def _keep(self, key: str, kept: Kept) -> None:
        old = self._kept.get(key)
        if old is not None and old.generation > kept.generation:
            return  # a slow one, overtaken
        self._kept.pop(key, None)
        self._bytes += len(kept.body) - (len(old.body) if old else 0)
        self._kept[key] = kept
        while len(self._kept) > _ROOM or self._bytes > _BYTES:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.body)

    def _remember(self, target: bytes, key: str) -> None:
        self._alias[target] = key
        if len(self._alias) > 2 * _ROOM:
            self._alias.popitem(last=False)
