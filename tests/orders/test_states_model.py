"""This is where orders live at random, in step with a model of a few lines: whatever is done in whatever order, both agree.

The model knows what a parcel did, whether the order was cancelled, and what went back; the shop is asked over its own doors.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from shop.orders.v1 import orders_pb2

from services.kit.errors import Refused

from .test_moving import books, refund
from .world import World, settles

PAID = 2_600  # two teacups, and freight
_STEPS = 14


@dataclass
class Model:
    """What an order must be like."""

    parcel: str = "none"  # none, planned, shipped, delivered
    cancelled: bool = False
    back: int = 0

    @property
    def state(self) -> str:
        """As orders.proto names it."""
        if self.cancelled:
            return "CANCELLED"
        return {"shipped": "SHIPPED", "delivered": "DELIVERED"}.get(self.parcel, "PAID")


@dataclass
class Life:
    """An order and its model."""

    world: World
    order: orders_pb2.Order
    model: Model
    dice: random.Random

    async def plan(self) -> None:
        """A warehouse is chosen; of a cancelled order it is heard too late."""
        await self.world.house.tell(self.world.plan(self.order, self._parcel), key=self._parcel)
        if self.model.parcel == "none":
            self.model.parcel = "planned"

    async def ship(self) -> None:
        """It leaves, unless it was stopped: logistics lets one of the two happen."""
        if self.model.cancelled:
            return
        self.world.logistics.shipped.add(self.order.id)
        await self.world.house.tell(self.world.shipped(self.order, self._parcel), key=self._parcel)
        if self.model.parcel != "delivered":
            self.model.parcel = "shipped"

    async def deliver(self) -> None:
        """It is at the door; told again, nothing more happens."""
        if self.model.parcel in ("shipped", "delivered"):
            await self.plan()
            await self.world.house.tell(self.world.moved(self.order, "delivered", 1, self._parcel), key=self._parcel)
            self.model.parcel = "delivered"

    async def cancel(self) -> None:
        """All or nothing."""
        if self.model.parcel in ("shipped", "delivered"):
            with pytest.raises(Refused, match="sent already"):
                await self.world.cancel(self.order.id)
        else:
            await settles(lambda: self.world.cancel(self.order.id))
            self.model.cancelled, self.model.back = True, PAID

    async def give_back(self) -> None:
        """Some of it, as far as something is left."""
        minor = self.dice.choice((1, 300, 900, PAID))
        if self.model.cancelled or self.model.back + minor > PAID:
            with pytest.raises(Refused):
                await refund(self.world, self.order.id, minor)
        else:
            await settles(lambda: refund(self.world, self.order.id, minor))
            self.model.back += minor

    async def agrees(self) -> None:
        """The shop says what the model says, and so do the provider's books."""
        await self.world.house.settled()
        there = await self.world.order(self.order.id)
        assert orders_pb2.OrderState.Name(there.state) == f"ORDER_STATE_{self.model.state}"
        assert await books(self.world, self.order.id) == (PAID, self.model.back)
        assert sum(each.amount.minor for each in there.adjustments) == -self.model.back

    @property
    def _parcel(self) -> str:
        return f"shp_{self.order.id.removeprefix('ord_')}"


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(n, marks=pytest.mark.long) for n in range(3, 60))])
async def test_an_order_is_what_the_model_says(world: World, seed: int) -> None:
    dice = random.Random(seed)
    life = Life(world, await world.bought({"A": 2}), Model(), dice)
    steps: list[Callable[[], Awaitable[None]]] = [
        life.plan, life.plan, life.ship, life.deliver, life.cancel, life.give_back, life.give_back
    ]  # fmt: skip
    done: list[str] = []
    for _ in range(_STEPS):
        step = dice.choice(steps)
        done.append(getattr(step, "__name__", "?"))
        await step()
        try:
            await life.agrees()
        except AssertionError as differs:
            raise AssertionError(f"after {done}") from differs
