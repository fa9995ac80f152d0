"""This is where a listing is taken off sale because something is against it."""

import pytest
from shop.catalog.v1 import notices_pb2, notices_pb2_grpc
from shop.catalog.v1 import products_pb2 as pb

from services.catalog import service
from services.catalog.core import Core
from services.catalog.takedowns import Takedowns
from services.kit.errors import NotFound
from services.kit.rpc import call
from services.kit.service import Ground, Service
from services.kit.settings import Settings
from tests.catalog.counter import Counter, all_at_once
from tests.catalog.test_products import show, step
from tests.house import House

WHY = ("NOT_NICE", "it is not nice", "不好看", "somebody")


@pytest.fixture
async def cores(monkeypatch: pytest.MonkeyPatch) -> list[Core]:
    """What a wing is given when catalog starts."""
    given: list[Core] = []

    def wing(_ground: Ground[Settings], core: Core) -> Service:
        given.append(core)
        return Service(answers=[])

    monkeypatch.setattr(service, "WINGS", (wing,))
    return given


@pytest.fixture
async def shop(cores: list[Core], house: House) -> tuple[Counter, Takedowns]:
    """A running catalog, and who takes listings down there."""
    counter = Counter(house, await house.start("catalog"))
    return counter, cores[0].takedowns


async def notices(counter: Counter) -> list[notices_pb2.Notice]:
    """What staff are told."""
    stub = notices_pb2_grpc.NoticesServiceStub(counter.started.channel)
    return list((await call(stub.ListNotices, notices_pb2.ListNoticesRequest())).notices)


async def test_it_is_off_sale_and_staff_are_told_why_once(shop: tuple[Counter, Takedowns]) -> None:
    counter, takedowns = shop
    await counter.sell("A")
    product = await show(counter, "A")
    took = await all_at_once(*(takedowns.take_down(product.id, *WHY) for _ in range(10)))
    assert sorted(took) == [False] * 9 + [True]
    with pytest.raises(NotFound):
        await show(counter, "A")
    down = await show(counter, "A", staff=True)
    assert (down.state, down.taken_down.code) == (pb.LISTING_STATE_DELISTED, "NOT_NICE")
    assert (down.taken_down.en, down.taken_down.zh, down.taken_down.by) == WHY[1:]
    (told,) = await notices(counter)
    assert (told.kind, told.subject) == ("listing_taken_down", product.id)
    assert told.en == "'Thing A' was taken off sale: it is not nice"
    assert told.zh == "“Thing A”已下架：不好看"


async def test_on_sale_again_it_is_forgotten_and_can_be_taken_down_anew(shop: tuple[Counter, Takedowns]) -> None:
    counter, takedowns = shop
    await counter.sell("A")
    product = await show(counter, "A")
    assert await takedowns.take_down(product.id, *WHY)
    counter.house.clock.advance(seconds=1)
    assert not (await step(counter, product.id, "publish")).taken_down.code
    assert await takedowns.take_down(product.id, *WHY)
    assert len(await notices(counter)) == 2
    await counter.sell("A")  # a row of a file puts it on sale, too
    assert not (await show(counter, "A", staff=True)).taken_down.code


async def test_what_was_mended_since_it_was_looked_at_stays_on_sale(shop: tuple[Counter, Takedowns]) -> None:
    counter, takedowns = shop
    await counter.sell("A")
    product = await show(counter, "A")
    assert not await takedowns.take_down(product.id, *WHY, seen=product.version + 1)
    assert (await show(counter, "A")).version == product.version
    assert await takedowns.take_down(product.id, *WHY, seen=product.version)


async def test_a_notice_that_a_crash_left_unsaid_is_said_by_the_next_call(shop: tuple[Counter, Takedowns]) -> None:
    counter, takedowns = shop
    await counter.sell("A")
    product = await show(counter, "A")
    await takedowns.take_down(product.id, *WHY)
    await counter.database["notices"].delete_many({"_id": {"$gt": ""}})
    assert not await takedowns.take_down(product.id, *WHY)
    assert len(await notices(counter)) == 1
    with pytest.raises(NotFound):
        await takedowns.take_down("prd_none", *WHY)
