"""This is where the real sandbox provider gets a bad line in front of it: calls that never arrive, answers that are lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from deploy.sandbox.psp.server import serving
from deploy.sandbox.psp.settings import PspSettings

from .neighbours import Faults


class Line:
    """A proxy before the provider. Calls are named `charge`, `find`, `refund`, `void`, `confirm`, `capture`."""

    def __init__(self, behind: str, faults: Faults, session: aiohttp.ClientSession) -> None:
        self._behind, self._faults, self._session = behind, faults, session
        self.cut = False
        self.url = ""

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        last = request.path.rsplit("/", 1)[-1]
        name = {"payments": "charge" if request.method == "POST" else "find", "refunds": "refund"}.get(last, last)
        if self.cut:
            return self._hang_up(request)
        try:
            await self._faults.at(name, "before")
            content = await request.read()
            url = self._behind + request.path_qs
            try:
                async with self._session.request(request.method, url, data=content, headers=request.headers) as answer:
                    status, body = answer.status, await answer.read()
            except aiohttp.ClientError:
                return self._hang_up(request)
            await self._faults.at(name, "after")
        except ConnectionError:
            return self._hang_up(request)
        return web.Response(body=body, status=status, content_type="application/json")

    @staticmethod
    def _hang_up(request: web.Request) -> web.Response:
        if request.transport:
            request.transport.abort()
        return web.Response()

    async def payments(self, order_id: str) -> list[dict[str, Any]]:
        """What the provider's own books say of an order."""
        return list((await self._get(f"/v1/payments?reference={order_id}"))["payments"])

    async def ledger(self) -> list[dict[str, Any]]:
        """Every entry of the provider's books."""
        return list((await self._get("/v1/ledger"))["entries"])

    async def customer_confirms(self, payment_id: str) -> None:
        """What the customer does at the bank."""
        async with self._session.post(f"{self._behind}/sandbox/confirm/{payment_id}") as answer:
            assert answer.status == 200

    async def at_the_desk(self, payment_id: str, what: str, minor: int) -> None:
        """What the shop's people do by hand at the provider: `capture` or `refund`."""
        headers = {"Authorization": "Bearer psp-development-secret"}
        url, body = f"{self._behind}/v1/desk/{payment_id}/{what}", {"amount_minor": minor}
        async with self._session.post(url, json=body, headers=headers) as answer:
            assert answer.status == 200

    async def settlement(self) -> str:
        """The provider's settlement file of all that was."""
        headers = {"Authorization": "Bearer psp-development-secret"}
        async with self._session.get(f"{self._behind}/v1/settlements", headers=headers) as answer:
            return await answer.text()

    async def _get(self, path: str) -> Any:
        headers = {"Authorization": "Bearer psp-development-secret"}
        async with self._session.get(self._behind + path, headers=headers) as answer:
            return await answer.json()


@contextlib.asynccontextmanager
async def line(faults: Faults) -> AsyncIterator[Line]:
    """The provider and the line to it."""
    async with (
        serving(PspSettings(listen="127.0.0.1:0", data=":memory:")) as url,
        aiohttp.ClientSession() as session,
    ):
        proxy = Line(url, faults, session)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", proxy.pass_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield proxy
        finally:
            await runner.cleanup()
            await asyncio.sleep(0)
