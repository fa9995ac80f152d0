"""This is where staff look after what lies on the shelves, over HTTP, while customers buy."""

import json
import uuid
from typing import Any
from urllib.parse import urlsplit

import aiomqtt

from deploy.local.client import Staff
from tests.shop import Shop, now


async def _post(staff: Staff, path: str, body: Any = None, status: int = 200) -> Any:
    return (await staff.call("POST", path, body, key=uuid.uuid4().hex)).expect(status)


async def _done(shop: Shop, staff: Staff, job: Any) -> Any:
    return await shop.eventually(lambda: staff.get(f"/v1/jobs/{job['id']}"), lambda it: it["state"] == "done")


async def _on_hand(staff: Staff, sku: str) -> int:
    rows = (await staff.get(f"/v1/stock/{sku}"))["warehouses"]
    return int(next(row["on_hand"] for row in rows if row["warehouse"] == "main"))


async def test_goods_are_graded_and_sent_and_the_ledger_says_so(shop: Shop) -> None:
    staff = await shop.owner()
    sku = await shop.product(stock=20)
    # Receipts name a grade; what is not A lies beside the shelf until somebody says otherwise.
    await _post(staff, "/v1/stock/receipts", {"sku": sku, "quantity": 5, "grade": "quarantine"}, 201)
    regrade = {"sku": sku, "from": "quarantine", "to": "A", "quantity": 4, "reason": "looked at"}
    stock = await _post(staff, "/v1/stock/regrades", regrade, 201)
    assert (stock["on_hand"], stock["available"]) == (24, 24)
    assert stock["warehouses"][0]["graded"] == [{"grade": "quarantine", "units": 1}]
    # A transfer loses a unit on the way, and says why.
    sent = {"from": "main", "to": "north", "lines": [{"sku": sku, "quantity": 10}]}
    path = f"/v1/stock/transfers/{(await _post(staff, '/v1/stock/transfers', sent, 201))['id']}"
    await _post(staff, f"{path}/dispatch")
    assert (await staff.get(f"/v1/stock/{sku}"))["in_transit"] == 10
    line = {"sku": sku, "received": 8, "damaged": 1, "reason": "the pallet fell"}
    assert (await _post(staff, f"{path}/receive", {"lines": [line]}))["lines"][0]["lost"] == 1
    again = await staff.call("POST", f"{path}/cancel")
    assert (again.status, again.body["code"]) == (409, "TRANSFER_CLOSED")
    # The ledger holds all of it, by page.
    await shop.settled()
    entries, cursor = list[Any](), ""
    while True:
        page = await staff.get(f"/v1/stock/{sku}/movements?limit=3&cursor={cursor}")
        entries += page["items"]
        if not (cursor := page["next_cursor"] or ""):
            break
    assert sum(entry["quantity"] for entry in entries if entry["grade"] == "A") == 22
    assert {entry["reason"] for entry in entries} == {
        *("import", "receipt", "regrade", "transfer_out", "transfer_in", "damage", "loss")
    }


async def test_a_shelf_is_counted_while_people_buy_and_says_when_it_runs_low(shop: Shop) -> None:
    staff = await shop.owner()
    sku = await shop.product(stock=14)
    sheet = await _post(staff, "/v1/stock/counts", {"skus": [sku]}, 201)
    customer = await shop.customer()
    await customer.buy({sku: 2})
    await shop.eventually(lambda: _on_hand(staff, sku), lambda units: units == 12)
    lines = f"/v1/stock/counts/{sheet['id']}/lines"
    (await staff.call("PUT", lines, {"lines": [{"sku": sku, "units": 11}]})).expect(200)
    await customer.buy({sku: 1})
    await shop.eventually(lambda: _on_hand(staff, sku), lambda units: units == 11)
    assert (await _post(staff, f"/v1/stock/counts/{sheet['id']}/approve"))["state"] == "booked"
    assert await _on_hand(staff, sku) == 10
    (counted,) = (await staff.get(lines))["items"]
    assert (counted["frozen"], counted["expected"], counted["difference"]) == (14, 12, -1)

    policy = (await staff.call("PUT", f"/v1/skus/{sku}/stock-policy", {"low_line": 9})).expect(200)
    assert policy["version"] == 1
    await customer.buy({sku: 1})
    found = await shop.eventually(
        lambda: staff.get("/v1/notices?kind=low_stock&limit=100"),
        lambda it: any(notice["subject"] == sku for notice in it["items"]),
    )
    assert sum(notice["subject"] == sku for notice in found["items"]) == 1
    low = (await staff.get("/v1/stock/low?place=shop&limit=100"))["items"]
    assert next(row["units"] for row in low if row["sku"] == sku) == 9


async def test_the_stock_is_classed_and_its_health_computed(shop: Shop) -> None:
    staff = await shop.owner()
    sku = await shop.product(stock=50)
    for kind in ("classifications", "health/runs"):
        job = await _post(staff, f"/v1/stock/{kind}", status=202)
        assert (await _done(shop, staff, job))["done"] > 0
    classes = (await staff.get("/v1/stock/classes?limit=100"))["items"]
    assert {row["policy"] for row in classes} <= {"just_in_time", "standard", "pooled"}
    health = await staff.get("/v1/stock/health")
    (yuan,) = [row for row in health["currencies"] if row["currency"] == "CNY"]
    assert yuan["value"]["minor"] >= 50 * 2500
    assert sum(row["skus"] for row in yuan["by_flag"]) == yuan["skus"]
    items = (await staff.get("/v1/stock/health/items?flag=healthy&limit=100"))["items"]
    assert next(item["action"]["zh"] for item in items if item["sku"] == sku) == "无需处理"
    proposals = (await staff.get("/v1/stock/counts/proposals?warehouse=main&limit=100"))["items"]
    assert proposals
    assert {row["reason"] for row in proposals} <= {"cycle", "shelf_reading"}


async def test_shelves_say_what_lies_on_them_over_http_and_mqtt(shop: Shop) -> None:
    staff, device = await shop.owner(), shop.visitor()
    sku, other = await shop.product(stock=20), await shop.product(stock=20)
    said = {"device": f"scale-{sku}", "sku": sku, "units": 18, "at": now(), "seq": 1}
    body = {"readings": [said, said, said | {"sku": "NOWHERE"}]}
    nobody = await device.call("POST", "/v1/iot/shelf-readings", body)
    assert (nobody.status, nobody.body["code"]) == (401, "DEVICE_KEY_WRONG")
    answers = (await device.call("POST", "/v1/iot/shelf-readings", body, X_Device_Key="shelf-device-dev")).expect(200)
    assert [row["outcome"] for row in answers["answers"]] == ["accepted", "duplicate", "refused"]

    at = urlsplit(shop.local.environment["MQTT_URL"])
    payload = json.dumps({"device": f"scale-{other}", "units": 3, "at": now(), "seq": 1})
    async with aiomqtt.Client(at.hostname or "", at.port or 0, username=at.username, password=at.password) as scale:
        for _ in range(2):
            await scale.publish(f"shop/iot/shelf/main/{other}", payload, qos=1)

    async def last() -> Any:
        return (await staff.get(f"/v1/iot/shelf-readings?sku={other}"))["items"]

    (found,) = await shop.eventually(last, bool)
    assert (found["units"], found["expected"], found["differs_since"] is not None) == (3, 20, True)
    (own,) = (await staff.get(f"/v1/iot/shelf-readings?warehouse=main&sku={sku}"))["items"]
    assert (own["units"], own["differs_since"]) == (18, None)
    assert (await staff.get(f"/v1/stock/{other}"))[
        "on_hand"
    ] == 20  # a shelf disputes the books; it does not write them
