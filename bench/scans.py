"""This is where it is measured what a scan costs: batches of carriers, from the gateway's door to the parcel's state."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.report import Report
from deploy.local.client import Carrier
from services.kit.clock import rfc3339
from services.kit.ids import new_id
from services.kit.store import encode
from services.logistics.shipments import SHIPPED, Shipment
from services.logistics.underway import WATCHED
from tests.shop import Shop

_PARCELS, _BATCH, _AT_ONCE = 2_000, 100, 4
_WAY = ("picked_up", "in_transit", "7", "out_for_delivery", "delivered")
_OURS = ("gateway", "logistics")


async def measure(shop: Shop, report: Report) -> None:
    """Each parcel's whole way, a station of a hundred parcels a call; then all of it once more, as duplicates."""
    numbers = await _parcels(shop)
    first = await _told(shop, numbers)
    again = await _told(shop, numbers)
    scans = len(numbers) * len(_WAY)
    report.row("scans", f"{scans:,} in batches of {_BATCH}, {_AT_ONCE} at once, each moving its parcel")
    report.figure("scans a second", scans / first[0], "/s", at_least=500)
    report.figure("CPU a scan, gateway and logistics", first[1] * 1000 / scans, "ms", at_most=1.5)
    report.figure("the same again, duplicates", scans / again[0], "/s")
    report.figure("CPU a duplicate", again[1] * 1000 / scans, "ms")


async def _parcels(shop: Shop) -> list[str]:
    now, rows = datetime.now(UTC), []
    for number in range(_PARCELS):
        one = Shipment(new_id("shp"), new_id("ord"), SHIPPED, now, version=1)
        one.carrier, one.waybill, one.watch = "sandbox", f"SBBENCH{number:06d}", WATCHED
        one.shipped_at = one.handed_at = one.heard_at = now - timedelta(days=2)
        document: dict[str, Any] = encode(one)
        document["_id"] = document.pop("id")
        rows.append(document)
    await shop.mongo["shop_logistics"]["shipments"].insert_many(rows)
    return [row["waybill"] for row in rows]


async def _told(shop: Shop, numbers: list[str]) -> tuple[float, float]:
    """Seconds, and seconds of CPU."""
    carrier, begun = shop.carrier(), datetime(2026, 1, 1, tzinfo=UTC)
    calls = [
        [
            {"waybill": number, "code": code, "occurred_at": rfc3339(begun + timedelta(hours=place))}
            for number in numbers[start : start + _BATCH]
        ]
        for place, code in enumerate(_WAY)
        for start in range(0, len(numbers), _BATCH)
    ]
    before, started = _cpu(shop), time.monotonic()
    queue = iter(calls)
    await asyncio.gather(*(_work(carrier, queue) for _ in range(_AT_ONCE)))
    took = time.monotonic() - started
    return took, _cpu(shop) - before


async def _work(carrier: Carrier, queue: Any) -> None:
    for scans in queue:
        (await carrier.signed("POST", "/carrier/v1/scans", {"scans": scans})).expect(200)


def _cpu(shop: Shop) -> float:
    return sum(seconds for name, seconds in shop.local.cpu_seconds().items() if name.startswith(_OURS))
