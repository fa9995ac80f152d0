"""This is where the front page, pages, the profile and scarcity are kept and shown, on a real database."""

from datetime import timedelta
from typing import Any

import pytest
from shop.catalog.v1 import (
    media_pb2,
    media_pb2_grpc,
    pages_pb2,
    pages_pb2_grpc,
    products_pb2,
    scarcity_pb2,
    scarcity_pb2_grpc,
    store_pb2,
    store_pb2_grpc,
    storefront_pb2,
    storefront_pb2_grpc,
)
from shop.orders.v1.events_pb2 import OrderedLine, OrderPaid

from services.catalog.baskets import Basket, Baskets, SkuDay
from services.catalog.store import BASKETS, DAYS, Table
from services.kit.clock import rfc3339
from services.kit.errors import Conflict, Invalid, NotFound, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cny, reasons
from tests.catalog.media.drawing import goods, packed

Module = storefront_pb2.Module


class Window:
    """The storefront's doors."""

    def __init__(self, counter: Counter) -> None:
        self.counter, channel = counter, counter.started.channel
        self.pages = pages_pb2_grpc.PagesServiceStub(channel)
        self.scarcity = scarcity_pb2_grpc.ScarcityServiceStub(channel)
        self.stores = store_pb2_grpc.StoreServiceStub(channel)
        self.front = storefront_pb2_grpc.StorefrontServiceStub(channel)
        self.media = media_pb2_grpc.MediaServiceStub(channel)

    async def picture(self, seed: int = 1, purpose: str = "detail") -> str:
        request = media_pb2.UploadMediaRequest(content=packed(goods(100, seed=seed)), purpose=purpose, by="stf")
        return (await call(self.media.UploadMedia, request, timeout_s=20)).media.id

    async def product(self, sku: str) -> products_pb2.Product:
        request = products_pb2.GetProductRequest(id=sku, staff=True)
        return (await call(self.counter.products.GetProduct, request)).product

    async def put_page(self, product: str, *sections: pages_pb2.PageSection, version: int = 0) -> Any:
        request = pages_pb2.PutPageRequest(product_id=product, sections=sections, if_version=version, by="stf")
        return (await call(self.pages.PutPage, request)).page

    async def page(self, product: str, staff: bool = False) -> pages_pb2.ProductPage:
        return (await call(self.pages.GetPage, pages_pb2.GetPageRequest(product_id=product, staff=staff))).page

    async def put(self, *modules: Module, version: int = 0) -> int:
        request = storefront_pb2.PutModulesRequest(modules=modules, if_version=version, by="stf")
        return (await call(self.front.PutModules, request)).version

    async def shown(self) -> dict[str, list[str]]:
        """SKUs by module, in order."""
        answered = await call(self.front.GetStorefront, storefront_pb2.GetStorefrontRequest())
        return {each.module.id: [item.sku for item in each.items] for each in answered.modules}

    async def scarce(self, sku: str) -> scarcity_pb2.GetScarcityResponse:
        return await call(self.scarcity.GetScarcity, scarcity_pb2.GetScarcityRequest(product_id=sku))

    async def buy(self, order: str, sku: str, units: int) -> None:
        """Tells that an order was paid, and waits until its day counts it."""
        product, now = (await self.product(sku)).id, rfc3339(self.counter.house.clock.now())
        line = OrderedLine(sku=sku, product_id=product, quantity=units, unit_price=cny(900), paid=cny(900 * units))
        event = OrderPaid(order_id=order, placed_at=now, paid_at=now, lines=[line])
        event.goods.CopyFrom(cny(900 * units))
        await self.counter.house.tell(event)
        await self.counter.house.settled()
        await _counted(self.counter)


async def _counted(counter: Counter) -> None:
    ground = counter.started.ground
    baskets = Table(ground.database, "baskets", Basket, ground.relay, BASKETS, ground.turnstile)
    await Baskets(baskets, Table(ground.database, "days", SkuDay, ground.relay, DAYS, ground.turnstile)).count()


@pytest.fixture
async def window(counter: Counter) -> Window:
    """A running catalog's storefront with nothing in it."""
    return Window(counter)


async def test_a_new_shop_shows_bestsellers_and_new_arrivals_of_what_is_on_sale(window: Window) -> None:
    assert await window.shown() == {}  # nothing to show is not shown
    await window.counter.sell("A", "B")
    assert {name: set(skus) for name, skus in (await window.shown()).items()} == {"new-arrivals": {"A", "B"}}


async def test_modules_are_shown_in_order_and_time_with_live_products(window: Window) -> None:
    await window.counter.sell("A", "B", "C")
    await window.counter.take_in(
        {"sku": "D", "title": "D", "category": "Other", "price_minor": "900", "cost_minor": "1", "currency": "CNY",
         "weight_g": "1", "stock": "1"}
    )  # fmt: skip
    ids = {sku: (await window.product(sku)).id for sku in "ABCD"}
    await window.counter.database["products"].update_one({"_id": ids["B"]}, {"$set": {"sales": 9}})
    picture, clock = await window.picture(), window.counter.house.clock
    tomorrow = rfc3339(clock.now() + timedelta(days=1))
    await window.put(
        Module(id="top", kind="hero", title="Warm tea", media_id=picture),
        Module(id="now", kind="poster", media_id=picture, valid_until=tomorrow),
        Module(id="later", kind="poster", media_id=picture, valid_from=tomorrow),
        Module(id="best", kind="bestsellers"),
        Module(id="home", kind="shelf", category="home-garden", limit=2),
        Module(id="ours", kind="picks", product_ids=[ids["C"], ids["D"], ids["A"]]),
        Module(id="soon", kind="countdown", promotion_id="prm_1"),
    )
    shown = await window.shown()
    assert list(shown) == ["top", "now", "best", "home", "ours", "soon"]
    assert (shown["best"], shown["ours"]) == (["B"], ["C", "D", "A"])
    assert shown["home"][0] == "B" and len(shown["home"]) == 2
    off = products_pb2.MoveListingRequest(id=ids["D"], move=products_pb2.LISTING_MOVE_DELIST, by="stf")
    await call(window.counter.products.MoveListing, off)
    clock.advance(days=1)
    shown = await window.shown()
    assert (shown["ours"], "now" in shown, "later" in shown) == (["C", "A"], False, True)


async def test_modules_that_name_what_is_not_there_are_refused(window: Window) -> None:
    evidence = await window.picture(purpose="evidence")
    for module, pointer in (
        (Module(id="a", kind="shelf", category="nowhere"), "/modules/0/category"),
        (Module(id="a", kind="poster", media_id="med_nowhere"), "/modules/0/media_id"),
        (Module(id="a", kind="poster", media_id=evidence), "/modules/0/media_id"),
        (Module(id="a", kind="carousel"), "/modules/0/kind"),
    ):
        with pytest.raises(Invalid) as refused:
            await window.put(module)
        assert (refused.value.reason, refused.value.errors[0].pointer) == ("INVALID_MODULES", pointer)


async def test_twenty_who_set_it_up_at_once_lose_nobodys_work(window: Window) -> None:
    version = await window.put(Module(id="a", kind="new_arrivals"))
    tries = [window.put(Module(id=f"m{n}", kind="new_arrivals"), version=version) for n in range(20)]
    answers = await all_at_once(*tries)
    assert reasons(answers) == ["VERSION_MISMATCH"] * 19


async def test_a_picture_that_is_shown_is_not_thrown_away(window: Window) -> None:
    await window.counter.sell("A")
    keys = [await window.picture(seed) for seed in range(3)]
    await window.put(Module(id="a", kind="poster", media_id=keys[0]))
    await window.put_page((await window.product("A")).id, pages_pb2.PageSection(kind="solution", media_ids=[keys[1]]))
    await call(window.stores.PutStore, store_pb2.PutStoreRequest(store=_store(logo=keys[2]), by="stf"))
    for key in keys:
        with pytest.raises(WrongState) as refused:
            await call(window.media.DeleteMedia, media_pb2.DeleteMediaRequest(id=key))
        assert refused.value.reason == "MEDIA_IN_USE"


async def test_a_page_is_drafted_written_and_filled_for_customers(window: Window) -> None:
    await window.counter.sell("A", description="Keeps tea warm.")
    product = (await window.product("A")).id
    with pytest.raises(NotFound) as refused:
        await window.page(product)
    assert refused.value.reason == "PAGE_NOT_FOUND"
    drafted = await call(window.pages.DraftPage, pages_pb2.DraftPageRequest(product_id=product, language="en"))
    assert "endorsement" in drafted.missing and drafted.storyboard[0].seconds == 3
    await window.buy("ord_1", "A", 3)
    drafted = await call(window.pages.DraftPage, pages_pb2.DraftPageRequest(product_id=product, language="en"))
    assert "endorsement" not in drafted.missing
    kept = await window.put_page(product, *drafted.sections)
    assert (kept.version, kept.sold.units, kept.sold.orders) == (1, 3, 1)
    public, written = await window.page(product), await window.page(product, staff=True)
    assert "1 orders took 3 of them" in "".join(section.text for section in public.sections)
    assert "{sold_units}" in "".join(section.text for section in written.sections)
    with pytest.raises(Conflict):
        await window.put_page(product, version=7)
    for wrong in (
        pages_pb2.PageSection(kind="endorsement", text="98 % love it"),
        pages_pb2.PageSection(kind="solution", media_ids=["med_nowhere"]),
        pages_pb2.PageSection(kind="poem"),
    ):
        with pytest.raises(Invalid) as faulty:
            await window.put_page(product, wrong)
        assert faulty.value.reason == "INVALID_PAGE_CONTENT"


async def test_a_page_of_what_is_not_on_sale_is_for_staff(window: Window) -> None:
    await window.counter.take_in(
        {"sku": "A", "title": "A", "category": "Other", "price_minor": "900", "cost_minor": "1", "currency": "CNY",
         "weight_g": "1", "stock": "1"},
        publish=False,
    )  # fmt: skip
    product = (await window.product("A")).id
    await window.put_page(product, pages_pb2.PageSection(kind="solution", text="x"))
    assert (await window.page(product, staff=True)).sections[0].text == "x"
    with pytest.raises(NotFound):
        await window.page(product)


async def test_scarce_is_what_runs_out_with_what_was_really_paid(window: Window) -> None:
    await window.counter.sell("A", stock=60)
    assert list((await window.scarce("A")).remarks) == []
    await window.buy("ord_1", "A", 4)
    await window.buy("ord_2", "A", 6)
    await window.counter.receive("A", -10, reason="damage", request_id="r1")
    found = await window.scarce("A")
    assert (found.available, found.sold.units, found.sold.orders) == (50, 10, 2)
    assert [remark.zh for remark in found.remarks] == ["仅剩 50 件", "近 30 天已付款 10 件，还剩 50 件"]
    window.counter.house.clock.advance(days=30)  # what was sold is not lately any more
    assert [remark.kind for remark in (await window.scarce("A")).remarks] == ["few_left"]
    with pytest.raises(NotFound):
        await window.scarce("B")


def _store(**more: Any) -> store_pb2.Store:
    hours = [
        store_pb2.Weekday(weekday=day, spans=[store_pb2.Span(opens="00:00", closes="24:00")]) for day in range(1, 8)
    ]
    usual: dict[str, Any] = {"name": "Shop", "place": store_pb2.Place(country="CN"), "time_zone": "Asia/Shanghai"}
    return store_pb2.Store(**(usual | {"hours": hours} | more))


async def test_the_profile_is_written_over_what_was_read_and_says_whether_it_is_open(window: Window) -> None:
    with pytest.raises(NotFound) as refused:
        await call(window.stores.GetStore, store_pb2.GetStoreRequest())
    assert refused.value.reason == "STORE_NOT_FOUND"
    logo = await window.picture()
    today = window.counter.house.clock.now() + timedelta(hours=8)
    kept = await call(window.stores.PutStore, store_pb2.PutStoreRequest(store=_store(logo=logo), by="stf"))
    assert (kept.store.open_now, kept.store.version, kept.store.logo) == (True, 1, logo)
    closed = _store(holidays=[store_pb2.Holiday(day=today.date().isoformat(), name="Inventory")])
    again = store_pb2.PutStoreRequest(store=closed, if_version=1, by="stf")
    assert not (await call(window.stores.PutStore, again)).store.open_now
    with pytest.raises(Conflict):
        await call(window.stores.PutStore, again)


async def test_what_is_wrong_with_a_profile_is_all_told_at_once(window: Window) -> None:
    wrong = _store(name="", phone="call me", time_zone="Mars/Base", logo="med_nowhere")
    wrong.hours.add(weekday=1)
    wrong.holidays.add(day="2026-02-30")
    with pytest.raises(Invalid) as refused:
        await call(window.stores.PutStore, store_pb2.PutStoreRequest(store=wrong, by="stf"))
    assert refused.value.reason == "INVALID_STORE"
    pointers = {error.pointer for error in refused.value.errors}
    assert pointers == {"/name", "/phone", "/time_zone", "/hours", "/holidays/0/day", "/logo"}
