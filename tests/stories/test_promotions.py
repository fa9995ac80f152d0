"""This is where promotions of every kind make a cart cheaper, say why, and are frozen in an order; over HTTP."""

from typing import Any

from deploy.local.client import Customer, Staff
from tests.shop import Shop


def cny(minor: int) -> dict[str, Any]:
    return {"currency": "CNY", "minor": minor}


async def made(owner: Staff, kind: str, **says: Any) -> str:
    answer = await owner.call("POST", "/v1/promotions", {"title": kind, "kind": kind} | says)
    return str(answer.expect(201)["id"])


async def cart_of(customer: Customer, **lines: int) -> dict[str, Any]:
    return dict(await customer.get(f"/v1/carts/{await customer.filled_cart(lines)}"))


def off(priced: dict[str, Any]) -> dict[str, int]:
    return {each["id"]: each["amount"]["minor"] for each in priced["discounts"]}


def amounts(priced: dict[str, Any]) -> dict[str, int]:
    totals = {total["type"]: total["amount"]["minor"] for total in priced["totals"]}
    assert totals["total"] == sum(minor for kind, minor in totals.items() if kind != "total")
    return totals


async def test_each_kind_makes_a_cart_cheaper_and_says_why(shop: Shop) -> None:
    owner, visitor = await shop.owner(), shop.visitor()
    a, b, c, gift = [await shop.product(price=10_000, cost_minor=10) for _ in range(4)]
    flash = await made(
        owner,
        "limited_time",
        skus=[a],
        steps=[{"percent_bp": 5_000, "units": 2}, {"percent_bp": 3_000}],
        limit_per_order=3,
    )
    priced = await cart_of(visitor, **{a: 4})
    assert off(priced)[flash] == 5_000 * 2 + 3_000
    assert ("purchase_limit", flash) in {(each["code"], each["about"]) for each in priced["messages"]}

    bundle = await made(owner, "bundle", skus=[b], bundle_quantity=3, bundle_price=cny(24_000))
    priced = await cart_of(visitor, **{b: 2})
    (missing,) = [each for each in priced["offers"] if each["id"] == bundle]
    assert (missing["code"], missing["missing_units"]) == ("not_reached", 1)
    assert off(await cart_of(visitor, **{b: 4})) == {bundle: 6_000}

    prices = [{"sku": c, "price": cny(9_000)}, {"sku": c, "price": cny(8_000), "from_quantity": 10}]
    listed = await made(owner, "price_list", prices=prices)
    assert off(await cart_of(visitor, **{c: 1})) == {listed: 1_000}
    assert off(await cart_of(visitor, **{c: 10})) == {listed: 20_000}

    add_on = await made(
        owner, "add_on", skus=[b], threshold=cny(20_000), prices=[{"sku": gift, "price": cny(100)}], limit_per_order=1
    )
    priced = await cart_of(visitor, **{b: 2})
    assert [each["skus"] for each in priced["offers"] if each["code"] == "add_on_available"] == [[gift]]
    assert off(await cart_of(visitor, **{b: 2, gift: 2})) == {add_on: 9_900}
    for each in (flash, bundle, listed, add_on):
        (await owner.call("POST", f"/v1/promotions/{each}/end")).expect(200)


async def test_thresholds_gifts_and_free_delivery_stand_together_until_a_line_goes(shop: Shop) -> None:
    owner, customer = await shop.owner(), await shop.customer()
    a, b, gift = [await shop.product(price=2_000, cost_minor=10) for _ in range(3)]
    steps = [
        {"threshold": cny(3_000), "amount_off": cny(200)},
        {"threshold": cny(6_000), "amount_off": cny(800)},
    ]
    spend = await made(owner, "spend_threshold", skus=[a, b], steps=steps)
    given = await made(owner, "gift", skus=[a, b], threshold=cny(3_000), gifts=[{"sku": gift}])
    free = await made(owner, "free_shipping", skus=[a, b], threshold=cny(3_000))
    cart = await customer.filled_cart({a: 1, b: 1})
    priced = await customer.get(f"/v1/carts/{cart}")
    totals = amounts(priced)
    assert totals["fulfillment"] > 0
    assert off(priced) == {spend: 200, given: 2_000, free: totals["fulfillment"]}
    assert totals["fulfillment_discount"] == -totals["fulfillment"]
    assert totals["total"] == 3_800
    line = next(each for each in priced["lines"] if each["sku"] == gift)
    assert (line["quantity"], line["gift_quantity"], line["total"]["minor"]) == (1, 1, 0)
    (more,) = [each for each in priced["offers"] if each["id"] == spend]
    assert (more["code"], more["missing"]) == ("not_reached", cny(2_000))

    losses = await customer.get(f"/v1/carts/{cart}/lines/{a}/removal")
    lost = {each["id"]: (each["amount"]["minor"], each["gifts"]) for each in losses["lost"]}
    assert lost == {spend: (100, []), given: (2_000, [gift]), free: (totals["fulfillment"], [])}
    assert losses["total_before"] == cny(3_800)

    order = (await customer.check_out(cart)).expect(201)
    assert order["state"] == "paid"
    assert amounts(order)["total"] == 3_800
    assert {each["sku"]: each["total"]["minor"] for each in order["lines"]} == {a: 1_900, b: 1_900, gift: 0}
    assert (await shop.psp_payments(order["id"]))[0]["captured_minor"] == 3_800
    (await owner.call("POST", f"/v1/promotions/{given}/pause")).expect(200)

    async def shown() -> Any:
        return off(await cart_of(customer, **{a: 1, b: 1}))

    await shop.eventually(shown, lambda found: given not in found)
    one = await owner.call("GET", f"/v1/promotions/{given}")
    assert one.expect(200)["paused"]
    body = {"title": "Spring", "kind": "gift", "skus": [a], "threshold": cny(1_500), "gifts": [{"sku": gift}]}
    assert (await owner.call("PUT", f"/v1/promotions/{given}", body, If_Match='"v1"')).status == 412
    changed = await owner.call("PUT", f"/v1/promotions/{given}", body, If_Match=f'"v{one.body["version"]}"')
    assert changed.expect(200)["threshold"] == cny(1_500)
    for each in (spend, given, free):
        (await owner.call("POST", f"/v1/promotions/{each}/end")).expect(200)
    assert (await owner.call("POST", f"/v1/promotions/{given}/resume")).body["code"] == "PROMOTION_OVER"


async def test_what_is_limited_is_sold_as_often_as_there_is_and_given_back_when_cancelled(shop: Shop) -> None:
    owner, first, second = await shop.owner(), await shop.customer(), await shop.customer()
    sku = await shop.product(price=10_000, cost_minor=10)
    steps = [{"percent_bp": 5_000, "units": 2}]
    flash = await made(owner, "limited_time", skus=[sku], steps=steps, limit_per_customer=1)
    assert "sign_in" in {each["code"] for each in (await cart_of(shop.visitor(), **{sku: 1}))["messages"]}
    cart = await first.filled_cart({sku: 2})
    assert off(await first.get(f"/v1/carts/{cart}"))[flash] == 5_000
    order = (await first.check_out(cart)).expect(201)
    assert (await owner.get(f"/v1/promotions/{flash}"))["sold"] == 1
    again = await first.filled_cart({sku: 1})

    async def mine() -> Any:
        return off(await first.get(f"/v1/carts/{again}"))

    await shop.eventually(mine, lambda found: found == {})
    assert off(await cart_of(second, **{sku: 1})) == {flash: 5_000}
    (await first.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "changed my mind"})).expect(200)

    async def sold() -> Any:
        return (await owner.get(f"/v1/promotions/{flash}"))["sold"]

    await shop.eventually(sold, lambda found: found == 0)
    (await owner.call("POST", f"/v1/promotions/{flash}/end")).expect(200)
