"""This is where a customer says what they think of what they bought, and the shop learns from it."""

import uuid

from tests.shop import Shop


async def test_a_buyer_reviews_another_asks_and_staff_see_what_hurts(shop: Shop) -> None:
    staff, buyer, other = await shop.owner(), await shop.customer(), await shop.customer()
    sku = await shop.product()
    await buyer.buy({sku: 1})
    product = (await buyer.get(f"/v1/products/{sku}"))["id"]
    path = f"/v1/products/{product}"

    async def write() -> bool:
        body = {"rating": 2, "title": "Broke", "text": "The handle is broken", "photos": ["https://example.com/p.jpg"]}
        review = (await buyer.call("PUT", f"{path}/review", body)).expect(200)
        return bool(review["verified"])

    await shop.eventually(write, bool)
    page = await shop.visitor().get(f"{path}/reviews")
    assert page["rating"] == {"count": 1, "mean": 2.0, "positive_ratio": 0.0, "stars": [0, 1, 0, 0, 0], "photos": 1}
    review = page["items"][0]["id"]
    (await other.call("POST", f"/v1/product-reviews/{review}/helpful")).expect(200)
    (await other.call("PUT", f"{path}/review", {"rating": 5, "text": f"buy at spam-{uuid.uuid4().hex}"})).expect(200)
    assert len((await shop.visitor().get(f"{path}/reviews"))["items"]) == 1  # who did not buy it waits

    notices = await staff.get("/v1/notices?kind=bad_review&open=true&limit=100")
    assert review in [notice["subject"] for notice in notices["items"]]
    (await staff.call("POST", f"/v1/product-reviews/{review}/reply", {"text": "We send a new one"})).expect(200)
    (await other.call("POST", f"/v1/product-reviews/{review}/reply", {"text": "me too"})).expect(403)

    question = (await other.call("POST", f"{path}/questions", {"text": "Is the handle broken?"})).expect(201)["id"]
    answers = f"/v1/questions/{question}/answers"
    (await other.call("POST", answers, {"text": "I guess"})).expect(403)
    (await buyer.call("POST", answers, {"text": "Mine was"})).expect(201)
    (await staff.call("POST", answers, {"text": "Not the new ones"})).expect(201)
    asked = (await shop.visitor().get(f"{path}/questions"))["items"][0]
    assert [answer["staff"] for answer in asked["answers"]] == [False, True]

    pain = await staff.get(f"{path}/pain-points")
    assert pain["topics"][0]["key"] == "broken"
    assert (await shop.visitor().get(f"{path}/reviews"))["items"][0]["reply"]["text"] == "We send a new one"
