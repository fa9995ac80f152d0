"""This is where the index is held to be what MongoDB has: at once for what this replica wrote, soon for what others did."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
from pymongo.errors import AutoReconnect
from shop.catalog.v1 import products_pb2

from services.catalog.content import Product
from services.catalog.search.asking import Filters, Sort, Word
from services.catalog.search.keeping import IndexBuilding, Keeper
from services.catalog.search.store import Feed
from services.catalog.store import Table
from services.kit.rpc import call
from services.kit.store import Document
from tests.catalog.counter import Counter, cells


def _table(counter: Counter) -> Table[Product]:
    ground = counter.started.ground
    return Table(ground.database, "products", Product, ground.relay, (), ground.turnstile)


class Disturbed(Feed):
    """A feed in whose reading something happens: `before` it, or `after` it."""

    before: Callable[[Sequence[str]], Awaitable[None]] | None = None
    after: Callable[[], Awaitable[None]] | None = None

    async def some(self, keys: Sequence[str]) -> dict[str, Document]:
        """Those of these ids, disturbed."""
        if self.before:
            await self.before(keys)
        read = await super().some(keys)
        if self.after:
            await self.after()
        return read


async def _everything(keeper: Keeper) -> set[str]:
    return set((await keeper.index()).find([], Filters(), Sort.NEWEST, None, 1_000).ids)


async def _live(counter: Counter) -> set[str]:
    return {each["_id"] async for each in counter.database["products"].find({"state": "live"}).sort("_id", 1)}


async def test_another_replica_sees_what_this_one_writes_soon(counter: Counter) -> None:
    await counter.sell("A", "B")
    other = Keeper(Feed(_table(counter)))
    await other.look()
    assert await _everything(other) == await _live(counter)
    await counter.sell("C", title="Blue teapot")
    gone = (await counter.search(q="B")).items[0].id
    move = products_pb2.MoveListingRequest(id=gone, move=products_pb2.LISTING_MOVE_DELIST, by="stf")
    await call(counter.products.MoveListing, move)
    async with asyncio.timeout(5):
        while await _everything(other) != await _live(counter):
            await other.look()
    assert len(await _live(counter)) == 2
    await other.close()


async def test_what_this_replica_wrote_is_found_at_once(counter: Counter) -> None:
    for n in range(20):
        await counter.sell(f"S{n}", title=f"unheard{n}")
        assert [item.sku for item in (await counter.search(q=f"unheard{n}")).items] == [f"S{n}"]
    change = products_pb2.UpdateProductRequest(id=(await counter.search(q="unheard3")).items[0].id, by="stf")
    change.patch = b'{"title":"unseen"}'
    await call(counter.products.UpdateProduct, change)
    assert (await counter.search(q="unheard3")).total == 0
    assert (await counter.search(q="unseen")).total == 1


async def test_an_index_made_anew_is_the_one_that_was_followed(counter: Counter) -> None:
    followed = Keeper(Feed(_table(counter)))
    await followed.look()
    for n in range(6):
        await counter.sell(*(f"S{n}-{k}" for k in range(5)), title=f"Thing {n}")
        await counter.take_in(cells(f"S{n}-0", title=f"Other {n}"))
    async with asyncio.timeout(5):
        while await _everything(followed) != await _live(counter):
            await followed.look()
    anew = Keeper(Feed(_table(counter)))
    await anew.look()
    indexes = [await keeper.index() for keeper in (followed, anew)]
    pages = [index.find([], Filters(), Sort.PRICE_ASC, None, 100) for index in indexes]
    assert pages[0] == pages[1]
    assert indexes[0].count([], Filters()) == indexes[1].count([], Filters())
    for keeper in (followed, anew):
        await keeper.close()


async def test_what_is_written_while_a_look_reads_is_found_at_once(counter: Counter) -> None:
    await counter.sell("A", title="Blue teapot")
    product = (await counter.search(q="teapot")).items[0].id
    feed = Disturbed(_table(counter))
    keeper = Keeper(feed)
    await keeper.look()

    async def overtaken() -> None:
        feed.after = None
        await counter.take_in(cells("A", title="Green kettle"))
        keeper.wrote(product)

    async def green() -> list[str]:
        return (await keeper.index()).find([Word("green", (("green",),))], Filters(), Sort.NEWEST, None, 1).ids

    await counter.take_in(cells("A", title="Red teapot"))
    feed.after = overtaken
    async with asyncio.timeout(5):
        while feed.after is overtaken:
            await keeper.look()
    assert await green() == [product]
    await keeper.close()


async def test_who_searches_while_a_look_takes_what_was_written_waits_for_it(counter: Counter) -> None:
    feed = Disturbed(_table(counter))
    keeper = Keeper(feed)
    await keeper.look()
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_keys: Sequence[str]) -> None:
        reading.set()
        await go_on.wait()

    async def look_until_it_reads() -> None:
        while not reading.is_set():
            await keeper.look()

    await counter.sell("A")
    keeper.wrote((await counter.search(q="A")).items[0].id)
    feed.before = slow
    looking = asyncio.create_task(look_until_it_reads())
    await asyncio.wait_for(reading.wait(), 5)
    searching = asyncio.create_task(_everything(keeper))
    await asyncio.sleep(0)
    go_on.set()
    assert await searching == await _live(counter)
    await looking
    await keeper.close()


async def test_what_could_not_be_read_is_read_later(counter: Counter) -> None:
    feed = Disturbed(_table(counter))
    keeper = Keeper(feed)
    await keeper.look()

    async def away(keys: Sequence[str]) -> None:
        feed.before = None
        raise AutoReconnect(str(keys))

    async def until_it_fails() -> None:
        while True:
            await keeper.look()

    await counter.sell("A")
    feed.before = away
    with pytest.raises(AutoReconnect):
        await asyncio.wait_for(until_it_fails(), 5)
    assert await _everything(keeper) == await _live(counter)
    await keeper.close()


class Slow:
    """A feed that never comes to its end."""

    async def begin(self) -> None:
        """Begins."""

    async def everything(self) -> AsyncIterator[list[Document]]:
        await asyncio.Event().wait()
        yield []


async def test_who_searches_while_it_is_made_is_asked_to_come_again() -> None:
    keeper = Keeper(Slow())  # type: ignore[arg-type]
    building = asyncio.create_task(keeper.look())
    with pytest.raises(IndexBuilding):
        await keeper.index()
    building.cancel()


async def test_nobody_who_searches_waits_for_all_of_a_large_file(counter: Counter) -> None:
    await counter.sell("A")
    feed = Disturbed(_table(counter))
    asked: list[int] = []

    async def counted(keys: Sequence[str]) -> None:
        asked.append(len(keys))

    feed.before = counted
    keeper = Keeper(feed)
    await keeper.look()
    asked.clear()
    for n in range(2_500):
        keeper.wrote(f"prd_{n}")
    assert await _everything(keeper) == await _live(counter)
    assert asked == [1_000]
    await counter.sell("B")
    keeper.wrote((await counter.search(q="B")).items[0].id)
    async with asyncio.timeout(5):
        while len(await _everything(keeper)) < 2:
            await keeper.look()
    await keeper.close()
