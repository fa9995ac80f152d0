"""This is where orders with delivery windows are bought, changed and left half-way, for tests."""

import asyncio
import contextlib
from typing import Any

import grpc.aio
from shop.orders.v1 import carts_pb2, orders_pb2, slots_pb2, slots_pb2_grpc

from services.kit.errors import Refused
from services.kit.rpc import call
from tests.orders.world import World

ME = "cus_1"
PAID = orders_pb2.ORDER_STATE_PAID


def slots_desk(world: World) -> Any:
    return slots_pb2_grpc.SlotsServiceStub(world.service.channel)


async def choose(world: World, cart: str, window: str, option: str = "same-city") -> carts_pb2.Cart:
    key = carts_pb2.CartKey(cart_id=cart, customer_id=ME)
    asked = carts_pb2.ChooseDeliveryRequest(key=key, option=option, window=window)
    cart_now: carts_pb2.Cart = (await call(world.carts.ChooseDelivery, asked)).cart
    return cart_now


async def windowed_cart(world: World, window: str = "s1") -> str:
    """One that is brought then."""
    cart = await world.filled_cart({"A": 2}, ME)
    await choose(world, cart, window)
    return cart


async def bought(world: World, window: str = "s1", token: str = "tok_ok") -> orders_pb2.Order:
    cart = await windowed_cart(world, window)
    order: orders_pb2.Order = (await world.check_out(world.request(cart, token, customer_id=ME))).order
    return order


async def change(world: World, order: str, slot: str, staff: str = "") -> orders_pb2.Order:
    asked = slots_pb2.ChangeSlotRequest(order_id=order, customer_id="" if staff else ME, staff_id=staff, slot=slot)
    changed: orders_pb2.Order = (await call(slots_desk(world).ChangeSlot, asked)).order
    return changed


async def fates(world: World, *orders: str) -> list[str]:
    answer = await call(slots_desk(world).ListSlotFates, slots_pb2.ListSlotFatesRequest(order_ids=orders))
    return list(answer.slots)


async def killed(world: World, doing: Any, step: str, when: str) -> None:
    """Orders dies at this step of it; another replica is spoken to from then on."""
    reached = asyncio.Event()
    world.faults.once[step, when] = reached
    dying = asyncio.ensure_future(doing)
    await reached.wait()
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError, Refused):
        await dying
    await world.another_instance()


async def until(world: World, where: dict[str, Any]) -> None:
    """Until the chores have made some order so; leases of what broke off end meanwhile."""
    orders = world.service.ground.database["orders"]
    async with asyncio.timeout(10):
        while not await orders.find_one(where):
            await asyncio.sleep(0.05)
            world.house.clock.advance(seconds=1)
