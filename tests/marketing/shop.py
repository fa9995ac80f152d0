"""This is where marketing's tests get a running marketing, and short ways to ask it."""

from typing import Any

from shop.catalog.v1 import margins_pb2, margins_pb2_grpc
from shop.marketing.v1 import coupons_pb2 as cp
from shop.marketing.v1 import coupons_pb2_grpc, promotions_pb2_grpc
from shop.marketing.v1 import promotions_pb2 as pp
from shop.type.v1.money_pb2 import Money

from services.kit.rpc import call
from tests.house import House, Started


def cny(minor: int) -> Money:
    return Money(currency="CNY", minor=minor)


class Marketing:
    """A running marketing."""

    def __init__(self, house: House, started: Started) -> None:
        self.house, self.started = house, started
        self.promotions = promotions_pb2_grpc.PromotionsServiceStub(started.channel)
        self.coupons = coupons_pb2_grpc.CouponsServiceStub(started.channel)

    async def promotion(self, **fields: Any) -> pp.Promotion:
        request = pp.CreatePromotionRequest(promotion=pp.Promotion(**fields), by="stf_1")
        return (await call(self.promotions.CreatePromotion, request)).promotion

    async def coupon(self, code: str, **fields: Any) -> cp.Coupon:
        if not fields.keys() & {"percent_bp", "amount_off"}:
            fields["amount_off"] = cny(500)
        request = cp.CreateCouponRequest(coupon=cp.Coupon(code=code, **fields), by="stf_1")
        return (await call(self.coupons.CreateCoupon, request)).coupon

    async def evaluate(self, *codes: str, minor: int = 20_000, customer: str = "") -> pp.EvaluateCartResponse:
        line = pp.CartLine(sku="TEA", category="food", quantity=2, unit_price=cny(minor // 2))
        request = pp.EvaluateCartRequest(lines=[line], coupons=codes, customer_id=customer)
        return await call(self.promotions.EvaluateCart, request)

    async def take(self, order: str, *codes: str, customer: str = "", given: int = 500) -> None:
        amounts = [given] * len(codes)
        request = cp.TakeCouponsRequest(order_id=order, codes=codes, customer_id=customer, given_minor=amounts)
        await call(self.coupons.TakeCoupons, request, timeout_s=20)

    async def release(self, order: str, *codes: str, customer: str = "") -> None:
        request = cp.ReleaseCouponsRequest(order_id=order, codes=codes, customer_id=customer)
        await call(self.coupons.ReleaseCoupons, request, timeout_s=20)

    async def uses(self, code: str) -> int:
        document = await self.started.ground.database["coupons"].find_one({"_id": code})
        assert document is not None
        return int(document["uses"])


class CatalogFake:
    """Catalog, as far as marketing asks it: nothing sells too cheaply, unless a test says so."""

    def __init__(self) -> None:
        self.asked: list[margins_pb2.CheckDiscountsRequest] = []
        self.answer = margins_pb2.CheckDiscountsResponse()

    async def CheckDiscounts(
        self, request: margins_pb2.CheckDiscountsRequest, _context: Any
    ) -> margins_pb2.CheckDiscountsResponse:
        self.asked.append(request)
        return self.answer


async def open_marketing(house: House, catalog: CatalogFake | None = None) -> Marketing:
    add = margins_pb2_grpc.add_MarginsServiceServicer_to_server
    await house.fake("catalog", catalog or CatalogFake(), add)
    return Marketing(house, await house.start("marketing"))
