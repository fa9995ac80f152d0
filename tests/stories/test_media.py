"""This is where staff bring pictures, are told what is wrong with them, mend them, and customers see the shop window."""

import io
from typing import Any

from PIL import Image

from deploy.local.client import Answer, Staff
from tests.catalog.media.drawing import GREY, goods, packed, with_band
from tests.shop import Shop

_PNG = {"Content_Type": "image/png"}
_TEXT = "手工拉坯的青花瓷茶杯，釉下彩，适合日常饮茶。七天无理由退货，质保一年。"


async def _upload(staff: Staff, picture: Image.Image, purpose: str = "main") -> Any:
    path = f"/v1/media?purpose={purpose}&alt=teacup"
    return (await staff.call("POST", path, raw=packed(picture, "PNG"), **_PNG)).expect(201)


async def _own(staff: Staff, asset: str) -> None:
    rights = {"kind": "original", "holder": "青瓷阁"}
    (await staff.call("PUT", f"/v1/media/{asset}/rights", rights)).expect(200)


async def _draft(staff: Staff, sku: str, *media: str) -> Any:
    body = {
        "title": f"青花瓷茶杯 {sku}",
        "description": _TEXT,
        "category": "kitchen",
        "attributes": [{"name": "材质", "value": "瓷"}, {"name": "容量", "value": "300 ml"}],
        "media": [{"url": url, "alt": "teacup"} for url in media],
        "sku": sku,
        "price": {"currency": "CNY", "minor": 9900},
        "cost": {"currency": "CNY", "minor": 3000},
        "weight_g": 300,
    }
    return (await staff.call("POST", "/v1/products", body)).expect(201)


def _about_pictures(refused: Answer) -> list[str]:
    """What a refusal says of the main picture."""
    errors = refused.expect(409)["errors"]
    return [error["message"] for error in errors if error["pointer"] == "/media/0"]


async def _publish(staff: Staff, product: str) -> None:
    for step in ("submit", "approve", "publish"):
        (await staff.call("POST", f"/v1/products/{product}/{step}")).expect(200)


async def test_a_bad_picture_is_told_why_mended_and_shown(shop: Shop) -> None:
    staff, sku = await shop.owner(), (await shop.product()).replace("T", "P")  # its category is there now
    bad = await _upload(staff, with_band(goods(600, GREY, seed=3)))
    assert not bad["main_image"]["fit"]
    photo = await _upload(staff, goods(900, (120, 90, 60), seed=5), "detail")
    await _own(staff, bad["id"])
    await _own(staff, photo["id"])
    product = await _draft(staff, sku, f"https://shop.example{bad['url']}", photo["url"])
    assert product["media"][0]["url"] == bad["url"]

    said = _about_pictures(await staff.call("POST", f"/v1/products/{product['id']}/submit"))
    for english, chinese in (("600×600", "至少须为 800×800"), ("white", "白底"), ("band", "色带")):
        assert any(english in line and chinese in line for line in said), said

    fit = (await staff.call("POST", f"/v1/media/{bad['id']}/retouch", {})).expect(201)
    assert fit["main_image"] == {"fit": True, "findings": []}
    assert fit["rights"]["holder"] == "青瓷阁"
    tag = (await staff.call("GET", f"/v1/products/{product['id']}")).headers["ETag"]
    media = {"media": [{"url": fit["url"]}, {"url": photo["url"]}]}
    (await staff.call("PATCH", f"/v1/products/{product['id']}", media, If_Match=tag)).expect(200)
    await _publish(staff, product["id"])

    visitor = shop.visitor()
    shown = await visitor.get(f"/v1/products/{product['id']}")
    assert shown["media"][0]["url"] == fit["url"]
    picture = await visitor.call("GET", f"{fit['url']}?width=400")
    assert Image.open(io.BytesIO(picture.expect(200))).width == 400
    assert "immutable" in picture.headers["Cache-Control"]
    again = await visitor.call("GET", f"{fit['url']}?width=400", If_None_Match=picture.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    in_use = await staff.call("DELETE", f"/v1/media/{fit['id']}")
    assert in_use.expect(409)["code"] == "MEDIA_IN_USE"
    (await staff.call("DELETE", f"/v1/media/{bad['id']}")).expect(204)


async def test_a_page_goes_from_need_to_purchase_with_true_numbers(shop: Shop) -> None:
    staff, customer = await shop.owner(), await shop.customer()
    sku = await shop.product(stock=40)
    product = (await customer.get(f"/v1/products/{sku}"))["id"]
    path = f"/v1/products/{product}"
    assert (await customer.call("GET", f"{path}/page")).expect(404)["code"] == "PAGE_NOT_FOUND"
    await customer.buy({sku: 2})

    async def scarce() -> Any:
        return await customer.get(f"{path}/scarcity")

    found = await shop.eventually(scarce, lambda it: it["sold_recently"]["units"] == 2)
    assert found["available"] == 38
    assert [each["text"]["zh"] for each in found["texts"]] == ["仅剩 38 件", "近 30 天已付款 2 件，还剩 38 件"]

    drafted = (await staff.call("POST", f"{path}/detail-draft?language=en")).expect(200)
    assert drafted["storyboard"] and "before_after" in drafted["missing"]
    sections = [{**each, "media": [picture["id"] for picture in each["media"]]} for each in drafted["sections"]]
    claim = {"sections": [{"kind": "endorsement", "text": "98 % 好评"}]}
    refused = await staff.call("PUT", f"{path}/page", claim, If_Match="*")
    assert refused.expect(400)["errors"][0]["pointer"] == "/sections/0/text"
    assert (await staff.call("PUT", f"{path}/page", {"sections": sections})).status == 428
    kept = await staff.call("PUT", f"{path}/page", {"sections": sections}, If_Match="*")
    assert kept.expect(200)["version"] == 1
    page = await customer.get(f"{path}/page")
    (said,) = (each["text"] for each in page["sections"] if each["kind"] == "endorsement")
    assert said == "In the last 30 days 1 orders took 2 of them home."
    stale = await staff.call("PUT", f"{path}/page", {"sections": []}, If_Match='"v9"')
    assert stale.status == 412


async def test_the_shop_window_shows_what_staff_set_up(shop: Shop) -> None:
    staff, visitor = await shop.owner(), shop.visitor()
    sku, other = await shop.product(), await shop.product()
    ids = [(await visitor.get(f"/v1/products/{each}"))["id"] for each in (sku, other)]
    poster = await _upload(staff, goods(400, seed=77), "detail")
    promotion = {"title": "Spring", "kind": "limited_time", "percent_bp": 100, "ends_at": "2099-01-01T00:00:00Z"}
    running = (await staff.call("POST", "/v1/promotions", promotion)).expect(201)["id"]
    modules = [
        {"id": "top", "kind": "hero", "title": "一盞好茶", "media_id": poster["id"]},
        {"id": "ours", "kind": "picks", "product_ids": ids},
        {"id": "new", "kind": "new_arrivals", "limit": 2},
        {"id": "ends", "kind": "countdown", "promotion_id": running},
        {"id": "never", "kind": "countdown", "promotion_id": "prm_none"},
        {"id": "over", "kind": "poster", "media_id": poster["id"], "valid_until": "2020-01-01T00:00:00Z"},
    ]
    (await staff.call("PUT", "/v1/storefront/modules", {"modules": modules}, If_Match="*")).expect(200)

    async def front() -> dict[str, Any]:
        return {each["id"]: each for each in (await visitor.get("/v1/storefront"))["modules"]}

    shown = await front()
    assert list(shown) == ["top", "ours", "new", "ends"]
    assert shown["top"]["image_url"] == poster["url"]
    assert [item["sku"] for item in shown["ours"]["items"]] == [sku, other]
    assert [item["sku"] for item in shown["new"]["items"]] == [other, sku]
    assert shown["ends"]["ends_at"] == "2099-01-01T00:00:00.000Z"
    (await staff.call("POST", f"/v1/products/{ids[0]}/delist")).expect(200)
    await shop.eventually(front, lambda it: [item["sku"] for item in it["ours"]["items"]] == [other], within_s=2)
    (await staff.call("POST", f"/v1/promotions/{running}/end")).expect(200)
    await shop.eventually(front, lambda it: "ends" not in it, within_s=2)

    profile = {
        "name": "青瓷阁",
        "address": {"country": "CN", "city": "杭州市", "street": "文三路 90 号"},
        "phone": "+8657112345678",
        "time_zone": "Asia/Shanghai",
        "hours": [{"weekday": day, "spans": [{"opens": "00:00", "closes": "24:00"}]} for day in range(1, 8)],
        "logo": poster["id"],
        "team": [{"name": "王小明", "role": "掌柜"}],
    }
    (await staff.call("PUT", "/v1/store", profile, If_Match="*")).expect(200)
    store = await visitor.call("GET", "/v1/store")
    assert store.expect(200)["open_now"] is True
    assert store.body["logo"]["url"] == poster["url"]
    profile["hours"] = []
    closed = await staff.call("PUT", "/v1/store", profile, If_Match=store.headers["ETag"])
    assert closed.expect(200)["open_now"] is False
    assert (await visitor.get("/v1/store"))["open_now"] is False
