"""This is where things go wrong for a customer and come right: declined, out of stock, lost answers, cancel, refund."""

import asyncio
import uuid
from typing import Any

from deploy.local.client import Customer
from tests.shop import Shop, now


async def _available(shop: Shop, sku: str) -> int:
    staff = await shop.owner()
    return int((await staff.get(f"/v1/stock/{sku}"))["available"])


def _total(order: dict[str, Any]) -> int:
    return int(next(total["amount"]["minor"] for total in order["totals"] if total["type"] == "total"))


async def test_a_declined_card_leaves_no_trace_but_the_cart(shop: Shop) -> None:
    sku = await shop.product(stock=5)
    customer = await shop.customer()
    cart = await customer.filled_cart({sku: 2})
    answer = await customer.check_out(cart, "tok_declined")
    assert (answer.status, answer.body["code"]) == (402, "PAYMENT_DECLINED")
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    await shop.eventually(lambda: _available(shop, sku), lambda left: left == 5)
    assert (await customer.check_out(cart)).expect(201)["state"] == "paid"


async def test_out_of_stock_is_said_clearly_and_nothing_is_charged(shop: Shop) -> None:
    sku, plenty = await shop.product(stock=1), await shop.product(stock=9)
    customer = await shop.customer()
    cart = await customer.filled_cart({sku: 2, plenty: 1})
    answer = await customer.check_out(cart)
    assert (answer.status, answer.body["code"]) == (409, "OUT_OF_STOCK")
    assert await _available(shop, plenty) == 9


async def test_a_lost_payment_answer_captures_exactly_once(shop: Shop) -> None:
    sku = await shop.product()
    customer = await shop.customer()
    cart, key = await customer.filled_cart({sku: 1}), uuid.uuid4().hex
    answer = await customer.check_out(cart, "tok_timeout_captured", key)
    if answer.status != 201:  # in doubt it says so; the same key again settles it
        assert answer.status in (409, 503, 504)
        answer = await shop.eventually(
            lambda: customer.check_out(cart, "tok_timeout_captured", key), lambda it: it.status == 201
        )
    payments = await shop.psp_payments(answer.body["id"])
    assert [(p["status"], p["captured_minor"]) for p in payments] == [("captured", _total(answer.body))]


async def test_a_slow_provider_is_waited_for(shop: Shop) -> None:
    sku = await shop.product()
    customer = await shop.customer()
    assert (await customer.buy({sku: 1}, "tok_slow"))["state"] == "paid"


async def test_three_d_secure_waits_for_the_customer(shop: Shop) -> None:
    sku = await shop.product(stock=3)
    customer = await shop.customer()
    order = await customer.buy({sku: 1}, "tok_3ds")
    assert order["state"] == "awaiting_confirmation"
    assert await _available(shop, sku) == 2
    async with shop.session.post(order["next_action"]["url"]) as confirmed:
        assert confirmed.status < 400
    await customer.call("POST", f"/v1/orders/{order['id']}/payment/confirm")
    paid = await shop.eventually(lambda: customer.get(f"/v1/orders/{order['id']}"), lambda it: it["state"] == "paid")
    assert [p["status"] for p in await shop.psp_payments(paid["id"])] == ["captured"]


async def test_the_same_key_fifty_times_is_one_order_and_one_charge(shop: Shop) -> None:
    sku = await shop.product()
    customer = await shop.customer()
    cart, key = await customer.filled_cart({sku: 1}), uuid.uuid4().hex
    answers = await asyncio.gather(*(customer.check_out(cart, key=key) for _ in range(50)))
    assert {answer.status for answer in answers} <= {201, 409}
    for answer in answers:
        if answer.status == 409:
            assert answer.body["code"] == "KEY_IN_PROGRESS"
            assert "Retry-After" in answer.headers
    first = await customer.check_out(cart, key=key)
    assert first.headers["Idempotent-Replayed"] == "true"
    assert {answer.body["id"] for answer in answers if answer.status == 201} == {first.body["id"]}
    assert len(await shop.psp_payments(first.body["id"])) == 1
    assert len((await customer.get("/v1/orders"))["items"]) == 1


async def test_the_same_key_for_something_else_is_refused(shop: Shop) -> None:
    sku = await shop.product()
    customer = await shop.customer()
    cart, other, key = await customer.filled_cart({sku: 1}), "crt_another", uuid.uuid4().hex
    (await customer.check_out(cart, key=key)).expect(201)
    answer = await customer.check_out(other, key=key)
    assert (answer.status, answer.body["code"]) == (422, "KEY_REUSED")
    missing = await customer.call(
        "POST", "/v1/checkouts", {"cart_id": cart, "payment": {"method": "card", "token": "x"}}
    )
    assert missing.status == 400


async def test_a_cancelled_order_gives_back_money_and_goods(shop: Shop) -> None:
    sku = await shop.product(stock=4)
    customer = await shop.customer()
    order = await customer.buy({sku: 3})
    (await customer.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "changed my mind"}, key="c1")).expect(
        200
    )
    cancelled = await shop.eventually(
        lambda: customer.get(f"/v1/orders/{order['id']}"), lambda it: it["state"] == "cancelled"
    )
    assert sum(adjustment["amount"]["minor"] for adjustment in cancelled["adjustments"]) == -_total(order)
    payments = await shop.psp_payments(order["id"])
    assert [p["refunded_minor"] for p in payments] == [_total(order)]
    await shop.eventually(lambda: _available(shop, sku), lambda left: left == 4)


async def _delivered(shop: Shop, customer: Customer, lines: dict[str, int]) -> dict[str, Any]:
    staff = await shop.owner()
    order = await customer.buy(lines)

    async def planned() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order['id']}"))["items"]

    for parcel in await shop.eventually(planned, bool):
        (await staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")).expect(200)
        (await staff.call("POST", f"/v1/shipments/{parcel['id']}/ship")).expect(200)
        await shop.carrier().scan(parcel["waybill"], "delivered", at=now())
    return dict(
        await shop.eventually(lambda: customer.get(f"/v1/orders/{order['id']}"), lambda it: it["state"] == "delivered")
    )


async def test_shipped_is_too_late_to_cancel(shop: Shop) -> None:
    sku = await shop.product()
    customer = await shop.customer()
    order = await _delivered(shop, customer, {sku: 1})
    answer = await customer.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "late"}, key="c1")
    assert (answer.status, answer.body["code"]) == (409, "TOO_LATE_TO_CANCEL")


async def test_a_return_gives_back_what_was_paid_and_takes_back_the_points(shop: Shop) -> None:
    sku = await shop.product(stock=10, price=3000)
    customer, staff = await shop.customer(), await shop.owner()
    order = await _delivered(shop, customer, {sku: 3})
    await shop.eventually(lambda: customer.get("/v1/customers/me"), lambda me: me["points"] == 90)
    body = {"lines": [{"sku": sku, "quantity": 1}], "reason": "size", "photos": []}
    rma = (await customer.call("POST", f"/v1/orders/{order['id']}/returns", body, key="r1")).expect(201)
    assert rma["refund"] == {"currency": "CNY", "minor": 3000}
    (await staff.call("POST", f"/v1/returns/{rma['id']}/approve")).expect(200)
    (await staff.call("POST", f"/v1/returns/{rma['id']}/receive", {"sound": True})).expect(200)
    (await staff.call("POST", f"/v1/returns/{rma['id']}/refund", key="f1")).expect(200)
    payments = await shop.psp_payments(order["id"])
    assert [p["refunded_minor"] for p in payments] == [3000]
    await shop.eventually(lambda: customer.get("/v1/customers/me"), lambda me: me["points"] == 60)
    await shop.eventually(lambda: _available(shop, sku), lambda left: left == 8)


async def test_a_coupon_takes_off_what_it_says_and_no_more_often_than_it_may(shop: Shop) -> None:
    sku = await shop.product(stock=50, price=10_000, cost_minor=4_000)
    staff = await shop.owner()
    code = f"SAVE-{uuid.uuid4().hex[:8].upper()}"
    off = {"currency": "CNY", "minor": 3000}
    coupon = {"code": code, "title": "¥30 off", "amount_off": off, "limit": 1, "skus": [sku]}
    (await staff.call("POST", "/v1/coupons", coupon)).expect(201)
    first, second = await shop.customer(), await shop.customer()
    carts = [await buyer.filled_cart({sku: 1}) for buyer in (first, second)]
    for buyer, cart in zip((first, second), carts, strict=True):
        shown = (await buyer.call("POST", f"/v1/carts/{cart}/coupons", {"code": code.lower()})).expect(200)
        assert [discount["amount"]["minor"] for discount in shown["discounts"]] == [3000]
    answers = await asyncio.gather(first.check_out(carts[0]), second.check_out(carts[1]))
    assert sorted(answer.status for answer in answers) == [201, 409]
    lost = next(answer for answer in answers if answer.status == 409)
    assert lost.body["code"] == "COUPON_USED_UP"
    await shop.eventually(lambda: _available(shop, sku), lambda left: left == 49)


async def test_twenty_buyers_of_five_units_make_five_orders(shop: Shop) -> None:
    sku = await shop.product(stock=5)
    buyers = [shop.visitor() for _ in range(20)]
    carts = await asyncio.gather(*(buyer.filled_cart({sku: 1}) for buyer in buyers))
    answers = await asyncio.gather(*(buyer.check_out(cart) for buyer, cart in zip(buyers, carts, strict=True)))
    assert sorted(answer.status for answer in answers) == [201] * 5 + [409] * 15
    assert {answer.body["code"] for answer in answers if answer.status == 409} == {"OUT_OF_STOCK"}
    assert await _available(shop, sku) == 0


async def test_a_price_is_right_within_a_second_of_its_change(shop: Shop) -> None:
    sku = await shop.product(price=1000)
    staff, visitor = await shop.owner(), shop.visitor()
    listed = f"/v1/products?q={sku}"
    product = (await visitor.get(listed))["items"][0]
    history = await staff.call("GET", f"/v1/products/{product['id']}/price-history")
    change = {"price": {"currency": "CNY", "minor": 1200}, "reason": "season"}
    tag = history.headers["ETag"]
    (await staff.call("PUT", f"/v1/products/{product['id']}/price", change, If_Match=tag)).expect(200)
    await shop.eventually(
        lambda: visitor.get(listed), lambda found: found["items"][0]["price"]["minor"] == 1200, within_s=1
    )
    stale = await staff.call("PUT", f"/v1/products/{product['id']}/price", change, If_Match=tag)
    assert stale.status == 412
