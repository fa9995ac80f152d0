"""This is where the provider is put on its feet and taken off them in order."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator

from aiohttp import web

from deploy.sandbox.psp.api import Api
from deploy.sandbox.psp.ledger import Ledger
from deploy.sandbox.psp.settings import PspSettings
from deploy.sandbox.psp.webhooks import Webhooks

log = logging.getLogger(__name__)
_FINISH_S = 3.0


@contextlib.asynccontextmanager
async def serving(settings: PspSettings) -> AsyncIterator[str]:
    """The provider for as long as the block lasts; gives the URL it answers at."""
    ledger = Ledger(settings.data, tells=bool(settings.webhook_url))
    webhooks = Webhooks(ledger, settings.webhook_url, settings.webhook_secret)
    runner = web.AppRunner(Api(settings, ledger, webhooks).app(), access_log=None, shutdown_timeout=_FINISH_S)
    await runner.setup()
    host, _, port = settings.listen.rpartition(":")
    await web.TCPSite(runner, host, int(port)).start()
    sending = asyncio.create_task(webhooks.send_for_ever()) if settings.webhook_url else None
    try:
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        if sending:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        ledger.close()


async def serve_until_told_to_stop(settings: PspSettings) -> None:
    """Until SIGTERM or SIGINT; requests being answered are."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(settings) as url:
        log.info("sandbox payment provider at %s", url)
        await stop.wait()
