"""This is where the shop brings parcels itself: a day planned and released, a rider's round with cash and proof, the
customer's order page true all the way."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local.client import ADDRESS, Customer, Staff
from tests.shop import Shop

NEAR = ADDRESS | {"province": "上海市", "city": "上海市", "district": "徐汇区", "street": "漕溪北路 1 号"}
PROOF = {"kind": "photo", "sha256": "9f" * 32, "receiver": "self", "position": {"lat": 31.19, "lng": 121.44}}
PRICE = {"currency": "CNY", "minor": 1500}


async def _rider(shop: Shop, owner: Staff) -> tuple[Staff, str]:
    """Somebody who may see what is theirs to bring, and nothing else."""
    who = {"email": f"rider-{datetime.now(UTC).timestamp()}@example.com", "password": "Correct-horse-9"}
    made = (await owner.call("POST", "/v1/staff", who | {"name": "骑手", "roles": ["rider"]})).expect(201)
    rider = await Staff(shop.base, shop.session).sign_in(**who)
    for path in ("/v1/orders", "/v1/shipments", "/v1/fleet/plans", "/v1/fleet/routes"):
        assert (await rider.call("GET", path)).status == 403
    assert await rider.get("/v1/my-routes") == {"items": []}
    return rider, made["id"]


async def _ordered(buyer: Customer, sku: str, method: dict[str, str]) -> str:
    cart = await buyer.filled_cart({sku: 1}, NEAR, "same-city")
    return str((await buyer.check_out(cart, payment=method)).expect(201)["id"])


async def _packed(shop: Shop, staff: Staff, order: str) -> Any:
    async def planned() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order}"))["items"]

    (parcel,) = await shop.eventually(planned, bool)
    assert parcel["carrier"] == "fleet"
    return (await staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")).expect(200)


async def _released(shop: Shop, staff: Staff, day: str, wanted: set[str]) -> Any:
    asked = (await staff.call("POST", "/v1/fleet/plans", {"depot": "main", "day": day, "limit_s": 1.0})).expect(202)
    path = f"/v1/fleet/plans/{asked['id']}"
    early = await staff.call("POST", f"{path}/release")
    assert early.status in (200, 409)
    plan = await shop.eventually(lambda: staff.get(path), lambda plan: plan["state"] != "computing", within_s=15)
    (route,) = plan["routes"]
    assert {stop["shipment_id"] for stop in route["stops"]} == wanted and plan["metres"] > 0
    assert (await staff.call("GET", f"{path}/map")).expect(200).count(b'class="stop"') == len(wanted)
    return (await staff.call("POST", f"{path}/release")).expect(200)


async def _brought(shop: Shop, rider: Staff, paid: Any, cod: Any) -> str:
    """One handed over for cash, one not at home; the cash handed in is ten yuan short."""
    (mine,) = (await rider.get("/v1/my-routes"))["items"]
    path = f"/v1/my-routes/{mine['id']}"
    left = (await rider.call("POST", f"{path}/depart")).expect(200)
    assert [stop["state"] for stop in left["stops"]] == ["loaded", "loaded"]
    assert left["stops"][0]["address"]["phone"] == "138****5678"
    sheet = await rider.call("GET", f"{path}/sheet")
    assert sheet.expect(200).startswith(b"%PDF") and sheet.headers["content-type"] == "application/pdf"
    due = next(stop["to_collect"] for stop in left["stops"] if stop["shipment_id"] == cod["id"])
    door = f"{path}/stops/{cod['id']}"
    (await rider.call("POST", f"{door}/arrived")).expect(200)
    short = await rider.call("POST", f"{door}/delivered", {"proof": PROOF})
    assert (short.status, short.body["code"]) == (409, "CASH_DIFFERS")
    assert short.body["context"] == {"left_minor": str(due["minor"]), "currency": "CNY"}
    for _ in range(2):
        given = (await rider.call("POST", f"{door}/delivered", {"proof": PROOF, "collected": due})).expect(200)
    assert [stop["cash"] for stop in given["stops"] if stop["shipment_id"] == cod["id"]] == ["booked"]
    unwanted = {"reason": "refused"}
    (await rider.call("POST", f"{path}/stops/{paid['id']}/failed", unwanted)).expect(200)
    handed = {"cash": [due | {"minor": due["minor"] - 1000}]}
    over = (await rider.call("POST", f"{path}/finish", handed)).expect(200)
    assert (over["state"], over["cash"][0]["due"], over["cash"][0]["difference_minor"]) == ("finished", due, -1000)
    return str(over["id"])


async def _restocked(shop: Shop, staff: Staff, sku: str, parcel: Any) -> None:
    """What was refused is on the bench: as new, it is on the shelf again."""
    waiting = (await staff.get("/v1/undelivered-parcels?limit=100"))["items"]
    assert parcel["waybill"] in [one["waybill"] for one in waiting]
    scan = {"waybill": parcel["waybill"], "found": [{"sku": sku, "grade": "A", "units": 1}]}
    for _ in range(2):
        taken = (await staff.call("POST", "/v1/undelivered-parcels/scans", scan)).expect(200)
    assert taken["restocked_at"] and taken["restocked_by"].startswith("stf_")

    async def on_the_shelf() -> Any:
        return await staff.get(f"/v1/stock/{sku}")

    await shop.eventually(on_the_shelf, lambda stock: stock["available"] == 19)


async def test_the_shop_brings_parcels_itself_and_a_rider_hands_the_cash_in(shop: Shop) -> None:
    staff, sku = await shop.owner(), await shop.product(stock=20, price=5000)
    rider, rider_id = await _rider(shop, staff)
    zone = {"countries": ["CN"], "provinces": ["上海"], "first_units": 5000, "first_price": PRICE}
    zone |= {"step_units": 1000, "step_price": PRICE, "min_days": 0, "max_days": 1}
    template = {"title": "同城 Same city", "by": "weight", "carrier": "fleet", "zones": [zone]}
    (await staff.call("PUT", "/v1/freight-templates/same-city", template)).expect(200)
    trike: dict[str, Any] = {"title": "Trike", "kind": "trike", "depot": "main", "rider": rider_id}
    trike |= {"capacity_g": 100_000, "capacity_pieces": 40}
    (await staff.call("PUT", "/v1/fleet/vehicles/trike-1", trike)).expect(200)
    assert (await staff.call("PUT", "/v1/fleet/vehicles/trike-1", trike, If_Match='"v9"')).status == 412

    buyer = await shop.customer()
    card, cash = {"method": "card", "token": "tok_ok"}, {"method": "cod"}
    orders = [await _ordered(buyer, sku, method) for method in (card, cash)]
    paid, cod = [await _packed(shop, staff, order) for order in orders]
    tomorrow = (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)).date().isoformat()
    plan = await _released(shop, staff, tomorrow, {paid["id"], cod["id"]})
    assert plan["state"] == "released"
    route = await _brought(shop, rider, paid, cod)

    async def page(order: str) -> str:
        return str((await staff.get(f"/v1/shipments?order_id={order}"))["items"][0]["tracking_state"])

    assert [await page(order) for order in orders] == ["returned", "delivered"]
    await _restocked(shop, staff, sku, paid)

    async def delivered() -> Any:
        return await buyer.get(f"/v1/orders/{orders[1]}")

    await shop.eventually(delivered, lambda order: order["state"] in ("delivered", "completed"))
    money = await staff.get(f"/v1/orders/{orders[1]}/payments")
    assert money["state"] == "collected"
    (seen,) = (await staff.get(f"/v1/fleet/routes?day={tomorrow}"))["items"]
    assert seen["id"] == route and seen["owed"] == 0
    other, _ = await _rider(shop, staff)
    assert (await other.call("GET", f"/v1/my-routes/{route}")).status == 404
