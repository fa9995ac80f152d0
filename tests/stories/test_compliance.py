"""This is where a listing is refused for what it says, mended, sold, taken down when a rule changes, and retired."""

from typing import Any

from deploy.local.client import Staff
from tests.shop import Shop

PHOTO = {"url": "https://pictures.example/cup.jpg", "alt": "青花瓷杯"}


async def _patch(staff: Staff, product: str, change: dict[str, Any], status: int = 200) -> dict[str, Any]:
    body = (await staff.call("PATCH", f"/v1/products/{product}", change, if_match="*")).expect(status)
    assert isinstance(body, dict)
    return body


async def test_from_a_draft_with_a_hidden_superlative_to_the_end_of_its_life(shop: Shop) -> None:
    staff, visitor = await shop.owner(), shop.visitor()
    mark = f"ming{(await shop.product()).split('-')[1]}"
    await _need_a_capacity(staff)
    draft = {
        "title": f"青花瓷杯 苐 ① 品\u200b牌 {mark}",
        "category": "porcelain",
        "sku": f"CUP-{mark}",
        "price": {"currency": "CNY", "minor": 9_900},
        "cost": {"currency": "CNY", "minor": 3_000},
        "attributes": [{"name": "容量", "value": "9 L"}],
        "media": [PHOTO],
        "trust_blocks": [{"kind": "no_reason_return"}, {"kind": "freight_insurance"}],
        "handling_notice": "易碎：签收时请当面验货 / Fragile: inspect on delivery",
    }
    product = (await staff.call("POST", "/v1/products", draft)).expect(201)["id"]

    refused = (await staff.call("POST", f"/v1/products/{product}/submit")).expect(409)
    assert refused["code"] == "LISTING_REFUSED"
    pointers = {error["pointer"] for error in refused["errors"]}
    assert pointers >= {"/title", "/attributes/0/value", "/trust_blocks/1"}
    seen = await staff.get(f"/v1/products/{product}/findings")
    assert not seen["passes"]
    title = next(finding for finding in seen["findings"] if finding["pointer"] == "/title")
    assert (title["code"], title["text"], title["position"]) == ("BANNED_WORD", "苐 ① 品\u200b牌", 5)
    assert "第一品牌" in title["message"]["en"]
    assert "建议改为“行业领先”" in title["message"]["zh"]
    assert "行业领先" in title["suggestion"]

    wording = {"texts": ["青花瓷杯 行业领先的工艺", "绝 对 正品"]}
    tried = (await staff.call("POST", "/v1/compliance/check", wording)).expect(200)
    assert [finding["pointer"] for finding in tried["findings"]] == ["/texts/1"]
    mended: dict[str, Any] = {
        "title": f"青花瓷杯 行业领先的工艺 {mark}",
        "attributes": [{"name": "容量", "value": "300 ml"}],
        "after_sales": {"text": "7 天无理由，退货包运费", "return_days": 7, "freight_insurance": True},
    }
    await _patch(staff, product, mended)
    for step in ("submit", "approve", "publish"):
        (await staff.call("POST", f"/v1/products/{product}/{step}")).expect(200)

    page = await visitor.get(f"/v1/products/{product}")
    assert [block["kind"] for block in page["trust_blocks"]] == ["no_reason_return", "freight_insurance"]
    assert page["handling_notice"].startswith("易碎")
    assert page["after_sales"] == mended["after_sales"] | {"own": True}
    assert "taken_down" not in page
    (await _banned_and_taken_down(shop, staff, product, mark))
    await _retired(shop, staff, product)


async def _need_a_capacity(staff: Staff) -> None:
    (await staff.call("PUT", "/v1/categories/porcelain", {"title": "Porcelain"})).expect(200)
    capacity = {"name": "capacity", "kind": "number", "required": True, "units": ["ml", "l"], "also": ["容量"]}
    rules = {"attributes": [capacity | {"least": 50.0, "most": 5_000.0}]}
    there = await staff.call("PUT", "/v1/categories/porcelain/attributes", rules, if_match="*")
    assert there.expect(200)["effective"][0]["from"] == "porcelain"


async def _banned_and_taken_down(shop: Shop, staff: Staff, product: str, mark: str) -> None:
    word = {"term": mark, "kind": "prohibited_good", "suggestions": ["Jingdezhen"]}
    added = (await staff.call("POST", "/v1/compliance/words", word)).expect(201)

    async def state() -> dict[str, Any]:
        return dict(await staff.get(f"/v1/products/{product}"))

    down = await shop.eventually(state, lambda it: it["state"] == "delisted")
    assert down["taken_down"]["code"] == "PROHIBITED_GOOD"
    assert mark in down["taken_down"]["text"]["en"]
    assert (await shop.visitor().call("GET", f"/v1/products/{product}")).status == 404

    async def scan() -> dict[str, Any]:
        return dict(await staff.get(f"/v1/jobs/{down['taken_down']['by']}"))

    job = await shop.eventually(scan, lambda it: it["state"] == "done")
    assert job["done"] == job["total"] > 0
    assert next(row["count"] for row in job["counts"] if row["name"] == "taken_down") >= 1
    assert job["id"] in [each["id"] for each in (await staff.get("/v1/compliance/scans"))["items"]]
    notices = (await staff.get("/v1/notices?kind=listing_taken_down&limit=100"))["items"]
    told = next(notice for notice in notices if notice["subject"] == product)
    assert "taken off sale" in told["text"]["en"]
    assert "已下架" in told["text"]["zh"]
    (await staff.call("DELETE", f"/v1/compliance/words/{added['word']['id']}")).expect(200)


async def _retired(shop: Shop, staff: Staff, product: str) -> None:
    successor = (await staff.get(f"/v1/products/{await shop.product()}"))["id"]
    body = {"replaced_by": successor}
    retired = (await staff.call("POST", f"/v1/products/{product}/retire", body)).expect(200)
    assert (retired["state"], retired["replaced_by"]) == ("retired", successor)
    assert (await staff.call("POST", f"/v1/products/{product}/publish")).expect(409)["code"] == "ILLEGAL_TRANSITION"
    gone = (await shop.visitor().call("GET", f"/v1/products/{product}")).expect(404)
    assert gone["context"]["replaced_by"] == successor
