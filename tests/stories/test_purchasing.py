"""This is where goods come from: quoted, ordered, received in two parts, sold, and traced back to their supplier."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.client import Staff
from services.kit.clock import rfc3339
from tests.shop import Shop


async def _supplier(staff: Staff, sku: str, name: str, cost: int, days: int) -> dict[str, Any]:
    """An approved supplier that quotes a SKU."""
    contact = {"name": "陳師傅", "phone": "+8613800000000"}
    wanted = {"name": name, "contacts": [contact], "payment_terms": "net 30"}
    made = await staff.call("POST", "/v1/suppliers", wanted)
    supplier: dict[str, Any] = made.expect(201)
    assert supplier["contacts"][0]["name"] == "陳師傅"
    path = f"/v1/suppliers/{supplier['id']}"
    assert (await staff.call("PATCH", path, {"state": "approved"})).status == 428
    (await staff.call("PATCH", path, {"state": "approved"}, If_Match=made.headers["etag"])).expect(200)
    quote = {"cost": {"currency": "CNY", "minor": cost}, "moq": 10, "pack_size": 5, "lead_time_days": days}
    (await staff.call("PUT", f"{path}/items/{sku}", quote)).expect(200)
    return supplier


async def _ordered(staff: Staff, sku: str, quantity: int) -> Any:
    """An order the supplier has confirmed for two seconds ago: whatever comes is late."""
    needs = {"lines": [{"sku": sku, "quantity": quantity, "class": "A"}], "why": {"en": "low", "zh": "不足"}}
    key = uuid.uuid4().hex
    (order,) = (await staff.call("POST", "/v1/purchase-orders", needs, key=key)).expect(201)["orders"]
    again = await staff.call("POST", "/v1/purchase-orders", needs, key=key)
    assert [each["id"] for each in again.expect(201)["orders"]] == [order["id"]]
    assert again.headers["idempotent-replayed"] == "true"
    path = f"/v1/purchase-orders/{order['id']}"
    assert order["state"] == "draft"
    assert "just in time" in " ".join(why["en"] for why in order["why"])
    (await staff.call("POST", f"{path}/approve")).expect(200)
    (await staff.call("POST", f"{path}/send")).expect(200)
    promise = {"promised_at": rfc3339(datetime.now(UTC) - timedelta(seconds=2))}
    confirmed = (await staff.call("POST", f"{path}/confirm", promise)).expect(200)
    assert confirmed["state"] == "confirmed"
    return order


async def _person(shop: Shop, owner: Staff, role: str) -> Staff:
    """A member of staff of that role, signed in."""
    who = {"email": f"{role}-{uuid.uuid4().hex[:8]}@example.com", "password": "correct horse battery"}
    (await owner.call("POST", "/v1/staff", who | {"name": role, "roles": [role]})).expect(201)
    return await Staff(shop.base, shop.session).sign_in(**who)


async def test_what_a_customer_got_is_traced_to_the_lot_and_the_supplier(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(stock=0, price=5000)  # costs 2500
    dear = await _supplier(staff, sku, "貴 Dear", 2400, 3)
    cheap = await _supplier(staff, sku, "廉 Cheap", 2000, 5)
    offers = (await staff.get(f"/v1/supplier-offers/{sku}"))["items"]
    assert [offer["supplier_id"] for offer in offers] == [cheap["id"], dear["id"]]
    assert offers[0]["lead_time"] == {"mean_days": 5.0, "sd_days": 2.5, "measured": False, "n": 0}

    order = await _ordered(staff, sku, 18)
    assert (order["supplier_id"], order["lines"][0]["ordered"]) == (cheap["id"], 20)
    path = f"/v1/purchase-orders/{order['id']}"
    first = {"lines": [{"sku": sku, "received": 8, "rejected": 2, "reason": "chipped", "batch": "W46"}]}
    answers = await asyncio.gather(*(staff.call("POST", f"{path}/receipts", first, key="one") for _ in range(5)))
    assert len({answer.expect(201)["receipt"]["id"] for answer in answers}) == 1
    assert (await staff.get(path))["state"] == "partly_received"
    second = {"lines": [{"sku": sku, "received": 12, "batch": "W47"}]}
    booked = (await staff.call("POST", f"{path}/receipts", second, key="two")).expect(201)
    assert booked["order"]["state"] == "received"
    over = await staff.call("POST", f"{path}/receipts", second, key="three")
    assert (over.status, over.body["code"]) == (409, "OVER_RECEIPT")

    stock = await staff.get(f"/v1/stock/{sku}")
    assert (stock["on_hand"], stock["available"]) == (20, 20)
    product = await staff.get(f"/v1/products/{sku}")
    assert product["variants"][0]["cost"] == {"currency": "CNY", "minor": 2000}
    card = await staff.get(f"/v1/suppliers/{cheap['id']}/scorecard")
    assert card["on_time"] == {"value": 0.0, "n": 2}
    assert (round(card["rejected"]["value"], 3), card["deliveries"]) == (0.091, 2)
    assert card["score"] < 75
    best = (await staff.get("/v1/suppliers?sort=score&limit=100"))["items"]
    ranked = [supplier["id"] for supplier in best if supplier["id"] in (cheap["id"], dear["id"])]
    assert ranked == [dear["id"], cheap["id"]]

    bought = await (await shop.customer()).buy({sku: 9})

    async def traced() -> Any:
        answered = await staff.call("GET", f"/v1/trace/orders/{bought['id']}")
        return answered.body["items"] if answered.status == 200 else []  # the parcel is not planned yet

    origins = await shop.eventually(traced, lambda rows: rows and all(row["lot"] for row in rows))
    assert sorted((row["units"], row["lot"]["batch"]) for row in origins) == [(1, "W47"), (8, "W46")]
    assert {row["lot"]["supplier_name"] for row in origins} == {"廉 Cheap"}
    lot = booked["receipt"]["lines"][0]["lot_id"]
    recall = await staff.get(f"/v1/trace/lots/{lot}")
    assert (recall["items"], recall["lot"]["remaining"]) == ([{"order_id": bought["id"], "units": 1}], 11)
    assert recall["lot"]["unit_cost"] == {"currency": "CNY", "minor": 2000}
    support = await _person(shop, staff, "support")  # who answers a complaint sees the lot, and not what it cost
    assert (await support.get(f"/v1/trace/lots/{lot}"))["lot"] == recall["lot"] | {"unit_cost": None}


async def test_large_orders_are_for_finance_and_small_ones_for_goods(shop: Shop) -> None:
    owner, sku = await shop.owner(), await shop.product(stock=0)
    await _supplier(owner, sku, "Kiln", 1_000, 5)
    needs = {"lines": [{"sku": sku, "quantity": 1_005, "class": "B"}]}
    (order,) = (await owner.call("POST", "/v1/purchase-orders", needs, key=uuid.uuid4().hex)).expect(201)["orders"]
    path = f"/v1/purchase-orders/{order['id']}"
    people = {role: await _person(shop, owner, role) for role in ("goods", "finance", "support")}
    refused = await people["goods"].call("POST", f"{path}/approve")
    assert (refused.status, refused.body["code"]) == (403, "APPROVAL_NEEDED")
    assert (await people["support"].call("GET", path)).status == 403
    assert (await people["finance"].call("POST", f"{path}/approve")).expect(200)["state"] == "approved"
    printed = await people["goods"].call("GET", f"{path}/document?format=csv")
    assert order["number"] in printed.expect(200).decode("utf-8-sig")
