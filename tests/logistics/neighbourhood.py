"""This is where logistics' tests get a catalog, paid orders and a carrier that signs."""

import asyncio
import base64
import hashlib
import hmac
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop.catalog.v1 import stock_pb2, stock_pb2_grpc
from shop.logistics.v1 import carriers_pb2
from shop.orders.v1.events_pb2 import OrderedLine, OrderPaid
from shop.type.v1.address_pb2 import Address, Region

from services.kit.clock import Clock, rfc3339
from services.kit.errors import NotFound, Unavailable, WrongState
from services.kit.seal import Seal
from services.kit.settings import DEVELOPMENT_SEAL_KEY
from tests.house import House, Started

NAME, PHONE, STREET = "張三豐", "+8613812341234", "世紀大道 1 號"
_numbers = itertools.count(1)


class WarehouseShort(WrongState):
    """As catalog says it."""


class HoldNotFound(NotFound):
    """As catalog says it."""


class AnswerLost(Unavailable):
    """It was done, but nobody hears of it."""


@dataclass
class Catalog:
    """Shelves by warehouse and SKU; every order holds what it wants unless it is in `cancelled`."""

    stock: dict[str, dict[str, int]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    taken: dict[str, Sequence[tuple[str, str, int]]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    spoilt: dict[str, int] = field(default_factory=dict)  # units by what was found of them
    moved_but_lost: int = 0  # answers that are lost
    calls: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None  # a confirmation waits here, its goods already taken
    at_gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def GetStock(self, request: stock_pb2.GetStockRequest, context: Any) -> stock_pb2.GetStockResponse:
        self.calls.append("GetStock")
        stocks = [
            stock_pb2.SkuStock(
                sku=sku,
                warehouses=[
                    stock_pb2.WarehouseStock(warehouse=code, on_hand=shelf[sku])
                    for code, shelf in self.stock.items()
                    if sku in shelf
                ],
            )
            for sku in request.skus
        ]
        return stock_pb2.GetStockResponse(stocks=stocks)

    async def ConfirmHold(self, request: stock_pb2.ConfirmHoldRequest, context: Any) -> stock_pb2.ConfirmHoldResponse:
        self.calls.append("ConfirmHold")
        if request.order_id in self.cancelled:
            raise HoldNotFound
        if request.order_id not in self.taken:
            for one in request.allocations:
                if self.stock.get(one.warehouse, {}).get(one.sku, 0) < one.quantity:
                    raise WarehouseShort(sku=one.sku, warehouse=one.warehouse)
            for one in request.allocations:
                self.stock[one.warehouse][one.sku] -= one.quantity
            self.taken[request.order_id] = [(one.sku, one.warehouse, one.quantity) for one in request.allocations]
        if self.gate:
            self.at_gate.set()
            await self.gate.wait()
        taken = [
            stock_pb2.Allocation(sku=sku, warehouse=code, quantity=units)
            for sku, code, units in self.taken[request.order_id]
        ]
        return stock_pb2.ConfirmHoldResponse(allocations=taken)

    async def MoveTaken(self, request: stock_pb2.MoveTakenRequest, context: Any) -> stock_pb2.MoveTakenResponse:
        self.calls.append("MoveTaken")
        if request.request_id in self.moved or not (request.found or request.to):
            return stock_pb2.MoveTakenResponse(warehouse=self.moved.get(request.request_id, ""))
        for line in request.lines:
            if request.to and self.stock.get(request.to, {}).get(line.sku, 0) < line.quantity:
                raise WarehouseShort(sku=line.sku, warehouse=request.to)
        for line in request.lines:
            if request.to:
                self.stock[request.to][line.sku] -= line.quantity
            if request.found == "sound":
                self.stock[request.warehouse][line.sku] += line.quantity
            elif request.found:
                self.spoilt[request.found] = self.spoilt.get(request.found, 0) + line.quantity
        self.moved[request.request_id] = request.to
        if self.moved_but_lost:
            self.moved_but_lost -= 1
            raise AnswerLost
        return stock_pb2.MoveTakenResponse(warehouse=request.to)


async def opened(
    house: House, stock: Mapping[str, Mapping[str, int]] | None = None, **settings: Any
) -> tuple[Started, Catalog]:
    """Logistics beside a catalog with this stock."""
    catalog = Catalog({code: dict(shelf) for code, shelf in (stock or {"main": {"TEA": 1000, "CUP": 1000}}).items()})
    await house.fake("catalog", catalog, stock_pb2_grpc.add_StockServiceServicer_to_server)
    return await house.start("logistics", **settings), catalog


def paid(clock: Clock, lines: Mapping[str, int] | None = None, **more: Any) -> OrderPaid:
    """A paid order to Shanghai; `lines` are units by SKU."""
    order_id = more.pop("order_id", "") or f"ord_01kt5m8q2x{next(_numbers):016d}"
    region = more.pop("region", None) or Region(country="CN", province="上海市", city="上海市", district="浦東新區")
    address = Address(
        country=region.country,
        province=region.province,
        city=region.city,
        district=region.district,
        street=STREET,
        name=NAME,
        phone=PHONE,
    )
    sealed = Seal(DEVELOPMENT_SEAL_KEY).close(address.SerializeToString(), order_id)
    now = rfc3339(clock.now())
    wanted = lines or {"TEA": 2}
    return OrderPaid(
        order_id=order_id,
        lines=[OrderedLine(sku=s, title=f"Title {s}", quantity=q, weight_g=300) for s, q in wanted.items()],
        delivery_option=more.pop("option", "standard"),
        region=region,
        sealed_address=sealed,
        placed_at=now,
        paid_at=now,
        ship_by=now,
    )


@dataclass
class Signer:
    """The sandbox carrier; signs as Standard Webhooks 1.0 says, by code of its own."""

    clock: Clock
    key_id: str = "dev-carrier"
    secret: str = "whsec_ZGV2LWNhcnJpZXItc2VjcmV0LTAwMDAwMDAwMDAwMA=="

    def proof(self, body: bytes = b"", call_id: str = "", ago_s: int = 0) -> carriers_pb2.CarrierProof:
        """A proof of `body`, signed `ago_s` seconds ago."""
        call_id = call_id or f"msg_{next(_numbers)}"
        timestamp = str(int(self.clock.now().timestamp()) - ago_s)
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.new(key, b".".join([call_id.encode(), timestamp.encode(), body]), hashlib.sha256).digest()
        return carriers_pb2.CarrierProof(
            key_id=self.key_id,
            webhook_id=call_id,
            timestamp=timestamp,
            signature=f"v1,{base64.b64encode(digest).decode()}",
            body=body,
        )
