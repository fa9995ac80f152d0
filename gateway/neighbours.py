"""This is where the six services are reached: a channel each, opened once, and the one way to ask them something."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.stubs import Stubs
from services.kit.errors import Refused
from services.kit.rpc import NeighbourAway, NeighbourFailed, call, open_channel
from services.kit.settings import PORTS, Settings

T = TypeVar("T")
BROWSE_S = 1.0
USUAL_S = 2.0
CHECKOUT_S = 3.0
STAFF_S = 5.0  # people who wait for a batch
PIXELS_S = 20.0  # people who wait for a picture to be worked on
_HEALTH_S = 0.4
_PAUSE_S = (0.03, 0.12)


class Neighbours(Stubs):
    """The services' channels, and whether they are well."""

    def __init__(self, settings: Settings) -> None:
        super().__init__({name: open_channel(settings.address_of(name)) for name in PORTS})

    async def missing(self) -> list[str]:
        """The services that do not say they are serving."""
        serving = await asyncio.gather(*(self._serves(name) for name in PORTS))
        return [name for name, fine in zip(PORTS, serving, strict=True) if not fine]

    async def _serves(self, name: str) -> bool:
        stub = health_pb2_grpc.HealthStub(self.channels[name])
        try:
            health: Any = await call(stub.Check, health_pb2.HealthCheckRequest(), timeout_s=_HEALTH_S)
        except (Refused, NeighbourFailed):
            return False
        return bool(health.status == health_pb2.HealthCheckResponse.SERVING)

    async def close(self) -> None:
        """Hangs up."""
        for channel in self.channels.values():
            await channel.close()


async def ask(method: Callable[..., Awaitable[T]], request: object, timeout_s: float = USUAL_S) -> T:
    """Asks a neighbour something that may change something: once. Raises its refusal."""
    return await call(method, request, timeout_s=timeout_s)


async def ask_again(method: Callable[..., Awaitable[T]], request: object, timeout_s: float = USUAL_S) -> T:
    """Asks what bears being asked twice (a read, or a call with a request id): a connection lost while a neighbour is
    replaced is tried once more, a moment later."""
    try:
        return await call(method, request, timeout_s=timeout_s)
    except NeighbourAway:
        await asyncio.sleep(random.uniform(*_PAUSE_S))
        return await call(method, request, timeout_s=timeout_s)
