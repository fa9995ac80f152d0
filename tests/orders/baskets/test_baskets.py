"""This is where past baskets are held to what they may show: what was paid for, page by page, and nobody's name."""

from typing import Any

import pytest
from shop.orders.v1 import baskets_pb2 as pb
from shop.orders.v1.baskets_pb2_grpc import BasketsServiceStub

from services.kit.clock import rfc3339
from services.kit.errors import Refused
from services.kit.ids import new_id
from services.kit.rpc import call
from tests.orders.world import World


def order(state: str, sku: str, now: Any) -> dict[str, Any]:
    """An order's document, as far as baskets look at it, and what they must not."""
    line = {"sku": sku, "category": "food", "quantity": 2, "unit_minor": 900, "cost_minor": 300, "title": "Tea"}
    key = new_id("ord")
    return {
        "_id": key,
        "request_id": key,
        "state": state,
        "placed_at": now,
        "currency": "CNY",
        "customer_id": "cus_secret",
        "lines": [line],
        "version": 1,
    }


def asked(start: str, end: str, **more: Any) -> pb.ListPastBasketsRequest:
    """A page of a period."""
    request = pb.ListPastBasketsRequest(until=end, **more)
    setattr(request, "from", start)
    return request


async def test_what_was_paid_for_is_paged_and_names_nobody(world: World) -> None:
    orders, now = world.service.ground.database["orders"], world.house.clock.now()
    kept = [
        order(state, f"S{n}", now) for n, state in enumerate(("paid", "cancelled", "shipped", "refused", "delivered"))
    ]
    await orders.insert_many(kept)
    stub: Any = BasketsServiceStub(world.service.channel)
    long_ago = asked("2000-01-01T00:00:00Z", "2000-12-31T00:00:00Z")
    assert not (await call(stub.ListPastBaskets, long_ago)).baskets
    found, cursor, pages = list[pb.PastBasket](), "", 0
    while pages == 0 or cursor:
        request = pb.ListPastBasketsRequest(
            **{"from": "2026-01-01T00:00:00Z", "until": "2026-12-31T23:00:00Z"}, limit=2, cursor=cursor
        )
        page = await call(stub.ListPastBaskets, request)
        found, cursor, pages = [*found, *page.baskets], page.next_cursor, pages + 1
    assert sorted(basket.lines[0].sku for basket in found) == ["S0", "S2", "S4"]
    assert pages == 2
    assert {basket.placed_at for basket in found} == {rfc3339(now)}
    assert (found[0].channel, found[0].lines[0].unit_minor, found[0].lines[0].quantity) == ("storefront", 900, 2)
    assert "secret" not in str(found)


async def test_a_period_has_its_bounds(world: World) -> None:
    stub: Any = BasketsServiceStub(world.service.channel)
    for start, end, limit in (
        ("2026-01-01T00:00:00Z", "2027-06-01T00:00:00Z", 0),
        ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", 0),
        ("", "2026-01-01T00:00:00Z", 0),
        ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", 501),
    ):
        with pytest.raises(Refused) as refused:
            await call(stub.ListPastBaskets, asked(start, end, limit=limit))
        assert refused.value.reason == "INVALID_PERIOD"
