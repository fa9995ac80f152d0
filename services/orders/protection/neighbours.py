"""This is where it is asked which promotions there are, and what goods cost anybody while they run."""

from collections.abc import Mapping, Sequence

import grpc.aio
from shop.marketing.v1 import promotions_pb2 as pb
from shop.marketing.v1 import promotions_pb2_grpc, shown_prices_pb2, shown_prices_pb2_grpc

from services.kit.clock import parse_time
from services.kit.errors import NotFound
from services.kit.rpc import NeighbourFailed, call
from services.orders.leases import EPOCH
from services.orders.messages.addresses import money
from services.orders.neighbours import NeighbourBroken
from services.orders.orders import STOREFRONT
from services.orders.quotes import SkuQuote

from .promoted import Offered, Rule

_OF_ITEMS = (pb.PROMOTION_KIND_LIMITED_TIME, pb.PROMOTION_KIND_PRICE_LIST)


class Promotions:
    """Asks marketing."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._promotions = promotions_pb2_grpc.PromotionsServiceStub(channel)
        self._shown = shown_prices_pb2_grpc.ShownPricesServiceStub(channel)

    async def rule(self, promotion_id: str) -> Rule | None:
        """A promotion that may make goods cheaper for everybody; None for any other."""
        try:
            of = (await call(self._promotions.GetPromotion, pb.GetPromotionRequest(id=promotion_id))).promotion
        except NotFound:
            return None
        except NeighbourFailed as broken:
            raise NeighbourBroken(str(broken)) from broken
        audience = of.audience
        personal = bool(audience.tiers or audience.groups or audience.signed_in)
        elsewhere = bool(of.channels) and STOREFRONT not in of.channels
        if of.kind not in _OF_ITEMS or personal or elsewhere or of.paused:
            return None
        ends = [parse_time(step.until) for step in of.steps if step.until]
        return Rule(
            of.id,
            frozenset([*of.skus, *(price.sku for price in of.prices)]),
            frozenset(of.categories),
            parse_time(of.starts_at) or EPOCH,
            parse_time(of.ends_at),
            sorted(end for end in ends if end),
            flash=bool(of.steps or of.limit_per_order or of.limit_per_customer),
        )

    async def offered(self, quotes: Sequence[SkuQuote]) -> Mapping[str, Offered]:
        """By SKU, what one costs anybody now; those that no promotion makes cheaper are left out."""
        items = [
            shown_prices_pb2.ShownItem(
                sku=each.sku, category=each.category, unit_price=money(each.currency, each.price_minor)
            )
            for each in quotes
        ]
        try:
            answer = await call(self._shown.ListShownPrices, shown_prices_pb2.ListShownPricesRequest(items=items))
        except NeighbourFailed as broken:
            raise NeighbourBroken(str(broken)) from broken
        return {each.sku: Offered(each.price.minor, each.promotion_id) for each in answer.prices}
