"""This is where a warm `GET /v1/products` is held against a bare FastAPI route that returns the same bytes."""

from bench.flood import throughput
from bench.report import Report
from bench.yardstick import Yardstick
from tests.shop import Shop

PATH = "/v1/products?limit=20"
_SECONDS = 2.0


async def measure(shop: Shop, bare: Yardstick, report: Report) -> None:
    """Ratio of throughputs, in pairs (A B B A), over the real catalogue."""
    ours_url, count = shop.base + PATH, await shop.mongo["shop_catalog"]["products"].estimated_document_count()
    await throughput(ours_url, 0.5), await throughput(bare.url, 0.5)
    results: dict[str, list[float]] = {ours_url: [], bare.url: []}
    for url in (ours_url, bare.url, bare.url, ours_url):
        results[url].append(await throughput(url, _SECONDS))
    ours, theirs = (sum(results[url]) / 2 for url in (ours_url, bare.url))
    report.row("list of products", f"20 of {count:,} products, warm, 32 connections")
    report.figure("throughput against a bare route", ours / theirs, "", at_least=0.5)
    report.figure("requests a second, ours / bare", f"{ours:,.0f} / {theirs:,.0f}", "")
