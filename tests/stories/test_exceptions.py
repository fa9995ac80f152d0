"""This is where staff hold an order and let it go, repair an address, and send once more or give back what was lost."""

from typing import Any

from deploy.local.client import ADDRESS, Customer, Staff
from tests.shop import Shop, now

ELSEWHERE = ADDRESS | {"street": "文三路 92 号"}


async def _parcel(shop: Shop, staff: Staff, order: str) -> Any:
    async def planned() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order}"))["items"]

    return (await shop.eventually(planned, bool))[0]


async def _case(shop: Shop, staff: Staff, order: str, reason: str) -> Any:
    async def opened() -> Any:
        cases = (await staff.get(f"/v1/exceptions?reason={reason}&state=open&limit=100"))["items"]
        return [case for case in cases if case["order_id"] == order]

    return (await shop.eventually(opened, bool))[0]


async def _held_and_let_go(shop: Shop, staff: Staff, customer: Customer, sku: str) -> None:
    """Two reasons, let go one by one; meanwhile the warehouse cannot pack it."""
    order = (await customer.buy({sku: 1}))["id"]
    parcel = await _parcel(shop, staff, order)
    for reason, pauses in (("customer_asks", True), ("audit", False)):
        body = {"reason": reason, "text": "wants a blue one", "pauses": pauses}
        held = (await staff.call("POST", f"/v1/orders/{order}/holds", body)).expect(200)
    assert held["ship_clock"]["state"] == "paused" and held["classes"] == ["audit", "customer_asks"]
    refused = await staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")
    assert (refused.status, refused.body["code"]) == (409, "SHIPMENT_HELD")
    assert order in [row["id"] for row in (await staff.get("/v1/orders/worklist?class=audit&limit=100"))["items"]]
    assert (await customer.get(f"/v1/orders/{order}"))["holds"] == []  # none of the customer's business
    for reason in ("audit", "customer_asks"):
        let_go = await staff.call("POST", f"/v1/orders/{order}/holds/{reason}/release", {"why": "blue it is"})
        assert let_go.expect(200)["holds"][0]["reason"] == "customer_asks"
    assert let_go.body["ship_clock"]["state"] == "running"
    assert [hold["why"] for hold in let_go.body["holds"]] == ["blue it is"] * 2

    async def packed() -> int:
        return (await staff.call("POST", f"/v1/shipments/{parcel['id']}/pack")).status

    await shop.eventually(packed, lambda status: status == 200)
    moved = await customer.call("PUT", f"/v1/orders/{order}/address", ELSEWHERE)
    assert moved.expect(200)["address"]["street"] == ELSEWHERE["street"]
    assert (await staff.get(f"/v1/shipments/{parcel['id']}"))["address"]["street"] == ELSEWHERE["street"]
    (await staff.call("POST", f"/v1/shipments/{parcel['id']}/ship")).expect(200)
    late = await staff.call("POST", f"/v1/orders/{order}/holds", {"reason": "audit"})
    assert late.status == 409
    assert (await customer.call("PUT", f"/v1/orders/{order}/address", ADDRESS)).status == 409


async def _address_repaired(shop: Shop, staff: Staff, sku: str) -> None:
    """An address that cannot be meant waits for its customer; repaired, the order is sent there."""
    visitor = shop.visitor()
    cart = await visitor.filled_cart({sku: 1}, ADDRESS | {"street": "。。。", "province": "Atlantis"})
    order = (await visitor.check_out(cart)).expect(201)["id"]
    case = await _case(shop, staff, order, "wrong_address")
    assert case["contact_clock"]["policy"] == "exception_contact"
    assert (await staff.get(f"/v1/shipments?order_id={order}"))["items"] == []
    body = {"channel": "phone", "result": "reached", "note": "文三路 92 号"}
    spoken = (await staff.call("POST", f"/v1/exceptions/{case['id']}/contact", body)).expect(200)
    assert spoken["contact_clock"]["state"] == "stopped"
    abroad = await staff.call("POST", f"/v1/exceptions/{case['id']}/address", ELSEWHERE | {"country": "DE"})
    assert (abroad.status, abroad.body["code"]) == (400, "ADDRESS_TOO_FAR")
    repaired = (await staff.call("POST", f"/v1/exceptions/{case['id']}/address", ELSEWHERE)).expect(200)
    assert (repaired["state"], repaired["outcome"] in ("address_repaired", "released")) == ("resolved", True)
    assert (await _parcel(shop, staff, order))["address"]["street"] == ELSEWHERE["street"]


async def _lost_and_put_right(shop: Shop, staff: Staff, customer: Customer, sku: str) -> None:
    """The carrier has an exception: one is sent once more, the other's money goes back; each once."""
    order = (await customer.buy({sku: 2}))["id"]
    parcel = await _parcel(shop, staff, order)
    for step in ("pack", "ship"):
        (await staff.call("POST", f"/v1/shipments/{parcel['id']}/{step}")).expect(200)
    carrier = shop.carrier()
    for code in ("picked_up", "exception"):
        await carrier.scan(parcel["waybill"], code, at=now())
    case = await _case(shop, staff, order, "carrier_exception")
    for key in ("one", "two"):
        answer = await staff.call(
            "POST", f"/v1/exceptions/{case['id']}/reship", {"lines": [{"sku": sku, "quantity": 1}]}, key=key + order
        )
        sent = answer.expect(200)["order"]
    assert (sent["follows"]["order_id"], sent["priority"], sent["totals"][-1]["amount"]["minor"]) == (order, 2, 0)
    assert answer.body["outcome"] == "reshipped"
    assert (await _parcel(shop, staff, sent["id"]))["lines"][0]["quantity"] == 1
    opened = await staff.call("POST", f"/v1/orders/{order}/exceptions", {"reason": "lost", "text": "the other one"})
    lost = opened.expect(201)["id"]
    keyless = await staff.call("POST", f"/v1/exceptions/{lost}/refund")
    assert (keyless.status, keyless.body["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    for key in ("one", "two"):
        body = {"lines": [{"sku": sku, "quantity": 1}]}
        refunded = (await staff.call("POST", f"/v1/exceptions/{lost}/refund", body, key=key + lost)).expect(200)
        assert (refunded["refund"]["minor"], refunded["outcome"]) == (5000, "refunded")
    (payment,) = await shop.psp_payments(order)
    assert payment["refunded_minor"] == 5000
    (adjustment,) = (await customer.get(f"/v1/orders/{order}"))["adjustments"]
    assert adjustment["amount"]["minor"] == -5000


async def _terms(staff: Staff) -> None:
    """Staff say when they are open and how long it may take."""
    spans = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "18:00"}]
    office = {
        "zone": "Asia/Shanghai",
        "week": [spans] * 5 + [[], []],
        "special": [{"date": "2026-10-10", "spans": spans}],
    }
    terms = (await staff.call("PUT", "/v1/sla/calendars/office", office)).expect(200)
    body = {"duration_s": 172_800, "warn_percent": 10, "calendar": "office"}
    tag = f'"v{terms["revision"]}"'
    kept = (await staff.call("PUT", "/v1/sla/policies/technical_answer", body, If_Match=tag)).expect(200)
    assert {policy["id"] for policy in kept["policies"]} >= {"ship_by", "exception_contact", "technical_answer"}
    assert (await staff.call("PUT", "/v1/sla/policies/technical_answer", body, If_Match=tag)).status == 412
    rule = {"reason": "audit", "text": "Look", "when": {"units_from": 9_999}}
    assert (await staff.call("PUT", "/v1/triage-rules/very_many", rule)).expect(200)["holds"]
    assert (await staff.call("PUT", "/v1/triage-rules/nothing", rule | {"when": {}})).status == 400


async def test_what_goes_wrong_with_an_order_is_put_right_once(shop: Shop) -> None:
    staff, customer = await shop.owner(), await shop.customer()
    sku = await shop.product(stock=20, price=5000)
    await _held_and_let_go(shop, staff, customer, sku)
    await _address_repaired(shop, staff, sku)
    await _lost_and_put_right(shop, staff, customer, sku)
    await _terms(staff)
