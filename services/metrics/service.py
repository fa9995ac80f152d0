"""This is where the metrics service is built: THE MAP."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from google.protobuf.message import Message
from pydantic import field_validator
from shop.metrics.v1 import behaviour_pb2_grpc, kpis_pb2_grpc

from services.kit.events import Told
from services.kit.listening import Hears
from services.kit.service import Answers, Chore, Ground, Service
from services.kit.settings import Settings

from .api import BehaviourApi, KpisApi
from .behaviour import Behaviour
from .days import Calendar
from .exports import Exporter
from .facts import Fact, Facts
from .live import Live
from .messages.told import FACTS
from .reviews import Reviews
from .series import Series
from .store import FactStore


class MetricsSettings(Settings):
    """What this service needs to know beside what every process does."""

    shop_timezone: str = "Asia/Shanghai"  # IANA name: where the shop's days begin
    shop_currency: str = "CNY"  # ISO 4217: what no money at all is shown in
    gather_s: float = 0.03  # how long a fact may wait for others to be written with

    @field_validator("shop_timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        Calendar.of(name)
        return name


SETTINGS = MetricsSettings


def build(ground: Ground[MetricsSettings]) -> Service:
    """The service on its ground."""
    calendar, currency = Calendar.of(ground.settings.shop_timezone), ground.settings.shop_currency
    store = FactStore(ground.database, calendar, ground.turnstile)
    live = Live(calendar, ground.clock, currency)
    facts = Facts(store, live.take, ground.settings.gather_s)
    series = Series(store, calendar, ground.clock, currency)
    ground.metrics.registry.register(Exporter(live))

    async def agree() -> None:
        await facts.agree(lambda: live.rebuild(store))

    return Service(
        answers=[
            Answers(
                "shop.metrics.v1.BehaviourService",
                behaviour_pb2_grpc.add_BehaviourServiceServicer_to_server,
                BehaviourApi(Behaviour(facts, ground.clock)),
            ),
            Answers(
                "shop.metrics.v1.KpisService",
                kpis_pb2_grpc.add_KpisServiceServicer_to_server,
                KpisApi(series, Reviews(store, series)),
            ),
        ],
        # It hears everything any service tells; the table in messages/events.py says what is kept of it.
        hears=Hears(batches={event: _recording(facts, fact_of) for event, fact_of in FACTS.items()}),
        chores=[Chore(1.0, live.weigh), Chore(5.0, agree)],
        before=[store.prepare, lambda: live.rebuild(store), agree],
    )


def _recording(
    facts: Facts, fact_of: Callable[[Any, Told], Fact]
) -> Callable[[Sequence[tuple[Message, Told]]], Awaitable[object]]:
    async def record(events: Sequence[tuple[Message, Told]]) -> object:
        return await facts.record([fact_of(event, told) for event, told in events], soon=True)

    return record
