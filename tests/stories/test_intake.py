"""This is where orders come in from everywhere but the storefront, and end up on the same books."""

import uuid
from typing import Any

from deploy.local.client import Customer, Staff
from tests.shop import Shop

ADDRESS = {
    "country": "CN",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 90 号",
    "name": "王小明",
    "phone": "13812345678",
}


def _order(sku: str, paid: int, method: str = "external", **more: Any) -> dict[str, Any]:
    total = {"currency": "CNY", "minor": paid + more.get("freight_minor", 0)}
    lines = [{"channel_sku" if sku.startswith("tb-") else "sku": sku, "quantity": 1, "paid_minor": paid}]
    return {"lines": lines, "total": total, "payment": {"method": method}, **more}


async def _points(customer: Customer) -> int:
    return int((await customer.get("/v1/customers/me"))["points"])


async def _left(staff: Staff, sku: str) -> int:
    return int((await staff.get(f"/v1/stock/{sku}"))["available"])


async def _planned(staff: Staff, order_id: str) -> Any:
    return (await staff.get(f"/v1/shipments?order_id={order_id}"))["items"]


async def _followed_by_an_erp(shop: Shop, staff: Staff, code: str, order_id: str) -> None:
    """Every order of the channel is in the feed; what the ERP calls it, it is found by."""
    await shop.settled()
    seen, cursor = set[str](), ""
    while (page := await staff.get(f"/v1/erp/orders?limit=100&cursor={cursor}"))["items"]:
        orders = [each["order"] for each in page["items"] if each["change"] == "paid"]
        seen |= {order["channel_order_id"] for order in orders if order["channel"] == code}
        cursor = page["next_cursor"]
    assert seen == {"TB-1", "TB-2", "TB-3"}
    said = {"acknowledgements": [{"order_id": order_id, "erp_number": f"SO-{code}"}]}
    (told,) = (await staff.call("POST", "/v1/erp/acknowledgements", said)).expect(200)["items"]
    assert told["outcome"] == "acknowledged"
    assert [each["id"] for each in (await staff.get(f"/v1/orders?q=SO-{code}"))["items"]] == [order_id]


async def test_orders_of_a_marketplace_and_a_till_are_taken_shipped_handed_over_and_settled(shop: Shop) -> None:
    staff, visitor = await shop.owner(), shop.visitor()
    cup, code = await shop.product(stock=20), f"tb-{uuid.uuid4().hex[:8]}"
    opened = {"title": "淘宝旗舰店", "kind": "marketplace"}
    (await staff.call("PUT", f"/v1/channels/{code}", opened)).expect(200)
    key = (await staff.call("POST", f"/v1/channels/{code}/keys")).expect(201)["key"]

    orders, known = f"/v1/channels/{code}/orders", {"X_Channel_Key": key}
    sold = _order("tb-1", 5000, freight_minor=800, address=ADDRESS)
    assert (await visitor.call("POST", orders, sold, key="TB-1")).status == 401
    stuck = await visitor.call("POST", orders, sold, key="TB-1", **known)
    assert (stuck.status, stuck.body["state"], stuck.body["reason"]) == (202, "exception", "unknown_sku")
    (waiting,) = (await staff.get(f"/v1/intake?state=exception&channel={code}"))["items"]
    (await staff.call("PUT", f"/v1/channels/{code}/skus/tb-1", {"sku": cup})).expect(200)
    taken = (await staff.call("POST", f"/v1/intake/{waiting['id']}/retry")).expect(200)
    assert taken["state"] == "ordered"
    again = (await visitor.call("POST", orders, sold, key="TB-1", **known)).expect(201)
    assert again["order_id"] == taken["order_id"]
    assert (await visitor.call("POST", orders, sold | {"freight_minor": 0}, key="TB-1", **known)).status == 422

    batch = [
        _order("tb-1", 5000, address=ADDRESS) | {"channel_order_id": "TB-2"},
        _order("tb-1", 4000, address=ADDRESS) | {"channel_order_id": "TB-3"},
        _order("tb-1", 5000, address=ADDRESS | {"phone": "?"}) | {"channel_order_id": "TB-4"},
        {"channel_order_id": "TB-5"},
    ]
    answers = (await visitor.call("POST", f"{orders}/batch", {"orders": batch}, **known)).expect(200)["items"]
    assert [(each["order"] or {}).get("state") for each in answers] == ["ordered", "ordered", "exception", None]
    assert answers[1]["order"]["flags"] == ["price_mismatch"]
    assert answers[3]["refusal"]["code"] == "INVALID_BODY"

    await shop.eventually(lambda: _planned(staff, taken["order_id"]), bool)
    await shop.settled()
    assert await _planned(staff, answers[1]["order"]["order_id"]) == []  # held: somebody looks at its price first
    found = (await staff.get("/v1/orders?q=TB-2"))["items"]
    assert [(each["channel"], each["channel_order_id"]) for each in found] == [(code, "TB-2")]
    assert len((await staff.get(f"/v1/orders?channel={code}&state=paid"))["items"]) == 3

    known_of = {"number": "TB-1", "phone": ADDRESS["phone"]}
    assert (await visitor.call("POST", "/v1/orders/lookup", known_of)).expect(200)["id"] == taken["order_id"]
    await _followed_by_an_erp(shop, staff, code, taken["order_id"])
    rows = [
        {"channel_order_id": number, "settled": {"currency": "CNY", "minor": minor}}
        for number, minor in (("TB-1", 5800), ("TB-3", 3999))
    ]
    settled = {"settlement": "S-1", "rows": rows}
    findings = (await staff.call("POST", f"/v1/channels/{code}/settlements", settled)).expect(200)["items"]
    assert [each["outcome"] for each in findings] == ["matched", "differs"]


async def test_a_till_sells_what_lies_in_its_store_and_its_member_earns_points(shop: Shop) -> None:
    staff, member = await shop.owner(), await shop.customer()
    cup, code = await shop.product(stock=5), f"till-{uuid.uuid4().hex[:8]}"
    (await staff.call("PUT", f"/v1/channels/{code}", {"title": "杭州店", "kind": "store", "warehouse": "main"})).expect(
        200
    )
    saved = await member.call("POST", "/v1/customers/me/addresses", ADDRESS | {"phone": "+8613900001234"})
    saved.expect(201)
    before = await _points(member)
    sale = _order(cup, 5000, "cash", buyer={"phone": "139 0000 1234"})
    orders = f"/v1/channels/{code}/orders"
    taken = (await staff.call("POST", orders, sale, key="R-1")).expect(201)
    order = await member.get(f"/v1/orders/{taken['order_id']}")
    assert (order["state"], order["fulfilment"], order["lines"][0]["quantity"]["fulfilled"]) == (
        "delivered",
        "in_store",
        1,
    )
    await shop.settled()
    assert (await staff.get(f"/v1/stock/{cup}"))["on_hand"] == 4
    assert await _left(staff, cup) == 4
    assert (await staff.get(f"/v1/shipments?order_id={order['id']}"))["items"] == []
    await shop.eventually(lambda: _points(member), lambda points: points > before)
    too_many = sale | {"lines": [{"sku": cup, "quantity": 9, "paid_minor": 5000}]}
    short = (await staff.call("POST", orders, too_many, key="R-2")).expect(202)
    assert short["reason"] == "stock_out"
    assert await _left(staff, cup) == 4


async def test_a_business_orders_at_its_own_prices_on_terms_and_pays_later(shop: Shop) -> None:
    staff, buyer = await shop.owner(), await shop.customer()
    cup, word = await shop.product(stock=50), uuid.uuid4().hex[:8]
    me = (await buyer.get("/v1/customers/me"))["id"]
    (await staff.call("PUT", f"/v1/customer-groups/{word}", {"title": "Tea houses"})).expect(200)
    terms = {"company": "杭州茶馆有限公司", "tax_id": "91330106MA2B0C1D2E", "contacts": [me], "group": word}
    limit = {"credit_limit": {"currency": "CNY", "minor": 120_000}, "min_quantity": 10}
    account = (await staff.call("POST", "/v1/accounts", terms | limit)).expect(201)["id"]
    price_list = {"title": "Tea houses", "kind": "limited_time", "percent_bp": 1000, "skus": [cup]}
    (await staff.call("POST", "/v1/promotions", price_list | {"audience": {"groups": [word]}})).expect(201)
    await shop.settled()

    cart = (await buyer.call("POST", "/v1/carts")).expect(201)["id"]
    (await buyer.call("PUT", f"/v1/carts/{cart}/lines/{cup}", {"quantity": 10})).expect(200)
    (await buyer.call("PUT", f"/v1/carts/{cart}/address", ADDRESS)).expect(200)
    (await buyer.call("PUT", f"/v1/carts/{cart}/delivery", {"option": "standard"})).expect(200)
    shown = (await buyer.get(f"/v1/carts/{cart}"))["totals"]
    total = next(each["amount"] for each in shown if each["type"] == "total")
    wanted = {
        "lines": [{"sku": cup, "quantity": 10}],
        "total": total,
        "address": ADDRESS,
        "delivery_option": "standard",
    }
    orders = f"/v1/accounts/{account}/orders"
    taken = (await buyer.call("POST", orders, wanted, key="PO-1")).expect(201)
    order = await buyer.get(f"/v1/orders/{taken['order_id']}")
    assert (order["customer_type"], order["purchase_order"], order["state"]) == ("b2b", "PO-1", "paid")
    assert order["lines"][0]["total"]["minor"] == 45_000  # by the price list of its group
    assert (await shop.visitor().call("POST", orders, wanted, key="PO-2")).status == 401
    assert (await (await shop.customer()).call("POST", orders, wanted, key="PO-2")).status == 404
    second = (await buyer.call("POST", orders, wanted, key="PO-2")).expect(201)
    over = (await buyer.call("POST", orders, wanted, key="PO-3")).expect(202)
    assert over["reason"] == "credit_exceeded"
    paid = {"minor": total["minor"], "reference": f"BANK-{word}"}
    owed = (await staff.call("POST", f"/v1/receivables/{order['id']}/payments", paid)).expect(200)
    assert owed["open_minor"] == 0
    open_ones = (await staff.get(f"/v1/receivables?account={account}"))["items"]
    assert [each["order_id"] for each in open_ones] == [second["order_id"]]
    assert (await staff.call("POST", f"/v1/intake/{over['id']}/retry")).expect(200)["state"] == "ordered"
