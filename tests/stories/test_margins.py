"""This is where a shop keeps its margin: a floor under prices and discounts, and the owner's word that lets one through."""

import uuid
from datetime import UTC, datetime, timedelta

from deploy.local.client import Answer, Staff
from tests.shop import Shop

IN_A_WEEK = (datetime.now(UTC) + timedelta(days=7)).isoformat(timespec="seconds")
IN_A_DAY = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")


def cny(minor: int) -> dict[str, object]:
    return {"currency": "CNY", "minor": minor}


async def clerk(shop: Shop, role: str) -> Staff:
    who = {"email": f"{role}-{uuid.uuid4().hex[:8]}@example.com", "password": "a long enough one"}
    body = who | {"name": role, "roles": [role]}
    (await (await shop.owner()).call("POST", "/v1/staff", body)).expect(201)
    return await Staff(shop.base, shop.session).sign_in(**who)


async def set_price(staff: Staff, sku: str, minor: int) -> Answer:
    return await staff.call("PUT", f"/v1/products/{sku}/price", {"price": cny(minor)}, If_Match="*")


async def off_the_shelf(staff: Staff, sku: str) -> None:
    """Others discount all goods of this shop: what is left below the floor here must not be in their way."""
    product_id = (await staff.get(f"/v1/products/{sku}/margin"))["product_id"]
    (await staff.call("POST", f"/v1/products/{product_id}/delist")).expect(200)


async def test_a_price_keeps_the_floor_unless_the_owner_says_otherwise(shop: Shop) -> None:
    owner, goods = await shop.owner(), await clerk(shop, "goods")
    sku = await shop.product(price=10_000, cost_minor=3_000)
    (margin,) = (await goods.get(f"/v1/products/{sku}/margin"))["items"]
    assert (margin["contribution_bp"], margin["lowest_price_minor"], margin["shortfall_minor"]) == (7_000, 4_286, 0)

    refused = await set_price(goods, sku, 4_000)
    assert (refused.status, refused.body["code"]) == (409, "LISTING_REFUSED")
    (error,) = refused.body["errors"]
    assert error["pointer"] == "/price/minor"
    assert "286 minor units short: the lowest allowed price is 4286" in error["message"]

    leave = {"reason": "The last forty, to make room", "until_price": cny(4_000), "expires_at": IN_A_DAY}
    path = f"/v1/skus/{sku}/margin-override"
    assert (await goods.call("PUT", path, leave)).status == 403
    (await owner.call("PUT", path, leave)).expect(200)
    (await set_price(goods, sku, 4_000)).expect(200)
    kept = await goods.get(path)
    assert kept["in_force"]
    assert [(row["action"], row["reason"], row["until_minor"]) for row in kept["items"]] == [
        ("given", leave["reason"], 4_000)
    ]
    assert (await goods.call("DELETE", path)).status == 403
    (await owner.call("DELETE", path)).expect(204)
    assert (await set_price(goods, sku, 3_999)).status == 409
    await off_the_shelf(goods, sku)


async def test_seventy_percent_on_top_of_forty_is_refused_with_what_is_missing(shop: Shop) -> None:
    clerk_of_marketing, owner = await clerk(shop, "marketing"), await shop.owner()
    sku = await shop.product(price=10_000, cost_minor=3_000)
    forty = {"title": "Forty", "kind": "limited_time", "percent_bp": 4_000, "skus": [sku], "ends_at": IN_A_WEEK}
    promotion = (await clerk_of_marketing.call("POST", "/v1/promotions", forty)).expect(201)

    code = f"SAVE70-{uuid.uuid4().hex[:6].upper()}"
    seventy = {"code": code, "title": "Seventy", "percent_bp": 7_000, "skus": [sku], "ends_at": IN_A_DAY}
    refused = await clerk_of_marketing.call("POST", "/v1/coupons", seventy)
    assert (refused.status, refused.body["code"]) == (409, "BELOW_MARGIN_FLOOR")
    for part in (
        f"{sku} at ¥100.00 would be sold for ¥18.00",
        promotion["id"],
        code,
        "its floor price is ¥42.86",
        "short of it by 2486 minor units",
    ):
        assert part in refused.body["detail"]
    assert refused.body["context"] == {"sku": sku}
    assert refused.body["errors"][0]["pointer"] == "/percent_bp"

    # Alone among coupons, it still meets the promotion; and once that is over it is too much by itself.
    alone = seventy | {"exclusive": True}
    assert "short of it by 2486" in (await clerk_of_marketing.call("POST", "/v1/coupons", alone)).body["detail"]
    (await clerk_of_marketing.call("POST", f"/v1/promotions/{promotion['id']}/end")).expect(200)
    by_itself = await clerk_of_marketing.call("POST", "/v1/coupons", alone)
    assert by_itself.status == 409
    assert "short of it by 1286 minor units" in by_itself.body["detail"]
    assert promotion["id"] not in by_itself.body["detail"]

    reason = {"margin_override_reason": "The anniversary: we pay for it"}
    assert (await clerk_of_marketing.call("POST", "/v1/coupons", alone | reason)).status == 403
    made = (await owner.call("POST", "/v1/coupons", alone | reason)).expect(201)
    assert made["margin_override_reason"] == reason["margin_override_reason"]
    ledger = await clerk_of_marketing.get("/v1/promotions/margin-overrides")
    assert next(row for row in ledger["items"] if row["rule"] == code)["reason"] == made["margin_override_reason"]
    await off_the_shelf(owner, sku)


async def test_the_shelf_has_roles_and_what_was_earned_is_looked_back_on(shop: Shop) -> None:
    goods = await clerk(shop, "goods")
    category = f"mugs-{uuid.uuid4().hex[:8]}"
    sku = await shop.product(price=5_000, cost_minor=2_500, category=category)
    (await goods.call("PUT", f"/v1/products/{sku}/role", {"role": "traffic"})).expect(200)
    average = {"average": cny(5_100), "source": "market report"}
    (await goods.call("PUT", f"/v1/assortment/industry-averages/{category}", average)).expect(200)
    report = await goods.get("/v1/assortment")
    assert report["traffic"] >= 1
    assert "traffic_too_dear" in [warning["code"] for warning in report["warnings"]]
    offenders = await goods.get("/v1/assortment/offenders?limit=100")
    (offender,) = [row for row in offenders["items"] if row["sku"] == sku]
    assert (offender["under_bp"], offender["warning"]["code"]) == (196, "traffic_too_dear")

    await (await shop.customer()).buy({sku: 2})

    async def reviewed() -> list[dict[str, object]]:
        review = await goods.get("/v1/margins/review?days=2")
        return [row for row in review["categories"] if row["category"] == category]

    (earned,) = await shop.eventually(reviewed, bool)
    assert (earned["units"], earned["paid_minor"], earned["contribution_minor"]) == (2, 10_000, 5_000)
