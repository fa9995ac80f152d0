"""This is where borders are crossed: an address in a line becomes an order's, a parcel comes home, another goes abroad."""

import uuid
from typing import Any

from deploy.local.client import ADDRESS, Customer, Staff
from tests.shop import Shop, now

LONDON = {"country": "GB", "province": "", "city": "London", "street": "221B Baker Street", "phone": "+442072243688"}


async def _parcel(shop: Shop, staff: Staff, order_id: str, state: str) -> Any:
    async def there() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order_id}"))["items"]

    (parcel,) = await shop.eventually(there, lambda found: bool(found) and found[0]["state"] == state)
    return parcel


async def _sent(shop: Shop, staff: Staff, customer: Customer, order_id: str) -> Any:
    parcel = await _parcel(shop, staff, order_id, "planned")
    for step in ("pack", "ship"):
        (await staff.call("POST", f"/v1/shipments/{parcel['id']}/{step}")).expect(200)
    await shop.carrier().scan(parcel["waybill"], "picked_up", "delivered", at=now())
    return await shop.eventually(
        lambda: customer.get(f"/v1/orders/{order_id}"), lambda order: order["state"] == "delivered"
    )


async def test_a_line_becomes_an_address_and_what_comes_back_is_fetched_and_scanned_in(shop: Shop) -> None:
    staff, customer = await shop.owner(), await shop.customer()
    cup = await shop.product(stock=10, price=5000)
    typed = {"line": "李雷 13912345678 浙江杭州西胡区文三路90号"}
    read = (await customer.call("POST", "/v1/addresses/validations", typed)).expect(200)
    assert (read["code"], read["reasons"], read["doubtful"]) == ("330106", ["spelling_repaired"], False)
    to = {name: read["address"][name] for name in ADDRESS}
    assert (to["district"], to["name"], to["phone"]) == ("西湖区", "李雷", "+8613912345678")

    cart = await customer.filled_cart({cup: 2}, to | {"city": "宁波市"})
    shown = await customer.get(f"/v1/carts/{cart}")
    assert (shown["place"]["code"], shown["place"]["better"]["city"]) == ("330106", "杭州市")
    assert "pair_repaired" in shown["place"]["reasons"]
    order = await _sent(shop, staff, customer, (await customer.check_out(cart)).expect(201)["id"])

    body = {"lines": [{"sku": cup, "quantity": 1}], "reason": "no_reason", "photos": []}
    rma = (await customer.call("POST", f"/v1/orders/{order['id']}/returns", body, key=uuid.uuid4().hex)).expect(201)
    path = f"/v1/returns/{rma['id']}"
    (await staff.call("POST", f"{path}/approve", key=uuid.uuid4().hex)).expect(200)
    windows = (await customer.get("/v1/pickup-windows?province=浙江省&city=宁波市"))["items"]
    first, second = windows[0]["window"], windows[1]["window"]
    way = {"kind": "pickup", "window": first}
    booked = (await customer.call("POST", f"{path}/way-back", way, key=uuid.uuid4().hex)).expect(200)["way_back"]
    assert booked["tracking"] == f"{path}/parcel"
    label = (await customer.call("GET", f"{path}/label")).expect(200)
    assert label.startswith(b"%PDF")
    moved = (await customer.call("POST", f"{path}/pickup", {"window": second})).expect(200)
    assert (moved["window"], moved["waybill"]) == (second, booked["waybill"])
    await shop.eventually(lambda: customer.get(path), lambda it: it["way_back"]["window"] == second)
    stranger = await (await shop.customer()).call("GET", f"{path}/label")
    assert (stranger.status, stranger.body["code"]) == (404, "RETURN_NOT_FOUND")

    await shop.carrier().scan(booked["waybill"], "picked_up", at=now())
    tracked = await customer.get(booked["tracking"])
    assert [row["state"] for row in tracked["tracking"]] == ["picked_up"]
    # Its carrier never says that it is there; staff have it in their hands.
    scan = {"waybill": booked["waybill"]}
    for _ in range(2):
        assert (await staff.call("POST", "/v1/return-parcels/scans", scan)).expect(200)["state"] == "received"
    await shop.eventually(lambda: customer.get(path), lambda it: it["state"] == "arrived")


async def test_a_parcel_goes_abroad_once_customs_knows_its_goods(shop: Shop) -> None:
    staff, customer = await shop.owner(), await shop.customer()
    cup, power = await shop.product(stock=10, price=5000), await shop.product(stock=10, price=9000)
    rates = {"tax_name": "VAT", "ddp": True, "ddp_fee_bp": 500, "rates": [{"duty_bp": 1200, "tax_bp": 2000}]}
    (await staff.call("PUT", "/v1/customs/duties/GB", rates)).expect(200)
    banned = {
        "country": "GB",
        "kind": "prohibited",
        "battery": "alone",
        "reason": "dangerous_goods",
        "text": "No batteries",
    }
    (await staff.call("PUT", "/v1/customs/restrictions/no-batteries", banned)).expect(200)
    rows = f"sku,hs_code,origin,description,battery\n{power},850760,CN,Power bank,alone\n{cup},69,CN,Mug,none\n"
    taken = await staff.call("POST", "/v1/customs/goods/imports", raw=rows.encode(), Content_Type="text/csv")
    assert (taken.expect(200)["accepted"], taken.body["rows"][0]["errors"][0]["column"]) == (1, "hs_code")

    cart = await customer.filled_cart({power: 1}, ADDRESS | LONDON)
    refused = await customer.check_out(cart)
    assert (refused.status, refused.body["code"]) == (409, "GOODS_PROHIBITED")

    cart = await customer.filled_cart({power: 0, cup: 2}, ADDRESS | LONDON)
    duties = await customer.get(f"/v1/carts/{cart}/duties")
    assert duties["abroad"] and [one["kind"] for one in duties["obstacles"]] == ["missing"]
    estimate = duties["estimate"]
    value = estimate["customs_value"]["minor"]
    assert value > 10_000 and estimate["duty"]["minor"] == (value * 12 + 50) // 100
    assert [(one["terms"], one["at_checkout"]) for one in estimate["options"]] == [("DAP", True), ("DDP", False)]
    order = (await customer.check_out(cart)).expect(201)["id"]
    waits = await _parcel(shop, staff, order, "exception")
    assert waits["reasons"] == [f"customs: {cup} customs_data_missing: no hs_code, origin, description"]

    known = {"hs_code": "691200", "origin": "CN", "description": "Ceramic mug"}
    (await staff.call("PUT", f"/v1/customs/goods/{cup}", known)).expect(200)
    cart = await customer.filled_cart({cup: 2}, ADDRESS | LONDON)
    assert not (await customer.get(f"/v1/carts/{cart}/duties"))["obstacles"]
    # The one that waits is tried again by itself; another goes at once.
    parcel = await _parcel(shop, staff, (await customer.check_out(cart)).expect(201)["id"], "planned")
    told = await staff.get(f"/v1/shipments/{parcel['id']}/declaration")
    assert (told["value_minor"], told["pieces"][0]["hs_code"]) == (10_000, "691200")
    for kind in ("commercial-invoice", "packing-list", "declaration"):
        paper = await staff.call("GET", f"/v1/shipments/{parcel['id']}/customs-papers/{kind}")
        assert paper.expect(200).startswith(b"%PDF")
    (await staff.call("DELETE", "/v1/customs/restrictions/no-batteries")).expect(204)
