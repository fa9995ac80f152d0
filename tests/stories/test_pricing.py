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
    staff, sku = await shop.owner(), await shop.product(price=5000, cost_minor=1000)
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


async def test_a_sale_below_the_margin_floor_is_kept_out_and_says_so(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(price=5000, cost_minor=3000)
    sale = {"title": "Too good", "kind": "limited_time", "skus": [sku], "percent_bp": 3_000, "ends_at": _in(hours=1)}
    rule = (await staff.call("POST", "/v1/price-rules", sale)).expect(201)["id"]
    seen = await shop.eventually(lambda: staff.get(f"/v1/price-rules/{rule}"), lambda it: it["refused"], within_s=3)
    assert [each["sku"] for each in seen["refused"]] == [sku]
    assert await _shown(shop.visitor(), sku) == 5000
    notices = await staff.get("/v1/notices?kind=price_rule_refused&limit=100")
    assert rule in [notice["subject"] for notice in notices["items"]]


async def test_what_competitors_ask_becomes_a_price_when_somebody_says_so(shop: Shop) -> None:
    staff, sku, other = await shop.owner(), await shop.product(price=5000), await shop.product(price=5000)
    seen = _in(minutes=-5)
    lines = [
        "competitor,name,sku,price_minor,currency,at,promotion",
        f'Cups & Co,"Cup, blue",{sku},4790,CNY,{seen},3 for 2',
        f"Pots,Cup,{sku},4890,CNY,{seen},",
        f'Pots,"Cup,{other},4990,CNY,{seen},',  # a quote that never closes
        f"Pots,Cup,{other},forty,CNY,{seen},",
    ]
    path = "/v1/competitors/prices/import"
    taken = (await staff.call("POST", path, raw="\n".join(lines).encode(), Content_Type="text/csv")).expect(200)
    assert [row["ok"] for row in taken["rows"]] == [True, True, False, False]
    assert taken["rows"][3]["errors"] == [{"column": "price_minor", "message": "must be a whole number"}]
    listed = await staff.get(f"/v1/competitors/prices?sku={sku}")
    assert {each["competitor"]: each["price"]["minor"] for each in listed["items"]} == {"Cups & Co": 4790, "Pots": 4890}
    report = await staff.get("/v1/competitors/report?days=7")
    (position,) = [each for each in report["positions"] if each["sku"] == sku]
    assert (position["lowest"]["minor"], position["median"]["minor"], position["index_bp"]) == (4790, 4790, 10_438)

    formula = {"title": "Like the others", "kind": "market", "skus": [sku, other], "ending": "90", "floor_bp": 13_000}
    made = (await staff.call("POST", "/v1/price-formulas", formula)).expect(201)
    job = f"/v1/jobs/{made['job']['id']}"
    await shop.eventually(lambda: staff.get(job), lambda it: it["state"] == "done")
    proposals = [
        each
        for each in (await staff.get("/v1/price-proposals?kind=market&limit=100"))["items"]
        if each["formula_id"] == made["id"]
    ]
    assert [(each["sku"], each["price"]["minor"]) for each in proposals] == [(sku, 4790)]
    assert await _shown(shop.visitor(), sku) == 5000  # a proposal sets nothing
    asked = {"ids": [proposals[0]["id"], "ppl_none"]}
    answered = (await staff.call("POST", "/v1/price-proposals/apply", asked)).expect(200)
    assert (answered["applied"], answered["rejected"]) == (1, 1)
    assert answered["rows"][1]["reason"] == "PROPOSAL_NOT_FOUND"
    await shop.eventually(lambda: _shown(shop.visitor(), sku), lambda minor: minor == 4790, within_s=2)
    trends = await staff.get("/v1/assortment/trends?by=sku&days=7")
    assert (trends["days"], trends["rising"]) == (7, [])
    assert (await staff.call("GET", f"/v1/products/{sku}/elasticity")).status == 404
