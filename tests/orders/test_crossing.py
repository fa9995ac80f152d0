"""This is where an order that crosses a border is refused, held or let through at checkout (L18)."""

import pytest
from shop.logistics.v1 import customs_pb2
from shop.orders.v1 import orders_pb2

from services.kit.errors import Refused, Unavailable

from .test_triage import bought_to, staff_sees
from .world import World

ABROAD = {"country": "GB", "province": "", "city": "London", "phone": "+442012345678"}


def stands(world: World, kind: str) -> None:
    world.logistics.obstacles = [customs_pb2.CrossingObstacle(sku="A", kind=kind, reason="knives", text="No knives.")]


async def test_at_home_nobody_is_asked(world: World) -> None:
    stands(world, "prohibited")
    await bought_to(world)
    assert world.logistics.crossed == []


async def test_what_may_not_go_there_is_refused_and_costs_nothing(world: World) -> None:
    stands(world, "prohibited")
    with pytest.raises(Refused) as no:
        await bought_to(world, **ABROAD)
    assert (no.value.reason, no.value.meta["sku"], no.value.meta["restriction"]) == ("GOODS_PROHIBITED", "A", "knives")
    assert [one.country for one in world.logistics.crossed] == ["GB"]
    assert await world.service.ground.database["orders"].count_documents({}) == 0


async def test_what_needs_a_permit_is_held_and_what_customs_lacks_is_no_matter_yet(world: World) -> None:
    stands(world, "restricted")
    order: orders_pb2.Order = await staff_sees(world, (await bought_to(world, **ABROAD)).id)
    assert [(hold.reason, hold.text) for hold in order.holds] == [("customs", "A: No knives.")]
    stands(world, "missing")
    assert not (await staff_sees(world, (await bought_to(world, **ABROAD)).id)).holds


async def test_nothing_crosses_while_nobody_can_say(world: World) -> None:
    world.faults.always["JudgeCrossing", "before"] = Unavailable("away")
    with pytest.raises(Refused):
        await bought_to(world, **ABROAD)
    assert await world.service.ground.database["orders"].count_documents({}) == 0
