"""This is where it is checked, after whatever happened, that nothing was lost, doubled or made up.

I1 stock, I2 orders, I3 money (the provider's own books are the witness), I5 events; the letters of `docs/words.md`.
"""

from collections import Counter
from typing import Any

from tests.faults.load import Journal
from tests.shop import Shop

_LIVING = {"paid", "shipped", "delivered"}
_TRANSIENT = {"checking_out", "cancelling"}


async def all_hold(shop: Shop, journal: Journal, skus: list[str], stock: int) -> None:
    """Raises for the first invariant that does not hold."""
    await shop.settled(60)
    orders = await _orders_of(shop, skus)
    assert journal.fives == []
    _orders_exist_once(journal, orders)
    await _money_is_right(shop, orders)
    await _stock_adds_up(shop, orders, skus, stock)
    await _events_took_effect_once(shop, orders)


async def _orders_of(shop: Shop, skus: list[str]) -> list[dict[str, Any]]:
    found = shop.mongo["shop_orders"]["orders"].find({}).sort("_id", 1)
    return [order async for order in found if any(line["sku"] in skus for line in order["lines"])]


def _orders_exist_once(journal: Journal, orders: list[dict[str, Any]]) -> None:
    """I2: every accepted key is one living order, every living order was accepted, none is in between."""
    states = Counter(order["state"] for order in orders)
    assert not _TRANSIENT & states.keys(), states
    living = sorted(order["_id"] for order in orders if order["state"] in _LIVING)
    assert living == sorted(order["id"] for order in journal.accepted.values())


async def _money_is_right(shop: Shop, orders: list[dict[str, Any]]) -> None:
    """I3: a living order is captured once, to the fen; any other not at all, or given back."""
    for order in orders:
        payments = await shop.psp_payments(order["_id"])
        kept = [p["captured_minor"] - p["refunded_minor"] for p in payments if p["captured_minor"]]
        if order["state"] in _LIVING:
            total = next(t["minor"] for t in order["totals"] if t["type"] == "total")
            assert kept == [total], (order["_id"], payments)
        else:
            assert sum(kept) == 0, (order["_id"], order["state"], payments)


async def _stock_adds_up(shop: Shop, orders: list[dict[str, Any]], skus: list[str], stock: int) -> None:
    """I1: what was there is there or sold; nothing is held for nobody."""
    sold: Counter[str] = Counter()
    for order in orders:
        if order["state"] in _LIVING:
            sold.update({line["sku"]: line["quantity"] for line in order["lines"]})
    for sku in skus:
        kept = await shop.mongo["shop_catalog"]["skus"].find_one({"_id": sku})
        assert kept is not None
        assert kept["available"] >= 0
        assert (kept["available"], kept["held"]) == (stock - sold[sku], 0), (sku, kept)
        assert sum(kept["on_hand"].values()) == kept["available"]


async def _events_took_effect_once(shop: Shop, orders: list[dict[str, Any]]) -> None:
    """I5: one shipment and one paid fact a living order, each sale once in the ledger, nothing parked."""
    living = [order["_id"] for order in orders if order["state"] in _LIVING]
    planned = await _counted(shop, "shop_logistics", "shipments", "order_id", living)
    assert planned == dict.fromkeys(living, 1)
    ledger: Counter[tuple[str, str]] = Counter()
    async for movement in shop.mongo["shop_catalog"]["movements"].find({}).sort("_id", 1):
        if movement["reason"] == "sale":
            ledger[movement["reference"], movement["sku"]] += 1
    assert all(
        ledger[order["_id"], line["sku"]] == 1 for order in orders if order["_id"] in living for line in order["lines"]
    )
    facts: Counter[str] = Counter()
    async for fact in shop.mongo["shop_metrics"]["facts"].find({}).sort("_id", 1):
        if fact["type"] == "order_paid":
            facts[fact["reference"]] += 1
    assert {order: facts[order] for order in living} == dict.fromkeys(living, 1)
    for service in ("catalog", "orders", "logistics", "crm", "marketing", "metrics"):
        assert await shop.mongo[f"shop_{service}"]["parked"].estimated_document_count() == 0


async def _counted(shop: Shop, database: str, collection: str, field: str, keys: list[str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    async for document in shop.mongo[database][collection].find({}).sort("_id", 1):
        counts[document[field]] += 1
    return {key: counts[key] for key in keys}
