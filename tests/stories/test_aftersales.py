"""This is where goods come back and something better goes out: insured, picked up, graded, exchanged, compensated."""

import uuid
from typing import Any

from deploy.local.client import Customer, Staff
from tests.shop import Shop, now

PHOTO = "https://cdn.example.com/broken.jpg"


async def _at_the_door(shop: Shop, staff: Staff, customer: Customer, order_id: str) -> Any:
    """Packed, sent, scanned: the order once it is delivered."""
    (parcel,) = await shop.eventually(lambda: _parcels(staff, order_id), bool)
    (await staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")).expect(200)
    (await staff.call("POST", f"/v1/shipments/{parcel['id']}/ship")).expect(200)
    await shop.carrier().scan(parcel["waybill"], "picked_up", "delivered", at=now())
    return await shop.eventually(
        lambda: customer.get(f"/v1/orders/{order_id}"), lambda order: order["state"] == "delivered"
    )


async def _parcels(staff: Staff, order_id: str) -> Any:
    return (await staff.get(f"/v1/shipments?order_id={order_id}"))["items"]


async def _insured(shop: Shop, staff: Staff, customer: Customer, lines: dict[str, int]) -> Any:
    """An order whose way back is insured, at the door."""
    cart = await customer.filled_cart(lines)
    offer = await customer.get(f"/v1/carts/{cart}/return-insurance")
    stale = {"currency": "CNY", "minor": offer["premium"]["minor"] + 1}
    refused = await customer.check_out(cart, return_insurance=stale)
    assert (refused.status, refused.body["code"]) == (409, "INSURANCE_CHANGED")
    order = (await customer.check_out(cart, return_insurance=offer["premium"])).expect(201)
    amounts = {total["type"]: total["amount"]["minor"] for total in order["totals"]}
    assert amounts["return_insurance"] == offer["premium"]["minor"]
    assert amounts["total"] == sum(minor for kind, minor in amounts.items() if kind != "total")
    return await _at_the_door(shop, staff, customer, order["id"])


async def _open(customer: Customer, order: Any, body: dict[str, Any]) -> Any:
    path = f"/v1/orders/{order['id']}/returns"
    return (await customer.call("POST", path, body, key=uuid.uuid4().hex)).expect(201)


async def _step(who: Any, rma: Any, step: str, body: Any = None) -> Any:
    return (await who.call("POST", f"/v1/returns/{rma['id']}/{step}", body, key=uuid.uuid4().hex)).expect(200)


async def _graded(staff: Staff, sku: str) -> dict[str, int]:
    """Units by grade, of all warehouses; A is what is on hand."""
    there = await staff.get(f"/v1/stock/{sku}")
    units = {"A": sum(row["on_hand"] for row in there["warehouses"])}
    for row in there["warehouses"]:
        for graded in row["graded"]:
            units[graded["grade"]] = units.get(graded["grade"], 0) + graded["units"]
    return units


async def test_goods_come_back_by_pickup_are_graded_and_paid_for_and_their_way_too(shop: Shop) -> None:
    staff, customer = await shop.owner(), await shop.customer()
    cup = await shop.product(stock=10, price=5000)
    policies = (await shop.visitor().get("/v1/after-sales-policies"))["items"]
    assert (policies[0]["scope"], policies[0]["no_reason_days"]) == ("shop", 7)
    order = await _insured(shop, staff, customer, {cup: 3})
    paid = order["totals"][-1]["amount"]["minor"]

    none = {"lines": [{"sku": cup, "quantity": 3}], "reason": "damaged", "photos": []}
    refused = await customer.call("POST", f"/v1/orders/{order['id']}/returns", none, key="p1")
    assert (refused.status, refused.body["code"]) == (400, "PHOTOS_NEEDED")
    rma = await _open(customer, order, none | {"reason": "no_reason"})
    assert (rma["freight_payer"], rma["state"]) == ("customer", "requested")
    await _step(staff, rma, "ask", {"text": "Are they in their box?"})
    await _step(customer, rma, "answer", {"text": "They are", "photos": [PHOTO]})
    await _step(staff, rma, "approve")
    booked = await _step(customer, rma, "way-back", {"kind": "pickup", "window": "tomorrow, 9 to 12"})
    waybill, freight = booked["way_back"]["waybill"], booked["way_back"]["freight"]["minor"]
    pickups = (await shop.carrier().signed("GET", f"/carrier/v1/pickups?date={now()[:10]}")).expect(200)["items"]
    assert waybill in [one for row in pickups if row["direction"] == "reverse" for one in row["waybills"]]
    await shop.carrier().scan(waybill, "picked_up", "in_transit", "delivered", at=now())
    path = f"/v1/returns/{rma['id']}"
    await shop.eventually(lambda: customer.get(path), lambda it: it["state"] == "arrived")

    grades = [{"sku": cup, "grade": grade, "units": 1} for grade in ("A", "B", "scrap")]
    await _step(staff, rma, "inspect", {"grades": grades})
    done = await _step(staff, rma, "refund")
    assert (done["state"], done["refund"]["minor"]) == ("refunded", 15_000)
    await shop.eventually(lambda: _graded(staff, cup), lambda units: units == {"A": 8, "B": 1})
    (payment,) = await shop.psp_payments(order["id"])
    covered = min(freight, 1200)
    in_money = min(covered, paid - 15_000)  # the rest of it in points: more than was paid does not go back
    assert payment["refunded_minor"] == 15_000 + in_money
    if covered > in_money:
        await shop.eventually(lambda: customer.get("/v1/customers/me"), lambda me: me["points"] >= covered - in_money)
    states = [step["state"] for step in (await customer.get(path))["steps"]]
    assert states[:5] == ["requested", "needs_info", "requested", "approved", "booked"] and states[-1] == "refunded"


async def test_what_was_broken_is_replaced_what_is_dearer_paid_for_and_lateness_compensated(shop: Shop) -> None:
    staff, customer = await shop.owner(), await shop.customer()
    cup, pot = await shop.product(stock=10, price=5000), await shop.product(stock=10, price=9000)
    order = await _at_the_door(shop, staff, customer, (await customer.buy({cup: 3}))["id"])

    broken = {"lines": [{"sku": cup, "quantity": 1}], "reason": "damaged", "photos": [PHOTO], "kind": "replace"}
    replaced = await _open(customer, order, broken | {"detail": "broken"})
    await _step(staff, replaced, "approve", {"goods_stay": True})
    sent = await _step(staff, replaced, "exchange")
    again = await _at_the_door(shop, staff, customer, sent["follow_up"])
    assert (again["totals"][-1]["amount"]["minor"], again["lines"][0]["sku"]) == (0, cup)

    wish = {"lines": [{"sku": cup, "quantity": 1}], "reason": "size", "kind": "exchange"}
    exchanged = await _open(customer, order, wish | {"wants": [{"sku": pot, "quantity": 1}]})
    await _step(staff, exchanged, "approve")
    await _step(staff, exchanged, "receive", {"sound": True})
    waiting = await _step(staff, exchanged, "exchange")
    assert (waiting["state"], waiting["difference"]["minor"]) == ("awaiting_payment", 4000)
    paid = await _step(customer, exchanged, "payment", {"payment": {"method": "card", "token": "tok_ok"}})
    assert paid["state"] == "sent"
    assert [one["captured_minor"] for one in await shop.psp_payments(paid["follow_up"])] == [4000]
    available = await shop.eventually(lambda: staff.get(f"/v1/stock/{cup}"), lambda it: it["available"] == 7)
    assert available["available"] == 7  # three sold, one sent anew, one back

    path = f"/v1/orders/{order['id']}/compensations"
    late = await staff.call("POST", path, {"reason": "late_delivery"}, key="l1")
    assert (late.status, late.body["code"]) == (409, "NOTHING_DUE")
    given = (await staff.call("POST", path, {"reason": "damaged", "return_id": replaced["id"]}, key="d1")).expect(200)
    assert given["cash"]["minor"] == 1500 and given["by"].startswith("stf_")
    (payment,) = await shop.psp_payments(order["id"])
    assert payment["refunded_minor"] == 1500
    assert [row["id"] for row in (await staff.get(path))["items"]] == [given["id"]]

    async def counted() -> Any:
        rows = (await staff.get("/v1/returns/statistics?by=sku&limit=100"))["items"]
        return next((row for row in rows if row["key"] == cup), None)

    row = await shop.eventually(counted, lambda row: row is not None and row["delivered"] == 4)
    assert (row["asked"], row["received"], row["rate"]) == (2, 1, 0.5)
