"""This is where a logistics with delivery windows is set up, beside an orders that says which slots its orders have."""

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shop.catalog.v1 import stock_pb2_grpc
from shop.logistics.v1 import slots_pb2 as pb
from shop.logistics.v1 import slots_pb2_grpc
from shop.orders.v1 import slots_pb2
from shop.orders.v1 import slots_pb2_grpc as orders_grpc
from shop.type.v1.address_pb2 import Region

from services.kit.errors import Unavailable
from services.kit.rpc import call
from services.logistics.settings import LogisticsSettings
from services.logistics.slots.slots import Slot
from tests.house import House, Started
from tests.logistics.neighbourhood import Catalog

HERE = Region(country="CN", province="上海市", city="上海市", district="浦东新区")
SAME_CITY = "same-city"
_numbers = itertools.count(1)


def order_id() -> str:
    """Another order's."""
    return f"ord_01kt5m8q2z{next(_numbers):016d}"


@dataclass
class OrdersFake:
    """Says which slots orders have; unknown ones have none."""

    slots: dict[str, str] = field(default_factory=dict)
    away: bool = False
    asked: int = 0
    gate: asyncio.Event | None = None  # answers wait here, made up already

    async def ListSlotFates(self, request: slots_pb2.ListSlotFatesRequest, context: Any) -> Any:
        self.asked += 1
        if self.away:
            raise Unavailable("orders is away")
        answer = slots_pb2.ListSlotFatesResponse(slots=[self.slots.get(key, "") for key in request.order_ids])
        if self.gate:
            await self.gate.wait()
        return answer

    async def until_asked(self, times: int) -> None:
        """Until somebody has asked so often."""
        async with asyncio.timeout(5):
            while self.asked < times:
                await asyncio.sleep(0.01)


@dataclass
class Booking:
    """Staff and orders at one logistics. It is six in the morning in Shanghai."""

    house: House
    logistics: Started
    orders: OrdersFake
    catalog: Catalog

    def __post_init__(self) -> None:
        self.stub = slots_pb2_grpc.SlotsServiceStub(self.logistics.channel)

    def day(self, ahead: int = 1) -> str:
        """YYYY-MM-DD in Shanghai."""
        return (self.house.clock.now().astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=ahead)).date().isoformat()

    def slot(self, ahead: int = 1, code: str = "am", hours: str = "0900-1200") -> str:
        """A slot's id."""
        return f"{code}_{self.day(ahead)}_{hours}"

    async def window(self, code: str = "am", capacity: int = 10, **more: Any) -> pb.DeliveryWindow:
        """Staff keep a window."""
        usual: dict[str, Any] = {"title": "上午", "warehouse": "main", "option": SAME_CITY, "begins": "09:00"}
        usual |= {"ends": "12:00", "weekdays": range(1, 8), "cut_off_min": 120, "days_ahead": 7, "open": True}
        wanted = pb.DeliveryWindow(**(usual | {"code": code, "capacity": capacity} | more))
        return (await call(self.stub.PutDeliveryWindow, pb.PutDeliveryWindowRequest(window=wanted))).window

    async def free(self, region: Region = HERE, option: str = SAME_CITY) -> list[str]:
        """The slots with room."""
        asked = pb.ListFreeSlotsRequest(option=option, region=region)
        return [slot.id for slot in (await call(self.stub.ListFreeSlots, asked)).slots]

    async def take(
        self, order: str, slot: str, revision: int = 0, was: str = "", *, region: Region = HERE, option: str = SAME_CITY
    ) -> pb.Slot:
        """Orders takes a place."""
        wish = pb.TakeSlotRequest(order_id=order, slot=slot, option=option, region=region, revision=revision, was=was)
        return (await call(self.stub.TakeSlot, wish)).slot

    async def settle(self, order: str, slot: str = "", revision: int = 0) -> None:
        """Orders says which slot an order has."""
        await call(self.stub.SettleSlot, pb.SettleSlotRequest(order_id=order, slot=slot, revision=revision))

    async def kept(self, slot: str) -> Slot | None:
        """As it is kept."""
        store: Any = next(one for one in self.logistics.ground.stores if one.name == "slots")
        found: Slot | None = await store.get(slot)
        return found

    async def holders(self, slot: str) -> list[str]:
        """Who has a place; what is counted is what is there."""
        kept = await self.kept(slot)
        if kept is None:
            return []
        assert kept.taken == len(kept.places) == len({place.order_id for place in kept.places})
        return sorted(place.order_id for place in kept.places)


async def booking(house: House, stock: dict[str, dict[str, int]] | None = None, **settings: Any) -> Booking:
    """Logistics, its neighbours faked, no window yet."""
    house.clock.at = house.clock.at.replace(hour=22, minute=0, second=0, microsecond=0)
    orders, catalog = OrdersFake(), Catalog(stock or {"main": {"TEA": 1000, "CUP": 1000}})
    await house.fake("orders", orders, orders_grpc.add_SlotsServiceServicer_to_server)
    await house.fake("catalog", catalog, stock_pb2_grpc.add_StockServiceServicer_to_server)
    logistics = await house.start("logistics", **({"slots_swept_s": 60.0} | settings))
    assert isinstance(logistics.ground.settings, LogisticsSettings)
    return Booking(house, logistics, orders, catalog)


def ids(slots: Iterable[pb.Slot]) -> list[str]:
    """Theirs."""
    return [slot.id for slot in slots]
