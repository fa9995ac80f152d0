"""This is where staff are told what needs them, once."""

import asyncio
from datetime import UTC, datetime

import pytest
from shop.catalog.v1 import notices_pb2, notices_pb2_grpc
from shop.catalog.v1.events_pb2 import NoticeRaised

from services.catalog.notices import Notice, Notices
from services.catalog.store import NOTICES, Table
from services.kit.errors import NotFound
from services.kit.rpc import call
from tests.catalog.counter import Counter


@pytest.fixture
def notices(counter: Counter) -> Notices:
    """The running catalog's notices."""
    ground = counter.started.ground
    table = Table(ground.database, "notices", Notice, ground.relay, NOTICES, ground.turnstile)
    return Notices(table, counter.house.clock)


async def test_a_notice_is_raised_and_told_once_a_key(counter: Counter, notices: Notices) -> None:
    await asyncio.gather(
        *(notices.raise_once("A:2026", "low_stock", "A", "A runs low", "A 库存不足") for _ in range(9))
    )
    await notices.raise_once("A:2027", "low_stock", "A", "A runs low", "A 库存不足")
    await counter.house.settled()
    told = counter.house.told(NoticeRaised)
    assert [event.subject for event in told] == ["A", "A"]
    assert {(event.en, event.zh) for event in told} == {("A runs low", "A 库存不足")}


async def test_they_are_listed_newest_first_until_somebody_has_seen_to_them(counter: Counter, notices: Notices) -> None:
    counter.house.clock.at = datetime(2026, 11, 1, tzinfo=UTC)
    for n in range(5):
        await notices.raise_once(str(n), "low_stock", f"S{n}", "low", "低")
        counter.house.clock.advance(minutes=n % 2)
    stub = notices_pb2_grpc.NoticesServiceStub(counter.started.channel)
    asked = notices_pb2.ListNoticesRequest(kind="low_stock", open=True)
    asked.page.limit = 2
    seen: list[str] = []
    while True:
        page = await call(stub.ListNotices, asked)
        seen += [notice.subject for notice in page.notices]
        if not (cursor := page.next_cursor):
            break
        asked.page.cursor = cursor
    assert len(seen) == len(set(seen)) == 5
    for by in ("stf_1", "stf_2"):
        answer = await call(stub.SeeNotice, notices_pb2.SeeNoticeRequest(id=page.notices[0].id, by=by))
        assert (answer.notice.open, answer.notice.seen_by) == (False, "stf_1")
    left = await call(stub.ListNotices, notices_pb2.ListNoticesRequest(open=True))
    assert len(left.notices) == 4
    with pytest.raises(NotFound):
        await call(stub.SeeNotice, notices_pb2.SeeNoticeRequest(id="ntc_none", by="stf_1"))
