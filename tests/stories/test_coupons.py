"""This is where coupons are lived: a club's own offer claimed, used and given back; codes on paper; an apology; a trial."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.client import Customer, Staff
from services.kit.clock import rfc3339
from tests.shop import Shop

WHY = "What coupons are lived with costs nobody anything"
YUAN_5 = {"currency": "CNY", "minor": 500}


def _key() -> str:
    return uuid.uuid4().hex


async def _coupon(staff: Staff, sku: str, **fields: Any) -> str:
    """A coupon of ¥5 for one SKU; its code."""
    body = {"title": "¥5 off", "amount_off": YUAN_5, "skus": [sku], "margin_override_reason": WHY, **fields}
    return str((await staff.call("POST", "/v1/coupons", body)).expect(201)["code"])


async def _entered(customer: Customer, cart: str, code: str) -> Any:
    return (await customer.call("POST", f"/v1/carts/{cart}/coupons", {"code": code})).expect(200)


async def _told(customer: Customer, cart: str) -> set[str]:
    """The codes of what the cart tells its owner; a price is remembered for two seconds."""
    return {message["code"] for message in (await customer.get(f"/v1/carts/{cart}"))["messages"]}


async def _state(customer: Customer, voucher: str) -> str:
    mine = (await customer.get("/v1/customers/me/coupons"))["items"]
    return str(next(each["state"] for each in mine if each["id"] == voucher))


async def _clubbed(staff: Staff, customer_id: str) -> str:
    """A group with one customer in it, brought by a file."""
    club = f"club-{uuid.uuid4().hex[:8]}"
    (await staff.call("PUT", f"/v1/customer-groups/{club}", {"title": "Tea club"})).expect(200)
    file = f"group,customer_id\n{club},{customer_id}\n{club},cus_nobody\n{club}\n".encode()
    took = (await staff.call("POST", "/v1/customer-groups/import", raw=file, Content_Type="text/csv")).expect(200)
    assert (took["added"], took["unknown"], [row["row"] for row in took["broken"]]) == (1, ["cus_nobody"], [4])
    assert (await staff.get(f"/v1/customer-groups/{club}/members"))["items"] == [customer_id]
    return club


async def test_a_clubs_coupon_is_claimed_used_once_and_comes_back_with_the_order(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(stock=50)
    mei, other = await shop.customer(), await shop.customer()
    mei_id = (await mei.get("/v1/customers/me"))["id"]
    club = await _clubbed(staff, mei_id)
    claimable = {"vouchers_only": True, "claims_per_customer": 1, "valid_days": 7, "budget": YUAN_5}
    code = await _coupon(staff, sku, audience={"groups": [club]}, **claimable)

    shown = (await other.get("/v1/claimable-coupons"))["items"]
    assert code in {each["coupon"] for each in shown}
    assert (await other.call("POST", f"/v1/coupons/{code}/claims", key=_key())).body["code"] == "NOT_FOR_YOU"
    key = _key()
    mine = (await mei.call("POST", f"/v1/coupons/{code}/claims", key=key)).expect(201)
    again = await mei.call("POST", f"/v1/coupons/{code}/claims", key=key)
    assert again.expect(201)["id"] == mine["id"] and again.headers["Idempotent-Replayed"] == "true"

    cart = await mei.filled_cart({sku: 1})
    priced = await _entered(mei, cart, mine["code"].lower())
    assert [row["code"] for row in priced["discounts"]] == [mine["code"]]
    theirs = await _entered(other, await other.filled_cart({sku: 1}), mine["code"])
    assert "discount_code_invalid" in {message["code"] for message in theirs["messages"]}
    order = (await mei.check_out(cart)).expect(201)
    assert await _state(mei, mine["id"]) == "used"
    assert (await staff.get(f"/v1/coupons/{code}"))["given"] == YUAN_5

    (await mei.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "changed my mind"})).expect(200, 202)
    await shop.eventually(lambda: _state(mei, mine["id"]), lambda state: state == "usable")
    assert (await staff.get(f"/v1/coupons/{code}"))["given"] is None
    (await staff.call("DELETE", f"/v1/customer-groups/{club}/members/{mei_id}")).expect(204)
    cart = await mei.filled_cart({sku: 1})
    await _entered(mei, cart, mine["code"])

    await shop.eventually(lambda: _told(mei, cart), lambda codes: "discount_code_user_ineligible" in codes)


async def test_codes_on_paper_an_apology_and_a_trial(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(stock=50)
    paper = await _coupon(staff, sku, vouchers_only=True)
    batch = (await staff.call("POST", f"/v1/coupons/{paper}/batches", {"count": 200}, key=_key())).expect(202)
    place = f"/v1/coupon-batches/{batch['id']}"
    await shop.eventually(lambda: staff.get(place), lambda now: now["state"] == "done" and now["made"] == 200)
    file = (await staff.call("GET", f"{place}/codes")).expect(200)
    rows = list(csv.DictReader(io.StringIO(file.decode())))
    assert len({row["code"] for row in rows}) == 200 and {row["used"] for row in rows} == {"0"}
    guest = shop.visitor()
    cart = await guest.filled_cart({sku: 1})
    assert (await _entered(guest, cart, rows[7]["code"]))["discounts"]
    (await guest.check_out(cart)).expect(201)
    cart = await guest.filled_cart({sku: 2})
    await _entered(guest, cart, rows[7]["code"])
    await shop.eventually(lambda: _told(guest, cart), lambda codes: "discount_code_expired" in codes)

    sorry = await _coupon(staff, sku, vouchers_only=True, grantable=True, valid_days=30)
    mei = await shop.customer()
    mei_id = (await mei.get("/v1/customers/me"))["id"]
    why = {"coupon": sorry, "reason": "The parcel came two days late."}
    granted = (await staff.call("POST", f"/v1/customers/{mei_id}/coupons", why, key=_key())).expect(201)
    assert (await staff.call("POST", "/v1/customers/cus_nobody/coupons", why, key=_key())).status == 404
    assert await _state(mei, granted["id"]) == "usable"
    (kept,) = [each for each in (await staff.get("/v1/coupon-grants"))["items"] if each["id"] == granted["id"]]
    assert (kept["customer_id"], kept["reason"]) == (mei_id, why["reason"]) and kept["by"].startswith("stf_")

    (await staff.call("POST", f"/v1/coupons/{sorry}/pause")).expect(200)
    assert await _state(mei, granted["id"]) == "suspended"
    (await staff.call("POST", f"/v1/coupons/{sorry}/end")).expect(200)
    assert await _state(mei, granted["id"]) == "expired"

    tried = {"title": "A fifth off", "kind": "limited_time", "percent_bp": 2000, "skus": [sku]}
    begun = await staff.call("POST", "/v1/promotions/simulations", {"promotion": tried, "days": 7}, key=_key())
    place = f"/v1/promotions/simulations/{begun.expect(202)['id']}"
    said = await shop.eventually(lambda: staff.get(place), lambda now: now["state"] == "done", within_s=20)
    [sums] = [each for each in said["totals"] if each["currency"] == "CNY"]
    assert (sums["touched"], sums["discount"]["minor"]) == (1, 1000)
    assert sums["orders"] >= 1 and "same demand" in said["assumes"]["en"]


async def test_a_promotional_price_is_shown_before_the_cart_and_is_what_the_cart_says(shop: Shop) -> None:
    staff, sku, buyer = await shop.owner(), await shop.product(stock=50), shop.visitor()
    search = f"/v1/products?q={sku}"
    assert (await buyer.get(search))["items"][0]["promotion"] is None
    until = rfc3339(datetime.now(UTC) + timedelta(hours=3))
    flash = {"title": "Flash", "kind": "limited_time", "percent_bp": 2000, "skus": [sku], "priority": 900}
    body = flash | {"ends_at": until, "margin_override_reason": WHY}
    promotion = (await staff.call("POST", "/v1/promotions", body)).expect(201)

    async def card() -> Any:
        return (await buyer.get(search))["items"][0]["promotion"]

    shown = await shop.eventually(card, bool)
    assert (shown["price"]["minor"], shown["was"]["minor"]) == (4000, 5000)
    assert (shown["id"], shown["ends_at"]) == (promotion["id"], until) and "限時8折" in shown["reason"]
    assert (await buyer.get(f"/v1/products/{sku}"))["variants"][0]["promotion"] == shown
    priced = await buyer.get(f"/v1/carts/{await buyer.filled_cart({sku: 1})}")
    items = [row["amount"]["minor"] for row in priced["totals"] if row["type"] == "items_discount"]
    assert items == [-1000]
    (await staff.call("POST", f"/v1/promotions/{promotion['id']}/end")).expect(200)
    await shop.eventually(card, lambda now: now is None)


async def test_one_promotion_runs_in_several_channels_and_one_in_some_only(shop: Shop) -> None:
    staff, sku, buyer = await shop.owner(), await shop.product(stock=50), shop.visitor()
    live = {"title": "Live only", "kind": "limited_time", "percent_bp": 1000, "skus": [sku], "priority": 900}
    body = live | {"channels": ["live", "mini_program"], "margin_override_reason": WHY}
    promotion = (await staff.call("POST", "/v1/promotions", body)).expect(201)
    cart = await buyer.filled_cart({sku: 1})
    got: dict[str, bool] = {}
    for channel in ("storefront", "mini_program", "live"):
        said = (await buyer.call("PUT", f"/v1/carts/{cart}/channel", {"channel": channel})).expect(200)
        got[channel] = promotion["id"] in {row["id"] for row in said["discounts"]}
    assert got == {"storefront": False, "mini_program": True, "live": True}
    assert (await buyer.get(f"/v1/products?q={sku}"))["items"][0]["promotion"] is None
    assert (await buyer.call("PUT", f"/v1/carts/{cart}/channel", {"channel": "fax"})).status == 422
    (await buyer.check_out(cart)).expect(201)
