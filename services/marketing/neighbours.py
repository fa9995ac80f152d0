"""This is where neighbours are called."""

from collections.abc import Sequence

import grpc.aio
from shop.catalog.v1 import margins_pb2, margins_pb2_grpc, prices_pb2, prices_pb2_grpc

from services.kit.errors import TooLate, Unavailable
from services.kit.money import Money
from services.kit.rpc import NeighbourFailed, call

from .floor import MarginUntested, Shortfall, Verdict, Worth
from .stacking import Stack, Values, Way

_AT_ONCE = 100
_WAIT_S = 9.0


class Catalog:
    """Knows what everything costs."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._margins = margins_pb2_grpc.MarginsServiceStub(channel)
        self._prices = prices_pb2_grpc.PricesServiceStub(channel)

    async def worth(self, skus: Sequence[str]) -> dict[str, Worth]:
        """Those of these SKUs that exist."""
        request = prices_pb2.QuoteSkusRequest(skus=skus)
        try:
            answer = await call(self._prices.QuoteSkus, request, timeout_s=_WAIT_S)
        except (Unavailable, TooLate, NeighbourFailed) as away:
            raise MarginUntested("catalog cannot say now what this would cost: try again") from away
        return {
            each.sku: Worth(Money(each.price.currency, each.price.minor), each.cost.minor or each.price.minor)
            for each in answer.quotes
        }

    async def check(self, stacks: Sequence[Stack]) -> Verdict:
        """What these would sell too cheaply; asked of a hundred at a time."""
        below, worst = 0, list[Shortfall]()
        for start in range(0, len(stacks), _AT_ONCE):
            some = stacks[start : start + _AT_ONCE]
            request = margins_pb2.CheckDiscountsRequest(discounts=map(_discount, some))
            answer = await self._asked(request)
            below += answer.below
            worst += [_shortfall(each, stacks, start) for each in answer.worst]
        return Verdict(below, sorted(worst, key=lambda each: (-each.shortfall_minor, each.sku))[:20])

    async def _asked(self, request: margins_pb2.CheckDiscountsRequest) -> margins_pb2.CheckDiscountsResponse:
        try:
            return await call(self._margins.CheckDiscounts, request, timeout_s=_WAIT_S)
        except (Unavailable, TooLate, NeighbourFailed) as away:
            raise MarginUntested("catalog cannot say now what this would cost: try again") from away


def _discount(stack: Stack) -> margins_pb2.Discount:
    skus, but_skus = _lists(stack.skus)
    categories, but_categories = _lists(stack.categories)
    currencies, but_currencies = _lists(stack.currencies)
    selection = margins_pb2.DiscountSelection(
        skus=skus,
        but_skus=but_skus,
        categories=categories,
        but_categories=but_categories,
        currencies=currencies,
        but_currencies=but_currencies,
    )
    return margins_pb2.Discount(selection=selection, ways=map(_way, stack.ways))


def _lists(values: Values) -> tuple[list[str], list[str]]:
    named = sorted(values.values)
    return ([], named) if values.but else (named, [])


def _way(way: Way) -> margins_pb2.DiscountWay:
    steps = [
        margins_pb2.DiscountStep(
            percent_bp=step.percent_bp,
            fixed_minor=step.fixed_minor,
            amounts=[
                margins_pb2.DiscountAmount(amount_minor=each.amount_minor, over_minor=each.over_minor)
                for each in step.amounts
            ],
        )
        for step in way
    ]
    return margins_pb2.DiscountWay(steps=steps)


def _shortfall(short: margins_pb2.DiscountShortfall, stacks: Sequence[Stack], start: int) -> Shortfall:
    place = start + short.discount
    return Shortfall(
        stack=place,
        way=list(stacks[place].ways)[short.way],
        sku=short.sku,
        price=Money(short.price.currency, short.price.minor),
        left_minor=short.left_minor,
        lowest_minor=short.lowest_price_minor if short.HasField("lowest_price_minor") else None,
        shortfall_minor=short.shortfall_minor,
    )
