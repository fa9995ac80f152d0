"""This is where somebody tries the shop's patience: cards tried out from one device, a parcel to a strange place, staff who
look, one let go and one sent away, a bank that takes its money back, and a target the loss is held against."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.client import ADDRESS, Staff
from tests.shop import Shop

POLICY = {"mode": "enforce", "review_at_bp": 5000, "block_at_bp": 9900, "adaptive": False}


async def _decides(staff: Staff, **how: Any) -> Any:
    now = await staff.call("GET", "/v1/fraud/policy")
    put = await staff.call("PUT", "/v1/fraud/policy", POLICY | how, If_Match=now.headers["ETag"])
    return put.expect(200)


@pytest.fixture
async def guard(shop: Shop) -> AsyncIterator[Staff]:
    """Staff of a shop that means it; afterwards it only watches again, for other stories pay from one address, too."""
    staff = await shop.owner()
    await _decides(staff)
    yield staff
    await _decides(staff, mode="observe")
    for listing in (await staff.get("/v1/fraud/listings?limit=100"))["items"]:
        (await staff.call("DELETE", f"/v1/fraud/listings/{listing['id']}")).expect(204)


def _own_door() -> dict[str, str]:
    return ADDRESS | {"street": f"{uuid.uuid4().hex} 路 1 号"}


async def _buys(shop: Shop, sku: str, device: str, token: str = "tok_ok", **payment: Any) -> Any:
    """A guest at a device, each with a mailbox and a door of their own."""
    guest = shop.visitor()
    guest.headers["X-Device-Id"] = device
    cart = await guest.filled_cart({sku: 1}, address=_own_door())
    paid = {"method": "card", "token": token} | payment
    return await guest.check_out(cart, payment=paid, email=f"{uuid.uuid4().hex}@example.com")


async def _held(shop: Shop, staff: Staff, sku: str) -> tuple[str, str, Any]:
    """An order that waits for somebody to look: its id, its ETag, its review."""
    answer = await _buys(shop, sku, f"phone-{uuid.uuid4().hex}", billing={"country": "US", "name": "John Doe"})
    order = answer.expect(201)
    assert order["state"] == "paid" and "fraud" not in str(order)

    async def look() -> Any:
        return await staff.call("GET", f"/v1/fraud/reviews/{order['id']}")

    seen = await shop.eventually(look, lambda found: found.status == 200)
    return order["id"], seen.headers["ETag"], seen.body


def _unknown_card() -> str:
    """A token the bank does not know; of letters alone, for digits might make a card's number, which is refused before."""
    return "tok_" + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex)


async def _tries_out_cards(shop: Shop, guard: Staff, sku: str) -> None:
    """The bank says no, then we do, and nothing tells the two apart but a code."""
    device, answers = f"farm-{uuid.uuid4().hex}", []
    await _decides(guard, block_at_bp=6000)
    for _ in range(12):
        answers.append(await _buys(shop, sku, device, _unknown_card()))
        await shop.settled()
        if answers[-1].body["code"] != "PAYMENT_DECLINED":
            break
    assert answers[0].status == answers[-1].status == 402
    refused = answers[-1].body
    assert refused["code"] == "PAYMENT_NOT_ACCEPTED" and refused.keys() <= answers[0].body.keys() | {"detail"}
    assert not [word for word in ("fraud", "risk", "score", "device") if word in str(refused).lower()]
    (blocked, *_) = (await guard.get("/v1/fraud/reviews?state=blocked&limit=1"))["items"]
    assert blocked["score_bp"] >= 6000 and any("this device" in each["text"]["en"] for each in blocked["reasons"])


async def _lets_one_go(shop: Shop, guard: Staff, sku: str) -> str:
    """It looked odd, waited, and is sent; its id."""
    good, tag, review = await _held(shop, guard, sku)
    assert {"billing_differs", "name_differs"} <= {each["name"] for each in review["features"]} and review[
        "state"
    ] == "open"
    assert (await guard.get(f"/v1/shipments?order_id={good}"))["items"] == []
    assert (await guard.call("POST", f"/v1/fraud/reviews/{good}/clear", {})).status == 428
    cleared = await guard.call("POST", f"/v1/fraud/reviews/{good}/clear", {"note": "rang them up"}, If_Match=tag)
    assert cleared.expect(200)["state"] == "cleared"
    await shop.eventually(lambda: guard.get(f"/v1/shipments?order_id={good}"), lambda found: bool(found["items"]))
    return good


async def _sends_one_away(shop: Shop, guard: Staff, sku: str) -> None:
    """It was not what it seemed: cancelled, paid back, kept out."""
    bad, tag, _ = await _held(shop, guard, sku)
    for _ in range(2):
        confirmed = await guard.call("POST", f"/v1/fraud/reviews/{bad}/confirm", {"note": "stolen"}, If_Match=tag)
        assert confirmed.expect(200)["state"] == "confirmed"
    assert (await guard.get(f"/v1/orders/{bad}"))["state"] == "cancelled"
    (payment,) = await shop.psp_payments(bad)
    assert payment["refunded_minor"] == payment["captured_minor"] > 0
    denied = (await guard.get("/v1/fraud/listings?verdict=deny"))["items"]
    assert {each["kind"] for each in denied} >= {"device", "email", "address", "card"}


async def _is_charged_back(shop: Shop, guard: Staff, good: str) -> None:
    """What was let go after all is lost: once, beside its target."""
    report = {"order_id": good, "reference": "CB-1"}
    before = await _lost(guard)
    written = [await guard.call("POST", "/v1/fraud/reports", report) for _ in range(2)]
    assert [each.expect(201)["kind"] for each in written] == ["chargeback"] * 2
    loss = written[0].body["loss"]["minor"]
    await shop.eventually(lambda: _lost(guard), lambda lost: lost == before + loss)
    rate = await guard.get("/v1/kpis/fraud_loss_rate?grain=total")
    assert rate["capability"] == "K36" and rate["target"] == "< 0.001" and rate["points"][-1]["value"] > 0
    again = await guard.call("POST", "/v1/fraud/reports", report | {"reference": "CB-2"})
    assert (again.status, again.body["code"]) == (409, "FRAUD_REPORTED_ALREADY")


async def test_fraud_is_stopped_looked_at_and_learnt_from(shop: Shop, guard: Staff) -> None:
    sku = await shop.product(stock=100)
    await _tries_out_cards(shop, guard, sku)
    await _decides(guard, review_at_bp=100, block_at_bp=9900)
    good = await _lets_one_go(shop, guard, sku)
    await _sends_one_away(shop, guard, sku)
    await _is_charged_back(shop, guard, good)


async def _lost(staff: Staff) -> float:
    points = (await staff.get("/v1/kpis/fraud_loss?grain=total"))["points"]
    return float(sum(point["value"] for point in points if point["currency"] == "CNY"))
