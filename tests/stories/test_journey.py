"""This is where one parcel goes from browse to doorstep, over HTTP, through all six services."""

import asyncio
import json

import aiohttp

from deploy.local.client import ADDRESS, Customer, Staff
from tests.shop import Shop, now


async def _follow(shop: Shop, customer: Customer, order: str, until: str, after: int = 0) -> list[dict[str, object]]:
    """Listens to an order's live events until one of a type has come; answers all of them."""
    heard: list[dict[str, object]] = []
    headers = {"Authorization": f"Bearer {customer.token}", "Last-Event-ID": str(after)}
    timeout = aiohttp.ClientTimeout(total=15)
    async with shop.session.get(f"{shop.base}/v1/orders/{order}/events", headers=headers, timeout=timeout) as live:
        assert live.headers["Content-Type"].startswith("text/event-stream")
        async for line in live.content:
            if line.startswith(b"data:"):
                heard.append(json.loads(line[5:]))
                if heard[-1]["type"] == until:
                    return heard
    raise AssertionError(f"the stream ended before {until}: {heard}")


async def _ship(staff: Staff, shop: Shop, order: str) -> dict[str, object]:
    """Staff pack and hand over the order's parcel, once it is planned; answers it."""

    async def planned() -> object:
        found = await staff.get(f"/v1/shipments?order_id={order}")
        return found["items"]

    parcels = await shop.eventually(planned, bool)
    parcel: dict[str, object] = parcels[0]
    (await staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")).expect(200)
    (await staff.call("POST", f"/v1/shipments/{parcel['id']}/ship")).expect(200)
    return parcel


async def test_a_parcel_goes_from_browse_to_doorstep(shop: Shop) -> None:
    staff = await shop.owner()
    sku = await shop.product(stock=10, price=5000)
    visitor = shop.visitor()
    found = await visitor.get(f"/v1/products?q=青花瓷茶杯 {sku.split('-')[0]}")
    card = next(item for item in found["items"] if item["sku"] == sku)
    assert card["price"] == {"currency": "CNY", "minor": 5000}
    assert card["available"] == 10

    cart = await visitor.filled_cart({sku: 2})
    priced = await visitor.get(f"/v1/carts/{cart}")
    amounts = {total["type"]: total["amount"]["minor"] for total in priced["totals"]}
    assert amounts["subtotal"] == 10_000
    assert amounts["total"] == sum(minor for kind, minor in amounts.items() if kind != "total")

    customer = await shop.customer()
    cart = await customer.filled_cart({sku: 2})
    order = (await customer.check_out(cart)).expect(201)
    assert order["state"] == "paid"
    assert order["lines"][0]["quantity"] == {"original": 2, "total": 2, "fulfilled": 0}
    assert [payment["status"] for payment in await shop.psp_payments(order["id"])] == ["captured"]
    assert (await visitor.get(f"/v1/products/{card['id']}"))["available"] == 8

    following = asyncio.create_task(_follow(shop, customer, order["id"], "delivered"))
    parcel = await _ship(staff, shop, order["id"])
    assert parcel["warehouse"] == "main"
    assert parcel["reasons"]
    carrier = shop.carrier()
    answers = await carrier.scan(str(parcel["waybill"]), "picked_up", "in_transit", "delivered", at=now())
    assert {answer["status"] for answer in answers["answers"]} == {"accepted"}
    types = [event["type"] for event in await following]
    assert types[:2] == ["placed", "paid"]
    assert types[-1] == "delivered"

    delivered = await shop.eventually(
        lambda: customer.get(f"/v1/orders/{order['id']}"), lambda it: it["state"] == "delivered"
    )
    assert delivered["expectations"][0]["waybill"] == parcel["waybill"]
    me = await shop.eventually(lambda: customer.get("/v1/customers/me"), lambda it: it["points"] > 0)
    assert me["points"] == 100  # one a whole yuan of goods


async def test_the_kpis_move_within_two_seconds(shop: Shop) -> None:
    staff = await shop.owner()
    sku = await shop.product(price=12_345)

    async def gmv() -> int:
        points = (await staff.get("/v1/kpis/gmv?grain=total"))["points"]
        return next((int(point["value"]) for point in points if point["currency"] == "CNY"), 0)

    async def scraped() -> float:
        async with shop.session.get(shop.local.urls["metrics of metrics"]) as response:
            lines = (await response.text()).splitlines()
        name = "shop_gmv_minor_total{"
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name) and 'currency="CNY"' in line
        )

    before, live_before = await gmv(), await scraped()
    await (await shop.customer()).buy({sku: 1})
    await shop.eventually(gmv, lambda value: value >= before + 12_345, within_s=2)
    await shop.eventually(scraped, lambda value: value >= live_before + 12_345, within_s=2)


async def test_a_guest_buys_without_an_account(shop: Shop) -> None:
    sku = await shop.product()
    guest = shop.visitor()
    order = await guest.buy({sku: 1}, email="guest@example.com")
    assert order["state"] == "paid"
    assert (await guest.get(f"/v1/orders/{order['id']}"))["id"] == order["id"]
    stranger = await shop.customer()
    assert (await stranger.call("GET", "/v1/orders")).expect(200)["items"] == []


async def test_what_was_in_the_cart_before_sign_in_is_there_after(shop: Shop) -> None:
    one, two = await shop.product(), await shop.product()
    customer = shop.visitor()
    who = {"email": f"merge-{one.lower()}@example.com", "password": "a long enough one"}
    (await customer.call("POST", "/v1/customers", who | {"name": "Ada"})).expect(201)
    customer.token = (await customer.call("POST", "/v1/sessions", who)).expect(201)["access_token"]
    own = (await customer.call("POST", "/v1/carts")).expect(201)["id"]
    (await customer.call("PUT", f"/v1/carts/{own}/lines/{one}", {"quantity": 1})).expect(200)

    guest = shop.visitor()
    cart = (await guest.call("POST", "/v1/carts")).expect(201)["id"]
    (await guest.call("PUT", f"/v1/carts/{cart}/lines/{one}", {"quantity": 2})).expect(200)
    (await guest.call("PUT", f"/v1/carts/{cart}/lines/{two}", {"quantity": 3})).expect(200)
    signed_in = (await guest.call("POST", "/v1/sessions", who | {"cart_id": cart})).expect(201)
    guest.token = signed_in["access_token"]
    assert signed_in["cart_id"] == own
    merged = await guest.get(f"/v1/carts/{own}")
    assert {line["sku"]: line["quantity"] for line in merged["lines"]} == {one: 3, two: 3}


async def test_another_customers_things_are_not_there(shop: Shop) -> None:
    sku = await shop.product()
    customer, other = await shop.customer(), await shop.customer()
    order = await customer.buy({sku: 1})
    cart = await customer.filled_cart({sku: 1})
    for path in (f"/v1/orders/{order['id']}", f"/v1/orders/{order['id']}/events", f"/v1/carts/{cart}"):
        assert (await other.call("GET", path)).status == 404
    assert (await other.call("POST", f"/v1/orders/{order['id']}/cancel", key="k1")).status == 404


async def test_the_address_reaches_the_label_and_nothing_else(shop: Shop) -> None:
    staff = await shop.owner()
    sku = await shop.product()
    customer = await shop.customer()
    name = "趙敏敏特別"
    order = (await customer.check_out(await customer.filled_cart({sku: 1}, ADDRESS | {"name": name}))).expect(201)
    parcel = await _ship(staff, shop, order["id"])
    label = await staff.call("POST", "/v1/labels", {"shipment_ids": [parcel["id"]], "format": "pdf"})
    assert label.expect(200).startswith(b"%PDF")
    await shop.settled()
    for database in ("shop_orders", "shop_logistics", "shop_metrics", "shop_catalog"):
        for collection in await shop.mongo[database].list_collection_names():
            async for document in shop.mongo[database][collection].find({}).sort("_id", 1):
                assert name not in str(document)
