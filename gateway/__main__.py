"""This is where the gateway is started: `python -m gateway`, until SIGTERM."""

import asyncio
import contextlib
import gc
import logging
import signal

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from gateway.app import Gateway
from gateway.settings import GatewaySettings
from services.kit.telemetry import log_as_json

log = logging.getLogger("gateway")
_BUFFER = 64 * 1024  # request line and headers; the door refuses sooner, with a problem


def server_for(gateway: Gateway) -> Server:
    """Granian inside this very process: no parent beside the worker, and the same loop as the channels."""
    host, port = gateway.settings.address()
    return Server(
        gateway.door,
        host,
        port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,  # what stands before it speaks that; cleartext HTTP/2 is one more way in
        log_enabled=False,
        backlog=1024,
        # Above what the door sheds at, so that the one who is refused hears a problem and not silence.
        backpressure=2 * gateway.settings.max_inflight + gateway.settings.max_streams,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=gateway.settings.header_timeout_ms, max_buffer_size=_BUFFER),
    )


async def serve(settings: GatewaySettings, stop: asyncio.Event) -> None:
    """Opens, serves until `stop`, then drains: not ready, a pause, streams ended, what is in work finished."""
    async with Gateway(settings).open() as gateway:
        server = server_for(gateway)
        # Routes and models stay: the collector need not look at them again and again.
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        serving = asyncio.create_task(server.serve())
        log.info("the gateway is ready on %s:%s", *settings.address())
        await asyncio.wait([serving, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
        log.info("the gateway drains")
        gateway.drain()
        await asyncio.sleep(settings.drain_s)
        gateway.live.end()
        server.stop()  # type: ignore[no-untyped-call]
        await serving


async def _main(settings: GatewaySettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(settings, stop)


def main() -> None:
    """Reads the settings and runs."""
    settings = GatewaySettings()
    log_as_json("gateway", settings.log_level)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_main(settings))


if __name__ == "__main__":
    main()
