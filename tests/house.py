"""This is where a test gets its own house: real MongoDB and NATS, and whichever services it starts, in this process."""

import asyncio
import contextlib
import importlib
import itertools
import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import grpc
import grpc.aio
import pymongo
from bson.min_key import MinKey
from google.protobuf.message import Message
from pymongo import WriteConcern, monitoring

from deploy.local.ports import Ports
from services.kit.clock import SettableClock
from services.kit.events import envelope, subject_of
from services.kit.jetstream import Bus
from services.kit.rpc import Answering, new_server, open_channel
from services.kit.service import Build, Ground, Service, connect_mongo, running
from services.kit.settings import Settings
from services.kit.telemetry import Metrics, Tracer

M = TypeVar("M", bound=Message)
_numbers = itertools.count(1)
_UNSURE = WriteConcern(w=1, j=False)  # what is emptied need not outlive a power cut
# Prefixes of databases whose tests are over: emptied and used again, for two hundred indexes take longer than most tests.
_spare: list[str] = []
_prepared: set[tuple[str, Build]] = set()  # databases that have a service's indexes already
_written: defaultdict[str, set[str]] = defaultdict(
    set
)  # collections by database, since its service stood for the first time
_furniture: dict[
    str, set[str]
] = {}  # what a service puts there itself, by database: left alone until a test changes some of it


class _Writes(monitoring.CommandListener):
    """Notes what this process writes to; of two hundred collections a test fills a few."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """A command goes out."""
        if event.command_name in ("insert", "update", "findAndModify"):
            _written[event.database_name].add(event.command[event.command_name])

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Is not of interest."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Is not of interest."""


monitoring.register(_Writes())


def _on_known_ground(build: Build) -> Build:
    """The same, without making the indexes that are there."""

    async def there() -> None:
        pass

    def built(ground: Ground[Any]) -> Service:
        service = build(ground)
        for store in ground.stores:
            store.prepare = there  # type: ignore[method-assign]
        return service

    return built


def free_port() -> int:
    """A port nobody listens on, nor is given for an outgoing connection."""
    return Ports.free().listen["gateway"]


@dataclass
class Started:
    """A service that runs in this process."""

    ground: Ground[Any]
    channel: grpc.aio.Channel
    stop: Callable[[], Any]


class Partial(Answering):
    """Answers what a fake answers; the rest of the contract is a bug to call."""

    def __getattr__(self, name: str) -> Callable[[Any, Any], Any]:
        async def unanswered(_request: Any, context: Any) -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{name} is not faked")

        return unanswered


class House:
    """A fresh database and event prefix, and the services a test starts in them. They know each other's addresses."""

    def __init__(self, mongo_url: str, nats_url: str) -> None:
        number = f"t{os.getpid()}x{next(_numbers)}"
        databases = _spare.pop() if _spare else f"{number}_"
        self.clock = SettableClock()
        self.ports = dict(Ports.free().listen)
        self.settings: dict[str, Any] = {
            "mongo_url": mongo_url,
            "nats_url": nats_url,
            "database_prefix": databases,
            "event_prefix": f"{number}.",
            "mark_every_s": 0.01,
        } | {f"{name}_address": f"127.0.0.1:{port}" for name, port in self.ports.items()}
        self.bus = Bus(nats_url, f"{number}.", "test")
        self.mongo = connect_mongo(mongo_url)
        self.started: dict[str, Started] = {}
        self._heard: dict[str, tuple[str, bytes]] = {}  # by event id: what is published twice is told once
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> "House":
        await self.bus.connect_for_ever()
        prefix = self.settings["event_prefix"]

        async def hear(message: Any) -> None:
            if not message.headers or "Nats-Msg-Id" not in message.headers:
                return  # not an event of ours
            self._heard[message.headers["Nats-Msg-Id"]] = (message.subject.removeprefix(prefix), message.data)

        await self.bus.client.subscribe(f"{prefix}>", cb=hear)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        jetstream = self.bus.client.jetstream()
        for stream in await jetstream.streams_info():
            if stream.config.name and stream.config.name.startswith(self.bus.stream_of("")):
                await jetstream.delete_stream(stream.config.name)
        await self.bus.close()
        await self._empty()
        await self.mongo.close()
        _spare.append(self.settings["database_prefix"])

    async def _empty(self) -> None:
        """Leaves the collections and their indexes, and nothing in them."""
        everything = {"_id": {"$gte": MinKey()}}  # by the index: a scan is an error here
        for database in [name for name in _written if name.startswith(self.settings["database_prefix"])]:
            written = _written.pop(database)
            if written & _furniture.get(database, set()):
                written |= _furniture.pop(database)
            for table in written:
                with pymongo.timeout(60):  # a long test leaves a million documents
                    await self.mongo[database].get_collection(table, write_concern=_UNSURE).delete_many(everything)

    async def start(
        self, name: str, build: Build | None = None, settings: type[Settings] | None = None, **more: Any
    ) -> Started:
        """Starts a service (or restarts it, on the same data). `more` are settings of it."""
        if build is None or settings is None:
            module = importlib.import_module(f"services.{name}.service")
            build, settings = build or module.build, settings or module.SETTINGS
        port = self.ports.setdefault(name, free_port())
        chosen = settings(**(self.settings | {"listen": f"127.0.0.1:{port}"} | more))
        stack = contextlib.AsyncExitStack()
        of_the_test = _written.pop(f"{chosen.database_prefix}{name}", set())
        known = (f"{chosen.database_prefix}{name}", build)
        built = _on_known_ground(build) if known in _prepared else build
        ground = await stack.enter_async_context(running(name, built, chosen, self.clock))
        _prepared.add(known)
        if name not in self.started:
            _furniture.setdefault(known[0], set()).update(_written.pop(known[0], set()) - of_the_test)
        _written[known[0]] |= of_the_test
        channel = open_channel(f"127.0.0.1:{port}")
        stack.push_async_callback(channel.close)
        started = Started(ground, channel, stack.aclose)
        self._stack.push_async_callback(stack.aclose)
        self.started[name] = started
        return started

    async def fake(self, name: str, servicer: M | object, add: Callable[[Any, grpc.aio.Server], None]) -> object:
        """Answers a neighbour's calls with a small class of the test's own."""
        server = new_server()
        add(Partial(servicer, name, Metrics(name), Tracer(name, "")), server)
        server.add_insecure_port(f"127.0.0.1:{self.ports[name]}")
        await server.start()
        self._stack.push_async_callback(server.stop, None)
        return servicer

    async def tell(self, event: Message, key: str = "", event_id: str = "") -> str:
        """Publishes an event as if its service had told it; answers its id. The same `event_id` again is heard again."""
        wrapped = envelope(event)
        await self.bus.ensure_stream(wrapped.subject.split(".")[1])
        headers = wrapped.headers("test") | {"shop-key": key or wrapped.id}
        if event_id:
            headers |= {"ce-id": event_id, "Nats-Msg-Id": wrapped.id}
        await self.bus.client.jetstream().publish(self.bus.subject(wrapped.subject), wrapped.data, headers=headers)
        return event_id or wrapped.id

    def told(self, kind: type[M]) -> list[M]:
        """Every event of a kind that has gone over the bus so far."""
        return [kind.FromString(data) for subject, data in self._heard.values() if subject == subject_of(kind)]

    async def settled(self, within_s: float = 20) -> None:
        """Waits until every outbox is empty and every listener has handled everything."""
        calm = 0
        async with asyncio.timeout(within_s):
            while calm < 2:
                calm = calm + 1 if await self._calm() else 0
                await asyncio.sleep(0.01)

    async def _calm(self) -> bool:
        for service in self.started.values():
            filled = _written[service.ground.database.name]
            for store in (store for store in service.ground.stores if store.name in filled):
                waiting = await store.collection.find_one({"outbox.id": {"$exists": True}}, hint="outbox")
                if waiting:
                    await asyncio.sleep(0.02)  # the relay is at it; what it has no hint of is swept now, not in 3 s
                    await service.ground.relay.sweep(store.name, timedelta(0))
                    return False
        return await self._all_heard()

    async def _all_heard(self) -> bool:
        jetstream = self.bus.client.jetstream()
        for stream in await jetstream.streams_info():
            name = stream.config.name or ""
            if not name.startswith(self.bus.stream_of("")):
                continue
            for consumer in await jetstream.consumers_info(name):
                if consumer.num_pending or consumer.num_ack_pending:
                    return False
        return True
