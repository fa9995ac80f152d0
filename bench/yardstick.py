"""This is where the yardstick is laid on: a bare FastAPI route on the gateway's own server, in the same minute.

The processor of a shared machine is now faster, now slower; what a bare request costs in the same run tells by how much.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass

import psutil

from bench.flood import throughput
from deploy.local.ports import Ports, accepts


@dataclass
class Yardstick:
    """The bare route, running."""

    url: str
    process: psutil.Process

    async def cpu_ms(self, seconds: float = 1.5) -> float:
        """What one request costs its server now, in CPU milliseconds."""
        before = self._spent()
        rate = await throughput(self.url, seconds)
        return (self._spent() - before) * 1000 / (rate * seconds)

    def _spent(self) -> float:
        times = [each.cpu_times() for each in (self.process, *self.process.children(recursive=True))]
        return sum(each.user + each.system for each in times)


@contextlib.asynccontextmanager
async def yardstick(body: bytes) -> AsyncIterator[Yardstick]:
    """The bare route that returns `body`."""
    port = Ports.free().listen["gateway"]
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asginl",
            "--loop",
            "uvloop",
            "--no-ws",
            "--workers",
            "1",
        ]
        command += ["--host", "127.0.0.1", "--port", str(port), "bench.bare:app"]
        environment = {**os.environ, "BARE_BODY": file.name}
        started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - once
        try:
            while not accepts(port):
                await asyncio.sleep(0.05)
            yield Yardstick(f"http://127.0.0.1:{port}/v1/products?limit=20", psutil.Process(started.pid))
        finally:
            started.terminate()
            started.wait()
