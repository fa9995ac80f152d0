"""This is where the real catalogue goes into a shop, through the staff's import, as a merchant would do it."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

from deploy.local.client import Staff

DATA = Path(__file__).parent / "data"
CURRENCY = "GBP"
# The file knows neither cost nor weight nor stock: a common wholesale margin, a light parcel, and plenty of everything. What
# went for less in quantity that day was bought for so little that the shop's margin floor of 30 % still held.
_COST_PERCENT, _COST_PERCENT_OF_LOWEST, _WEIGHT_G, _STOCK = 55, 69, 150, 100_000
_BATCH = 500


def read(name: str) -> list[dict[str, str]]:
    """The rows of one of the two extracts."""
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def import_catalogue(staff: Staff, progress: Callable[[int, int], None]) -> dict[str, int]:
    """Imports and publishes every article; answers each SKU's price in pence. `progress` hears (done, all)."""
    rows, lowest = read("catalogue.csv.gz"), _lowest_prices()
    for start in range(0, len(rows), _BATCH):
        await staff.import_products([_import_row(row, lowest) for row in rows[start : start + _BATCH]])
        progress(min(start + _BATCH, len(rows)), len(rows))
    return {row["sku"]: int(row["price_minor"]) for row in rows}


def _lowest_prices() -> dict[str, int]:
    """The lowest price of each SKU on the day that is lived again."""
    lowest: dict[str, int] = {}
    for row in read("day.csv.gz"):
        price = int(row["price_minor"])
        lowest[row["sku"]] = min(price, lowest.get(row["sku"], price))
    return lowest


def _import_row(row: dict[str, str], lowest: dict[str, int]) -> dict[str, object]:
    price = int(row["price_minor"])
    usual, at_lowest = price * _COST_PERCENT, lowest.get(row["sku"], price) * _COST_PERCENT_OF_LOWEST
    return {
        **row,
        "cost_minor": min(usual, at_lowest) // 100,
        "currency": CURRENCY,
        "weight_g": _WEIGHT_G,
        "stock": _STOCK,
    }
