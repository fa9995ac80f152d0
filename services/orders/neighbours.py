"""This is where neighbours are called."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import grpc.aio
from shop.catalog.v1 import prices_pb2, prices_pb2_grpc, stock_pb2, stock_pb2_grpc
from shop.crm.v1 import groups_pb2, groups_pb2_grpc, points_pb2, points_pb2_grpc
from shop.logistics.v1 import (
    addresses_pb2,
    addresses_pb2_grpc,
    customs_pb2,
    customs_pb2_grpc,
    freight_pb2,
    freight_pb2_grpc,
    shipments_pb2,
    shipments_pb2_grpc,
)
from shop.marketing.v1 import coupons_pb2, coupons_pb2_grpc, promotions_pb2, promotions_pb2_grpc

from services.kit.errors import Unavailable
from services.kit.rpc import NeighbourFailed, call

from .addresses import Address, Judgement, Region
from .aftersales.terms import Terms
from .benefits import Gift
from .crossing import Obstacle
from .messages.addresses import address_to, money, region_message
from .messages.benefits import claim, claim_message, freight_off, offer
from .orders import Order
from .pricing import Discount, Share
from .quotes import Delivery, Evaluation, Parcel, Problem, RulesCart, SkuQuote, Standing

Response = TypeVar("Response")
_JUDGED_S = 0.5  # seconds a cart waits for what is made of its address
_COUPON_TRIES = 1.0  # seconds a cart waits for its discounts before it is shown without them


class NeighbourBroken(Unavailable):
    """A neighbour has a bug in it: it may be mended by the next try."""


async def _asked(method: Callable[..., Awaitable[Response]], request: object, timeout_s: float = 2.0) -> Response:
    try:
        return await call(method, request, timeout_s=timeout_s)
    except NeighbourFailed as failed:
        raise NeighbourBroken(str(failed)) from failed


class Catalog:
    """Knows SKUs and holds stock."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._prices = prices_pb2_grpc.PricesServiceStub(channel)
        self._stock = stock_pb2_grpc.StockServiceStub(channel)

    async def quote(self, skus: Sequence[str]) -> list[SkuQuote]:
        """Those of these SKUs that exist."""
        answer = await _asked(self._prices.QuoteSkus, prices_pb2.QuoteSkusRequest(skus=skus))
        return [
            SkuQuote(
                quote.sku,
                quote.product_id,
                quote.title,
                quote.price.currency,
                quote.price.minor,
                quote.cost.minor,
                quote.weight_g,
                quote.available,
                quote.live,
                quote.category,
                _promised(quote),
                quote.volume_mm3,
            )
            for quote in answer.quotes
        ]

    async def hold(self, order: Order) -> None:
        """Holds all lines or none, at the prices shown."""
        lines = [
            stock_pb2.HoldLine(
                sku=line.sku,
                quantity=line.quantity,
                unit_price=money(order.currency, line.list_minor or line.unit_minor),
            )
            for line in order.lines
        ]
        await _asked(self._stock.HoldStock, stock_pb2.HoldStockRequest(order_id=order.id, lines=lines))

    async def take(self, order: Order) -> None:
        """Takes what is held from the store's own shelf; again changes nothing. Refuses with WAREHOUSE_SHORT."""
        takings = [
            stock_pb2.Allocation(sku=line.sku, warehouse=order.store, quantity=line.quantity) for line in order.lines
        ]
        await _asked(self._stock.ConfirmHold, stock_pb2.ConfirmHoldRequest(order_id=order.id, allocations=takings))

    async def release(self, order: Order) -> None:
        """Gives a hold back."""
        skus = [line.sku for line in order.lines]
        await _asked(self._stock.ReleaseHold, stock_pb2.ReleaseHoldRequest(order_id=order.id, skus=skus))


def _promised(quote: prices_pb2.SkuQuote) -> Terms | None:
    if not quote.HasField("return_days"):
        return None
    return Terms(no_reason_days=quote.return_days, insured=quote.freight_insurance)


class Marketing:
    """Knows promotions and counts coupons."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._promotions = promotions_pb2_grpc.PromotionsServiceStub(channel)
        self._coupons = coupons_pb2_grpc.CouponsServiceStub(channel)

    async def evaluate(self, cart: RulesCart) -> Evaluation:
        """What the cart gets."""
        lines = [
            promotions_pb2.CartLine(
                sku=line.sku,
                category=line.category,
                quantity=line.quantity,
                unit_price=money(cart.currency, line.unit_minor),
            )
            for line in cart.lines
        ]
        request = promotions_pb2.EvaluateCartRequest(
            lines=lines,
            coupons=cart.coupons,
            customer_id=cart.customer_id,
            tier=cart.tier,
            groups=cart.groups,
            channel=cart.channel,
        )
        answer = await _asked(self._promotions.EvaluateCart, request, _COUPON_TRIES)
        discounts = tuple(
            Discount(
                applied.id,
                applied.scope,
                applied.reason,
                applied.code,
                applied.amount.minor,
                [Share(sku, minor) for sku, minor in zip(applied.skus, applied.shares_minor, strict=True)],
            )
            for applied in answer.applied
        )
        return Evaluation(
            discounts,
            tuple(Problem(p.code, p.problem, p.text) for p in answer.problems),
            answer.standing_matters,
            gifts=tuple(Gift(each.id, each.sku, each.quantity, each.reason) for each in answer.gifts),
            freight=freight_off(answer.freight),
            claims=tuple(map(claim, answer.claims)),
            offers=tuple(map(offer, answer.offers)),
        )

    async def take(self, order: Order) -> None:
        """Takes a use of each code and what it gives, and the units promotions count: each all or none."""
        if order.claims:
            claims = map(claim_message, order.claims)
            request = promotions_pb2.TakeUnitsRequest(order_id=order.id, customer_id=order.customer_id, claims=claims)
            await _asked(self._promotions.TakeUnits, request)
        if order.coupons:
            await self._take_coupons(order)

    async def _take_coupons(self, order: Order) -> None:
        given = [sum(each.minor for each in order.discounts if each.code == code) for code in order.coupons]
        request = coupons_pb2.TakeCouponsRequest(
            order_id=order.id, customer_id=order.customer_id, codes=order.coupons, given_minor=given
        )
        await _asked(self._coupons.TakeCoupons, request)

    async def release(self, order: Order) -> None:
        """Gives the uses back, and the units."""
        if order.claims:
            claims = map(claim_message, order.claims)
            units = promotions_pb2.ReleaseUnitsRequest(order_id=order.id, customer_id=order.customer_id, claims=claims)
            await _asked(self._promotions.ReleaseUnits, units)
        if not order.coupons:
            return
        request = coupons_pb2.ReleaseCouponsRequest(
            order_id=order.id, customer_id=order.customer_id, codes=order.coupons
        )
        await _asked(self._coupons.ReleaseCoupons, request)


class Logistics:
    """Knows what sending costs, and stops parcels."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._freight = freight_pb2_grpc.FreightServiceStub(channel)
        self._shipments = shipments_pb2_grpc.ShipmentsServiceStub(channel)
        self._customs = customs_pb2_grpc.CustomsServiceStub(channel)
        self._addresses = addresses_pb2_grpc.AddressesServiceStub(channel)

    async def judge(self, address: Address) -> Judgement:
        """What it makes of an address."""
        request = addresses_pb2.ValidateAddressRequest(address=address_to(address))
        answer = await _asked(self._addresses.ValidateAddress, request, _JUDGED_S)
        of = answer.address
        better = Region(of.country, of.province, of.city, of.district)
        known = better if answer.code and better != address.region else None
        return Judgement(answer.code, answer.confidence, tuple(answer.reasons), known)

    async def obstacles(self, order: Order) -> list[Obstacle]:
        """What stands against an order's goods going where they are to."""
        lines = [
            customs_pb2.CrossingLine(
                sku=line.sku, quantity=line.quantity, unit=money(order.currency, line.total // max(1, line.quantity))
            )
            for line in order.lines
        ]
        freight = money(order.currency, max(0, order.freight_minor))
        request = customs_pb2.JudgeCrossingRequest(country=order.region.country, lines=lines, freight=freight)
        answer = await _asked(self._customs.JudgeCrossing, request, 1.0)
        return [Obstacle(one.sku, one.kind, one.reason, one.text) for one in answer.obstacles]

    async def quote(self, parcel: Parcel) -> tuple[Delivery, ...]:
        """The ways, cheapest first; those that cost another currency are none."""
        request = freight_pb2.QuoteDeliveryRequest(
            region=region_message(parcel.region),
            weight_g=parcel.weight_g,
            pieces=parcel.pieces,
            goods=money(parcel.currency, parcel.goods_minor),
            volume_mm3=parcel.volume_mm3,
            categories=parcel.categories,
        )
        answer = await _asked(self._freight.QuoteDelivery, request, 1.0)
        return tuple(
            Delivery(
                quote.id, quote.title, quote.price.minor, quote.min_days, quote.max_days, quote.reason, quote.windowed
            )
            for quote in answer.quotes
            if quote.price.currency == parcel.currency
        )

    async def stop(self, order_id: str) -> None:
        """Stops an order's parcels unless one has left."""
        await _asked(self._shipments.StopShipments, shipments_pb2.StopShipmentsRequest(order_id=order_id))

    async def readdress(self, order: Order) -> None:
        """Brings the order's address to its parcels, unless one has left."""
        request = shipments_pb2.ReaddressShipmentsRequest(
            order_id=order.id,
            revision=order.address_revision,
            region=region_message(order.region),
            sealed_address=order.sealed_address,
        )
        await _asked(self._shipments.ReaddressShipments, request)

    async def hold(self, order_id: str, turn: int) -> None:
        """Keeps an order's parcels from being packed and from leaving, unless one has left."""
        await _asked(self._shipments.HoldShipments, shipments_pb2.HoldShipmentsRequest(order_id=order_id, turn=turn))


class Crm:
    """Keeps points, and knows whom offers are for."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._points = points_pb2_grpc.PointsServiceStub(channel)
        self._groups = groups_pb2_grpc.GroupsServiceStub(channel)

    async def standing(self, customer_id: str) -> Standing:
        """Their tier and groups."""
        request = groups_pb2.GetStandingRequest(customer_id=customer_id)
        answer = await _asked(self._groups.GetStanding, request, _COUPON_TRIES)
        return Standing(answer.tier, tuple(answer.groups))

    async def spend(self, order: Order) -> None:
        """Spends the order's points."""
        request = points_pb2.SpendPointsRequest(customer_id=order.customer_id, order_id=order.id, points=order.points)
        await _asked(self._points.SpendPoints, request)

    async def give_back(self, order: Order) -> None:
        """Gives back what the order spent."""
        request = points_pb2.ReturnPointsRequest(customer_id=order.customer_id, order_id=order.id)
        await _asked(self._points.ReturnPoints, request)
