"""This is where everything orders sends passes a toll: what may have an effect is counted, and one of them is the last.

Between orders and its database, its neighbours, the provider and the streams stand relays which understand just enough of
what passes to see a write, a call, a charge, an event. A crossing is stopped before it has happened (it is never passed on)
or after (its answer never arrives).
"""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Self

from deploy.local.ports import HOST

_WRITES = frozenset({"insert", "update", "delete", "findAndModify", "commitTransaction"})
_PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
_OP_MSG, _HEADERS, _END_STREAM = 2013, 1, 1
Parts = AsyncIterator[tuple[bytes, str]]  # what passes, and the crossing it begins or, on the way back, ends


class Toll:
    """Kills once in every run, at the first crossing at which it has not killed before: the first, second, … of its name.

    Which comes when differs from run to run, for what is done side by side and what a cache knows does.
    """

    def __init__(self, kill: Callable[[], None]) -> None:
        self._kill, self._armed, self._seen = kill, False, Counter[str]()
        self.after, self.dead, self.deadly = False, False, list[str]()

    def arm(self, *, after: bool) -> None:
        """A run begins."""
        self.after, self.dead, self._armed = after, False, True
        self._seen.clear()

    def rest(self) -> None:
        """Everything passes."""
        self.dead = self._armed = False

    def is_due(self, name: str) -> bool:
        """Whether this crossing is the one."""
        self._seen[name] += 1
        crossing = f"{name} {self._seen[name]}"
        if not self._armed or crossing in self.deadly:
            return False
        self._armed = False
        self.deadly.append(crossing)
        return True

    def die(self) -> None:
        """Now."""
        self.dead = True
        self._kill()


class Wire:
    """A protocol: what passes, whole. `ends` says whether something on the way back answers a crossing."""

    def __init__(self, mark: bytes = b"", name: str = "") -> None:
        self._mark, self._name = mark, name

    async def out(self, reader: asyncio.StreamReader) -> Parts:
        """What orders sends; here a text in which a mark stands."""
        while data := await reader.read(1 << 16):
            yield data, self._name if self._mark in data else ""

    async def back(self, reader: asyncio.StreamReader) -> Parts:
        """What it is answered; here the next that comes is the answer."""
        while data := await reader.read(1 << 16):
            yield data, self._name


class Mongo(Wire):
    """MongoDB's: length, ids and opcode in 16 bytes, then flags, a section's kind and the command, its name first."""

    async def out(self, reader: asyncio.StreamReader) -> Parts:
        """Writes cross; each waits for its answer before the next on its connection."""
        while True:
            head = await reader.readexactly(16)
            body = await reader.readexactly(int.from_bytes(head[:4], "little") - 16)
            name = body[10 : body.index(0, 10)].decode() if int.from_bytes(head[12:], "little") == _OP_MSG else ""
            yield head + body, name if name in _WRITES else ""


class Grpc(Wire):
    """HTTP/2: headers from a client begin a call on a stream; headers of the server that end the stream end the call."""

    async def out(self, reader: asyncio.StreamReader) -> Parts:
        """Calls cross, side by side."""
        yield await reader.readexactly(_PREFACE), ""
        async for frame, stream in self._frames(reader):
            yield frame, stream if frame[3] == _HEADERS else ""

    async def back(self, reader: asyncio.StreamReader) -> Parts:
        """Ends of calls."""
        async for frame, stream in self._frames(reader):
            yield frame, stream if frame[3] == _HEADERS and frame[4] & _END_STREAM else ""

    async def _frames(self, reader: asyncio.StreamReader) -> Parts:
        while True:
            head = await reader.readexactly(9)
            yield head + await reader.readexactly(int.from_bytes(head[:3], "big")), f"call {int.from_bytes(head[5:])}"


MONGO, GRPC, HTTP, NATS = Mongo(), Grpc(), Wire(b"POST /", "post"), Wire(b"HPUB shop.orders.", "publish")


class Tolls:
    """The relays, on a thread of their own: they go on while a test waits."""

    def __init__(self, kill: Callable[[], None]) -> None:
        self.toll = Toll(kill)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._closed(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def before(self, name: str, port: int, wire: Wire) -> int:
        """A relay to a port; the port it listens on."""
        return asyncio.run_coroutine_threadsafe(self._opened(name, port, wire), self._loop).result(5)

    async def _opened(self, name: str, port: int, wire: Wire) -> int:
        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                behind, ahead = await asyncio.open_connection(HOST, port)
                fatal: list[str] = []  # the crossing whose answer never arrives
                answering = asyncio.ensure_future(self._back(wire, behind, writer, fatal))
                try:
                    await self._out(wire, name, reader, ahead, fatal)
                finally:
                    answering.cancel()
                    ahead.close()
                    writer.close()

        server = await asyncio.start_server(relay, HOST, 0)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _out(
        self, wire: Wire, name: str, reader: asyncio.StreamReader, ahead: asyncio.StreamWriter, fatal: list[str]
    ) -> None:
        async for data, crossing in wire.out(reader):
            if self.toll.dead:
                return
            if crossing and self.toll.is_due(f"{name} {crossing.split()[0]}"):
                if not self.toll.after:
                    self.toll.die()
                    return
                fatal.append(crossing)
            ahead.write(data)
            await ahead.drain()

    async def _back(
        self, wire: Wire, behind: asyncio.StreamReader, writer: asyncio.StreamWriter, fatal: list[str]
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            async for data, crossing in wire.back(behind):
                if fatal and (not isinstance(wire, Grpc) or crossing in fatal):
                    self.toll.die()
                    return
                writer.write(data)
                await writer.drain()
            writer.close()

    async def _closed(self) -> None:
        for server in self._servers:
            server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
