"""This is where carriers are told: signed, until they say so, once an attempt, whatever their endpoints do."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from shop.logistics.v1 import returns_pb2, returns_pb2_grpc, shipments_pb2, webhooks_pb2, webhooks_pb2_grpc
from shop.logistics.v1.events_pb2 import ShipmentRerouted
from shop.type.v1 import address_pb2

from services.kit.clock import parse_time, rfc3339
from services.kit.errors import Refused
from services.kit.rpc import call
from tests.house import House
from tests.logistics.neighbourhood import NAME, PHONE, STREET
from tests.logistics.test_returns import return_request
from tests.logistics.test_scans import Courier, started
from tests.logistics.test_shipments import Desk

from .receiver import LOSE, Receiver

ALL = (
    "shipment.planned",
    "shipment.address_changed",
    "shipment.rerouted",
    "shipment.cancelled",
    "pickup.booked",
    "return.booked",
)
CHANGES = ("pickup.changed", "return.cancelled")
pb = webhooks_pb2


class Hooks:
    """A carrier's webhooks, and the clockwork that sends them, moved by hand."""

    def __init__(self, house: House, desk: Desk, courier: Courier) -> None:
        self.house, self.desk, self.courier = house, desk, courier
        self.stub = webhooks_pb2_grpc.WebhooksServiceStub(desk.logistics.channel)

    async def ask(self, rpc: str, **fields: Any) -> Any:
        request = getattr(pb, f"{rpc}Request")
        return await call(getattr(self.stub, rpc), request(proof=self.courier.proof(b"{}"), **fields))

    async def register(self, url: str, types: Sequence[str] = ALL) -> pb.Endpoint:
        made = await self.ask("CreateEndpoint", url=url, types=types)
        self.secret = made.secret
        endpoint: pb.Endpoint = made.endpoint
        return endpoint

    async def sent(self, delivery_id: str, attempts: int) -> pb.Delivery:
        """Waits until so many attempts are written down."""
        async with asyncio.timeout(10):
            while True:
                found = (await self.ask("GetDelivery", id=delivery_id)).delivery
                if len(found.attempts) >= attempts:
                    delivery: pb.Delivery = found
                    return delivery
                await asyncio.sleep(0.01)

    async def listed(self, endpoint_id: str) -> list[pb.Delivery]:
        return list((await self.ask("ListDeliveries", endpoint_id=endpoint_id)).deliveries)


async def opened(house: House) -> Hooks:
    house.settings["webhooks_every_s"] = 0.01
    return Hooks(house, *await started(house))


async def test_a_pickup_that_is_booked_anew_and_one_that_is_called_off_are_told_each_change_once(house: House) -> None:
    hooks = await opened(house)
    async with Receiver() as receiver:
        await hooks.register(receiver.url, CHANGES)
        receiver.secrets = [hooks.secret]
        returns = returns_pb2_grpc.ReturnParcelsServiceStub(hooks.desk.logistics.channel)
        ids, region = [f"ret_01kt5m8q2z000000000000000{n}" for n in (1, 2)], return_request().region
        asked = returns_pb2.ListPickupWindowsRequest(region=region)
        first, second = [one.window for one in (await call(returns.ListPickupWindows, asked)).windows][:2]
        pickup, label = return_request(ids[0]), return_request(ids[1])
        pickup.window, label.kind = first, "label"
        fetched, posted = [await call(returns.BookReturn, one) for one in (pickup, label)]
        for window in (second, first, second, second):  # to and fro; the last changes nothing
            await call(returns.RebookPickup, returns_pb2.RebookPickupRequest(return_id=ids[0], window=window))
            house.clock.advance(seconds=1)
        for key in (*ids, *ids):
            await call(returns.CancelReturnParcel, returns_pb2.CancelReturnParcelRequest(return_id=key))
        await house.settled()
        async with asyncio.timeout(10):
            while len(receiver.seen) < 5:
                await asyncio.sleep(0.01)
        told = [(body["timestamp"], body["type"], body["data"]) for _, body in receiver.seen]
        changes = [(data["what"], data["window"]) for _, kind, data in sorted(told, key=str) if kind == CHANGES[0]]
        assert changes == [("rebooked", second), ("rebooked", first), ("rebooked", second), ("cancelled", second)]
        assert {data["waybill"] for _, kind, data in told if kind == CHANGES[0]} == {fetched.waybill}
        assert [data["waybill"] for _, kind, data in told if kind == CHANGES[1]] == [posted.waybill]
        assert {data["direction"] for _, _, data in told} == {"reverse"}
        for personal in (NAME, PHONE, STREET):
            assert personal not in str(receiver.seen)


async def test_what_happens_to_a_parcel_is_told_and_names_nobody(house: House) -> None:
    hooks = await opened(house)
    async with Receiver() as receiver:
        endpoint = await hooks.register(receiver.url)
        receiver.secrets = [hooks.secret]
        (parcel,), (other,) = [await hooks.desk.planned(TEA=1) for _ in range(2)]
        moved = shipments_pb2.ReaddressShipmentsRequest(
            order_id=parcel.order_id,
            revision=1,
            region=address_pb2.Region(country="CN", province="浙江省", city="杭州市"),
            sealed_address=b"sealed",
        )
        for _ in range(2):
            await call(hooks.desk.stub.ReaddressShipments, moved)
        await hooks.desk.stop(other.order_id)
        kept = next(one for one in hooks.desk.logistics.ground.stores if one.name == "shipments")
        elsewhere = ShipmentRerouted(shipment_id=parcel.id, was="main", warehouse="east", turn=1, at=parcel.created_at)
        await kept.change({"_id": parcel.id}, {"$set": {"warehouse": "east"}}, elsewhere)
        returns = returns_pb2_grpc.ReturnParcelsServiceStub(hooks.desk.logistics.channel)
        await call(returns.BookReturn, return_request("ret_01kt5m8q2z0000000000000001"))
        label = return_request("ret_01kt5m8q2z0000000000000002")
        label.kind = "label"
        await call(returns.BookReturn, label)
        await house.settled()
        async with asyncio.timeout(10):
            while len(receiver.seen) < 7:
                await asyncio.sleep(0.01)
        told = sorted((body["type"], body["data"]["waybill"]) for _, body in receiver.seen)
        kinds = [kind for kind, _ in told]
        assert kinds == sorted([*ALL, "shipment.planned"])
        assert ("shipment.address_changed", parcel.waybill) in told
        assert ("shipment.cancelled", other.waybill) in told
        assert len({key for key, _ in receiver.seen}) == 7
        moved_on = next(body["data"] for _, body in receiver.seen if body["type"] == "shipment.rerouted")
        assert (moved_on["was"], moved_on["warehouse"]) == ("main", "east")
        for personal in (NAME, PHONE, STREET, "张"):
            assert personal not in str(receiver.seen)
        one = next(body for _, body in receiver.seen if body["type"] == "shipment.address_changed")
        assert one["data"]["region"]["city"] == "杭州市" and one["data"]["address_revision"] == 1
        deliveries = await hooks.listed(endpoint.id)
        assert sorted(one.id for one in deliveries) == sorted(key for key, _ in receiver.seen)


async def test_only_2xx_is_success_and_it_comes_again_under_the_same_id(house: House) -> None:
    hooks = await opened(house)
    async with Receiver() as receiver:
        endpoint = await hooks.register(receiver.url)
        receiver.secrets = [hooks.secret]
        receiver.says.extend([500, LOSE, (302, {"location": "/elsewhere"}), (429, {"retry-after": "36000"}), 204])
        delivery = (await hooks.ask("TestEndpoint", id=endpoint.id)).delivery
        waits = []
        for attempt in range(1, 5):
            found = await hooks.sent(delivery.id, attempt)
            assert found.state == "waiting" and len(receiver.seen) == attempt
            waits.append(found.next_at)
            house.clock.advance(hours=11)
        found = await hooks.sent(delivery.id, 5)
        assert [one.outcome for one in found.attempts] == [
            "refused_status",
            "unreachable",
            "redirect",
            "refused_status",
            "delivered",
        ]
        assert (found.state, found.next_at) == ("delivered", "")
        assert {key for key, _ in receiver.seen} == {delivery.id}
        stamps = [int(headers["webhook-timestamp"]) for headers in receiver.headers]
        assert stamps == sorted(set(stamps))  # signed anew each time
        gap = found.attempts[3].at
        assert waits[3] >= gap[:10] and waits[3] == rfc3339(_after(gap, hours=10))  # as Retry-After said


def _after(text: str, **delta: float) -> Any:
    moment = parse_time(text)
    assert moment
    return moment + timedelta(**delta)


async def test_after_three_days_it_is_given_up_and_can_be_sent_again(house: House) -> None:
    hooks = await opened(house)
    async with Receiver() as receiver:
        endpoint = await hooks.register(receiver.url)
        receiver.says.extend([500] * 10)
        delivery = (await hooks.ask("TestEndpoint", id=endpoint.id)).delivery
        for attempt in range(1, 11):
            found = await hooks.sent(delivery.id, attempt)
            house.clock.advance(hours=27)
        assert (found.state, found.next_at, len(found.attempts)) == ("failed", "", 10)
        await hooks.ask("ReplayDelivery", id=delivery.id)
        assert (await hooks.sent(delivery.id, 11)).state == "delivered"
        since, until = rfc3339(house.clock.now() - timedelta(days=20)), rfc3339(house.clock.now())
        assert (await hooks.ask("ReplayRange", id=endpoint.id, since=since, until=until)).replayed == 1
        await hooks.sent(delivery.id, 12)
        for wrong in (("", until), (until, since), ("yesterday", until)):
            with pytest.raises(Refused, match=r"time|since"):
                await hooks.ask("ReplayRange", id=endpoint.id, since=wrong[0], until=wrong[1])
        with pytest.raises(Refused) as refused:
            await hooks.ask("ReplayDelivery", id="whd_none")
        assert refused.value.reason == "DELIVERY_NOT_FOUND"


async def test_an_endpoint_that_is_gone_is_disabled_and_may_be_enabled_again(house: House) -> None:
    hooks = await opened(house)
    async with Receiver() as receiver:
        endpoint = await hooks.register(receiver.url)
        receiver.says.append(410)
        delivery = (await hooks.ask("TestEndpoint", id=endpoint.id)).delivery
        assert (await hooks.sent(delivery.id, 1)).state == "failed"
        now = (await hooks.ask("GetEndpoint", id=endpoint.id)).endpoint
        assert (now.state, now.reason) == ("disabled", "gone")
        for rpc, fields in (("TestEndpoint", {"id": endpoint.id}), ("ReplayDelivery", {"id": delivery.id})):
            with pytest.raises(Refused) as refused:
                await hooks.ask(rpc, **fields)
            assert refused.value.reason == "ENDPOINT_DISABLED"
        await hooks.desk.planned(TEA=1)
        await house.settled()
        assert len(await hooks.listed(endpoint.id)) == 1  # nothing new is made for it
        await hooks.ask("ChangeEndpoint", id=endpoint.id, state="enabled")
        await hooks.ask("ReplayDelivery", id=delivery.id)
        assert (await hooks.sent(delivery.id, 2)).state == "delivered"


async def test_while_a_secret_is_replaced_both_open_what_is_sent(house: House) -> None:
    hooks = await opened(house)
    async with Receiver() as receiver:
        endpoint = await hooks.register(receiver.url)
        old = hooks.secret
        new = (await hooks.ask("RotateEndpoint", id=endpoint.id, overlap_hours=1)).secret
        receiver.secrets = [old, new]
        first = (await hooks.ask("TestEndpoint", id=endpoint.id)).delivery
        assert (await hooks.sent(first.id, 1)).state == "delivered"
        assert len(receiver.headers[0]["webhook-signature"].split(" ")) == 2
        house.clock.advance(hours=1)
        receiver.secrets = [new]
        second = (await hooks.ask("TestEndpoint", id=endpoint.id)).delivery
        assert (await hooks.sent(second.id, 1)).state == "delivered"
        assert len(receiver.headers[1]["webhook-signature"].split(" ")) == 1
        document = await hooks.desk.logistics.ground.database["webhook_endpoints"].find_one({"_id": endpoint.id})
        assert document and new not in str(document) and old not in str(document)


async def test_an_endpoint_is_checked_and_there_are_ten(house: House) -> None:
    hooks = await opened(house)
    for url, types in (("http://10.0.0.1/", ALL), ("https://a.example/", ()), ("https://a.example/", ("x",))):
        with pytest.raises(Refused) as refused:
            await hooks.register(url, types)
        assert refused.value.reason == "INVALID_ENDPOINT" and refused.value.errors
    made = await asyncio.gather(*(hooks.register("https://a.example/") for _ in range(13)), return_exceptions=True)
    assert sorted(getattr(one, "reason", "") for one in made) == [""] * 10 + ["TOO_MANY_ENDPOINTS"] * 3
    assert len((await hooks.ask("ListEndpoints")).endpoints) == 10
    with pytest.raises(Refused):
        await hooks.ask("ChangeEndpoint", id="whe_none", state="enabled")
