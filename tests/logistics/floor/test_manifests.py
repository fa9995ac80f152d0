"""This is where parcels are handed over by manifest: each leaves once, and of handing over and cancelling one wins."""

import asyncio
import re
from datetime import datetime

import pytest
from shop.logistics.v1 import (
    manifests_pb2,
    manifests_pb2_grpc,
    partner_parcels_pb2,
    partner_parcels_pb2_grpc,
    shipments_pb2,
)
from shop.logistics.v1.events_pb2 import ManifestClosed, ShipmentCancelled, ShipmentShipped

from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotFound, NotSignedIn, WrongState
from services.kit.rpc import call
from services.kit.store import Store
from services.logistics.carriers import HandedOver, PickupWish
from services.logistics.carriers.neighbours import CarrierAway
from services.logistics.carriers.sandbox import Sandbox
from services.logistics.estimates import Estimates
from services.logistics.floor.couriers import Couriers
from services.logistics.floor.manifests import Manifests
from services.logistics.shipments import Shipments
from services.logistics.warehouses import Used, Warehouse, Warehouses
from tests.house import House
from tests.logistics.neighbourhood import Signer
from tests.papers import text_of

from .test_waves import Floor, on_the_floor, refused

SHIPPED, CANCELLED = shipments_pb2.SHIPMENT_STATE_SHIPPED, shipments_pb2.SHIPMENT_STATE_CANCELLED


class Dock:
    """Staff at the door."""

    def __init__(self, desk: Floor) -> None:
        self.desk = desk
        self.stub = manifests_pb2_grpc.ManifestsServiceStub(desk.logistics.channel)
        self.cutoff = rfc3339(desk.house.clock.now())

    async def gather(self, carrier: str = "sandbox", warehouse: str = "main") -> manifests_pb2.Manifest:
        asked = manifests_pb2.GatherManifestRequest(carrier=carrier, warehouse=warehouse, cutoff_at=self.cutoff)
        gathered: manifests_pb2.Manifest = (await call(self.stub.GatherManifest, asked)).manifest
        return gathered

    async def close(self, key: str) -> manifests_pb2.Manifest:
        asked = manifests_pb2.CloseManifestRequest(id=key, by="stf_1")
        closed: manifests_pb2.Manifest = (await call(self.stub.CloseManifest, asked)).manifest
        return closed

    async def closed(self, key: str) -> manifests_pb2.GetManifestResponse:
        for _ in range(200):
            found: manifests_pb2.GetManifestResponse = await call(
                self.stub.GetManifest, manifests_pb2.GetManifestRequest(id=key)
            )
            if found.manifest.state == "closed":
                return found
            await asyncio.sleep(0.05)
        raise AssertionError("it was never closed")

    async def packed(self) -> shipments_pb2.Shipment:
        (parcel,) = await self.desk.planned(TEA=1)
        return await self.desk.pack(parcel.id)


async def test_a_manifest_ships_what_it_lists_once_and_says_what_was_left_out(house: House) -> None:
    dock = Dock(await on_the_floor(house))
    await refused(dock.gather(), WrongState, "MANIFEST_EMPTY")
    await refused(dock.gather(carrier="nobody"), Invalid, "INVALID_MANIFEST")
    first, stopped = await dock.packed(), await dock.packed()
    manifest = await dock.gather()
    later = await dock.packed()
    again = await dock.gather()
    assert (again.id, manifest.parcels, again.parcels, again.state) == (manifest.id, 2, 3, "open")
    await dock.desk.stop(stopped.order_id)
    asked = manifests_pb2.PrintManifestRequest(id=manifest.id)
    await refused(call(dock.stub.PrintManifest, asked), WrongState, "MANIFEST_OPEN")
    closed = [await dock.close(manifest.id) for _ in range(2)]
    assert [(one.state, one.parcels, one.left_out, one.weight_g) for one in closed] == [("closed", 2, 1, 600)] * 2
    rows = {row.shipment_id: row.left_out for row in (await dock.closed(manifest.id)).rows}
    assert rows == {first.id: "", later.id: "", stopped.id: "cancelled"}
    assert (await dock.gather()).state == "closed"  # its cut-off is over
    document = (await call(dock.stub.PrintManifest, asked)).document
    said = text_of(document)
    assert first.waybill in said and stopped.waybill not in said and "2 parcels" in said and "600 g" in said
    assert len(re.findall(rb"/Type /Page\b", document)) == 1
    await house.settled()
    assert sorted(one.shipment_id for one in house.told(ShipmentShipped)) == sorted((first.id, later.id))
    assert [(one.parcels, one.left_out) for one in house.told(ManifestClosed)] == [(2, 1)]


async def test_what_is_held_is_left_out_and_is_on_the_next(house: House) -> None:
    dock = Dock(await on_the_floor(house))
    held = await dock.packed()
    manifest = await dock.gather()
    await call(dock.desk.stub.HoldShipments, shipments_pb2.HoldShipmentsRequest(order_id=held.order_id, turn=1))
    closed = await dock.close(manifest.id)
    assert (closed.parcels, closed.left_out) == (0, 1)
    assert [row.left_out for row in (await dock.closed(manifest.id)).rows] == ["shipment_held"]
    house.clock.advance(hours=1)
    dock.cutoff = rfc3339(house.clock.now())
    fresh = await dock.gather()
    assert fresh.id != manifest.id and fresh.parcels == 1


async def test_a_closing_that_broke_off_goes_on_and_ships_nothing_twice(house: House) -> None:
    dock = Dock(await on_the_floor(house))
    made = [await dock.packed() for _ in range(3)]
    manifest = await dock.gather()
    await dock.desk.ship(made[0].id)  # it broke off after the first
    closing = {"$set": {"state": "closing", "closed_by": "stf_1"}}
    await dock.desk.logistics.ground.database["manifests"].update_one({"_id": manifest.id}, closing)
    found = await dock.closed(manifest.id)  # by the chore
    assert (found.manifest.parcels, found.manifest.left_out) == (3, 0)
    await house.settled()
    assert sorted(one.shipment_id for one in house.told(ShipmentShipped)) == sorted(one.id for one in made)
    assert len(house.told(ManifestClosed)) == 1


async def _closed_against_cancelled(house: House, runs: int) -> None:
    dock = Dock(await on_the_floor(house))
    for _ in range(runs):
        house.clock.advance(minutes=1)
        dock.cutoff = rfc3339(house.clock.now())
        made = [await dock.packed() for _ in range(3)]
        manifest, go = await dock.gather(), asyncio.Event()

        async def stop(order_id: str, go: asyncio.Event = go) -> str:
            await go.wait()
            try:
                await dock.desk.stop(order_id)
            except WrongState as late:
                return late.reason
            return "stopped"

        async def close(key: str = manifest.id, go: asyncio.Event = go) -> None:
            await go.wait()
            await dock.close(key)

        tasks = [asyncio.create_task(stop(one.order_id)) for one in made]
        closing = [asyncio.create_task(close()) for _ in range(2)]
        await asyncio.sleep(0)
        go.set()
        said = dict(zip([one.id for one in made], await asyncio.gather(*tasks), strict=True))
        await asyncio.gather(*closing)
        found = await dock.closed(manifest.id)
        assert {row.shipment_id: row.left_out for row in found.rows} == {
            key: "cancelled" if outcome == "stopped" else "" for key, outcome in said.items()
        }
        for key, outcome in said.items():
            assert await dock.desk.state(key) == (CANCELLED if outcome == "stopped" else SHIPPED)
    await house.settled()
    shipped = [one.shipment_id for one in house.told(ShipmentShipped)]
    back = [one.shipment_id for one in house.told(ShipmentCancelled)]
    assert len(set(shipped)) == len(shipped) and not set(shipped) & set(back)
    assert len(shipped) + len(back) == 3 * runs


async def test_of_handing_over_and_cancelling_one_wins(house: House) -> None:
    await _closed_against_cancelled(house, 2)


@pytest.mark.long
async def test_of_handing_over_and_cancelling_one_wins_fifty_times(house: House) -> None:
    await _closed_against_cancelled(house, 50)


class Moody(Sandbox):
    """A carrier that is away so many times, and notes what it was asked."""

    def __init__(self, away: int = 0) -> None:
        super().__init__()
        self.away, self.wishes, self.taken = away, list[PickupWish](), list[HandedOver]()

    def _answers(self) -> None:
        if self.away:
            self.away -= 1
            raise CarrierAway("not now")

    async def pickup(self, wish: PickupWish) -> str:
        self.wishes.append(wish)
        self._answers()
        return await super().pickup(wish)

    async def manifest(self, handed: HandedOver) -> str:
        self.taken.append(handed)
        self._answers()
        return await super().manifest(handed)


async def test_a_courier_is_called_once_and_the_carrier_told_what_it_has_got_however_often_it_is_away(
    house: House,
) -> None:
    dock, carrier = Dock(await on_the_floor(house)), Moody(away=1)
    ground = dock.desk.logistics.ground
    stores = {store.name: store for store in ground.stores}
    homes = Warehouses(Store(ground.database, "warehouses", Warehouse, ground.relay), house.clock, _nobody_waits)
    couriers = Couriers({"sandbox": carrier}, homes, stores["shipments"])
    shipments = Shipments(stores["shipments"], house.clock, Estimates())
    manifests = Manifests(stores["manifests"], stores["shipments"], shipments, couriers, house.clock)
    parcel, cutoff = await dock.packed(), house.clock.now()
    calls = [await manifests.gather("sandbox", "main", cutoff) for _ in range(3)]
    key = calls[0].id
    assert [one.courier for one in calls] == ["", f"SBP-{key}", f"SBP-{key}"]
    assert [(one.id, one.waybills, one.origin.country) for one in carrier.wishes] == [(key, [parcel.waybill], "CN")] * 2
    carrier.away = 1
    assert (await manifests.close(key, "stf_1")).state == "closing"
    assert await dock.desk.state(parcel.id) == SHIPPED  # it has left all the same
    await manifests.go_on()
    closed = await manifests.get(key)
    assert (closed.state, closed.number) == ("closed", f"SBM-{key}")
    assert [(one.id, one.waybills) for one in carrier.taken] == [(key, [parcel.waybill])] * 2
    await house.settled()
    assert len(house.told(ManifestClosed)) == 1


async def _nobody_waits(_warehouse: str, _since: datetime) -> Used:
    return Used()


async def test_a_carrier_sees_its_own_closed_ones_only(house: House) -> None:
    dock = Dock(await on_the_floor(house))
    await dock.packed()
    manifest, signer = await dock.gather(), Signer(house.clock)
    listed = manifests_pb2.ListCarrierManifestsRequest(proof=signer.proof())
    assert not (await call(dock.stub.ListCarrierManifests, listed)).manifests
    one = manifests_pb2.GetCarrierManifestRequest(proof=signer.proof(), id=manifest.id)
    await refused(call(dock.stub.GetCarrierManifest, one), NotFound, "MANIFEST_NOT_FOUND")
    await dock.close(manifest.id)
    assert [m.id for m in (await call(dock.stub.ListCarrierManifests, listed)).manifests] == [manifest.id]
    (row,) = (await call(dock.stub.GetCarrierManifest, one)).rows
    parcels = partner_parcels_pb2_grpc.PartnerParcelsServiceStub(dock.desk.logistics.channel)
    day = house.clock.now().strftime("%Y-%m-%d")
    lines = partner_parcels_pb2.ListManifestLinesRequest(proof=signer.proof(), date=day)
    (line,) = (await call(parcels.ListManifestLines, lines)).waybills
    assert (line.waybill, line.manifest_id) == (row.waybill, manifest.id)
    manifests = dock.desk.logistics.ground.database["manifests"]
    await manifests.update_one({"_id": manifest.id}, {"$set": {"carrier": "another"}})
    await refused(call(dock.stub.GetCarrierManifest, one), NotFound, "MANIFEST_NOT_FOUND")
    assert not (await call(dock.stub.ListCarrierManifests, listed)).manifests
    forged = manifests_pb2.ListCarrierManifestsRequest(proof=Signer(house.clock, secret="whsec_AAAA").proof())
    with pytest.raises(NotSignedIn):
        await call(dock.stub.ListCarrierManifests, forged)
