"""This is where goods are sold together, over HTTP, from the bundle's making to its return to the shelf."""

import uuid
from typing import Any

from deploy.local.client import Staff
from tests.shop import Shop


async def _left(staff: Staff, *skus: str) -> list[tuple[int, int]]:
    """On hand and available."""
    stocks = [await staff.get(f"/v1/stock/{sku}") for sku in skus]
    return [(stock["on_hand"], stock["available"]) for stock in stocks]


async def _shipped(shop: Shop, staff: Staff, order: str) -> Any:
    async def planned() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order}"))["items"]

    parcel = (await shop.eventually(planned, bool))[0]
    (await staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")).expect(200)
    (await staff.call("POST", f"/v1/shipments/{parcel['id']}/ship")).expect(200)
    return parcel


async def test_a_bundle_is_made_bought_with_its_part_shipped_and_another_put_back(shop: Shop) -> None:
    staff = await shop.owner()
    cup = await shop.product(stock=20, price=5000)
    pot = await shop.product(stock=8, price=9000)
    tea = await shop.product(stock=0, price=17_000)
    path, body = f"/v1/skus/{tea}/bundle", {"parts": [{"sku": cup, "quantity": 2}, {"sku": pot}]}
    stale = await staff.call("PUT", path, body, If_Match='"v99"')
    assert (stale.status, stale.body["code"]) == (412, "VERSION_MISMATCH")
    made = (await staff.call("PUT", path, body)).expect(200)
    assert (made["apart"]["minor"], made["saving"]["minor"], made["cost"]["minor"]) == (19_000, 2_000, 9_500)
    visitor = shop.visitor()
    (page,) = (await visitor.get(f"/v1/products/{tea}/bundle"))["items"]
    assert page["available"] == 8
    assert "cost" not in page
    assert (await visitor.get(f"/v1/products/{tea}"))["available"] == 8
    receipt = {"sku": tea, "quantity": 1}
    refused = await staff.call("POST", "/v1/stock/receipts", receipt, key=uuid.uuid4().hex)
    assert (refused.status, refused.body["code"]) == (409, "BUNDLE_HAS_NO_STOCK")

    customer = await shop.customer()
    order = (await customer.check_out(await customer.filled_cart({tea: 2, cup: 3}))).expect(201)
    parcel = await _shipped(shop, staff, order["id"])
    assert {line["sku"]: line["quantity"] for line in parcel["lines"]} == {tea: 2, cup: 3}
    await shop.settled()
    assert await _left(staff, cup, pot, tea) == [(13, 13), (6, 6), (6, 6)]

    regret = (await customer.check_out(await customer.filled_cart({tea: 1, cup: 1}))).expect(201)
    await shop.eventually(lambda: _left(staff, cup), lambda left: left == [(10, 10)])
    (await customer.call("POST", f"/v1/orders/{regret['id']}/cancel", {}, key=uuid.uuid4().hex)).expect(200)
    await shop.eventually(lambda: _left(staff, cup, pot), lambda left: left == [(13, 13), (6, 6)])
    used = await staff.call("DELETE", path)
    assert (used.status, used.body["code"]) == (409, "BUNDLE_IN_USE")


async def test_what_is_bought_together_is_shown_after_the_night_and_proposed_as_a_bundle(shop: Shop) -> None:
    staff = await shop.owner()
    cup, pot = await shop.product(), await shop.product()
    customer = await shop.customer()
    for _ in range(3):
        await customer.buy({cup: 1, pot: 1})
    await shop.settled()
    job = (await staff.call("POST", "/v1/affinity/runs")).expect(202)
    await shop.eventually(lambda: staff.get(f"/v1/jobs/{job['id']}"), lambda it: it["state"] == "done")
    visitor = shop.visitor()
    (related,) = (await visitor.get(f"/v1/products/{cup}/related"))["items"]
    assert (related["sku"], related["together"], related["confidence_percent"]) == (pot, 3, 100.0)
    assert related["text"] is None  # three baskets are too few to say so
    (pair,) = (await staff.get(f"/v1/affinity/pairs?product={related['id']}"))["items"]
    assert pair["baskets"] == [3, 3]
    assert (await visitor.call("GET", "/v1/affinity/pairs")).status == 401
    assert "items" in await staff.get("/v1/affinity/bundle-proposals")
    review = (await staff.call("POST", "/v1/products/lifecycle-reviews")).expect(202)
    await shop.eventually(lambda: staff.get(f"/v1/jobs/{review['id']}"), lambda it: it["state"] == "done")
    assert "items" in await staff.get("/v1/products/lifecycle-proposals?action=retire")
