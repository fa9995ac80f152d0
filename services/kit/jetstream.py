"""This is where a service meets NATS JetStream: its stream, its publishing, its durable listening."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence

from services.kit.broker import Client, Msg, api, nats
from services.kit.events import Envelope

log = logging.getLogger(__name__)
_PUBLISH_S = 2.0
_PULL = 256
_PULL_EXPIRES_S = 30.0
_HEARTBEAT_S = 5.0
_WEEK_S = 7 * 24 * 3600.0
_STREAM_BYTES = 256 * 1024 * 1024  # full is full: a bounded stream says no at once, a full disk does not


class Bus:
    """One connection to NATS; it comes and goes, the service stays."""

    def __init__(self, url: str, prefix: str, service: str, replicas: int = 1) -> None:
        self._url, self._prefix, self._service, self._replicas = url, prefix, service, replicas
        self.client = Client()
        self._jetstream = self.client.jetstream()  # one: each has a subscription of its own for its acknowledgements
        self.connected = asyncio.Event()
        self._streams: set[str] = set()
        self._back: list[Callable[[], None]] = []

    async def connect_for_ever(self) -> None:
        """Connects when NATS is there; then the client reconnects by itself."""
        while not self.client.is_connected:
            with contextlib.suppress(nats.errors.Error, OSError, asyncio.TimeoutError):
                await self.client.connect(
                    self._url,
                    name=self._service,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.2,  # type: ignore[arg-type]  # seconds, and fractions are fine
                    ping_interval=10,
                    skip_subject_validation=True,  # they are protobuf names
                    error_cb=_quiet,
                    disconnected_cb=self._away,
                    reconnected_cb=self._again,
                )
                self.connected.set()
                return
            await asyncio.sleep(0.2)

    async def _away(self) -> None:
        self.connected.clear()

    async def _again(self) -> None:
        self.connected.set()
        for wake in self._back:
            wake()

    def when_back(self, wake: Callable[[], None]) -> None:
        """Calls `wake` after each reconnect."""
        self._back.append(wake)

    def stream_of(self, service: str) -> str:
        """The name of the stream a service tells into."""
        return f"{self._prefix}{service}".replace(".", "_")

    def subject(self, full_name: str) -> str:
        """Where an event of this protobuf name goes."""
        return f"{self._prefix}{full_name}"

    def full_name(self, subject: str) -> str:
        """The protobuf name of what came in on a subject."""
        return subject.removeprefix(self._prefix)

    async def ensure_stream(self, service: str) -> str:
        """Makes a service's stream if it is not there; tellers and listeners both may."""
        return await self._ensure(service, f"shop.{service}.v1.>", api.DiscardPolicy.NEW)

    async def ensure_feed(self, feed: str) -> str:
        """Makes the stream of what devices send under `shop.<feed>.` if it is not there. Full, it forgets the oldest: what a
        device says next is worth more."""
        return await self._ensure(feed, f"shop.{feed}.>", api.DiscardPolicy.OLD)

    async def _ensure(self, of: str, subject: str, when_full: api.DiscardPolicy) -> str:
        name = self.stream_of(of)
        if name not in self._streams:
            config = api.StreamConfig(
                name=name,
                subjects=[self.subject(subject)],
                retention=api.RetentionPolicy.LIMITS,
                discard=when_full,
                max_age=_WEEK_S,
                max_bytes=_STREAM_BYTES,
                duplicate_window=120,
                num_replicas=self._replicas,
            )
            with contextlib.suppress(nats.js.errors.BadRequestError):  # there already
                await self._jetstream.add_stream(config)
            self._streams.add(name)
        return name

    async def add_consumer(self, stream: str, config: api.ConsumerConfig) -> None:
        """Makes a durable consumer if it is not there."""
        await self._jetstream.add_consumer(stream, config)

    async def publish_all(self, rows: Sequence[tuple[str, Envelope]]) -> list[bool]:
        """Publishes (key, event) pairs in order and waits for every acknowledgement; answers which are safely there."""
        if not self.client.is_connected:
            return [False] * len(rows)
        acks: list[asyncio.Future[api.PubAck]] = []
        try:
            await self.ensure_stream(self._service)
            for key, row in rows:
                headers = row.headers(self._service)
                headers["shop-key"] = key
                acks.append(await self._jetstream.publish_async(self.subject(row.subject), row.data, headers=headers))
            await asyncio.wait(acks, timeout=_PUBLISH_S)
            return [ack.done() and not ack.cancelled() and ack.exception() is None for ack in acks]
        except (TimeoutError, nats.errors.Error, OSError) as away:
            log.warning("events wait for NATS: %s", type(away).__name__)
            return [False] * len(rows)
        finally:
            for ack in acks:
                ack.cancel()  # nothing for what is there; the rest is not waited for any longer

    async def watch(
        self, full_names: Sequence[str], notice: Callable[[str, bytes], None]
    ) -> Callable[[], Awaitable[None]]:
        """Tells every replica of events as they pass, at most once each: for dropping what a cache holds, nothing else.
        Answers what ends it."""

        async def pass_on(message: Msg) -> None:
            notice(self.full_name(message.subject), message.data)

        await self.connected.wait()
        watching = [await self.client.subscribe(self.subject(name), cb=pass_on) for name in full_names]

        async def end() -> None:
            for subscription in watching:
                await subscription.unsubscribe()

        return end

    async def close(self) -> None:
        """Says goodbye."""
        if self.client.is_connected:
            with contextlib.suppress(nats.errors.Error, asyncio.TimeoutError):
                await self.client.flush(1)
        await self.client.close()


async def _quiet(_error: Exception) -> None:
    """The client reports every failed reconnect; readiness and metrics tell the same in fewer words."""


class Pull:
    """A durable pull consumer, kept full: messages stream in without a request each."""

    def __init__(self, bus: Bus, stream: Callable[[], Awaitable[str]], durable: str, subjects: Sequence[str]) -> None:
        self._bus, self._stream, self._durable, self._subjects = bus, stream, durable, list(subjects)
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()  # None: ask again
        self._asked = 0
        self._open = False
        bus.when_back(self._start_again)

    async def batch(self, most: int) -> list[Msg]:
        """Waits for messages; answers those that are there, at most `most`. May be empty: call again."""
        if not self._open:
            await self._listen()
        if self._asked < _PULL // 4:
            request = {"batch": _PULL, "expires": int(_PULL_EXPIRES_S * 1e9), "idle_heartbeat": int(_HEARTBEAT_S * 1e9)}
            await self._bus.client.publish(self._next, json.dumps(request).encode(), self._inbox)
            self._asked = _PULL
        arrived: list[Msg | None] = []
        try:
            arrived.append(await asyncio.wait_for(self._arrived.get(), _PULL_EXPIRES_S + _HEARTBEAT_S))
        except TimeoutError:
            self._start_again()  # the request was lost on the way
        while len(arrived) < most and not self._arrived.empty():
            arrived.append(self._arrived.get_nowait())
        return [message for message in arrived if message is not None]

    async def _listen(self) -> None:
        stream = await self._stream()
        config = api.ConsumerConfig(
            durable_name=self._durable,
            filter_subjects=[self._bus.subject(subject) for subject in self._subjects],
            ack_policy=api.AckPolicy.EXPLICIT,
            ack_wait=10,
            max_deliver=-1,  # we park long before; NATS would drop without a word
            max_ack_pending=1024,
        )
        await self._bus.add_consumer(stream, config)
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{self._durable}"
        self._inbox = self._bus.client.new_inbox()
        await self._bus.client.subscribe(self._inbox, cb=self._take)
        self._asked, self._open = 0, True

    def _start_again(self) -> None:
        self._open = False
        self._arrived.put_nowait(None)

    async def _take(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status")
        if status is None or message.reply.startswith("$JS.ACK"):
            self._asked -= 1
            self._arrived.put_nowait(message)
        elif status == "408":  # the request ran its time
            self._asked = 0
            self._arrived.put_nowait(None)
        elif status != "100":  # neither heartbeat: the consumer is gone, or nobody answers
            self._start_again()


Handle = Callable[[Sequence[Msg]], Awaitable[None]]


async def listen_for_ever(bus: Bus, teller: str, durable: str, subjects: Sequence[str], handle: Handle) -> None:
    """Hands over batches of what a service tells as they come, through every outage."""
    await _pull_for_ever(bus, teller, Pull(bus, lambda: bus.ensure_stream(teller), durable, subjects), handle)


async def feed_for_ever(bus: Bus, feed: str, durable: str, subject: str, handle: Handle) -> None:
    """Hands over batches of what devices send as they come, through every outage."""
    await _pull_for_ever(bus, feed, Pull(bus, lambda: bus.ensure_feed(feed), f"{durable}_{feed}", [subject]), handle)


async def _pull_for_ever(bus: Bus, source: str, pull: Pull, handle: Handle) -> None:
    while True:
        await bus.connected.wait()
        try:
            if batch := await pull.batch(100):
                await handle(batch)
        except (TimeoutError, nats.errors.Error, OSError) as away:
            log.warning("listening to %s waits for NATS: %s", source, type(away).__name__)
            await asyncio.sleep(0.2)
