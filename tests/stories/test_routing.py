"""This is where staff say what sending costs and where goods leave from, over HTTP, and orders go that way."""

from typing import Any

from deploy.local.client import ADDRESS, Staff
from tests.shop import Shop

CN = {"country": "CN", "province": "上海市", "city": "上海市"}


def _money(minor: int) -> dict[str, Any]:
    return {"currency": "CNY", "minor": minor}


def _zone(**more: Any) -> dict[str, Any]:
    usual = {"countries": ["CN"], "first_units": 1000, "first_price": _money(900), "step_units": 1000}
    return usual | {"step_price": _money(300), "min_days": 1, "max_days": 3} | more


async def _put(staff: Staff, path: str, body: Any) -> Any:
    return (await staff.call("PUT", path, body)).expect(200)


async def _compared(staff: Staff) -> None:
    """A template by volume weight with a rule, a carrier's rate card, and what both say of one box."""
    rule = {"title": "三件包郵", "from_pieces": 3, "countries": ["CN"], "except_provinces": ["新疆"]}
    template = {"title": "Parcels", "by": "weight", "carrier": "sandbox", "divisor": 6000, "free_rules": [rule]}
    kept = await _put(staff, "/v1/freight-templates/story", template | {"zones": [_zone()], "categories": ["story"]})
    assert (kept["divisor"], kept["free_rules"][0]["except_provinces"]) == (6000, ["新疆"])
    card = template | {"title": "What we pay", "rate_card": True, "free_rules": [], "warehouses": ["story-bj"]}
    await _put(staff, "/v1/freight-templates/story-card", card | {"zones": [_zone(first_price=_money(700))]})
    box = {"weight_g": 500, "length_mm": 400, "width_mm": 300, "height_mm": 200, "category": "story"}
    asked = {"region": CN, "goods": _money(5000), "lines": [box], "warehouse": "story-bj"}
    found = (await staff.call("POST", "/v1/freight/quotes", asked)).expect(200)["items"]
    assert [one["chosen"] for one in found] == [True] + [False] * (len(found) - 1)
    of = {one["template_id"]: one for one in found}
    # 24,000 cm³ weigh 4 kg: 9.00 + 3 × 3.00, and two less by the carrier's own card.
    assert (of["story"]["chargeable_g"], of["story"]["price"]["minor"]) == (4000, 1800)
    assert (of["story-card"]["price"]["minor"], of["story-card"]["rate_card"]) == (1600, True)
    assert of["story"]["verdict"].startswith("not chosen")
    assert found[0]["total"]["minor"] == min(one["total"]["minor"] for one in found)
    free = (await staff.call("POST", "/v1/freight/quotes", asked | {"lines": [box | {"quantity": 3}]})).expect(200)
    assert next(one for one in free["items"] if one["template_id"] == "story")["price"]["minor"] == 0
    wrong = await staff.call("PUT", "/v1/freight-templates/story", template | {"zones": [_zone(max_days=0)]})
    assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (400, "/zones/0/max_days")


async def _parcels(shop: Shop, staff: Staff, order: str) -> Any:
    async def planned() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order}"))["items"]

    return await shop.eventually(planned, bool)


async def _on_hand(staff: Staff, sku: str) -> dict[str, int]:
    return {row["warehouse"]: row["on_hand"] for row in (await staff.get(f"/v1/stock/{sku}"))["warehouses"]}


async def test_freight_is_compared_an_order_is_routed_and_moved_when_its_warehouse_fails(shop: Shop) -> None:
    staff = await shop.owner()
    await _compared(staff)
    house = {"title": "Beijing", "region": {"country": "CN", "province": "北京"}, "kind": "store", "orders_a_day": 50}
    hours = [{"day": str(day), "spans": [{"opens": "00:00", "closes": "24:00"}]} for day in range(1, 8)]
    house |= {"time_zone": "Asia/Shanghai", "hours": hours, "zones": ["A-01"], "capacity_m3": 100}
    try:
        kept = await _put(staff, "/v1/warehouses/story-bj", house)
        assert (kept["kind"], kept["hours"][6]["spans"][0]["closes"]) == ("store", "24:00")
        sku = await shop.product(stock=3)
        receipt = {"sku": sku, "warehouse": "story-bj", "quantity": 3}
        (await staff.call("POST", "/v1/stock/receipts", receipt, key="story-bj")).expect(201)
        # Near the customer is the main warehouse; the reasons say why, and why not the other.
        customer = await shop.customer()
        cart = await customer.filled_cart({sku: 2}, ADDRESS | CN)
        order = (await customer.check_out(cart)).expect(201)
        (parcel,) = await _parcels(shop, staff, order["id"])
        assert parcel["warehouse"] == "main"
        assert parcel["reasons"][0].startswith("main: chosen; has all 1 lines")
        assert any(reason.startswith("story-bj: not chosen") for reason in parcel["reasons"])
        path = f"/v1/shipments/{parcel['id']}/reroute"
        wish = {"from": "main", "reason": "damaged", "note": "the roof leaks"}
        for _ in range(2):
            moved = (await staff.call("POST", path, wish)).expect(200)
        assert (moved["warehouse"], moved["state"], len(moved["routes"])) == ("story-bj", "planned", 1)
        assert await _on_hand(staff, sku) == {"main": 1, "story-bj": 1}
        load = next(one for one in (await staff.get("/v1/warehouses"))["items"] if one["code"] == "story-bj")["load"]
        assert (load["planned_today"], load["waiting"]) == (1, 1)
        # Two are bought, one lies in each: sent in two parcels, paid for once.
        split = (await customer.check_out(await customer.filled_cart({sku: 2}, ADDRESS | CN))).expect(201)
        both = await shop.eventually(lambda: _parcels(shop, staff, split["id"]), lambda found: len(found) == 2)
        assert {one["warehouse"] for one in both} == {"main", "story-bj"}
        freight = [row["amount"]["minor"] for row in split["totals"] if row["type"] == "fulfillment"]
        assert freight == [row["amount"]["minor"] for row in order["totals"] if row["type"] == "fulfillment"]
        # Nobody else has it: an exception, and the order can still be cancelled.
        stuck = (await staff.call("POST", path, wish | {"from": "story-bj", "reason": "short"})).expect(200)
        assert (stuck["state"], stuck["moving"]) == ("exception", "short")
        (await customer.call("POST", f"/v1/orders/{order['id']}/cancel", {"reason": "too slow"})).expect(200)
        await shop.settled()
        assert await _on_hand(staff, sku) == {"main": 0, "story-bj": 0}
    finally:
        await _put(staff, "/v1/warehouses/story-bj", house | {"open": False})
