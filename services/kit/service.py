"""This is where a service is put on its feet: database, stream, neighbours, doors; and taken off them in order."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import grpc.aio
import uvloop
from google.protobuf.message import Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from services.kit.clock import Clock, SystemClock
from services.kit.events import subject_of
from services.kit.feeds import Feed
from services.kit.jetstream import Bus, listen_for_ever
from services.kit.listening import Hears, Listening
from services.kit.relay import Relay
from services.kit.rpc import Answering, new_server, open_channel
from services.kit.settings import Settings
from services.kit.store import Kept, Store, Turnstile
from services.kit.telemetry import Metrics, Tracer, log_as_json

log = logging.getLogger(__name__)
S = TypeVar("S", bound=Settings)
T = TypeVar("T", bound=Kept)
_DRAIN_S = 20
_LAST_CHORE_S = 3  # a chore comes to its end: cut off in the middle, it may leave the driver's pool locked


def connect_mongo(url: str) -> AsyncMongoClient[dict[str, Any]]:
    """A client whose every write is majority and journaled, and whose every operation ends."""
    return AsyncMongoClient(
        url,
        w="majority",
        journal=True,
        retryWrites=False,  # a retryable write costs the server up to two more; ours bear repeating, by who asked
        timeoutMS=2500,
        serverSelectionTimeoutMS=2500,
        maxPoolSize=56,  # the turnstile's 16 reads and 40 writes
        tz_aware=True,
    )


@dataclass
class Ground(Generic[S]):
    """What a service is built on."""

    name: str
    settings: S
    database: AsyncDatabase[dict[str, Any]]
    bus: Bus
    relay: Relay
    metrics: Metrics
    tracer: Tracer
    clock: Clock
    stores: list[Store[Any]] = field(default_factory=list)
    closing: list[Callable[[], Awaitable[object]]] = field(default_factory=list)  # what a service opened itself
    turnstile: Turnstile = field(default_factory=Turnstile)
    _channels: dict[str, grpc.aio.Channel] = field(default_factory=dict)

    def store(self, name: str, kept: type[T], indexes: Sequence[IndexModel] = ()) -> Store[T]:
        """A collection of this service's database; its events go out through the relay."""
        store = Store(self.database, name, kept, self.relay, indexes, self.turnstile)
        self.stores.append(store)
        self.relay.collections.append(name)
        return store

    def channel(self, service: str) -> grpc.aio.Channel:
        """The one channel to a neighbour."""
        if service not in self._channels:
            self._channels[service] = open_channel(self.settings.address_of(service))
        return self._channels[service]

    async def close(self) -> None:
        """Closes what was opened."""
        for close in self.closing:
            await close()
        for channel in self._channels.values():
            await channel.close()
        await self.bus.close()
        self.tracer.close()
        await self.database.client.close()


@dataclass(frozen=True, slots=True)
class Answers:
    """A gRPC service and who answers it: `Answers("shop.orders.v1.CartsService", add_…_to_server, CartsApi(…))`."""

    name: str
    add: Callable[[Any, grpc.aio.Server], None]
    servicer: object


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done every `every_s` seconds by each replica; it must bear company."""

    every_s: float
    do: Callable[[], Awaitable[object]]


@dataclass
class Service:
    """THE MAP of a service: the calls it answers, the events it hears, its chores."""

    answers: Sequence[Answers]
    hears: Hears = field(default_factory=Hears)
    chores: Sequence[Chore] = ()
    watches: Mapping[type[Message], Callable[[Any], None]] = field(
        default_factory=dict
    )  # told to every replica, for caches
    feeds: Sequence[Feed] = ()  # what devices send
    before: Sequence[Callable[[], Awaitable[object]]] = ()  # done once the indexes are there, before the doors open


Build = Callable[[Ground[Any]], Service]


async def _prepared(ground: Ground[Any], service: Service) -> None:
    """Indexes first, then what the service wants done; waits for the database as long as it takes."""
    while True:
        try:
            await asyncio.gather(*(store.prepare() for store in ground.stores))
            for step in service.before:
                await step()
            return
        except PyMongoError as away:
            log.warning("%s waits for MongoDB: %s", ground.name, type(away).__name__)
            await asyncio.sleep(0.3)


async def _do_for_ever(chore: Chore, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(chore.every_s):
                await stopping.wait()
                return
        try:
            await chore.do()
        except Exception:
            log.exception("a chore failed; it will be tried again")


async def _watch_health(ground: Ground[Any], doors: health.aio.HealthServicer) -> None:
    """Ready is: the own database answers."""
    while True:
        try:
            await ground.database.command("ping")
            await doors.set("", health_pb2.HealthCheckResponse.SERVING)
        except PyMongoError:
            await doors.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        await asyncio.sleep(2)


async def _watch_events(bus: Bus, watches: Mapping[type[Message], Callable[[Any], None]]) -> None:
    types = {subject_of(kind): kind for kind in watches}
    await bus.watch(list(types), lambda subject, data: watches[types[subject]](types[subject].FromString(data)))


def lay_ground(name: str, settings: Settings, clock: Clock) -> Ground[Any]:
    """What a service of this name is built on."""
    metrics = Metrics(name)
    client = connect_mongo(settings.mongo_url)
    database = client[f"{settings.database_prefix}{name}"]
    bus = Bus(settings.nats_url, settings.event_prefix, name, settings.stream_replicas)
    relay = Relay(database, bus, metrics, settings.mark_every_s)
    tracer = Tracer(name, settings.otel_exporter_otlp_endpoint)
    return Ground(name, settings, database, bus, relay, metrics, tracer, clock)


@contextlib.asynccontextmanager
async def running(
    name: str, build: Build, settings: Settings, clock: Clock | None = None
) -> AsyncIterator[Ground[Any]]:
    """The service, on its feet for as long as the block lasts."""
    ground = lay_ground(name, settings, clock or SystemClock())
    service = build(ground)
    if service.hears.own:
        ground.relay.own = service.hears.hear_own
    ground.bus.when_back(ground.relay.sweep_now)
    server, doors = new_server(), health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(doors, server)
    for door in service.answers:
        door.add(Answering(door.servicer, name, ground.metrics, ground.tracer), server)
    names = [door.name for door in service.answers]
    reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    server.add_insecure_port(settings.listen_of(name))
    await doors.set("live", health_pb2.HealthCheckResponse.SERVING)
    await doors.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    connecting = asyncio.create_task(ground.bus.connect_for_ever())
    await _prepared(ground, service)
    await server.start()
    listening = Listening(service.hears, ground.database, ground.metrics, ground.tracer, ground.bus.full_name)
    tasks = [
        connecting,
        asyncio.create_task(ground.relay.run()),
        asyncio.create_task(ground.relay.mark_for_ever()),
        asyncio.create_task(ground.relay.sweep_for_ever()),
        asyncio.create_task(_watch_events(ground.bus, service.watches)),
    ]
    stopping = asyncio.Event()
    chores = [asyncio.create_task(_do_for_ever(chore, stopping)) for chore in service.chores]
    listeners = [
        asyncio.create_task(listen_for_ever(ground.bus, teller, name, subjects, listening.handle))
        for teller, subjects in service.hears.by_teller().items()
    ] + [asyncio.create_task(feed.take_in_for_ever(ground.bus, name)) for feed in service.feeds]
    watching = asyncio.create_task(_watch_health(ground, doors))
    try:
        yield ground
    finally:
        watching.cancel()
        await doors.enter_graceful_shutdown()
        await asyncio.sleep(settings.drain_s)
        await server.stop(_DRAIN_S)
        stopping.set()
        await asyncio.wait([watching, *chores], timeout=_LAST_CHORE_S)
        await _ended([watching, *listeners])
        await _ended([*tasks, *chores])
        with contextlib.suppress(PyMongoError):
            await ground.relay.mark()
        await ground.close()


async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    # More than once: until Python 3.12 `asyncio.wait_for` can swallow a cancel that comes as its future completes.
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)


async def _stand(name: str, build: Build, settings: Settings, ready: asyncio.Event, stop: asyncio.Event) -> None:
    async with running(name, build, settings) as ground:
        ground.metrics.serve(*settings.metrics_of(name))
        log.info("%s is ready on %s", name, settings.listen_of(name))
        ready.set()
        await stop.wait()
        log.info("%s drains", name)


async def _serve(name: str, build: Build, settings: Settings) -> None:
    ready, stop = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    standing = asyncio.create_task(_stand(name, build, settings, ready, stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({standing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not ready.is_set():
        standing.cancel()  # it still waits for its database: there is nothing to drain
    with contextlib.suppress(asyncio.CancelledError):
        await standing
    await _ended([stopping])


def run(name: str, build: Build, settings: type[Settings] = Settings) -> None:
    """Runs a service until SIGTERM: `python -m services.orders` is nothing but this."""
    chosen = settings()
    log_as_json(name, chosen.log_level)
    # What is imported stays: the collector need not look at it again and again (5 % of the CPU under load).
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_serve(name, build, chosen))
