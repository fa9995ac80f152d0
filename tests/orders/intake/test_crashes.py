"""This is where the service dies in the middle of what comes in, or a neighbour is away; and nothing is lost or doubled."""

import asyncio
import contextlib

import grpc.aio
import pytest
from shop.orders.v1 import intake_pb2
from shop.orders.v1.events_pb2 import OrderPaid

from services.kit.errors import Unavailable
from tests.orders.world import World

from .desk import ORDERED, Desk, line, rung, sold


@pytest.fixture
async def desk(world: World) -> Desk:
    """A desk with a channel of each kind."""
    return await Desk(world).all_open()


STEPS = [("HoldStock", "before"), ("HoldStock", "after"), ("ConfirmHold", "before"), ("ConfirmHold", "after")]


async def dies_at(desk: Desk, call_: str, when: str, batch: list[intake_pb2.ChannelOrderDraft]) -> None:
    """The service is cut where it stands in the middle of a batch; another goes on by itself, and the batch comes again."""
    reached = asyncio.Event()
    desk.world.faults.once[call_, when] = reached
    request = intake_pb2.TakeOrdersRequest(channel="till", staff=True, orders=batch)
    dying = asyncio.ensure_future(desk.intake.TakeOrders(request, timeout=10))
    await reached.wait()
    dying.cancel()
    with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
        await dying
    await desk.world.another_instance()
    desk.spoken_to()
    desk.world.house.clock.advance(seconds=11)
    taken = [await desk.insist("till", draft) for draft in batch]
    assert [each.order.state for each in taken] == [ORDERED] * len(batch)
    assert desk.world.catalog.holds == {}
    assert sorted(desk.world.catalog.taken) == sorted(each.order.order_id for each in taken)
    await desk.world.house.settled()
    assert len(desk.world.house.told(OrderPaid)) == len(batch)
    assert len(await desk.payments()) == len(batch)


@pytest.mark.parametrize(("call_", "when"), STEPS[-1:])
async def test_a_crash_in_the_middle_of_a_batch_is_made_good(desk: Desk, call_: str, when: str) -> None:
    await dies_at(desk, call_, when, [rung(f"R{n}", line("A", 1, 1000)) for n in range(12)])


@pytest.mark.long
@pytest.mark.parametrize(("call_", "when"), STEPS)
async def test_a_crash_at_any_step_of_a_batch_is_made_good(desk: Desk, call_: str, when: str) -> None:
    await dies_at(desk, call_, when, [rung(f"R{n}", line("A", 1, 1000)) for n in range(30)])


async def test_what_comes_in_while_a_neighbour_is_away_is_kept_and_goes_on_by_itself(desk: Desk) -> None:
    desk.world.faults.always["HoldStock", "before"] = Unavailable("away")
    taken = await desk.one("taobao", sold("T1", line("A", 1, 1000)))
    assert taken.refusal == "CHECKOUT_UNFINISHED"
    desk.world.faults.always.clear()
    desk.world.house.clock.advance(seconds=11)
    await desk.world.until_order({"state": "paid"})
    async with asyncio.timeout(5):
        while (await desk.listed())[0].state != ORDERED:
            await asyncio.sleep(0.02)
    assert (await desk.one("taobao", sold("T1", line("A", 1, 1000)))).replayed
