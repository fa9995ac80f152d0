"""This is where calls are tested: refusals arrive as they left, deadlines are passed on, bugs say nothing of themselves."""

import asyncio
import time
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest
from shop.metrics.v1.kpis_pb2 import GetKpiRequest, GetKpiResponse
from shop.metrics.v1.kpis_pb2_grpc import KpisServiceStub, add_KpisServiceServicer_to_server

from services.kit.errors import KINDS, FieldError, Invalid, Refused
from services.kit.rpc import NeighbourAway, NeighbourFailed, NeighbourTooLate, call, open_channel, time_left
from tests.house import House, free_port

if TYPE_CHECKING:
    from shop.metrics.v1.kpis_pb2_grpc import KpisServiceAsyncStub


class Kpis:
    """Answers as its test wants."""

    def __init__(self) -> None:
        self.raises: Exception | None = None
        self.sleeps = 0.0
        self.left: float | None = None

    async def GetKpi(self, request: GetKpiRequest, context: Any) -> GetKpiResponse:
        self.left = time_left()
        await asyncio.sleep(self.sleeps)
        if self.raises:
            raise self.raises
        return GetKpiResponse()


@pytest.fixture
async def kpis(house: House) -> tuple[Kpis, "KpisServiceAsyncStub"]:
    servicer = Kpis()
    await house.fake("metrics", servicer, add_KpisServiceServicer_to_server)
    return servicer, KpisServiceStub(open_channel(f"127.0.0.1:{house.ports['metrics']}"))


class SkuUnknown(Invalid):
    """For this test."""


async def test_a_refusal_arrives_as_it_left(kpis: tuple[Kpis, "KpisServiceAsyncStub"]) -> None:
    servicer, stub = kpis
    servicer.raises = SkuUnknown("no such SKU", errors=[FieldError("/sku", "unknown")], sku="A-1")
    with pytest.raises(Invalid) as caught:
        await call(stub.GetKpi, GetKpiRequest())
    refusal = caught.value
    assert (refusal.reason, refusal.detail, refusal.meta) == ("SKU_UNKNOWN", "no such SKU", {"sku": "A-1"})
    assert refusal.errors == [FieldError("/sku", "unknown")]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_keeps_its_kind(kpis: tuple[Kpis, "KpisServiceAsyncStub"], kind: type[Refused]) -> None:
    servicer, stub = kpis
    servicer.raises = kind("so it is")
    with pytest.raises(kind) as caught:
        await call(stub.GetKpi, GetKpiRequest())
    assert caught.value.reason == kind.reason


async def test_a_bug_tells_nothing_of_itself(kpis: tuple[Kpis, "KpisServiceAsyncStub"]) -> None:
    servicer, stub = kpis
    servicer.raises = KeyError("secret")
    with pytest.raises(NeighbourFailed) as caught:
        await call(stub.GetKpi, GetKpiRequest())
    assert "secret" not in str(caught.value)


async def test_a_deadline_ends_a_call_and_is_known_to_the_callee(kpis: tuple[Kpis, "KpisServiceAsyncStub"]) -> None:
    servicer, stub = kpis
    servicer.sleeps = 5
    started = time.monotonic()
    with pytest.raises(NeighbourTooLate):
        await call(stub.GetKpi, GetKpiRequest(), timeout_s=0.2)
    assert time.monotonic() - started < 1
    assert servicer.left is not None and servicer.left < 0.21  # by two clocks


async def test_nobody_there_is_said_at_once() -> None:
    channel: grpc.aio.Channel = open_channel(f"127.0.0.1:{free_port()}")
    started = time.monotonic()
    with pytest.raises(NeighbourAway):
        await call(KpisServiceStub(channel).GetKpi, GetKpiRequest())
    assert time.monotonic() - started < 1
    await channel.close()
