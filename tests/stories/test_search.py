"""This is where customers look for things as people do: with typos, in two scripts, by other words; staff learn from it."""

import uuid

from tests.shop import Shop


async def test_customers_find_what_they_mean_and_staff_learn_what_they_ask(shop: Shop) -> None:
    # Of letters alone: six digits in a row are taken for somebody's number, and such a query is not kept.
    mark = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:6])
    staff, visitor = await shop.owner(), shop.visitor()
    lamp = await shop.product(title=f"Wonderlamp{mark} of brass", price=4_000, tags=f"gift{mark}")
    tea = await shop.product(title=f"龍井綠茶{mark}", price=2_500, tags=f"gift{mark}")

    async def found(query: str) -> list[str]:
        return [item["sku"] for item in (await visitor.get(f"/v1/products?{query}"))["items"]]

    assert await found(f"q=wonderlamp{mark}") == [lamp]
    page = await visitor.get(f"/v1/products?q=wonderlmap{mark}")
    assert ([item["sku"] for item in page["items"]], page["did_you_mean"]) == ([lamp], f"wonderlamp{mark}")
    assert await found(f"q=龙井+{mark}") == [tea]
    assert await found(f"tag=gift{mark}&sort=price") == [tea, lamp]
    page = await visitor.get(f"/v1/products?tag=gift{mark}")
    assert page["total"] == 2
    assert {"name": "price", "values": [{"value": "2000-5000", "count": 2}]} in page["facets"]
    assert await found(f"tag=gift{mark}&min_price=2000&max_price=3000") == [tea]

    path = f"/v1/search/synonyms/light-{mark}"
    (await staff.call("PUT", path, {"terms": [f"wonderlamp{mark}", f"光{mark}"]})).expect(200)
    await shop.eventually(lambda: found(f"q=光{mark}"), lambda skus: skus == [lamp])
    assert f"wonderlamp{mark}" in (await visitor.get(f"/v1/search/completions?q=wonderlamp{mark[:3]}"))["items"]

    assert await found(f"q=flying+carpet{mark}") == []

    async def nothing() -> list[str]:
        report = await staff.get("/v1/search/keywords?kind=no_result&days=1&limit=100")
        return [row["q"] for row in report["items"]]

    await shop.eventually(nothing, lambda queries: f"flying carpet{mark}" in queries, within_s=15)
    (await staff.call("DELETE", path)).expect(204)
