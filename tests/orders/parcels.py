"""This is where logistics is faked for orders: what sending costs, parcels that may have left, parcels that come back."""

from dataclasses import dataclass, field
from typing import Any

from shop.logistics.v1 import addresses_pb2, customs_pb2, freight_pb2, returns_pb2, shipments_pb2, warehouses_pb2

from services.kit.errors import WrongState

from .faults import cny
from .places import SlotsFake


class AlreadyShipped(WrongState):
    """As logistics says it."""


@dataclass
class LogisticsFake(SlotsFake):
    """One way to China and Britain, in China another while there are delivery windows; parcels that may have left."""

    price: int = 600
    shipped: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    held: dict[str, int] = field(default_factory=dict)
    readdressed: dict[str, int] = field(default_factory=dict)
    obstacles: list[customs_pb2.CrossingObstacle] = field(default_factory=list)
    crossed: list[customs_pb2.JudgeCrossingRequest] = field(default_factory=list)
    judged: int = 0
    quoted_room: tuple[int, tuple[str, ...]] = (0, ())  # mm³ and categories last asked about
    booked: dict[str, str] = field(default_factory=dict)

    async def ListWarehouses(
        self, request: warehouses_pb2.ListWarehousesRequest, context: Any
    ) -> warehouses_pb2.ListWarehousesResponse:
        """A store in each of two cities, and the main warehouse, which gives out nothing."""
        monday = warehouses_pb2.OpenDay(day="1", spans=[warehouses_pb2.OpenSpan(opens=600, closes=1260)])
        rows = [
            warehouses_pb2.Warehouse(code=code, title=code, kind=kind, street="文三路", hours=[monday], open=True)
            for code, kind in (("bj-01", "store"), ("hz-01", "store"), ("main", "dc"))
        ]
        return warehouses_pb2.ListWarehousesResponse(warehouses=rows)

    async def HoldShipments(
        self, request: shipments_pb2.HoldShipmentsRequest, context: Any
    ) -> shipments_pb2.HoldShipmentsResponse:
        await self.faults.at("HoldShipments", "before")
        if request.order_id in self.shipped:
            raise AlreadyShipped("it has left")
        self.held[request.order_id] = request.turn
        await self.faults.at("HoldShipments", "after")
        return shipments_pb2.HoldShipmentsResponse()

    async def JudgeCrossing(
        self, request: customs_pb2.JudgeCrossingRequest, context: Any
    ) -> customs_pb2.JudgeCrossingResponse:
        await self.faults.at("JudgeCrossing", "before")
        self.crossed.append(request)
        return customs_pb2.JudgeCrossingResponse(abroad=True, obstacles=self.obstacles)

    async def ValidateAddress(
        self, request: addresses_pb2.ValidateAddressRequest, context: Any
    ) -> addresses_pb2.ValidateAddressResponse:
        """Knows every province but Atlantis."""
        self.judged += 1
        await self.faults.at("ValidateAddress", "before")
        wrong = request.address.province == "Atlantis"
        return addresses_pb2.ValidateAddressResponse(
            address=request.address,
            code="" if wrong else "330106",
            confidence=20 if wrong else 100,
            reasons=["place_unknown"] if wrong else [],
        )

    async def BookReturn(self, request: returns_pb2.BookReturnRequest, context: Any) -> returns_pb2.BookReturnResponse:
        await self.faults.at("BookReturn", "before")
        waybill = self.booked.setdefault(request.return_id, f"RB{len(self.booked)}")
        await self.faults.at("BookReturn", "after")
        return returns_pb2.BookReturnResponse(
            shipment_id="shp_r", waybill=waybill, carrier="sandbox", warehouse="main", freight=cny(900)
        )

    async def ReaddressShipments(
        self, request: shipments_pb2.ReaddressShipmentsRequest, context: Any
    ) -> shipments_pb2.ReaddressShipmentsResponse:
        await self.faults.at("ReaddressShipments", "before")
        if request.order_id in self.shipped:
            raise AlreadyShipped("it has left")
        self.readdressed[request.order_id] = request.revision
        await self.faults.at("ReaddressShipments", "after")
        return shipments_pb2.ReaddressShipmentsResponse()

    async def QuoteDelivery(
        self, request: freight_pb2.QuoteDeliveryRequest, context: Any
    ) -> freight_pb2.QuoteDeliveryResponse:
        self.quoted_room = (request.volume_mm3, tuple(request.categories))
        await self.faults.at("QuoteDelivery", "before")
        if request.region.country not in ("CN", "GB"):
            return freight_pb2.QuoteDeliveryResponse()
        way = freight_pb2.DeliveryQuote(
            id="standard", title="Standard", price=cny(self.price), min_days=2, max_days=4, reason="first kg"
        )
        ways = [way]
        if self.places and request.region.country == "CN":
            ways.append(freight_pb2.DeliveryQuote(id="same-city", title="同城", price=cny(900), windowed=True))
        return freight_pb2.QuoteDeliveryResponse(quotes=ways)

    async def StopShipments(
        self, request: shipments_pb2.StopShipmentsRequest, context: Any
    ) -> shipments_pb2.StopShipmentsResponse:
        await self.faults.at("StopShipments", "before")
        if request.order_id in self.shipped:
            raise AlreadyShipped("it has left")
        self.stopped.add(request.order_id)
        await self.faults.at("StopShipments", "after")
        return shipments_pb2.StopShipmentsResponse()
