"""This is where it is tried that the catalogue is fast, and never older than a second."""

import asyncio
import json
import time
from typing import Any

import pytest
from shop.catalog.v1.events_pb2 import AvailabilityChanged, PriceChanged, ProductChanged
from shop.catalog.v1.products_pb2 import ProductCard, SearchProductsResponse
from shop.type.v1.money_pb2 import Money

from gateway.shelf import FRESH_S, Shelf, coding_for
from services.kit.errors import NotFound, Unavailable
from tests.gateway.gate import Gate
from tests.house import House


def listed(minor: int = 900, count: int = 20) -> SearchProductsResponse:
    price = Money(currency="CNY", minor=minor)
    return SearchProductsResponse(items=[ProductCard(id=f"prd_{n}", sku=f"S{n}", price=price) for n in range(count)])


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


async def test_what_was_asked_a_moment_ago_is_not_asked_again(gate: Gate) -> None:
    gate.fakes["catalog"].script["SearchProducts"] = lambda _: listed()
    answers = [await gate.call("GET", "/v1/products?q=mug&limit=20") for _ in range(5)]
    assert len(gate.fakes["catalog"].asked["SearchProducts"]) == 1
    assert len({json.dumps(answer.body) for answer in answers}) == 1
    assert len({answer.headers["x-request-id"] for answer in answers}) == 5


async def test_one_question_asked_in_two_ways_is_one_question(gate: Gate) -> None:
    for query in ("q=mug&limit=20", "limit=20&q=mug", "q=++mug+", "q=mug&utm=1"):
        await gate.call("GET", f"/v1/products?{query}")
    assert len(gate.fakes["catalog"].asked["SearchProducts"]) == 1
    await gate.call("GET", "/v1/products?q=mug&limit=21")
    assert len(gate.fakes["catalog"].asked["SearchProducts"]) == 2


@pytest.mark.parametrize("event", [PriceChanged(), ProductChanged(), AvailabilityChanged()])
async def test_a_change_is_seen_at_once(gate: Gate, long_house: House, event: Any) -> None:
    catalog = gate.fakes["catalog"]
    catalog.script["SearchProducts"] = lambda _: listed(900)
    assert (await gate.call("GET", "/v1/products")).body["items"][0]["price"]["minor"] == 900
    catalog.script["SearchProducts"] = lambda _: listed(1200)
    told = time.monotonic()
    await long_house.tell(event)
    while (await gate.call("GET", "/v1/products")).body["items"][0]["price"]["minor"] != 1200:
        assert time.monotonic() - told < 0.5
    assert time.monotonic() - told < 0.5


async def test_a_change_nobody_told_of_is_seen_within_a_second() -> None:
    now, price = Now(), [900]

    async def fetch() -> tuple[bytes, str]:
        return str(price[0]).encode(), ""

    shelf = Shelf(now)
    await shelf.get("k", b"t", fetch)
    price[0] = 1200
    assert shelf.ready(b"t") is not None
    now.at += FRESH_S
    assert FRESH_S < 1
    assert shelf.ready(b"t") is None
    assert (await shelf.get("k", b"t", fetch))[0].body == b"1200"


async def test_who_asks_after_a_change_is_not_given_what_was_fetched_before_it() -> None:
    shelf, gates = Shelf(), [asyncio.Event(), asyncio.Event()]
    answers = [b"old", b"new"]
    begun: list[int] = []

    async def fetch() -> tuple[bytes, str]:
        number = len(begun)
        begun.append(number)
        await gates[number].wait()
        return answers[number], ""

    first = asyncio.create_task(shelf.get("k", b"t", fetch))
    while not begun:
        await asyncio.sleep(0)
    shelf.drop()
    second = asyncio.create_task(shelf.get("k", b"t", fetch))
    while len(begun) < 2:
        await asyncio.sleep(0)
    gates[1].set()
    assert (await second)[0].body == b"new"
    gates[0].set()
    await first
    kept = shelf.ready(b"t")
    assert kept is not None
    assert kept.body == b"new"


async def test_a_hundred_who_ask_at_once_cost_one_question(gate: Gate) -> None:
    async def slow(_: Any) -> Any:
        await asyncio.sleep(0.05)
        return listed()

    gate.fakes["catalog"].script["SearchProducts"] = slow
    answers = await asyncio.gather(*(gate.call("GET", "/v1/products?q=rush") for _ in range(100)))
    assert {answer.status for answer in answers} == {200}
    assert len(gate.fakes["catalog"].asked["SearchProducts"]) == 1


async def test_while_catalog_is_away_the_last_answer_is_shown_with_its_age(gate: Gate) -> None:
    gate.fakes["catalog"].script["SearchProducts"] = lambda _: listed()
    await gate.call("GET", "/v1/products?q=stale")
    gate.gateway.shelf.drop()
    gate.refuses("catalog", "SearchProducts", Unavailable("away"))
    answer = await gate.call("GET", "/v1/products?q=stale")
    assert answer.status == 200
    assert int(answer.headers["age"]) >= 1
    assert "110" in answer.headers["warning"]
    unseen = await gate.call("GET", "/v1/products?q=never-seen")
    assert (unseen.status, unseen.headers["retry-after"]) == (503, "1")


async def test_a_product_that_is_gone_is_gone_even_if_it_was_shown_before(gate: Gate) -> None:
    assert (await gate.call("GET", "/v1/products/prd_1")).status == 200
    gate.gateway.shelf.drop()
    gate.refuses("catalog", "GetProduct", NotFound("gone"))
    assert (await gate.call("GET", "/v1/products/prd_1")).status == 404


@pytest.mark.parametrize("path", ["/v1/products", "/v1/products/prd_1", "/v1/categories"])
async def test_what_the_client_has_already_is_not_sent_again(gate: Gate, path: str) -> None:
    first = await gate.call("GET", path)
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    again = await gate.call("GET", path, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert (await gate.call("GET", path, if_none_match='"other"')).status == 200


async def test_the_shelf_is_bounded() -> None:
    shelf = Shelf()

    async def fetch() -> tuple[bytes, str]:
        return b"x" * 40_000, ""

    for number in range(3_000):
        await shelf.get(f"k{number}", f"t{number}".encode(), fetch)
    assert shelf._bytes <= 32 * 1024 * 1024
    assert len(shelf._kept) <= 2_048
    assert len(shelf._alias) <= 4_096


async def test_staff_see_drafts_and_the_shelf_never_shows_them_to_anybody_else(gate: Gate) -> None:
    await gate.call("GET", "/v1/products/prd_1", token=gate.staff("goods"))
    await gate.call("GET", "/v1/products/prd_1")
    assert [row.staff for row in gate.fakes["catalog"].asked["GetProduct"]] == [True, False]
    assert "cost" in str((await gate.call("GET", "/v1/products/prd_1", token=gate.staff("goods"))).body)


@pytest.mark.parametrize(
    ("asked", "coding"),
    [("gzip, deflate, br", "gzip"), ("zstd, gzip", "zstd"), ("gzip;q=0", ""), ("identity", ""), ("", ""), ("br", "")],
)
def test_the_coding_is_one_the_client_takes(asked: str, coding: str) -> None:
    assert coding_for(asked, 5_000) == coding
    assert coding_for(asked, 500) == ""
