"""This is where customers have orders brought in a window they choose: the last place goes to one, one change is free."""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local.client import ADDRESS, Customer, Staff
from tests.shop import Shop

HERE = ADDRESS | {"province": "上海市", "city": "上海市", "district": "青浦区", "street": "公园路 1 号"}
PRICE = {"currency": "CNY", "minor": 1500}


def _day(ahead: int) -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=ahead)).date().isoformat()


async def _windows(staff: Staff, code: str) -> Any:
    """Same-city delivery, and in one district a morning in which riders bring two orders."""
    zone: dict[str, Any] = {"countries": ["CN"], "provinces": ["上海"], "first_units": 5000, "first_price": PRICE}
    zone |= {"step_units": 1000, "step_price": PRICE, "min_days": 0, "max_days": 1}
    template: dict[str, Any] = {"title": "同城 Same city", "by": "weight", "carrier": "fleet", "zones": [zone]}
    (await staff.call("PUT", "/v1/freight-templates/same-city", template)).expect(200)
    body: dict[str, Any] = {
        "title": "上午 Morning",
        "warehouse": "main",
        "districts": ["青浦區"],
        "from": "09:00",
        "until": "12:00",
    }
    body |= {"capacity": 2, "special": [{"date": _day(3), "capacity": 0}], "days_ahead": 4}
    kept = (await staff.call("PUT", f"/v1/delivery-windows/{code}", body)).expect(200)
    assert (await staff.call("PUT", f"/v1/delivery-windows/{code}", body, If_Match='"v9"')).status == 412
    assert kept in (await staff.get("/v1/delivery-windows?warehouse=main&limit=100"))["items"]
    return body


async def _cart(buyer: Customer, sku: str, window: str) -> str:
    cart = await buyer.filled_cart({sku: 1}, HERE, "same-city")
    chosen = {"option": "same-city", "window": window}
    (await buyer.call("PUT", f"/v1/carts/{cart}/delivery", chosen)).expect(200)
    return cart


async def test_an_order_is_brought_in_the_window_its_customer_chose(shop: Shop) -> None:
    staff, sku, code = await shop.owner(), await shop.product(stock=50), f"qp-{uuid.uuid4().hex[:8]}"
    body = await _windows(staff, code)
    buyer = await shop.customer()
    cart = await buyer.filled_cart({sku: 1}, HERE, "same-city")
    options = (await buyer.get(f"/v1/carts/{cart}/delivery-options"))["items"]
    assert [one["id"] for one in options if one["windowed"]] == ["same-city"]
    missing = await buyer.check_out(cart)
    assert (missing.status, missing.body["code"]) == (409, "WINDOW_MISSING")
    offered = [one for one in (await buyer.get(f"/v1/carts/{cart}/delivery-windows"))["items"] if code in one["id"]]
    one, two, four = (f"{code}_{_day(ahead)}_0900-1200" for ahead in (1, 2, 4))
    assert [slot["id"] for slot in offered][-3:] == [one, two, four]
    wrong = await buyer.call("PUT", f"/v1/carts/{cart}/delivery", {"option": "same-city", "window": "yesterday"})
    assert (wrong.status, wrong.body["code"]) == (409, "WINDOW_CLOSED")
    (await buyer.call("PUT", f"/v1/carts/{cart}/delivery", {"option": "same-city", "window": one})).expect(200)
    order = (await buyer.check_out(cart)).expect(201)
    assert (order["window"]["id"], order["window"]["changed"]) == (one, False)

    rivals = [await shop.customer() for _ in range(3)]
    carts = [await _cart(rival, sku, one) for rival in rivals]
    answers = await asyncio.gather(*(who.check_out(cart) for who, cart in zip(rivals, carts, strict=True)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    full = next(answer for answer in answers if answer.status == 409)
    assert (full.body["code"], two in full.body["context"]["next"].split(" ")) == ("WINDOW_FULL", True)

    path = f"/v1/orders/{order['id']}/delivery-window"
    assert one not in str(await buyer.get(f"{path}s"))
    for _ in range(2):
        changed = (await buyer.call("PUT", path, {"window": two})).expect(200)
    assert (changed["window"]["id"], changed["window"]["changed"]) == (two, True)
    again = await buyer.call("PUT", path, {"window": four})
    assert (again.status, again.body["code"], again.body["context"]["why"]) == (409, "WINDOW_FIXED", "changed")
    assert (await rivals[0].call("PUT", path, {"window": four})).status == 404
    await _brought_then(shop, staff, order["id"], changed["window"])
    assert (await _places(staff, code))[two] == [order["id"]]

    orders = {order["id"]: buyer} | {
        a.body["id"]: who for a, who in zip(answers, rivals, strict=True) if a.status == 201
    }
    for each, who in orders.items():
        (await who.call("POST", f"/v1/orders/{each}/cancel", {})).expect(200)
    await shop.eventually(lambda: _places(staff, code), lambda places: not any(places.values()))
    (await staff.call("PUT", f"/v1/delivery-windows/{code}", body | {"open": False})).expect(200)


async def _brought_then(shop: Shop, staff: Staff, order: str, window: Any) -> None:
    """Its parcel is promised until the window ends, and the page says so."""

    async def parcel() -> Any:
        found = (await staff.get(f"/v1/shipments?order_id={order}"))["items"]
        return found[0]["deliver_by"] if found else None

    await shop.eventually(parcel, lambda promised: promised == window["until"])
    (expected,) = (await staff.get(f"/v1/orders/{order}"))["expectations"]
    assert (expected["ship_by"], expected["deliver_by"]) == (window["from"], window["until"])


async def _places(staff: Staff, code: str) -> dict[str, list[str]]:
    slots = (await staff.get(f"/v1/delivery-windows/{code}/slots"))["items"]
    assert all(slot["taken"] == len(slot["orders"]) <= slot["capacity"] for slot in slots)
    return {slot["id"]: slot["orders"] for slot in slots}
