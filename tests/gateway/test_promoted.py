"""This is where prices shown before the cart are held to what runs: asked for while one can show, dropped when told."""

import asyncio
from typing import Any

import pytest
from shop.catalog.v1.events_pb2 import PriceChanged
from shop.catalog.v1.products_pb2 import ProductCard, SearchProductsResponse
from shop.marketing.v1.events_pb2 import PromotionChanged
from shop.marketing.v1.shown_prices_pb2 import ListShownPricesRequest, ListShownPricesResponse, ShownPrice
from shop.type.v1.money_pb2 import Money

from gateway.promoted import Promoted, item
from services.kit.errors import Unavailable
from tests.gateway.gate import Gate
from tests.house import House

TEA = [item("TEA", "food", Money(currency="CNY", minor=1_000))]
CHEAPER = ListShownPricesResponse(
    prices=[
        ShownPrice(
            sku="TEA",
            price=Money(currency="CNY", minor=800),
            reason="20% off",
            promotion_id="prm_1",
            ends_at="2026-11-30T00:00:00Z",
        )
    ]
)
QUIET = ListShownPricesResponse(quiet=True)


class Marketing:
    """Says what is scripted, and counts how often it was asked."""

    def __init__(self, answer: ListShownPricesResponse) -> None:
        self.answer, self.asked = answer, 0
        self.hold: asyncio.Event | None = None

    async def ListShownPrices(self, request: Any, timeout: float, metadata: Any = None) -> ListShownPricesResponse:
        self.asked += 1
        answer = self.answer
        if self.hold:
            await self.hold.wait()
        return answer


async def test_while_nothing_can_show_marketing_is_asked_once_a_second() -> None:
    now, marketing = [100.0], Marketing(QUIET)
    promoted = Promoted(lambda: now[0])
    for _ in range(50):
        assert await promoted.of(marketing, TEA) == {}
    assert marketing.asked == 1
    now[0] += 1.01
    await promoted.of(marketing, TEA)
    assert marketing.asked == 2


async def test_a_promotion_that_changes_is_asked_about_at_once() -> None:
    marketing = Marketing(QUIET)
    promoted = Promoted(lambda: 100.0)
    await promoted.of(marketing, TEA)
    marketing.answer = CHEAPER
    assert await promoted.of(marketing, TEA) == {}
    promoted.drop()
    shown = (await promoted.of(marketing, TEA))["TEA"]
    assert (shown["price"]["minor"], shown["was"]["minor"], shown["left"]) == (800, 1_000, None)


async def test_silence_asked_for_before_a_change_is_not_believed_after_it() -> None:
    marketing = Marketing(QUIET)
    marketing.hold = asyncio.Event()
    promoted = Promoted(lambda: 100.0)
    asking = asyncio.create_task(promoted.of(marketing, TEA))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert marketing.asked == 1
    promoted.drop()
    marketing.answer = CHEAPER
    marketing.hold.set()
    assert await asking == {}
    assert "TEA" in await promoted.of(marketing, TEA)


def listed(_: Any) -> SearchProductsResponse:
    card = ProductCard(id="prd_1", sku="TEA", title="Tea", price=Money(currency="CNY", minor=1_000), category="food")
    return SearchProductsResponse(items=[card], total=1)


async def test_a_list_shows_what_everybody_pays_and_does_without_while_marketing_is_away(gate: Gate) -> None:
    gate.fakes["catalog"].script["SearchProducts"] = listed
    gate.fakes["marketing"].script["ListShownPrices"] = lambda _: CHEAPER
    [shown] = (await gate.call("GET", "/v1/products?q=a")).body["items"]
    assert shown["price"] == {"currency": "CNY", "minor": 1_000}
    assert shown["promotion"]["price"] == {"currency": "CNY", "minor": 800}
    assert shown["promotion"]["ends_at"] == "2026-11-30T00:00:00Z"
    [asked] = gate.fakes["marketing"].asked["ListShownPrices"]
    assert asked == ListShownPricesRequest(items=TEA)

    def away(_: Any) -> Any:
        raise Unavailable("away")

    gate.fakes["marketing"].script["ListShownPrices"] = away
    [bare] = (await gate.call("GET", "/v1/products?q=b")).body["items"]
    assert bare["promotion"] is None


@pytest.mark.parametrize("event", [PromotionChanged(), PriceChanged()])
async def test_a_change_told_is_seen_in_the_next_list(
    gate: Gate, long_house: House, event: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.fakes["catalog"].script["SearchProducts"] = listed
    gate.fakes["marketing"].script["ListShownPrices"] = lambda _: QUIET
    # Time stands still: only the event can drop it.
    monkeypatch.setattr(gate.gateway.shelf, "_now", lambda: 1.0)
    monkeypatch.setattr(gate.gateway.promoted, "_now", lambda: 1.0)
    [bare] = (await gate.call("GET", "/v1/products?q=c")).body["items"]
    assert bare["promotion"] is None
    gate.fakes["marketing"].script["ListShownPrices"] = lambda _: CHEAPER
    assert (await gate.call("GET", "/v1/products?q=c")).body["items"] == [bare]
    await long_house.tell(event)
    async with asyncio.timeout(10):
        while not (await gate.call("GET", "/v1/products?q=c")).body["items"][0]["promotion"]:
            await asyncio.sleep(0.02)
