"""This is where a parcel is followed: carriers set up, scans in any order, the order page live, standing still, and lost."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.client import Carrier, Customer, Staff
from services.kit.clock import rfc3339
from tests.shop import Shop


def _ago(**delta: float) -> str:
    return rfc3339(datetime.now(UTC) - timedelta(**delta))


async def _sent(shop: Shop, staff: Staff, customer: Customer, sku: str) -> tuple[str, Any]:
    """An order on its way, and its parcel."""
    order = (await customer.buy({sku: 1}))["id"]

    async def planned() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order}"))["items"]

    parcel = (await shop.eventually(planned, bool))[0]
    for step in ("pack", "ship"):
        (await staff.call("POST", f"/v1/shipments/{parcel['id']}/{step}")).expect(200)
    return order, parcel


async def _carriers_are_set_up(staff: Staff) -> None:
    """What each can is shown, what our accounts hold is not; a partner is added, and takes no number of another's."""
    known = {row["code"]: row for row in (await staff.get("/v1/carriers"))["items"]}
    assert {"sandbox", "sf", "zto"} <= set(known) and known["sandbox"]["on"] and not known["sf"]["on"]
    assert "rate" in known["sf"]["abilities"] and "rate" not in known["zto"]["abilities"]
    refused = await staff.call("PUT", "/v1/carriers/zto", {"on": True, "account": {"app_key": "k"}})
    assert (refused.status, refused.body["code"]) == (409, "ACCOUNT_INCOMPLETE")
    account = dict.fromkeys(known["zto"]["account_fields"], "a secret of ours")
    first = (await staff.call("PUT", "/v1/carriers/zto", {"on": False, "account": account})).expect(200)
    assert first["known_fields"] == sorted(account) and "a secret" not in str(first)
    again = await staff.call("PUT", "/v1/carriers/zto", {"on": False}, If_Match='"v9"')
    assert (again.status, again.body["code"]) == (412, "VERSION_MISMATCH")
    wrong = {"on": True, "partner": True, "title": "Pigeons", "prefix": "SB", "speaks": "kuaidi100"}
    refused = await staff.call("PUT", "/v1/carriers/pigeon", wrong)
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (400, "/prefix")
    partner = (await staff.call("PUT", "/v1/carriers/pigeon", wrong | {"prefix": "PG", "on": False})).expect(200)
    assert partner["partner"] and "track" not in partner["abilities"]


async def _followed_live(shop: Shop, staff: Staff, customer: Customer, carrier: Carrier, sku: str) -> None:
    """Scans come late and out of order; the order page hears of each new state, staff see every raw scan."""
    order, parcel = await _sent(shop, staff, customer, sku)
    heard: list[str] = []

    async def watch() -> None:
        async with shop.session.get(
            f"{shop.base}/v1/orders/{order}/events", headers={"Authorization": f"Bearer {customer.token}"}
        ) as stream:
            async for line in stream.content:
                if line.startswith(b"event: "):
                    heard.append(line[7:].decode().strip())
                    if heard[-1] == "delivered":
                        return

    watching = asyncio.create_task(watch())
    station = _ago(hours=30)
    for code, at in (
        ("in_transit", station),
        ("picked_up", _ago(hours=40)),
        ("5", _ago(hours=3)),
        ("in_transit", station),
    ):
        await carrier.scan(parcel["waybill"], code, at=at)
    await carrier.scan(parcel["waybill"], "attempt_failed", at=_ago(hours=2))
    await carrier.scan(parcel["waybill"], "delivered", at=_ago(hours=1))
    await asyncio.wait_for(watching, 10)
    assert heard[-1] == "delivered" and {"shipped", "in_transit"} <= set(heard)
    seen = await staff.get(f"/v1/shipments/{parcel['id']}/tracking")
    assert [row["raw_code"] for row in seen["scans"]] == ["picked_up", "in_transit", "5", "attempt_failed", "delivered"]
    assert (seen["state"], seen["watch"]) == ("delivered", None)
    refused = await customer.call("GET", f"/v1/shipments/{parcel['id']}/tracking")
    assert refused.status == 403


async def _stood_still(shop: Shop, staff: Staff, customer: Customer, carrier: Carrier, sku: str) -> None:
    """Nothing is heard of a parcel for weeks: it is stuck, then lost, staff have a case; then it turns up."""
    order, parcel = await _sent(shop, staff, customer, sku)
    await carrier.scan(parcel["waybill"], "in_transit", at=_ago(days=20))

    async def cases(state: str = "open") -> list[str]:
        found = (await staff.get(f"/v1/exceptions?state={state}&limit=100"))["items"]
        return [case["reason"] for case in found if case["order_id"] == order]

    await shop.eventually(cases, lambda found: found == ["lost"])
    standing = (await staff.get("/v1/shipments/standing?watch=lost&limit=100"))["items"]
    assert parcel["id"] in [row["shipment_id"] for row in standing]
    await carrier.scan(parcel["waybill"], "out_for_delivery", at=_ago(minutes=5))
    await shop.eventually(cases, lambda found: not found)
    assert sorted(await cases("resolved")) == ["lost", "stuck"]
    assert (await staff.get(f"/v1/shipments/{parcel['id']}/tracking"))["watch"] == "watched"


async def test_a_parcel_is_followed_from_hand_over_to_the_door(shop: Shop) -> None:
    staff, customer, carrier = await shop.owner(), await shop.customer(), shop.carrier()
    sku = await shop.product(stock=20)
    await _carriers_are_set_up(staff)
    await _followed_live(shop, staff, customer, carrier, sku)
    await _stood_still(shop, staff, customer, carrier, sku)
    lanes = (await staff.get("/v1/delivery-times?carrier=sandbox"))["items"]
    assert lanes and all(lane["lane"].startswith("sandbox|") for lane in lanes)
