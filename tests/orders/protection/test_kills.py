"""This is where a payment for a fallen price dies before and after each of its writes, and is made once all the same."""

import pytest
from shop.orders.v1.events_pb2 import RefundIssued

from services.kit.rpc import NeighbourFailed
from tests.orders.neighbours import Sku
from tests.orders.world import World

from .shop import Writes, falls, insists, put, standing, swept

OF_A_CLAIM, OF_A_SWEEP = 4, 7  # room, reservation, written down, settled; and the drop kept, leased, its step kept


async def _once(world: World, order_id: str, customer_id: str, minor: int) -> None:
    assert [payment["refunded_minor"] for payment in await world.psp.payments(order_id)] == [minor]
    there = await world.order(order_id, customer_id)
    assert [each.amount.minor for each in there.adjustments] == [-minor]
    await world.house.settled()
    assert [t.amount.minor for t in world.house.told(RefundIssued) if t.order_id == order_id] == [minor]


async def test_a_claim_that_dies_at_any_write_pays_once(world: World) -> None:
    await put(world, mode="claim")
    writes = Writes(world, "orders", "protection_grants")
    for number in range(1, OF_A_CLAIM + 1):
        for after in (False, True):
            sku, customer = f"S{number}{after}", f"cus_{number}{str(after).lower()}"
            world.catalog.skus[sku] = Sku(1_000)
            order = await world.bought({sku: 1}, customer_id=customer)
            await falls(world, 900, sku)
            await world.house.settled()
            writes.die(number, after=after)
            with pytest.raises(NeighbourFailed):
                await insists(world, order.id, customer)
            writes.live()
            assert [each.amount.minor for each in (await insists(world, order.id, customer)).payments] == [100]
            await _once(world, order.id, customer, 100)
            assert (await standing(world, order.id, customer)).claimable.minor == 0


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_sweep_that_dies_at_any_write_pays_everybody_once(world: World) -> None:
    writes = Writes(world, "orders", "price_drops", "protection_grants")
    for number in range(1, OF_A_SWEEP + 3):
        for after in (False, True):
            sku = f"S{number}{after}"
            world.catalog.skus[sku] = Sku(1_000)
            orders = [await world.bought({sku: 1}, customer_id=f"cus_{number}{n}") for n in range(2)]
            await world.house.settled()
            writes.die(number, after=after)
            drop = await falls(world, 900, sku)
            while writes.count < number:
                await world.service.ground.database.command("ping")
            writes.live()
            world.house.clock.advance(seconds=11)  # its lease is over
            done = await swept(world, drop)
            assert (done.looked, done.paid, done.amount.minor) == (2, 2, 200)
            for order in orders:
                await world.until_order({"_id": order.id, "protecting_at": None, "refunded_minor": 100})
                await _once(world, order.id, order.customer_id, 100)
