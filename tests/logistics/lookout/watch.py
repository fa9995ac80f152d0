"""This is where the lookout's tests get a logistics that looks often, and parcels under way."""

import asyncio
from datetime import timedelta
from typing import Any

from shop.catalog.v1 import stock_pb2_grpc
from shop.logistics.v1 import carriers_pb2, tracking_pb2, tracking_pb2_grpc
from shop.logistics.v1.events_pb2 import ParcelLost, ParcelMoved, ParcelStuck

from services.kit.clock import rfc3339
from services.kit.rpc import call
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from services.logistics.carriers.sandbox import Sandbox
from services.logistics.connections.connections import Connections
from services.logistics.lookout.standing import Standing
from tests.house import House
from tests.logistics.neighbourhood import Catalog
from tests.logistics.test_scans import Courier
from tests.logistics.test_shipments import Desk


class Watch:
    """Logistics, its staff, a courier, and what it tells of parcels that stand still."""

    def __init__(self, house: House, desk: Desk, courier: Courier) -> None:
        self.house, self.desk, self.courier = house, desk, courier
        self.stub = tracking_pb2_grpc.TrackingServiceStub(desk.logistics.channel)

    async def under_way(self, *codes: str) -> tuple[str, str]:
        """A parcel that was handed over just now; its id and waybill. Scanned so, a minute apart."""
        (parcel,) = await self.desk.planned(TEA=1)
        await self.desk.pack(parcel.id)
        await self.desk.ship(parcel.id)
        for code in codes:
            await self.scan(parcel.waybill, code)
        return parcel.id, parcel.waybill

    async def scan(
        self, waybill: str, code: str, ago: timedelta = timedelta(0), **more: str
    ) -> carriers_pb2.ScanAnswer:
        """One scan, just now or a while ago."""
        at = rfc3339(self.house.clock.now() - ago)
        scan = carriers_pb2.Scan(waybill=waybill, code=code, occurred_at=at, **more)
        (answer,) = await self.courier.report([scan])
        return answer

    async def told(self) -> tuple[list[ParcelStuck], list[ParcelLost]]:
        """What was told to be stuck and lost, after the lookout has looked, two replicas at once."""
        await asyncio.gather(*(self.look() for _ in range(2)))
        await self.house.settled()
        return self.house.told(ParcelStuck), self.house.told(ParcelLost)

    async def look(self) -> None:
        """One round of the lookout, as its chore does it."""
        ground = self.desk.logistics.ground
        kept = next(store for store in ground.stores if store.name == "shipments")
        connections = next(store for store in ground.stores if store.name == "connections")
        carriers: dict[str, Any] = {"sandbox": Sandbox()}
        known = Connections(connections, carriers, Seal(DEVELOPMENT_SEAL_KEY), self.house.clock, ("sandbox",))
        await Standing(kept, known, self.house.clock).round()

    def moved(self) -> list[ParcelMoved]:
        """All that moved."""
        return self.house.told(ParcelMoved)

    async def tracking(self, key: str) -> tracking_pb2.Tracking:
        """As staff see it."""
        request = tracking_pb2.GetTrackingRequest(shipment_id=key)
        found: tracking_pb2.Tracking = (await call(self.stub.GetTracking, request)).tracking
        return found

    async def standing(self, **more: Any) -> list[tracking_pb2.Tracking]:
        """As staff list them."""
        return list((await call(self.stub.ListStanding, tracking_pb2.ListStandingRequest(**more))).parcels)


async def watching(house: House, *, again: bool = False, **settings: Any) -> Watch:
    """Opens it; `again` once it was closed."""
    if not again:
        await house.fake(
            "catalog", Catalog({"main": {"TEA": 10_000}}), stock_pb2_grpc.add_StockServiceServicer_to_server
        )
    logistics = await house.start("logistics", **settings)
    return Watch(house, Desk(house, logistics), Courier(house.clock).at(logistics))
