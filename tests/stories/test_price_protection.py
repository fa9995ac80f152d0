"""This is where a price falls after somebody paid more: the difference goes back by itself, and a return gives the rest."""

from typing import Any

from tests.shop import Shop, now


async def test_a_price_falls_and_who_paid_more_is_given_the_difference(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(price=5_000)
    customer, guest = await shop.customer(), shop.visitor()
    order, late = await customer.buy({sku: 2}), await guest.buy({sku: 1})
    seen = await customer.get(f"/v1/orders/{order['id']}/price-protection")
    assert (seen["mode"], seen["claimable"]["minor"], seen["payments"]) == ("automatic", 0, [])
    assert seen["covered_until"] > order["paid_at"]

    put = {"price": {"currency": "CNY", "minor": 4_400}, "reason": "autumn"}
    (await staff.call("PUT", f"/v1/products/{sku}/price", put, If_Match="*")).expect(200)

    async def protection() -> Any:
        return await customer.get(f"/v1/orders/{order['id']}/price-protection")

    after = await shop.eventually(protection, lambda it: bool(it["payments"]) and it["payments"][0]["paid"])
    assert after["payments"][0]["amount"] == {"currency": "CNY", "minor": 1_200}
    assert after["lines"][0]["left"]["minor"] == 8_800
    (drop,) = (await staff.get(f"/v1/price-protection/drops?sku={sku}"))["items"]
    assert drop["new_price"]["minor"] == 4_400 and drop["id"] == after["payments"][0]["drop_id"]
    assert [p["refunded_minor"] for p in await shop.psp_payments(order["id"])] == [1_200]
    adjusted = (await customer.get(f"/v1/orders/{order['id']}"))["adjustments"]
    assert [(each["type"], each["amount"]["minor"]) for each in adjusted] == [("price_adjustment", -1_200)]

    path = f"/v1/orders/{late['id']}/price-protection"
    claimed = (await guest.call("POST", path, key="claim-1")).expect(200)
    again = (await guest.call("POST", path, key="claim-2")).expect(200)
    assert [p["amount"]["minor"] for p in claimed["payments"]] == [600] and again == claimed
    assert (await guest.call("POST", path)).status == 400  # no key
    stranger = await shop.customer()
    assert (await stranger.call("POST", f"/v1/orders/{order['id']}/price-protection", key="x")).status == 404

    (await customer.call("POST", f"/v1/orders/{order['id']}/cancel")).expect(200)
    total = order["totals"][-1]["amount"]["minor"]
    assert [p["refunded_minor"] for p in await shop.psp_payments(order["id"])] == [total]
    policy = await staff.call("GET", "/v1/price-protection/policy")
    stale = await staff.call("PUT", "/v1/price-protection/policy", policy.expect(200) | {"days": 31}, If_Match='"v99"')
    assert stale.status == 412


async def test_a_sale_for_everybody_makes_it_cheaper_and_who_paid_more_is_given_the_difference(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(price=5_000, cost_minor=10)
    customer = await shop.customer()
    order = await customer.buy({sku: 2})
    begins = {"starts_at": now(), "skus": [sku]}
    for_members = {
        "kind": "limited_time",
        "title": "會員 Members",
        "percent_bp": 2_000,
        "audience": {"signed_in": True},
    }
    for_all = {"kind": "limited_time", "title": "限時 Sale", "percent_bp": 1_000}
    for body in (for_members, for_all):
        (await staff.call("POST", "/v1/promotions", begins | body)).expect(201)

    async def protection() -> Any:
        return await customer.get(f"/v1/orders/{order['id']}/price-protection")

    after = await shop.eventually(protection, lambda it: bool(it["payments"]) and it["payments"][0]["paid"])
    assert [payment["amount"]["minor"] for payment in after["payments"]] == [1_000]
    drops = (await staff.get(f"/v1/price-protection/drops?sku={sku}"))["items"]
    assert [(drop["cause"], drop["new_price"]["minor"]) for drop in drops] == [("promotion", 4_500)]
    assert [p["refunded_minor"] for p in await shop.psp_payments(order["id"])] == [1_000]
