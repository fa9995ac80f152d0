"""This is where calls about past baskets come in."""

from typing import Any

from shop.orders.v1 import baskets_pb2 as pb
from shop.orders.v1 import baskets_pb2_grpc

from services.kit.clock import parse_time, rfc3339
from services.kit.errors import FieldError

from .baskets import Basket, Baskets, InvalidPeriod


class BasketsApi(baskets_pb2_grpc.BasketsServiceServicer):
    """Past baskets."""

    def __init__(self, baskets: Baskets) -> None:
        self._baskets = baskets

    async def ListPastBaskets(self, request: pb.ListPastBasketsRequest, context: Any) -> pb.ListPastBasketsResponse:
        """A page."""
        start, end = _moment(getattr(request, "from"), "/from"), _moment(request.until, "/until")
        rows, cursor = await self._baskets.page(start, end, request.limit, request.cursor)
        return pb.ListPastBasketsResponse(baskets=map(_basket, rows), next_cursor=cursor)


def _moment(text: str, pointer: str) -> Any:
    try:
        moment = parse_time(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise InvalidPeriod(errors=[FieldError(pointer, "an RFC 3339 time with a zone")])
    return moment


def _basket(basket: Basket) -> pb.PastBasket:
    lines = [
        pb.PastLine(
            sku=line.sku,
            category=line.category,
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            cost_minor=line.cost_minor,
        )
        for line in basket.lines
    ]
    return pb.PastBasket(
        placed_at=rfc3339(basket.placed_at), currency=basket.currency, channel=basket.channel, lines=lines
    )
