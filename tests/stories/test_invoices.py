"""This is where a customer has an invoice issued, sends part of the goods back, and finance closes the month."""

import uuid
from xml.etree import ElementTree

from tests.papers import text_of
from tests.shop import Shop

SELLER = {"name": "杭州青瓷文化有限公司", "tax_id": "91330106MA2AXXXX0X"}


async def test_an_invoice_is_issued_reversed_made_out_anew_and_exported(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(price=5_650)
    series = "S" + uuid.uuid4().hex[:5].upper()
    profile = {"seller": SELLER, "series": series, "red_series": series.replace("S", "R", 1)}
    (await staff.call("PUT", "/v1/invoice-profile", profile)).expect(200)
    customer = await shop.customer()
    order = await customer.buy({sku: 2})
    path = f"/v1/orders/{order['id']}/invoices"
    made = (await customer.call("POST", path, {"title": "王小明"}, key="i1")).expect(201)
    assert made["total"] == order["totals"][-1]["amount"] and made["number"].endswith("00000001")
    assert made["lines"][0]["net"]["minor"] == 10_000 and made["lines"][0]["tax"]["minor"] == 1_300
    assert (await customer.call("POST", path, {"title": "王小明"}, key="i2")).expect(201) == made
    document = (await customer.call("GET", f"{path}/{made['id']}.pdf")).expect(200)
    words = text_of(document)
    assert document[:4] == b"%PDF" and made["in_words"] in words and SELLER["tax_id"] in words and "王小明" in words
    stranger = await shop.customer()
    assert (await stranger.call("GET", f"{path}/{made['id']}.pdf")).status == 404

    put = {"price": {"currency": "CNY", "minor": 5_000}, "reason": "sale"}
    (await staff.call("PUT", f"/v1/products/{sku}/price", put, If_Match="*")).expect(200)

    async def papers() -> list[dict[str, object]]:
        return list((await customer.get(path))["items"])

    (_, red) = await shop.eventually(papers, lambda found: len(found) == 2)
    assert (red["kind"], red["total"]["minor"], red["reverses"]) == ("red", -1_300, made["id"])
    company = {"kind": "company", "title": "上海某某科技有限公司", "tax_id": "91310115MA1KXXXX1Y"}
    anew = (await customer.call("POST", f"{path}/{made['id']}/reissue", company, key="i3")).expect(201)
    assert anew["total"]["minor"] == made["total"]["minor"] - 1_300 and anew["in_force"]

    vouchers = (await customer.get(f"/v1/orders/{order['id']}/vouchers"))["items"]
    assert sum(v["amount"]["minor"] for v in vouchers if "invoice" in v["kind"]) == sum(
        v["amount"]["minor"] for v in vouchers if "invoice" not in v["kind"]
    )
    page = await staff.get(f"/v1/invoices?period={made['period']}&limit=100")
    assert {made["id"], red["id"], anew["id"]} <= {row["id"] for row in page["items"]}
    exported = (await staff.call("GET", f"/v1/invoices/export?format=xml&period={made['period']}")).expect(200)
    assert anew["number"] in {row.findtext("number") for row in ElementTree.fromstring(exported)}
    assert (await customer.call("GET", "/v1/invoices")).status == 403
