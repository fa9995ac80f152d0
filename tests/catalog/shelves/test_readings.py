"""This is where shelves say what lies on them, over gRPC and over MQTT, and people are told when they dispute the books."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aiomqtt
import pytest
from shop.catalog.v1 import counts_pb2, counts_pb2_grpc, readings_pb2, readings_pb2_grpc
from shop.catalog.v1.events_pb2 import NoticeRaised, StockMoved

from deploy.local.servers import LocalServers
from services.catalog.notices import Notice, Notices
from services.catalog.settings import CatalogSettings
from services.catalog.shelves.proposals import Proposal, Proposals
from services.catalog.shelves.readings import Readings, ShelfReading
from services.catalog.shelves.store import READINGS
from services.catalog.skus import Sku
from services.catalog.store import NOTICES, keep
from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotSignedIn
from services.kit.rpc import call
from tests.catalog.counter import Counter

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = "shelf-device-dev"


def reading(units: int, seq: int = 1, seconds: float = 0, **more: object) -> readings_pb2.Reading:
    said: dict[str, object] = {
        "device": "scale-7",
        "warehouse": "main",
        "sku": "A",
        "units": units,
        "at": rfc3339(NOON + timedelta(seconds=seconds)),
        "seq": seq,
    }
    return readings_pb2.Reading(**(said | more))  # type: ignore[arg-type]


class Shelf:
    """A shelf's device, and who reads what it said."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.stub = readings_pb2_grpc.ReadingsServiceStub(counter.started.channel)

    async def says(self, *readings: readings_pb2.Reading, key: str = KEY, by: str = "") -> list[str]:
        request = readings_pb2.RecordReadingsRequest(readings=readings, device_key=key, by=by)
        return [answer.outcome for answer in (await call(self.stub.RecordReadings, request)).answers]

    async def last(self) -> list[readings_pb2.ShelfReading]:
        return list((await call(self.stub.ListReadings, readings_pb2.ListReadingsRequest())).readings)


@pytest.fixture
async def shelf(counter: Counter) -> Shelf:
    counter.house.clock.at = NOON
    await counter.sell("A", "B")
    return Shelf(counter)


async def test_repeated_and_late_readings_change_nothing(shelf: Shelf) -> None:
    assert await shelf.says(reading(9, 2, 10), reading(9, 2, 10), reading(8, 1, 5), reading(7, 3, 20)) == [
        "accepted",
        "duplicate",
        "stale",
        "accepted",
    ]
    kept = await shelf.last()
    assert [(row.reading.units, row.reading.seq, row.expected) for row in kept] == [(7, 3, 10)]
    assert await shelf.says(reading(99, 3, 21), reading(9, 2, 10), reading(50, 9, 1)) == ["duplicate", "stale", "stale"]
    assert await shelf.last() == kept
    assert await shelf.says(reading(6, 1, 60)) == ["accepted"]  # a device that began anew


async def test_what_cannot_be_is_refused_by_itself(shelf: Shelf) -> None:
    wrong = [
        reading(1, sku="NOWHERE"),
        reading(1, sku="$where"),
        reading(1, warehouse="a.b"),
        reading(-1),
        reading(1, at="yesterday"),
        reading(1, at=""),
        reading(1, seconds=3600),
        reading(1, device=""),
    ]
    assert await shelf.says(*wrong, reading(10)) == ["refused"] * 8 + ["accepted"]
    with pytest.raises(Invalid):
        await shelf.says()
    with pytest.raises(Invalid):
        await shelf.says(*[reading(1)] * 501)


async def test_a_device_shows_its_key_and_staff_need_none(shelf: Shelf) -> None:
    for key in ("", "guess", "密钥"):
        with pytest.raises(NotSignedIn) as refused:
            await shelf.says(reading(1), key=key)
        assert refused.value.reason == "DEVICE_KEY_WRONG"
    assert await shelf.says(reading(10), key="", by="stf_1") == ["accepted"]


async def test_a_shelf_that_disputes_the_books_for_long_is_told_of_once_and_counted(
    shelf: Shelf, counter: Counter
) -> None:
    ground, clock = counter.started.ground, counter.house.clock
    settings = CatalogSettings()
    readings = Readings(
        keep(ground, "shelf_readings", ShelfReading, READINGS, tells=False),
        keep(ground, "skus", Sku),
        Proposals(keep(ground, "count_proposals", Proposal, tells=False), settings, clock),
        Notices(keep(ground, "notices", Notice, NOTICES), clock),
        settings,
        clock,
    )

    async def told_after(**later: float) -> list[str]:
        clock.advance(**later)
        await readings.tell()
        await counter.house.settled()
        return [event.subject for event in counter.house.told(NoticeRaised)]

    await shelf.says(reading(8, 1), reading(12, 1, sku="B"))  # within two units
    assert await told_after(hours=1) == []
    await shelf.says(reading(7, 2, 3600))
    assert await told_after(minutes=14) == []
    await shelf.says(reading(6, 3, 4400))  # still: the same dispute
    assert await told_after(minutes=2) == await told_after(hours=1) == ["A"]
    await shelf.says(reading(10, 4, 8000))
    await shelf.says(reading(3, 5, 8001))
    assert await told_after(hours=1) == ["A", "A"]
    asked = counts_pb2.ListCountProposalsRequest(warehouse="main")
    found = await call(counts_pb2_grpc.CountsServiceStub(counter.started.channel).ListCountProposals, asked)
    assert [(row.sku, row.reason) for row in found.proposals] == [("A", "shelf_reading")]
    assert await counter.there("A") == ({"main": 10}, 0, 10)
    assert {event.reason for event in counter.house.told(StockMoved)} == {"import"}


async def test_devices_are_heard_over_mqtt(shelf: Shelf, counter: Counter, servers: LocalServers) -> None:
    at = urlsplit(servers.environment["MQTT_URL"])
    topic = counter.house.settings["event_prefix"].replace(".", "/") + "shop/iot/shelf/main/"
    await counter.sell("MUG.01")

    def payload(units: int, seq: int) -> str:
        return json.dumps(
            {"device": "scale-7", "units": units, "at": rfc3339(NOON + timedelta(seconds=seq)), "seq": seq}
        )

    async with aiomqtt.Client(at.hostname or "", at.port or 0, username=at.username, password=at.password) as device:
        for said in (payload(9, 2), payload(9, 2), payload(8, 1), "nonsense", "[]", payload(7, 3), payload(8, 1)):
            await device.publish(topic + "A", said, qos=1)
        await device.publish(topic + "MUG.01", payload(4, 1), qos=1)
        await device.publish(topic + "A/more", payload(4, 9), qos=1)
    kept = await counter.until(
        shelf.last, lambda rows: [(row.reading.sku, row.reading.seq) for row in rows] == [("A", 3), ("MUG.01", 1)]
    )
    assert [row.reading.units for row in kept] == [7, 4]
    await counter.house.settled()
    assert await shelf.last() == kept


async def test_what_is_sent_while_catalog_is_away_is_heard_when_it_is_back(
    shelf: Shelf, counter: Counter, servers: LocalServers
) -> None:
    at = urlsplit(servers.environment["MQTT_URL"])
    topic = counter.house.settings["event_prefix"].replace(".", "/") + "shop/iot/shelf/main/A"
    said = json.dumps({"device": "scale-7", "units": 5, "at": rfc3339(NOON), "seq": 1})
    await counter.until(lambda: feeds(counter), bool)
    await counter.started.stop()
    async with aiomqtt.Client(at.hostname or "", at.port or 0, username=at.username, password=at.password) as device:
        await device.publish(topic, said, qos=1)
    again = Shelf(Counter(counter.house, await counter.house.start("catalog")))
    await counter.until(again.last, lambda rows: [row.reading.units for row in rows] == [5])


async def feeds(counter: Counter) -> list[str]:
    """Who listens to devices already."""
    jetstream = counter.house.bus.client.jetstream()
    stream = counter.house.bus.stream_of("iot")
    names = [info.config.name for info in await jetstream.streams_info()]
    return [info.name for info in await jetstream.consumers_info(stream)] if stream in names else []


async def test_a_device_may_speak_of_its_shelf_and_of_nothing_else(counter: Counter, servers: LocalServers) -> None:
    at = urlsplit(servers.environment["MQTT_URL"])
    prefix = counter.house.settings["event_prefix"].replace(".", "/")
    for name, password in ((at.username, "guess"), (None, None), ("shop", "development")):
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client(at.hostname or "", at.port or 0, username=name, password=password, timeout=3):
                raise AssertionError("it was let in")
    await counter.sell("A")
    event = StockMoved(sku="A", warehouse="main", quantity=99, reason="receipt")
    async with aiomqtt.Client(at.hostname or "", at.port or 0, username=at.username, password=at.password) as device:
        await device.publish(prefix + "shop/catalog/v1/StockMoved", event.SerializeToString(), qos=1)
    await counter.house.settled()
    stream = await counter.house.bus.client.jetstream().stream_info(
        counter.house.bus.stream_of("catalog"),
        subjects_filter=counter.house.bus.subject(StockMoved.DESCRIPTOR.full_name),
    )
    assert sum((stream.state.subjects or {}).values()) == 1  # the import, and nothing else
