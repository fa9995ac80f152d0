"""This is where logistics calls catalog."""

from collections.abc import Sequence

import grpc.aio
from shop.catalog.v1 import stock_pb2, stock_pb2_grpc

from services.kit.errors import Refused
from services.kit.rpc import call

from .shelves import HoldGone, Shelf, Taking, WarehouseShort
from .shipments import Shipment

_MOST_SKUS = 1000


class CatalogShelves:
    """`planning.Shelves` over gRPC."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = stock_pb2_grpc.StockServiceStub(channel)

    async def stock(self, skus: Sequence[str]) -> Shelf:
        """What there is of SKUs, and how they sell."""
        request = stock_pb2.GetStockRequest(skus=skus[:_MOST_SKUS], with_classes=True)
        answer = await call(self._stub.GetStock, request)
        shelves: dict[str, dict[str, int]] = {}
        for stock in answer.stocks:
            for there in stock.warehouses:
                shelves.setdefault(there.warehouse, {})[stock.sku] = there.on_hand
        return Shelf(shelves, {stock.sku: stock.stock_class for stock in answer.stocks if stock.stock_class})

    async def take(self, order_id: str, takings: Sequence[Taking]) -> Sequence[Taking]:
        """Takes what is held. Refuses with `WarehouseShort`, changing nothing, and `HoldGone`."""
        allocations = [
            stock_pb2.Allocation(sku=one.sku, warehouse=one.warehouse, quantity=one.quantity) for one in takings
        ]
        request = stock_pb2.ConfirmHoldRequest(order_id=order_id, allocations=allocations)
        try:
            answer = await call(self._stub.ConfirmHold, request)
        except Refused as refusal:
            if refusal.reason == "WAREHOUSE_SHORT":
                raise WarehouseShort(refusal.meta.get("warehouse", ""), refusal.meta.get("sku", "")) from refusal
            if refusal.reason == "HOLD_NOT_FOUND":
                raise HoldGone(f"nothing is held for {order_id}") from refusal
            raise
        return [Taking(one.sku, one.warehouse, one.quantity) for one in answer.allocations] or takings

    async def move(self, request_id: str, parcel: Shipment, found: str, to: str, by: str) -> str:
        """Takes it from elsewhere. Refuses with `WarehouseShort`, changing nothing."""
        request = stock_pb2.MoveTakenRequest(
            request_id=request_id,
            order_id=parcel.order_id,
            lines=[stock_pb2.TakenLine(sku=line.sku, quantity=line.quantity) for line in parcel.lines],
            warehouse=parcel.warehouse,
            found=found,
            to=to,
            by=by,
        )
        try:
            return (await call(self._stub.MoveTaken, request)).warehouse
        except Refused as refusal:
            if refusal.reason == "WAREHOUSE_SHORT":
                raise WarehouseShort(refusal.meta.get("warehouse", ""), refusal.meta.get("sku", "")) from refusal
            raise
