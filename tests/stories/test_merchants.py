"""This is where somebody asks to sell in the shop, sells what they are licensed for, and is held to the rules, over HTTP."""

import itertools
import random
import uuid
from typing import Any

from deploy.local.client import Customer, Staff
from tests.catalog.merchants.office import credit_code
from tests.shop import Shop

_numbers = itertools.count(random.randrange(10**6))  # each run applies with codes of its own
PASSWORD = "a long enough one"


def _form(code: str, *categories: str, **business: str) -> dict[str, Any]:
    paper: dict[str, Any] = {"number": code, "scope": "食品销售", "categories": categories, "valid_until": "2099-12-31"}
    return {
        "legal_name": "厦门青花商贸有限公司",
        "contact": {"name": "林青花", "phone": "13812345678", "email": "lin@example.com"},
        "business_licence": paper | {"document": "https://cdn.example.com/licence.pdf"} | business,
        "tax_registration": {"number": code},
    }


async def _tree(owner: Staff) -> tuple[str, str]:
    """A category that demands a food permit, and one below it."""
    food = f"food-{uuid.uuid4().hex[:8]}"
    (await owner.call("PUT", f"/v1/categories/{food}", {"title": "Food"})).expect(200)
    (await owner.call("PUT", f"/v1/categories/{food}-snacks", {"title": "Snacks", "parent": food})).expect(200)
    path = f"/v1/categories/{food}/requirements"
    (await owner.call("PUT", path, {"kinds": ["food"]})).expect(200)
    return food, f"{food}-snacks"


async def _user(owner: Staff, merchant_id: str) -> Staff:
    """A merchant's member of staff, signed in."""
    who = {"email": f"m{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    account = who | {"name": "林", "roles": ["merchant"], "merchant_id": merchant_id}
    (await owner.call("POST", "/v1/staff", account)).expect(201)
    return await owner.another().sign_in(**who)


async def _merchant(owner: Staff, category: str) -> tuple[str, Staff]:
    """Another merchant, and its member of staff."""
    path = "/v1/merchants/applications"
    form = _form(credit_code(next(_numbers)), category)
    applied = (await owner.another().call("POST", path, form, key=uuid.uuid4().hex)).expect(201)
    merchant_id = (await owner.call("POST", f"{path}/{applied['id']}/approve", {})).expect(200)["merchant_id"]
    return merchant_id, await _user(owner, merchant_id)


async def _import(user: Staff, category: str) -> tuple[str, str]:
    """A draft of a merchant's; its id and its SKU."""
    sku = f"M-{uuid.uuid4().hex[:12]}"
    row = {"sku": sku, "title": f"花生糖 {sku}", "category": category, "price_minor": 5000, "cost_minor": 1000}
    await user.import_products([row | {"currency": "CNY", "weight_g": 200, "stock": 9}], publish=False)
    return (await user.get(f"/v1/products/{sku}"))["id"], sku


async def _let_in(owner: Staff, visitor: Customer, food: str) -> str:
    """Somebody asks to sell, mistypes, forgets a paper, and is approved; the merchant's id."""
    path, code = "/v1/merchants/applications", credit_code(next(_numbers))

    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    refused = (await visitor.call("POST", path, _form(wrong, food), key=uuid.uuid4().hex)).expect(400)
    assert [error["pointer"] for error in refused["errors"]] == ["/business_licence/number"]
    key = uuid.uuid4().hex
    applied = (await visitor.call("POST", path, _form(code, food, document=""), key=key)).expect(201)
    again = await visitor.call("POST", path, _form(code, food, document=""), key=key)
    assert (again.body["id"], again.headers["Idempotent-Replayed"]) == (applied["id"], "true")
    mine = f"{path}/{applied['id']}"
    assert (await visitor.get(mine))["contact"]["phone"] == "+86****5678"
    assert (await owner.get(mine))["contact"]["phone"] == "+8613812345678"
    missing = [{"pointer": "/business_licence/document", "message": "请上传营业执照"}]
    (await owner.call("POST", f"{mine}/return", {"missing": missing})).expect(200)
    assert (await visitor.get(mine))["missing"] == missing
    whole = {"business_licence": _form(code, food)["business_licence"]}
    assert (await visitor.call("PATCH", mine, whole)).expect(200)["state"] == "submitted"
    assert (await owner.call("POST", f"{mine}/review")).expect(200)["state"] == "in_review"
    approved = (await owner.call("POST", f"{mine}/approve", {})).expect(200)
    return str(approved["merchant_id"])


async def test_a_merchant_comes_in_sells_is_suspended_and_comes_back(shop: Shop) -> None:
    owner, visitor = await shop.owner(), shop.visitor()
    food, snacks = await _tree(owner)
    merchant_id = await _let_in(owner, visitor, food)

    user = await _user(owner, merchant_id)
    product, sku = await _import(user, snacks)
    at = f"/v1/products/{product}"
    english = (await user.call("POST", f"{at}/submit", Accept_Language="en")).expect(409)
    chinese = (await user.call("POST", f"{at}/submit", Accept_Language="zh-CN")).expect(409)
    assert (english["code"], english["context"]["codes"]) == ("LISTING_REFUSED", "QUALIFICATION_MISSING")
    assert (english["title"], chinese["title"]) == ("The listing does not pass", "商品未通过审核")
    (error,) = english["errors"]
    assert error["pointer"] == "/category"
    assert "food business permit" in error["message"]
    assert "食品经营许可证" in error["message"]
    permit = {"kind": "food", "number": "JY1", "categories": [food], "valid_until": "2099-12-31"}
    added = (await user.call("POST", f"/v1/merchants/{merchant_id}/licences", permit)).expect(201)
    assert added["state"] == "pending"
    reviewing = f"/v1/merchants/{merchant_id}/licences/{added['id']}/review"
    assert (await user.call("POST", reviewing, {"accept": True})).status == 403
    assert (await owner.call("POST", reviewing, {"accept": True})).expect(200)["state"] == "valid"
    (await user.call("POST", f"{at}/submit")).expect(200)
    assert (await user.call("POST", f"{at}/approve")).status == 403
    (await owner.call("POST", f"{at}/approve")).expect(200)
    assert (await user.call("POST", f"{at}/publish")).expect(200)["merchant_id"] == merchant_id
    assert (await visitor.get(f"/v1/products/{sku}"))["state"] == "live"

    penalties = f"/v1/merchants/{merchant_id}/penalties"
    said = {"points": 24, "reason": "false_advertising", "evidence": "标题含绝对化用语", "product_id": product}
    given = (await owner.call("POST", penalties, said, key=uuid.uuid4().hex)).expect(201)
    await shop.eventually(lambda: user.get(at), lambda it: it["state"] == "delisted")
    assert (await user.get(f"/v1/merchants/{merchant_id}"))["standing"] == "suspended"

    async def told() -> set[str]:
        return {notice["kind"] for notice in (await user.get("/v1/notices?limit=100"))["items"]}

    await shop.eventually(told, lambda kinds: kinds >= {"penalty", "merchant_suspended", "listing_taken_down"})
    (await user.call("POST", f"{at}/publish")).expect(409)
    (await user.call("POST", f"{penalties}/{given['id']}/appeal", {"text": "已整改"})).expect(200)
    assert (await user.call("POST", f"{penalties}/{given['id']}/revoke", {"reason": "no"})).status == 403
    (await owner.call("POST", f"{penalties}/{given['id']}/revoke", {"reason": "申诉成立"})).expect(200)
    (await user.call("POST", f"{at}/publish")).expect(200)


async def test_two_merchants_meet_nothing_of_each_other(shop: Shop) -> None:
    owner = await shop.owner()
    goods = f"goods-{uuid.uuid4().hex[:8]}"
    (await owner.call("PUT", f"/v1/categories/{goods}", {"title": "Goods"})).expect(200)
    (one, ann), (two, bo) = await _merchant(owner, goods), await _merchant(owner, goods)
    theirs = {one: await _import(ann, goods), two: await _import(bo, goods)}
    yuan = {"currency": "CNY", "minor": 1}
    for user, (product, sku), whose in ((bo, theirs[one], one), (ann, theirs[two], two)):
        before = await owner.get(f"/v1/products/{product}"), await owner.get(f"/v1/stock/{sku}")
        for method, path, body in (
            ("GET", f"/v1/products/{product}", None),
            ("GET", f"/v1/products/{sku}", None),
            ("PATCH", f"/v1/products/{product}", {"title": "Mine"}),
            ("POST", f"/v1/products/{product}/submit", None),
            ("POST", f"/v1/products/{product}/publish", None),
            ("POST", f"/v1/products/{product}/delist", None),
            ("PUT", f"/v1/products/{product}/price", {"price": yuan}),
            ("GET", f"/v1/products/{product}/price-history", None),
            ("GET", f"/v1/products/{sku}/price-history", None),
            ("POST", "/v1/stock/receipts", {"sku": sku, "quantity": 5}),
            ("GET", f"/v1/stock/{sku}", None),
            ("GET", f"/v1/stock/{sku}/movements", None),
            ("GET", f"/v1/merchants/{whose}", None),
            ("PATCH", f"/v1/merchants/{whose}", {"contact": {"name": "Eve"}}),
            ("POST", f"/v1/merchants/{whose}/licences", {"kind": "food", "number": "1", "categories": ["*"]}),
        ):
            answer = await user.call(method, path, body, key=uuid.uuid4().hex, If_Match="*")
            assert answer.status == 404, (method, path, answer)
        assert (await owner.get(f"/v1/products/{product}"), await owner.get(f"/v1/stock/{sku}")) == before
        for method, path in (("GET", "/v1/orders"), ("GET", "/v1/staff"), ("POST", f"/v1/products/{product}/approve")):
            assert (await user.call(method, path)).status == 403
        listed = await user.get("/v1/merchants")
        assert [each["id"] for each in listed["items"]] == [next(iter(set(theirs) - {whose}))]
    account = {"email": f"m{uuid.uuid4().hex}@example.com", "password": PASSWORD, "name": "Eve", "roles": ["merchant"]}
    assert (await owner.call("POST", "/v1/staff", account | {"merchant_id": "mer_none"})).status == 404
