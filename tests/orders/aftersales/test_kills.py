"""This is where orders dies at every step of a return, wherever it stands; who asks again finds it done once."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import grpc.aio
import pytest
from shop.orders.v1 import returns_pb2 as pb
from shop.orders.v1.events_pb2 import RefundIssued, ReturnReceived, ReturnRequested

from services.kit.rpc import call
from tests.orders.world import World, settles

from .counter import PHOTOS, Counter


def _steps(world: World, order_id: str, made: list[str]) -> Iterator[tuple[Any, Any]]:
    """The calls of a return's life, each bearing to be asked again; `made` is its id once it is opened."""
    yield (
        world.returns.OpenReturn,
        pb.OpenReturnRequest(
            order_id=order_id,
            customer_id="cus_1",
            lines=[pb.ReturnLine(sku="A", quantity=2)],
            reason="quality",
            photos=PHOTOS,
            request_id="k1",
        ),
    )
    grades = [pb.ReturnGrade(sku="A", grade=grade, units=1) for grade in ("A", "B")]
    yield world.returns.ApproveReturn, pb.ApproveReturnRequest(id=made[0], by="stf_1")
    yield world.returns.BookWayBack, pb.BookWayBackRequest(id=made[0], customer_id="cus_1", kind="label")
    yield world.returns.InspectReturn, pb.InspectReturnRequest(id=made[0], by="stf_2", grades=grades)
    yield world.returns.RefundReturn, pb.RefundReturnRequest(id=made[0], by="stf_3")


STEPS = [(name, when) for name in ("BookReturn", "refund") for when in ("before", "after")]


@pytest.mark.parametrize(
    ("name", "when"), [STEPS[3], *(pytest.param(*step, marks=pytest.mark.long) for step in STEPS[:3])]
)
async def test_a_return_whose_step_dies_half_way_happens_once(world: World, name: str, when: str) -> None:
    """Opening, rejecting and inspecting are one transaction each; between two steps nothing is under way."""
    order = await world.delivered({"A": 3}, customer_id="cus_1")
    made: list[str] = []
    reached = asyncio.Event()
    world.faults.once[name, when] = reached
    for step in range(5):
        method, request = list(_steps(world, order.id, made))[step] if made else next(_steps(world, order.id, made))
        asking = asyncio.ensure_future(method(request, timeout=10))
        dead = asyncio.ensure_future(reached.wait())
        await asyncio.wait({asking, dead}, return_when=asyncio.FIRST_COMPLETED)
        dead.cancel()
        if reached.is_set() and not asking.done():
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
                await asking
            await world.another_instance()
            world.house.clock.advance(seconds=11)
            method, request = list(_steps(world, order.id, made))[step]
            answer = await settles(lambda: call(method, request))  # noqa: B023
        else:
            answer = await asking
        made[:] = [answer.rma.id]
    assert reached.is_set()
    now = await Counter(world).get(made[0])
    assert now.state == pb.RETURN_STATE_REFUNDED and now.way_back.waybill == "RB0"
    assert await Counter(world).given_back(order.id) == 2000
    assert (await world.order(order.id, "cus_1")).lines[0].returned == 2
    await world.house.settled()
    for kind in (ReturnRequested, ReturnReceived, RefundIssued):
        assert len(world.house.told(kind)) == 1
    kept = await world.service.ground.database["return_counts"].find_one({"_id": "all|sku|A"})
    assert kept is not None and (kept["asked"], kept["received"]) == (2, 2)
