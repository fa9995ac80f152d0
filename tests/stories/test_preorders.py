"""This is where goods are sold before they are there, and customers pay in two parts."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.client import ADDRESS
from services.kit.clock import rfc3339
from tests.shop import Shop


async def test_staff_sell_ahead_and_a_customer_pays_a_deposit_and_its_balance(shop: Shop) -> None:
    staff, buyer = await shop.owner(), await shop.customer()
    cup, now = await shop.product(stock=1), datetime.now(UTC)
    campaign: dict[str, Any] = {
        "title": "雙十一預售",
        "currency": "CNY",
        "items": [{"sku": cup, "most": 3}],
        "opens_at": rfc3339(now - timedelta(hours=2)),
        "closes_at": rfc3339(now + timedelta(hours=1)),
        "ships_from": rfc3339(now + timedelta(days=9)),
        "deposit_minor": 1000,
        "worth_minor": 1500,
        "pay_from": rfc3339(now + timedelta(hours=2)),
        "pay_until": rfc3339(now + timedelta(hours=3)),
        "keeps_deposit": True,
    }
    assert (await buyer.call("POST", "/v1/preorders", campaign)).status == 403
    opened = (await staff.call("POST", "/v1/preorders", campaign)).expect(201)
    assert (await staff.call("POST", "/v1/preorders", campaign)).status == 409

    order = await buyer.buy({cup: 2})  # one is in stock, and stays there for who buys it now
    ahead = order["preorder"]
    assert (ahead["stage"], ahead["deposit"]["minor"], order["next_action"]["type"]) == ("owing", 2000, "pay_balance")
    totals = {each["type"]: each["amount"]["minor"] for each in order["totals"]}
    assert (totals["order_discount"], ahead["balance"]["minor"]) == (-1000, totals["total"] - 2000)
    seen = await shop.visitor().get(f"/v1/preorders/{opened['id']}")
    assert (seen["items"], seen["open"]) == ([{"sku": cup, "most": 3, "left": 1}], True)
    assert (await staff.get(f"/v1/stock/{cup}"))["available"] == 1
    (kept,) = (await staff.get("/v1/orders?state=paid&q=" + order["id"]))["items"]
    assert (kept["classes"], [hold["reason"] for hold in kept["holds"]]) == (["preorder"], ["preorder"])

    path, token = f"/v1/orders/{order['id']}/balance", {"payment_token": "tok_ok"}
    early = await buyer.call("POST", path, token, key="b1")
    assert (early.status, early.body["code"]) == (409, "BALANCE_NOT_DUE")
    assert (await (await shop.customer()).call("POST", path, token, key="b1")).status == 404
    assert (await staff.call("POST", f"/v1/orders/{order['id']}/holds/preorder/release")).status == 409

    over = await shop.visitor().filled_cart({cup: 2})
    gone = await shop.visitor().check_out(over)
    assert gone.status in (404, 409)
    ended = (await staff.call("POST", f"/v1/preorders/{opened['id']}/end")).expect(200)
    assert ended["open"] is False
    (await buyer.call("POST", f"/v1/orders/{order['id']}/cancel")).expect(200)
    assert [payment["refunded_minor"] for payment in await shop.psp_payments(order["id"])] == [0]  # the deposit is kept


async def test_a_customer_picks_an_order_up_in_a_store(shop: Shop) -> None:
    staff, buyer = await shop.owner(), await shop.customer()
    cup, code = await shop.product(stock=0), f"hz-{uuid.uuid4().hex[:8]}"
    store = {
        "title": "杭州西湖店",
        "region": {"country": "CN", "city": "杭州市"},
        "kind": "store",
        "street": "文三路 90 号",
    }
    hours = [{"day": "1", "spans": [{"opens": "10:00", "closes": "21:00"}]}]
    (await staff.call("PUT", f"/v1/warehouses/{code}", store | {"hours": hours})).expect(200)
    received = {"sku": cup, "quantity": 3, "warehouse": code, "reason": "receipt"}
    (await staff.call("POST", "/v1/stock/receipts", received, key=code)).expect(200, 201)
    await shop.settled()

    cart = await buyer.filled_cart({cup: 2})

    async def points() -> Any:
        items = (await buyer.get(f"/v1/carts/{cart}/pickup-points"))["items"]
        return [each for each in items if each["code"] == code]

    (point,) = await shop.eventually(points, bool)
    assert (point["available"], point["hours"]) == (True, ["mon 10:00-21:00"])
    shown = (await buyer.call("PUT", f"/v1/carts/{cart}/pickup", {"store": code})).expect(200)
    assert (shown["delivery"]["id"], shown["totals"][-1]["amount"]["minor"]) == ("pickup", 10_000)
    order = (await buyer.check_out(cart)).expect(201)
    assert (order["fulfilment"], order["state"]) == ("pickup", "paid")
    assert (await staff.get(f"/v1/stock/{cup}"))["available"] == 1

    (waits,) = (await staff.get(f"/v1/pickups?store={code}&state=preparing"))["items"]
    assert waits["order_id"] == order["id"]
    (await staff.call("POST", f"/v1/pickups/{order['id']}/ready")).expect(200)
    assert (await staff.get(f"/v1/orders/{order['id']}/pickup"))["code"] is None
    secret = (await buyer.get(f"/v1/orders/{order['id']}/pickup"))["code"]
    wrong = await staff.call("POST", f"/v1/pickups/{order['id']}/collect", {"code": "NOTTHIS1"})
    assert (wrong.status, wrong.body["code"]) == (409, "PICKUP_CODE_WRONG")
    assert (await buyer.call("POST", f"/v1/pickups/{order['id']}/collect", {"code": secret})).status == 403
    (await staff.call("POST", f"/v1/pickups/{order['id']}/collect", {"code": secret})).expect(200)
    assert (await buyer.get(f"/v1/orders/{order['id']}"))["state"] == "delivered"
    await shop.settled()
    assert (await staff.get(f"/v1/shipments?order_id={order['id']}"))["items"] == []


async def test_a_customer_subscribes_and_gets_it_cheaper_than_others(shop: Shop) -> None:
    staff, member = await shop.owner(), await shop.customer()
    bean, slug = await shop.product(stock=10), f"beans-{uuid.uuid4().hex[:8]}"
    offer = {"title": "Subscribers", "kind": "limited_time", "percent_bp": 1000, "skus": [bean]}
    (await staff.call("POST", "/v1/promotions", offer | {"channels": ["subscription"]})).expect(201)
    plan = {"title": "咖啡豆定期購", "skus": [bean], "every": ["1m"]}
    assert (await member.call("PUT", f"/v1/subscription-plans/{slug}", plan)).status == 403
    (await staff.call("PUT", f"/v1/subscription-plans/{slug}", plan)).expect(200)
    await shop.settled()
    wanted = {
        "plan": slug,
        "every": "1m",
        "items": [{"sku": bean, "quantity": 1}],
        "address": ADDRESS,
        "payment_token": "tok_ok",
        "currency": "CNY",
    }
    made = (await member.call("POST", "/v1/subscriptions", wanted, key="s1")).expect(201)
    again = (await member.call("POST", "/v1/subscriptions", wanted, key="s1")).expect(201)
    assert again["id"] == made["id"]
    path = f"/v1/subscriptions/{made['id']}"
    renewed = await shop.eventually(lambda: member.get(path), lambda seen: seen["orders"])
    order = await member.get(f"/v1/orders/{renewed['orders'][0]}")
    assert (order["state"], order["channel"], order["lines"][0]["total"]["minor"]) == ("paid", "subscription", 4500)
    assert renewed["cycle"] == 2
    assert (await (await shop.customer()).call("GET", path)).status == 404
    assert (await member.call("POST", f"{path}/skip")).expect(200)["cycle"] == 3
    assert (await member.call("POST", f"{path}/pause")).expect(200)["state"] == "paused"
    assert (await member.call("POST", f"{path}/cancel")).expect(200)["state"] == "cancelled"
    assert (await member.call("POST", f"{path}/resume")).status == 409
