"""This is where a shop is paid in every way it can be, gives back, and counts its money against the provider's file."""

import uuid
from typing import Any

from deploy.local.client import Customer, Staff
from tests.shop import Shop, now

CHINA = {"most": {"currency": "CNY", "minor": 200000}, "regions": ["CN"], "members_only": True}


async def _money(staff: Staff, order: str, what: str, body: Any, key: str = "") -> Any:
    answer = await staff.call("POST", f"/v1/orders/{order}/{what}", body, key=key or uuid.uuid4().hex)
    return answer.expect(200)


async def _settled_file(shop: Shop) -> bytes:
    url = f"{shop.local.environment['PSP_URL']}/v1/settlements"
    async with shop.session.get(url, headers={"Authorization": "Bearer psp-development-secret"}) as response:
        return await response.read()


async def _taken_at_shipment(shop: Shop, staff: Staff, buyer: Customer, sku: str) -> str:
    """Authorised at checkout; staff take a part, the parcel takes the rest; a part goes back, told by the provider too."""
    (await staff.call("PUT", "/v1/payment-methods/card", {"capture": "shipment"})).expect(200)
    try:
        order = await buyer.buy({sku: 1})
    finally:
        (await staff.call("PUT", "/v1/payment-methods/card", {"capture": "payment"})).expect(200)
    assert order["payment"] == {"method": "card", "state": "authorised"}
    total = order["totals"][-1]["amount"]["minor"]
    part = {"amount": {"currency": "CNY", "minor": 1000}}
    key = uuid.uuid4().hex
    assert (await _money(staff, order["id"], "captures", part, key))["state"] == "partially_captured"
    assert (await _money(staff, order["id"], "captures", part, key))["captured"]["minor"] == 1000
    found = await shop.eventually(
        lambda: staff.get(f"/v1/shipments?order_id={order['id']}"), lambda page: bool(page["items"])
    )
    shipment = found["items"][0]["id"]
    (await staff.call("POST", f"/v1/shipments/{shipment}/pack")).expect(200)
    (await staff.call("POST", f"/v1/shipments/{shipment}/ship")).expect(200)
    taken = await shop.eventually(
        lambda: staff.get(f"/v1/orders/{order['id']}/payments"), lambda money: money["captured"]["minor"] == total
    )
    assert (
        taken["state"] == "captured"
        and [m["by"] for m in taken["movements"]][1:] == ["shipment"]
        and taken["captured"]["minor"] == total
    )
    lines = {"lines": [{"sku": sku, "quantity": 1}], "reason": "goodwill"}
    assert (await _money(staff, order["id"], "refunds", lines))["state"] == "partially_refunded"
    again = await staff.call("POST", f"/v1/orders/{order['id']}/refunds", lines, key=uuid.uuid4().hex)
    assert (again.status, again.body["code"]) == (409, "NOTHING_TO_RETURN")
    [payment] = await shop.psp_payments(order["id"])
    assert (payment["captured_minor"], payment["refunded_minor"]) == (total, 5000)
    told = await shop.eventually(
        lambda: staff.get("/v1/payments/webhooks"),
        lambda page: any(row["order_id"] == order["id"] for row in page["items"]),
    )
    hook = next(row for row in told["items"] if row["order_id"] == order["id"])
    applied = (await staff.call("POST", f"/v1/payments/webhooks/{hook['id']}/apply")).expect(200)
    assert (applied["state"], applied["outcome"]) == ("applied", "known")
    return str(order["id"])


async def _at_the_door(shop: Shop, staff: Staff, buyer: Customer, sku: str) -> str:
    """Offered by what the cart costs and where it goes; collected when it is delivered."""
    cart = await buyer.filled_cart({sku: 1})
    offers = {o["method"]: o for o in (await buyer.get(f"/v1/payment-methods?cart_id={cart}"))["items"]}
    assert offers["cod"]["offered"] and offers["alipay"]["needs"] == "redirect"
    other = await shop.customer()
    dear = await other.filled_cart({sku: 50})
    offers = {o["method"]: o for o in (await other.get(f"/v1/payment-methods?cart_id={dear}"))["items"]}
    assert offers["cod"]["why_not"] == "amount"
    refused = await other.check_out(dear, payment={"method": "cod"})
    assert (refused.status, refused.body["code"]) == (409, "PAYMENT_METHOD_NOT_OFFERED")
    order = (await buyer.check_out(cart, payment={"method": "cod"})).expect(201)
    assert order["payment"]["state"] == "to_collect"
    found = await shop.eventually(
        lambda: staff.get(f"/v1/shipments?order_id={order['id']}"), lambda page: bool(page["items"])
    )
    shipment = found["items"][0]
    await shop.carrier().scan(shipment["waybill"], "picked_up", "delivered", at=now())
    await shop.eventually(
        lambda: staff.get(f"/v1/orders/{order['id']}/payments"), lambda money: money["state"] == "collected"
    )
    return str(order["id"])


async def test_a_shop_is_paid_in_every_way_and_counts_its_money(shop: Shop) -> None:
    staff, buyer = await shop.owner(), await shop.customer()
    sku = await shop.product(stock=100, price=5000)
    (await staff.call("PUT", "/v1/payment-methods/cod", CHINA | {"capture": "delivery"})).expect(200)
    number = await buyer.check_out("crt_x", "4111 1111 1111 1111")
    assert (number.status, number.body["code"]) == (400, "CARD_NUMBER_SENT")
    assert number.body["errors"][0]["pointer"] == "/payment/token"

    order = await _taken_at_shipment(shop, staff, buyer, sku)
    await _at_the_door(shop, staff, buyer, sku)
    wallet = (await buyer.check_out(await buyer.filled_cart({sku: 1}), payment={"method": "wechat_pay"})).expect(201)
    async with shop.session.post(wallet["next_action"]["url"]) as confirmed:
        assert confirmed.status == 200
    await shop.eventually(
        lambda: buyer.get(f"/v1/orders/{wallet['id']}"), lambda seen: seen["payment"]["state"] == "captured"
    )

    file = await _settled_file(shop)
    lines = [line for line in file.splitlines() if order.encode() in line]
    raw = b"\n".join([file.splitlines()[0], *lines, b"stl-x" + lines[0][lines[0].index(b",") :].replace(b",10", b",1")])
    brought = (await staff.call("POST", "/v1/settlements", raw=raw, Content_Type="text/csv")).expect(202)
    done = await shop.eventually(
        lambda: staff.get(f"/v1/settlements/{brought['id']}"), lambda one: one["state"] == "done"
    )
    counts = {each["outcome"]: each["count"] for each in done["counts"]}
    assert (counts["matched"], counts["duplicate"]) == (3, 1)
    page = await staff.get(f"/v1/settlements/{brought['id']}/lines?outcome=duplicate")
    assert [line["line_id"] for line in page["items"]] == ["stl-x"]
    wrong = (await staff.get("/v1/settlement-differences?state=open&limit=100"))["items"]
    twice = next(d for d in wrong if d["kind"] == "duplicate")
    path = f"/v1/settlement-differences/{twice['id']}/explain"
    assert (await staff.call("POST", path, {"note": "the bank's mistake"})).expect(200)["state"] == "explained"
    payouts = (await staff.get("/v1/payouts?limit=100"))["items"]
    assert any(payout["settlement_id"] == brought["id"] and payout["days_to_payout"] > 0 for payout in payouts)
