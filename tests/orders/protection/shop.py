"""This is where a world of orders gets falling prices: told, swept, claimed; and a store whose writes can be cut off."""

import asyncio
from typing import Any

from shop.catalog.v1.events_pb2 import PriceChanged
from shop.orders.v1 import price_protection_pb2 as pb
from shop.orders.v1 import price_protection_pb2_grpc
from shop.type.v1.money_pb2 import Money

from services.kit.clock import rfc3339
from services.kit.rpc import call
from services.kit.store import Store
from tests.orders.world import World, settles


def stub(world: World) -> Any:
    """The wing of the instance spoken to now."""
    return price_protection_pb2_grpc.PriceProtectionServiceStub(world.service.channel)


async def falls(world: World, price: int, sku: str = "A", old: int = 9_999, event_id: str = "", cause: str = "") -> str:
    """Catalog tells of a lower price, a second from now; answers the drop's id."""
    world.house.clock.advance(seconds=1)
    event = PriceChanged(
        sku=sku,
        product_id="prd_a",
        old_price=Money(currency="CNY", minor=old),
        new_price=Money(currency="CNY", minor=price),
        at=rfc3339(world.house.clock.now()),
        cause=cause,
    )
    told = await world.house.tell(event, key=sku, event_id=event_id)
    return f"drp_{told.removeprefix('evt_')}"


async def put(world: World, **policy: Any) -> Any:
    """A policy other than the usual one."""
    usual = (await call(stub(world).GetProtectionPolicy, pb.GetProtectionPolicyRequest())).policy
    for name, value in policy.items():
        if isinstance(value, list):
            getattr(usual, name)[:] = value
        else:
            setattr(usual, name, value)
    return (await call(stub(world).PutProtectionPolicy, pb.PutProtectionPolicyRequest(policy=usual))).policy


async def standing(world: World, order_id: str, customer_id: str = "cus_1") -> Any:
    """As its customer sees it."""
    asked = pb.GetPriceProtectionRequest(order_id=order_id, customer_id=customer_id)
    return (await call(stub(world).GetPriceProtection, asked)).protection


async def claim(world: World, order_id: str, customer_id: str = "cus_1") -> Any:
    """The customer asks for it."""
    asked = pb.ClaimPriceProtectionRequest(order_id=order_id, customer_id=customer_id)
    return (await call(stub(world).ClaimPriceProtection, asked)).protection


async def insists(world: World, order_id: str, customer_id: str = "cus_1") -> Any:
    """Until it is settled."""
    return await settles(lambda: claim(world, order_id, customer_id))


async def swept(world: World, drop_id: str) -> Any:
    """The drop, once its sweep has ended."""
    async with asyncio.timeout(15):
        while True:
            listed = await call(stub(world).ListPriceDrops, pb.ListPriceDropsRequest())
            for drop in listed.drops:
                if drop.id == drop_id and drop.state != "sweeping":
                    return drop
            await asyncio.sleep(0.05)


class CutOff(Exception):
    """The process died here."""


class Writes:
    """Counts the writes of some collections, and dies from the one it is told to on: before it, or after."""

    def __init__(self, world: World, *names: str) -> None:
        self.count, self.dies_at, self.after = 0, -1, False
        for store in world.service.ground.stores:
            if store.name in names:
                for write in ("insert", "save", "change", "change_many"):
                    self._wrap(store, write)

    def die(self, number: int, *, after: bool) -> None:
        """From this write on, counted from now."""
        self.count, self.dies_at, self.after = 0, number, after

    def live(self) -> None:
        """A new process."""
        self.dies_at = -1

    def _wrap(self, store: Store[Any], write: str) -> None:
        really = getattr(store, write)

        async def counted(*args: Any, **more: Any) -> Any:
            self.count += 1
            mine = 0 < self.dies_at <= self.count  # and for good, until it is said to live
            if mine and not self.after:
                raise CutOff
            answer = await really(*args, **more)
            if mine:
                raise CutOff
            return answer

        setattr(store, write, counted)
