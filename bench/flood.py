"""This is where one GET is asked over and over on a few kept-alive connections, as cheaply as can be."""

import asyncio
import time
from urllib.parse import urlsplit

CONNECTIONS = 32


async def throughput(url: str, seconds: float) -> float:
    """Requests answered a second. Raises when an answer is not 200."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    request = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n\r\n".encode()
    until = time.monotonic() + seconds
    counts = await asyncio.gather(
        *(_ask(parts.hostname or "", parts.port or 80, request, until) for _ in range(CONNECTIONS))
    )
    return sum(counts) / seconds


async def _ask(host: str, port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.monotonic() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.split(b"\r\n", 1)[0].decode())
        lowered = head.lower()
        start = lowered.index(b"content-length:") + 15
        await reader.readexactly(int(lowered[start : lowered.index(b"\r\n", start)]))
        count += 1
    writer.close()
    return count
