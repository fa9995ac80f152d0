"""This is where a warm `GET /v1/products` is held against a bare FastAPI route that returns the same bytes."""

import asyncio
import os
import subprocess
import sys
import tempfile

from bench.flood import throughput
from bench.report import Report
from deploy.demo.catalogue import import_catalogue
from deploy.local.client import Staff
from deploy.local.ports import accepts
from tests.house import free_port
from tests.shop import Shop

_SECONDS = 2.0


async def measure(shop: Shop, report: Report) -> None:
    """Ratio of throughputs, in pairs (A B B A), over the real catalogue."""
    await import_catalogue(await Staff(shop.base, shop.session).sign_in(), lambda _done, _all: None)
    warm = f"{shop.base}/v1/products?limit=20"
    body = (await shop.visitor().call("GET", "/v1/products?limit=20")).expect(200)
    count = await shop.mongo["shop_catalog"]["products"].estimated_document_count()
    async with shop.session.get(warm) as response:
        content = await response.read()
    port = free_port()
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        bare = _start_bare(port, file.name)
        try:
            while not accepts(port):
                await asyncio.sleep(0.05)
            ours, theirs = await _pairs(warm, f"http://127.0.0.1:{port}/v1/products?limit=20")
        finally:
            bare.terminate()
            bare.wait()
    report.row("list of products", f"{len(body['items'])} of {count:,} products, warm, 32 connections")
    report.figure("throughput against a bare route", ours / theirs, "", at_least=0.5)
    report.figure("requests a second, ours / bare", f"{ours:,.0f} / {theirs:,.0f}", "")


def _start_bare(port: int, body: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--loop", "uvloop", "--no-ws", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "bench.bare:app"]
    return subprocess.Popen(command, env={**os.environ, "BARE_BODY": body}, stdout=subprocess.DEVNULL)


async def _pairs(ours: str, bare: str) -> tuple[float, float]:
    await throughput(ours, 0.5), await throughput(bare, 0.5)
    results: dict[str, list[float]] = {ours: [], bare: []}
    for url in (ours, bare, bare, ours):
        results[url].append(await throughput(url, _SECONDS))
    return sum(results[ours]) / 2, sum(results[bare]) / 2
