"""This is where staff watch parcels on their way: devices over HTTP and MQTT, the tower, and how carriers do."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiomqtt

from deploy.local.client import Customer, Staff
from services.kit.clock import rfc3339
from tests.shop import Shop, now

_READINGS = "/v1/iot/parcel-readings"


async def _parcel(shop: Shop, staff: Staff, order: str) -> Any:
    async def planned() -> Any:
        return (await staff.get(f"/v1/shipments?order_id={order}"))["items"]

    return (await shop.eventually(planned, bool))[0]


async def _registered(staff: Staff, parcel: str, sku: str) -> Any:
    """A logger travels with a parcel that must stay cold."""
    device = (await staff.call("POST", "/v1/iot/devices", {"title": "Logger 7"})).expect(201)
    binding = {"kind": "shipment", "id": parcel}
    (await staff.call("PUT", f"/v1/iot/devices/{device['id']}/binding", binding)).expect(200)
    rule = {"kind": "temperature", "low": 2.0, "high": 8.0, "margin": 0.5, "skus": [sku]}
    (await staff.call("PUT", f"/v1/iot/rules/cold-{uuid.uuid4().hex[:8]}", rule)).expect(200)
    return device


def _said() -> list[dict[str, Any]]:
    at = datetime.fromisoformat(now())
    return [
        {"seq": seq, "at": rfc3339(at - timedelta(minutes=9 - seq)), "temperature_c": degrees, "latitude": 31.2}
        for seq, degrees in enumerate([5.0, 11.5, 5.0])
    ]


async def _over_mqtt(shop: Shop, device: str, payload: Any) -> None:
    at = urlsplit(shop.local.environment["MQTT_URL"])
    async with aiomqtt.Client(at.hostname or "", at.port or 0, username=at.username, password=at.password) as logger:
        for _ in range(2):
            await logger.publish(f"shop/iot/parcel/{device}", json.dumps(payload), qos=1)


async def test_a_cold_parcel_is_watched_on_its_way(shop: Shop) -> None:
    staff, logger, customer = await shop.owner(), shop.visitor(), await shop.customer()
    sku = await shop.product(stock=5)
    order = (await customer.buy({sku: 1}))["id"]
    parcel = await _parcel(shop, staff, order)
    device, said = await _registered(staff, parcel["id"], sku), _said()
    # Nobody speaks for it without its secret; what it says twice is heard once.
    shown = {"X_Device_Id": device["id"], "X_Device_Key": "guess"}
    refused = await logger.call("POST", _READINGS, {"readings": said[:1]}, **shown)
    assert (refused.status, refused.body["code"]) == (401, "DEVICE_KEY_WRONG")
    shown["X_Device_Key"] = device["secret"]
    for outcome in ("accepted", "duplicate"):
        told = (await logger.call("POST", _READINGS, {"readings": said[:1]}, **shown)).expect(200)
        assert told["answers"] == [{"outcome": outcome, "detail": None}]
    await _over_mqtt(shop, device["id"], {"key": device["secret"], "readings": said[1:2]})
    target = f"shipment:{parcel['id']}"

    async def alerts() -> Any:
        return (await staff.get(f"/v1/iot/alerts?target={target}"))["items"]

    (alert,) = await shop.eventually(alerts, bool)
    assert (alert["value"], alert["open"], alert["order_id"]) == (11.5, True, order)
    rows = (await staff.get("/v1/logistics/tower"))["items"]
    assert any(row["alerts"] and row["warehouse"] == alert["warehouse"] for row in rows)
    (await logger.call("POST", _READINGS, {"readings": said[2:]}, **shown)).expect(200)
    await shop.eventually(alerts, lambda found: [one["open"] for one in found] == [False])
    track = await staff.get(f"/v1/iot/tracks/{target}")
    assert [point["temperature_c"] for point in track["points"]] == [5.0, 11.5, 5.0]
    assert (await customer.call("GET", f"/v1/iot/tracks/{target}")).status == 403  # none of the customer's business
    await _measured(shop, staff, customer, parcel)


async def _measured(shop: Shop, staff: Staff, customer: Customer, parcel: Any) -> None:
    """It is brought at once: its carrier's card and the tower say so."""

    async def cards() -> Any:
        items = (await staff.get("/v1/carriers/scorecards?by=carrier&window=28&limit=100"))["items"]
        return {item["subject"]: item for item in items}

    async def uncounted() -> Any:
        return await shop.mongo["shop_logistics"]["shipments"].find_one({"uncounted": True})

    await shop.eventually(uncounted, lambda one: one is None)  # of what was lived before
    before = (await cards()).get(parcel["carrier"], {"parcels": 0, "on_time": {"count": 0}})
    await shop.carrier().scan(parcel["waybill"], "picked_up", "delivered", at=now())
    after = (await shop.eventually(cards, lambda found: found.get(parcel["carrier"], before) != before))[
        parcel["carrier"]
    ]
    assert after["parcels"] == before["parcels"] + 1
    assert after["on_time"]["count"] == before["on_time"]["count"] + 1
    assert 0 <= after["score"] <= 1000
    rows = (await staff.get("/v1/logistics/tower"))["items"]
    assert sum(state["parcels"] for row in rows for state in row["states"] if state["state"] == "delivered") >= 1
    assert (await customer.call("GET", "/v1/logistics/tower")).status == 403
