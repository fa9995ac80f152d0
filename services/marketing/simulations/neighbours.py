"""This is where orders is asked what was bought, and catalog what things may be sold for at the least."""

from collections.abc import Sequence
from datetime import UTC, datetime

import grpc.aio
from shop.catalog.v1 import margins_pb2, margins_pb2_grpc
from shop.orders.v1 import baskets_pb2, baskets_pb2_grpc

from services.kit.clock import parse_time, rfc3339
from services.kit.rpc import call

from .replaying import PastBasket, PastLine

_A_PAGE, _SKUS_AT_ONCE, _WAIT_S = 200, 500, 5.0
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Orders:
    """Knows what was bought."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._baskets = baskets_pb2_grpc.BasketsServiceStub(channel)

    async def page(self, start: datetime, end: datetime, cursor: str) -> tuple[Sequence[PastBasket], str]:
        """Baskets of a period, oldest first, and where to go on."""
        request = baskets_pb2.ListPastBasketsRequest(until=rfc3339(end), limit=_A_PAGE, cursor=cursor)
        setattr(request, "from", rfc3339(start))
        answer = await call(self._baskets.ListPastBaskets, request, timeout_s=_WAIT_S)
        return [_basket(each) for each in answer.baskets], answer.next_cursor


class Floors:
    """Knows the margin floor."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._margins = margins_pb2_grpc.MarginsServiceStub(channel)

    async def lowest(self, skus: Sequence[str]) -> dict[str, int | None]:
        """The lowest price of each SKU of which it is known what it costs."""
        found: dict[str, int | None] = {}
        for start in range(0, len(skus), _SKUS_AT_ONCE):
            request = margins_pb2.GetLowestPricesRequest(skus=skus[start : start + _SKUS_AT_ONCE])
            answer = await call(self._margins.GetLowestPrices, request, timeout_s=_WAIT_S)
            found |= {each.sku: each.lowest_minor if each.HasField("lowest_minor") else None for each in answer.prices}
        return found


def _basket(of: baskets_pb2.PastBasket) -> PastBasket:
    lines = [PastLine(each.sku, each.category, each.quantity, each.unit_minor, each.cost_minor) for each in of.lines]
    return PastBasket(parse_time(of.placed_at) or _LONG_AGO, of.currency, of.channel, lines)
