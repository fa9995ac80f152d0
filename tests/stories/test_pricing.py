"""This is where prices fall for a time and come back, and everybody sees it, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.client import Customer
from tests.shop import Shop


def _in(**delta: float) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).isoformat()


async def _shown(visitor: Customer, sku: str) -> int:
    return int((await visitor.get(f"/v1/products/{sku}/price"))["price"]["minor"])


async def test_a_sale_cuts_a_price_and_gives_it_back(shop: Shop) -> None:
    staff, visitor, sku = await shop.owner(), shop.visitor(), await shop.product(price=5000)
    cart = (await visitor.call("POST", "/v1/carts")).expect(201)["id"]
    (await visitor.call("PUT", f"/v1/carts/{cart}/lines/{sku}", {"quantity": 2})).expect(200)
    sale = {"title": "Tea time", "kind": "limited_time", "skus": [sku], "percent_bp": 2_000, "ends_at": _in(hours=1)}
    rule = (await staff.call("POST", "/v1/price-rules", sale)).expect(201)

    tag = await shop.eventually(
        lambda: visitor.get(f"/v1/products/{sku}/price"), lambda it: it["price"]["minor"] == 4000, within_s=2
    )
    assert tag["regular_price"]["minor"] == tag["lowest_30_days"]["minor"] == 5000
    assert (tag["rule"]["kind"], tag["rule"]["ends_at"], tag["rule"]["next_step"]) == (
        "limited_time",
        rule["ends_at"],
        None,
    )
    assert (await visitor.get(f"/v1/products/{sku}"))["price"]["minor"] == 4000
    priced = await visitor.get(f"/v1/carts/{cart}")
    assert {total["type"]: total["amount"]["minor"] for total in priced["totals"]}["subtotal"] == 8000
    history = await staff.get(f"/v1/products/{sku}/price-history")
    assert [entry["price"]["minor"] for entry in history["items"]] == [4000, 5000]
    assert rule["id"] in history["items"][0]["reason"]
    assert history["lowest_before"]["price"]["minor"] == 5000

    ended = (await staff.call("POST", f"/v1/price-rules/{rule['id']}/end")).expect(200)
    assert ended["open"] is False
    await shop.eventually(lambda: _shown(visitor, sku), lambda minor: minor == 5000, within_s=2)
    history = await staff.get(f"/v1/products/{sku}/price-history?limit=2")
    assert [entry["price"]["minor"] for entry in history["items"]] == [5000, 4000]
    older = await staff.get(f"/v1/products/{sku}/price-history?limit=2&cursor={history['next_cursor']}")
    assert [entry["price"]["minor"] for entry in older["items"]] == [5000]
    tag = await visitor.get(f"/v1/products/{sku}/price")
    assert (tag["rule"], tag["lowest_30_days"]["minor"]) == (None, 4000)


async def test_a_flash_sale_steps_as_it_sells(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(price=5000)
    steps: list[dict[str, Any]] = [
        {"after_units": 0, "price": {"currency": "CNY", "minor": 3000}},
        {"after_units": 2, "price": {"currency": "CNY", "minor": 4000}},
    ]
    sale = {"title": "Flash", "kind": "flash_steps", "skus": [sku], "steps": steps, "ends_at": _in(hours=1)}
    rule = (await staff.call("POST", "/v1/price-rules", sale)).expect(201)
    customer = await shop.customer()
    await shop.eventually(lambda: _shown(customer, sku), lambda minor: minor == 3000, within_s=2)
    following = (await customer.get(f"/v1/products/{sku}/price"))["rule"]["next_step"]
    assert following == {"price": {"currency": "CNY", "minor": 4000}, "at": None, "units_left": 2}
    await customer.buy({sku: 2})
    await shop.eventually(lambda: _shown(customer, sku), lambda minor: minor == 4000, within_s=3)
    seen = await staff.get(f"/v1/price-rules/{rule['id']}")
    assert (seen["sku_count"], seen["refused"]) == (1, [])
    open_rules = await staff.get("/v1/price-rules?open=true")
    assert rule["id"] in [each["id"] for each in open_rules["items"]]
