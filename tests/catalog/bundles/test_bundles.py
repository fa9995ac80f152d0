"""This is where SKUs are made bundles, shown, and follow their parts."""

from typing import Any

import pytest
from shop.catalog.v1 import bundles_pb2 as pb
from shop.catalog.v1 import prices_pb2
from shop.catalog.v1.events_pb2 import AvailabilityChanged

from services.kit.errors import Conflict, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.catalog.bundles.sets import bundle, put, seen, sell, stub
from tests.catalog.counter import Counter, all_at_once, cells, reasons


async def test_a_bundle_is_as_many_as_its_scarcest_part_allows(counter: Counter) -> None:
    await sell(counter, "A", stock=10)
    await sell(counter, "B", stock=3, price_minor=2000, cost_minor=1100)
    made = await bundle(counter, "SET", {"B": 1, "A": 2}, price_minor=3000, cost_minor=1)
    assert [(part.sku, part.quantity, part.available) for part in made.parts] == [("A", 2, 10), ("B", 1, 3)]
    assert (made.apart.minor, made.saving.minor, made.cost.minor, made.available) == (3800, 800, 1200, 3)
    assert await counter.there("SET") == ({"main": 3}, 0, 3)
    (quote,) = (await call(counter.prices.QuoteSkus, prices_pb2.QuoteSkusRequest(skus=["SET"]))).quotes
    assert (quote.available, quote.cost.minor, quote.price.minor) == (3, 1200, 3000)
    await counter.house.settled()
    (card,) = [card for card in (await counter.search(in_stock=True)).items if card.sku == "SET"]
    assert card.available == 3
    answered: Any = await call(stub(counter).ShowBundles, pb.ShowBundlesRequest(product_id="SET"))
    (shown,) = answered.bundles
    assert not shown.HasField("cost")
    await counter.check()


async def test_what_is_no_bundle_cannot_be_made_one(counter: Counter) -> None:
    await sell(counter, "A", "B", "STOCKED")
    await bundle(counter, "SET", {"A": 1, "B": 1})
    await sell(counter, "NEW", stock=0)
    for sku, parts, reason in (
        ("STOCKED", {"A": 1, "B": 1}, "BUNDLE_IN_USE"),
        ("NEW", {"A": 1}, "INVALID_BUNDLE"),
        ("NEW", {"A": 1, "NOWHERE": 1}, "INVALID_BUNDLE"),
        ("NEW", {"A": 1, "SET": 1}, "INVALID_BUNDLE"),
        ("NEW", {"A": 1, "NEW": 1}, "INVALID_BUNDLE"),
        ("NEW", {"A": 1, "B": 0}, "INVALID_BUNDLE"),
        ("A", {"NEW": 1, "B": 1}, "BUNDLE_IN_USE"),
        ("NOWHERE", {"A": 1, "B": 1}, "SKU_NOT_FOUND"),
    ):
        with pytest.raises(Refused) as refused:
            await put(counter, sku, parts)
        assert refused.value.reason == reason, (sku, parts)
    with pytest.raises(NotFound) as none:
        await seen(counter, "A")
    assert none.value.reason == "BUNDLE_NOT_FOUND"
    with pytest.raises(Conflict):
        await put(counter, "NEW", {"A": 1, "B": 1}, if_version=99)


async def test_two_that_would_be_parts_of_each_other_are_not_both_made(counter: Counter) -> None:
    await sell(counter, "A")
    await sell(counter, "X", "Y", stock=0)
    answers = await all_at_once(put(counter, "X", {"Y": 1, "A": 1}), put(counter, "Y", {"X": 1, "A": 1}))
    assert reasons(answers) == ["INVALID_BUNDLE"]


async def test_a_bundle_on_sale_keeps_the_margin_floor(counter: Counter) -> None:
    await counter.sell("A", "B", cost_minor=400)
    await counter.sell("SET", stock=0, cost_minor=1)
    with pytest.raises(WrongState) as refused:
        await put(counter, "SET", {"A": 1, "B": 1})
    assert (refused.value.reason, refused.value.meta["codes"]) == ("LISTING_REFUSED", "BELOW_MARGIN_FLOOR")


async def test_nothing_is_booked_on_a_bundle(counter: Counter) -> None:
    await sell(counter, "A", "B")
    await bundle(counter, "SET", {"A": 1, "B": 1})
    with pytest.raises(WrongState) as refused:
        await counter.receive("SET", 5)
    assert refused.value.reason == "BUNDLE_HAS_NO_STOCK"
    (answer,) = await counter.take_in(cells("SET", stock=4, cost_minor=50))
    assert [error.column for error in answer.errors] == ["stock"]
    await counter.check()


async def test_a_bundle_is_out_of_stock_when_a_part_is_too_few_and_back_with_it(counter: Counter) -> None:
    await sell(counter, "A", stock=3)
    await sell(counter, "B")
    await bundle(counter, "SET", {"A": 2, "B": 1})
    await counter.house.settled()

    def turns() -> list[bool]:
        return [each.in_stock for each in counter.house.told(AvailabilityChanged) if each.sku == "SET"]

    assert turns() == [True]
    await counter.hold("ord_1", {"A": 2})
    await counter.confirm("ord_1", ("A", "main", 2))  # one is left: the part is in stock, the bundle is not
    await counter.house.settled()
    assert turns() == [True, False]
    await counter.receive("A", 1)
    await counter.house.settled()
    assert turns() == [True, False, True]
    await call(stub(counter).DeleteBundle, pb.DeleteBundleRequest(sku="SET"))
    await counter.house.settled()
    assert turns() == [True, False, True, False]
    assert await counter.receive("SET", 1)


async def test_a_bundle_costs_what_its_parts_cost_now(counter: Counter) -> None:
    await sell(counter, "A", "B")
    await bundle(counter, "SET", {"A": 2, "B": 1}, cost_minor=7)
    await counter.take_in(cells("A", cost_minor=70))
    await counter.house.settled()
    whole = await counter.database["skus"].find_one({"_id": "SET"})
    assert whole
    assert whole["cost"]["minor"] == 2 * 70 + 50
    page = await counter.database["products"].find_one({"_id": whole["product_id"]})
    assert page
    assert page["variants"][0]["cost"]["minor"] == 190
