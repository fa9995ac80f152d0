"""This is where a carrier's endpoint is stood in for: it checks signatures by the standard's library, and is unkind."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from tests.house import free_port

LOSE = "lose"  # takes it in, and the answer is lost
SLOW = "slow"  # answers never


@dataclass
class Receiver:
    """Listens on this machine. `says` is what the next answers are: a status, `LOSE`, `SLOW`, or a status and headers."""

    secrets: list[str] = field(default_factory=list)
    says: deque[Any] = field(default_factory=deque)
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def __aenter__(self) -> "Receiver":
        app = web.Application()
        app.router.add_post("/hook", self._take)
        app.router.add_post("/elsewhere", self._elsewhere)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.text()
        for secret in self.secrets:  # each of them opens it
            at = datetime.fromtimestamp(
                int(request.headers["webhook-timestamp"]), UTC
            )  # by the shop's clock, which is set
            signature = Webhook(secret).sign(request.headers["webhook-id"], at, body)
            assert signature in request.headers["webhook-signature"].split(" ")
        self.seen.append((request.headers["webhook-id"], json.loads(body)))
        self.headers.append(dict(request.headers))
        said = self.says.popleft() if self.says else 200
        if said == LOSE:
            assert request.transport
            request.transport.abort()
            return web.Response()
        if said == SLOW:
            await asyncio.sleep(5)
        status, headers = said if isinstance(said, tuple) else (said, {})
        return web.Response(status=200 if said == SLOW else status, headers=headers)

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        raise AssertionError("a redirect was followed")
