"""This is where it is asked which stores there are, and what lies in them."""

from collections.abc import Mapping, Sequence

import grpc.aio
from shop.catalog.v1 import stock_pb2, stock_pb2_grpc
from shop.logistics.v1 import warehouses_pb2, warehouses_pb2_grpc

from services.kit.errors import Unavailable
from services.kit.rpc import NeighbourFailed, call
from services.orders.memory import Memory
from services.orders.orders import Order

from .points import Store

_FRESH_S = 5.0
_STORE = "store"
_DAYS = dict(zip("1234567", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), strict=True))


class StoresAway(Unavailable):
    """What lies in stores cannot be found out now: try again."""


class Places:
    """Asks logistics and catalog."""

    def __init__(self, logistics: grpc.aio.Channel, catalog: grpc.aio.Channel) -> None:
        self._warehouses = warehouses_pb2_grpc.WarehousesServiceStub(logistics)
        self._stock = stock_pb2_grpc.StockServiceStub(catalog)
        self._memory: Memory[str, Mapping[str, Store]] = Memory(1, _FRESH_S)

    async def stores(self) -> Mapping[str, Store]:
        """Those that give out orders; remembered for five seconds."""
        if (known := self._memory.get("all")) is not None:
            return known
        stamp = self._memory.stamp()
        try:
            answer: warehouses_pb2.ListWarehousesResponse = await call(
                self._warehouses.ListWarehouses, warehouses_pb2.ListWarehousesRequest(), timeout_s=1.0
            )
        except NeighbourFailed as failed:
            raise StoresAway(str(failed)) from failed
        found = {each.code: _store(each) for each in answer.warehouses if each.kind == _STORE and each.open}
        self._memory.put("all", found, stamp)
        return found

    async def lying(self, skus: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """What can be had: never more than is not promised to others."""
        try:
            answer: stock_pb2.GetStockResponse = await call(
                self._stock.GetStock, stock_pb2.GetStockRequest(skus=skus), timeout_s=1.0
            )
        except NeighbourFailed as failed:
            raise StoresAway(str(failed)) from failed
        return {
            each.sku: {there.warehouse: min(there.on_hand, each.available) for there in each.warehouses}
            for each in answer.stocks
        }

    async def put_back(self, order: Order) -> None:
        """Puts what was set aside for an order back on its store's shelf; again changes nothing."""
        for line in order.lines:
            request = stock_pb2.ReceiveStockRequest(
                sku=line.sku,
                warehouse=order.store,
                quantity=line.quantity,
                reason="return",
                request_id=f"{order.id}:not-collected:{line.sku}",
                by="orders",
            )
            try:
                await call(self._stock.ReceiveStock, request, timeout_s=2.0)
            except NeighbourFailed as failed:
                raise StoresAway(str(failed)) from failed


def _store(of: warehouses_pb2.Warehouse) -> Store:
    place = of.region
    hours = [
        f"{_DAYS.get(day.day, day.day)} {_clock(span.opens)}-{_clock(span.closes)}"
        for day in of.hours
        for span in day.spans
    ]
    return Store(of.code, of.title, place.country, place.province, place.city, place.district, of.street, tuple(hours))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
