"""This is where all books of one order are laid side by side: the provider's, ours, the events', the ledger's."""

from collections import Counter
from typing import Any

from services.kit.settings import PORTS
from tests.shop import Shop


async def agree(shop: Shop, order_id: str, *, captured: int, refunds: list[int]) -> dict[str, Any]:
    """So much came, and exactly these went back, once each, wherever it is written; the order as it is kept."""
    await shop.settled(60)
    payments = await shop.psp_payments(order_id)
    assert [payment["captured_minor"] for payment in payments if payment["captured_minor"]] == [captured], payments
    assert sum(payment["refunded_minor"] for payment in payments) == sum(refunds), payments
    order = await shop.mongo["shop_orders"]["orders"].find_one({"_id": order_id})
    assert order is not None
    assert (order["captured_minor"], order["refunded_minor"]) == (captured, sum(refunds))
    assert sorted(-each["minor"] for each in order["adjustments"]) == sorted(refunds)
    assert (order["undo"], [each for each in order["movements"] if each["step"] != "done"]) == ([], [])
    told = await _told(shop, {order_id, *(each["id"] for each in order["adjustments"])})
    assert told == Counter([("order_paid", captured), *(("refund_issued", minor) for minor in refunds)])
    assert await _written(shop, order_id) == Counter(["OrderPaid"] + ["RefundIssued"] * len(refunds))
    return order


async def nothing_is_parked(shop: Shop) -> None:
    """Every event was handled."""
    for service in PORTS:
        assert await shop.mongo[f"shop_{service}"]["parked"].estimated_document_count() == 0


async def shelf(shop: Shop, sku: str) -> tuple[int, int]:
    """What is available and what is held."""
    kept = await shop.mongo["shop_catalog"]["skus"].find_one({"_id": sku})
    assert kept is not None
    return kept["available"], kept["held"]


async def orders_of(shop: Shop, cart_id: str) -> list[str]:
    """The orders a cart became that came to something."""
    found = shop.mongo["shop_orders"]["orders"].find({}).sort("_id", 1)
    return [order["_id"] async for order in found if order["cart_id"] == cart_id and order["paid_at"]]


async def returns_of(shop: Shop, order_id: str) -> dict[str, str]:
    """The states of an order's returns."""
    found = shop.mongo["shop_orders"]["returns"].find({}).sort("_id", 1)
    return {rma["_id"]: rma["state"] async for rma in found if rma["order_id"] == order_id}


async def _told(shop: Shop, references: set[str]) -> Counter[tuple[str, Any]]:
    found: Counter[tuple[str, Any]] = Counter()
    async for fact in shop.mongo["shop_metrics"]["facts"].find({}).sort("_id", 1):
        if fact.get("reference") in references and fact["type"] in ("order_paid", "refund_issued"):
            found[fact["type"], fact.get("amount_minor", fact.get("total_minor"))] += 1
    return found


async def _written(shop: Shop, order_id: str) -> Counter[str]:
    found: Counter[str] = Counter()
    async for block in shop.mongo["shop_orders"]["ledger"].find({}).sort("_id", 1):
        for entry in block["entries"]:
            kind = entry["type"].rpartition(".")[2]
            if order_id in entry["about"] and kind in ("OrderPaid", "RefundIssued"):
                found[kind] += 1
    return found
