"""This is where calls about prices shown come in over gRPC."""

from typing import Any

from shop.marketing.v1 import shown_prices_pb2 as pb
from shop.marketing.v1 import shown_prices_pb2_grpc
from shop.type.v1.money_pb2 import Money

from services.kit.clock import Clock, rfc3339
from services.kit.errors import FieldError
from services.marketing.allotments import Allotments
from services.marketing.checking import is_category, is_currency, is_sku, is_word
from services.marketing.messages.carts import InvalidCart
from services.marketing.running import Running
from services.marketing.shoppers import STOREFRONT

from .showcase import Item, Showcase, Shown

MOST = 500


class ShownPricesApi(shown_prices_pb2_grpc.ShownPricesServiceServicer):
    """Prices before the cart."""

    def __init__(self, showing: Running[Showcase], allotments: Allotments, clock: Clock) -> None:
        self._showing, self._allotments, self._clock = showing, allotments, clock

    async def ListShownPrices(self, request: pb.ListShownPricesRequest, context: Any) -> pb.ListShownPricesResponse:
        """Of some items."""
        items, channel = _items(request), request.channel or STOREFRONT
        showcase = await self._showing.rules()
        now = self._clock.now()
        sold = await self._allotments.sold(showcase.counting(items, channel, now))
        prices = map(_price, showcase.show(items, channel, now, sold))
        return pb.ListShownPricesResponse(prices=prices, quiet=showcase.quiet)


def _items(request: pb.ListShownPricesRequest) -> list[Item]:
    if len(request.items) > MOST or (request.channel and not is_word(request.channel)):
        raise InvalidCart(errors=[FieldError("/items", f"at most {MOST}, in a channel there is")])
    items = [Item(each.sku, each.category, each.unit_price.currency, each.unit_price.minor) for each in request.items]
    for place, each in enumerate(items):
        if not (is_sku(each.sku) and is_category(each.category) and is_currency(each.currency) and each.minor >= 0):
            raise InvalidCart(errors=[FieldError(f"/items/{place}", "not an item")])
    return items


def _price(shown: Shown) -> pb.ShownPrice:
    return pb.ShownPrice(
        sku=shown.item.sku,
        price=Money(currency=shown.item.currency, minor=shown.minor),
        reason=shown.reason,
        promotion_id=shown.promotions[0],
        ends_at=rfc3339(shown.ends_at) if shown.ends_at else "",
        left=shown.left,
    )
