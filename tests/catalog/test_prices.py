"""This is where prices change, and are remembered."""

import pytest
from shop.catalog.v1.events_pb2 import PriceChanged
from shop.catalog.v1.prices_pb2 import GetPriceHistoryRequest, QuoteSkusRequest, SetPriceRequest
from shop.catalog.v1.products_pb2 import GetProductRequest
from shop.type.v1.money_pb2 import Money

from services.kit.errors import Conflict, Invalid, NotFound
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cny, reasons


async def test_a_new_price_is_everywhere_at_once_and_the_old_one_in_the_history(counter: Counter) -> None:
    await counter.sell("A")
    before = (await call(counter.products.GetProduct, GetProductRequest(id="A"))).product
    request = SetPriceRequest(sku="A", price=cny(990), if_version=1, reason="season", by="stf_1")
    entry = (await call(counter.prices.SetPrice, request)).entry
    assert (entry.version, entry.price.minor, entry.reason, entry.by) == (2, 990, "season", "stf_1")
    history = (await call(counter.prices.GetPriceHistory, GetPriceHistoryRequest(sku=before.id))).entries
    assert [(each.version, each.price.minor) for each in history] == [(2, 990), (1, 900)]
    after = (await call(counter.products.GetProduct, GetProductRequest(id="A"))).product
    assert after.variants[0].price.minor == 990
    assert after.version > before.version
    assert (await counter.search()).items[0].price.minor == 990
    (quote,) = (await call(counter.prices.QuoteSkus, QuoteSkusRequest(skus=["A", "A", "NOWHERE", "\x00"]))).quotes
    assert (quote.price.minor, quote.cost.minor, quote.available, quote.live) == (990, 400, 10, True)
    await counter.house.settled()
    (told,) = counter.house.told(PriceChanged)
    assert (told.sku, told.old_price.minor, told.new_price.minor, told.product_id) == ("A", 900, 990, before.id)


async def test_of_twenty_editors_who_saw_one_price_one_sets_it(counter: Counter) -> None:
    await counter.sell("A")
    tries = (SetPriceRequest(sku="A", price=cny(1000 + n), if_version=1, by="stf") for n in range(20))
    answers = await all_at_once(*(call(counter.prices.SetPrice, each, timeout_s=20) for each in tries))
    assert reasons(answers) == ["VERSION_MISMATCH"] * 19
    history = (await call(counter.prices.GetPriceHistory, GetPriceHistoryRequest(sku="A"))).entries
    assert len(history) == 2
    await counter.house.settled()
    assert len(counter.house.told(PriceChanged)) == 1


async def test_a_price_set_amid_purchases_is_set_and_nothing_is_lost(counter: Counter) -> None:
    await counter.sell("A", stock=40)
    buyers = (counter.hold(f"ord_{n}", {"A": 1}) for n in range(40))
    setter = call(counter.prices.SetPrice, SetPriceRequest(sku="A", price=cny(950), by="stf"), timeout_s=20)
    answers = await all_at_once(*buyers, setter)
    assert set(reasons(answers)) <= {"PRICE_CHANGED"}
    _, held, available = await counter.there("A")
    assert held == 40 - len(reasons(answers))
    assert held + available == 40
    await counter.check()


async def test_gifts_cost_nothing_but_no_price_is_negative_or_foreign(counter: Counter) -> None:
    await counter.sell("A", cost_minor=0)
    await call(counter.prices.SetPrice, SetPriceRequest(sku="A", price=cny(0), by="stf"))
    for price in (cny(-1), cny(10**15), Money(currency="EUR", minor=1), Money(minor=1)):
        with pytest.raises(Invalid) as refused:
            await call(counter.prices.SetPrice, SetPriceRequest(sku="A", price=price, by="stf"))
        assert refused.value.reason == "INVALID_PRICE"
        assert refused.value.errors


async def test_what_is_not_there_has_no_price(counter: Counter) -> None:
    with pytest.raises(NotFound):
        await call(counter.prices.SetPrice, SetPriceRequest(sku="A", price=cny(1)))
    for sku in ("A", "prd_nothing", "", "\x00"):
        with pytest.raises(NotFound) as missing:
            await call(counter.prices.GetPriceHistory, GetPriceHistoryRequest(sku=sku))
        assert missing.value.reason == "SKU_NOT_FOUND"


async def test_without_a_version_the_last_editor_wins(counter: Counter) -> None:
    await counter.sell("A")
    tries = (SetPriceRequest(sku="A", price=cny(1000 + n), by="stf") for n in range(3))
    answers = await all_at_once(*(call(counter.prices.SetPrice, each, timeout_s=20) for each in tries))
    assert not [each for each in answers if isinstance(each, Conflict)]
    history = (await call(counter.prices.GetPriceHistory, GetPriceHistoryRequest(sku="A"))).entries
    assert [each.version for each in history] == [4, 3, 2, 1]
