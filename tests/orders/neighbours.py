"""This is where orders' neighbours are faked: small, in memory, and able to fail or hang where a test says."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import grpc.aio
from shop.catalog.v1 import prices_pb2, prices_pb2_grpc, stock_pb2, stock_pb2_grpc
from shop.crm.v1 import customers_pb2, customers_pb2_grpc, points_pb2, points_pb2_grpc
from shop.logistics.v1 import (
    addresses_pb2_grpc,
    customs_pb2_grpc,
    freight_pb2_grpc,
    returns_pb2_grpc,
    shipments_pb2_grpc,
    slots_pb2_grpc,
    warehouses_pb2_grpc,
)
from shop.marketing.v1 import (
    coupons_pb2,
    coupons_pb2_grpc,
    promotions_pb2,
    promotions_pb2_grpc,
    shown_prices_pb2_grpc,
    wallets_pb2,
    wallets_pb2_grpc,
)
from shop.type.v1 import money_pb2

from services.kit.money import split

from .faults import Faults as Faults
from .faults import cny as cny
from .parcels import LogisticsFake as LogisticsFake
from .promotions import PromotionsFake
from .refusals import (
    CouponUsedUp,
    CustomerNotFound,
    OutOfStock,
    PointsShort,
    PriceChanged,
    WarehouseShort,
)


@dataclass
class Sku:
    """What catalog knows of one."""

    price: int = 1000
    available: int = 100
    live: bool = True
    currency: str = "CNY"
    weight_g: int = 300
    cost: int = 400


@dataclass
class CatalogFake:
    """Quotes and holds."""

    faults: Faults
    skus: dict[str, Sku] = field(default_factory=dict)
    holds: dict[str, dict[str, int]] = field(default_factory=dict)
    taken: dict[str, dict[str, int]] = field(default_factory=dict)
    short: set[str] = field(default_factory=set)  # warehouses with nothing on their shelves
    received: dict[str, tuple[str, int]] = field(default_factory=dict)  # by request id: where and how many
    quoted: int = 0

    async def QuoteSkus(self, request: prices_pb2.QuoteSkusRequest, context: Any) -> prices_pb2.QuoteSkusResponse:
        self.quoted += 1
        await self.faults.at("QuoteSkus", "before")
        return prices_pb2.QuoteSkusResponse(
            quotes=[
                prices_pb2.SkuQuote(
                    sku=name,
                    product_id=f"prd_{name.lower()}",
                    title=f"Title of {name}",
                    price=money_pb2.Money(currency=sku.currency, minor=sku.price),
                    cost=money_pb2.Money(currency=sku.currency, minor=sku.cost),
                    weight_g=sku.weight_g,
                    available=sku.available,
                    live=sku.live,
                    category="cat_1",
                    volume_mm3=2_000_000,
                )
                for name, sku in self.skus.items()
                if name in set(request.skus)
            ]
        )

    async def HoldStock(self, request: stock_pb2.HoldStockRequest, context: Any) -> stock_pb2.HoldStockResponse:
        await self.faults.at("HoldStock", "before")
        if request.order_id not in self.holds | self.taken:
            for line in request.lines:
                if self.skus[line.sku].price != line.unit_price.minor:
                    raise PriceChanged(sku=line.sku, price=self.skus[line.sku].price)
                if self.skus[line.sku].available < line.quantity:
                    raise OutOfStock(sku=line.sku, available=self.skus[line.sku].available)
            for line in request.lines:
                self.skus[line.sku].available -= line.quantity
            self.holds[request.order_id] = {line.sku: line.quantity for line in request.lines}
        await self.faults.at("HoldStock", "after")
        return stock_pb2.HoldStockResponse()

    async def ConfirmHold(self, request: stock_pb2.ConfirmHoldRequest, context: Any) -> stock_pb2.ConfirmHoldResponse:
        await self.faults.at("ConfirmHold", "before")
        if request.order_id not in self.taken:
            if request.allocations[0].warehouse in self.short:
                raise WarehouseShort(sku=request.allocations[0].sku, warehouse=request.allocations[0].warehouse)
            self.taken[request.order_id] = self.holds.pop(request.order_id)
        await self.faults.at("ConfirmHold", "after")
        return stock_pb2.ConfirmHoldResponse(allocations=request.allocations)

    async def ReleaseHold(self, request: stock_pb2.ReleaseHoldRequest, context: Any) -> stock_pb2.ReleaseHoldResponse:
        await self.faults.at("ReleaseHold", "before")
        for sku, quantity in self.holds.pop(request.order_id, {}).items():
            self.skus[sku].available += quantity
        return stock_pb2.ReleaseHoldResponse()

    async def GetStock(self, request: stock_pb2.GetStockRequest, context: Any) -> stock_pb2.GetStockResponse:
        places = {"hz-01", "bj-01"} - self.short
        stocks = [
            stock_pb2.SkuStock(
                sku=sku,
                available=self.skus[sku].available,
                warehouses=[stock_pb2.WarehouseStock(warehouse=place, on_hand=50) for place in places],
            )
            for sku in request.skus
        ]
        return stock_pb2.GetStockResponse(stocks=stocks)

    async def ReceiveStock(
        self, request: stock_pb2.ReceiveStockRequest, context: Any
    ) -> stock_pb2.ReceiveStockResponse:
        await self.faults.at("ReceiveStock", "before")
        if request.request_id not in self.received:
            self.received[request.request_id] = (request.warehouse, request.quantity)
            self.skus[request.sku].available += request.quantity
        await self.faults.at("ReceiveStock", "after")
        return stock_pb2.ReceiveStockResponse()


@dataclass
class MarketingFake(PromotionsFake):
    """One discount for all, and coupons that take an amount off the order."""

    promotion: int = 0
    coupons: dict[str, int] = field(default_factory=dict)
    limit: int = 100
    taken: dict[str, list[str]] = field(default_factory=dict)
    evaluated: int = 0
    channel: str = ""
    granted: dict[str, str] = field(default_factory=dict)

    async def EvaluateCart(
        self, request: promotions_pb2.EvaluateCartRequest, context: Any
    ) -> promotions_pb2.EvaluateCartResponse:
        self.evaluated += 1
        self.channel = request.channel
        await self.faults.at("EvaluateCart", "before")
        answer = promotions_pb2.EvaluateCartResponse()
        skus = [line.sku for line in request.lines]
        weights = [line.unit_price.minor * line.quantity for line in request.lines]
        given = [("prm_1", "", self.promotion)] if self.promotion else []
        for code in request.coupons:
            if code in self.coupons and len(self.taken) < self.limit:
                given.append((code, code, self.coupons[code]))
            else:
                answer.problems.add(code=code, problem="discount_code_invalid", text="No such code.")
        for name, code, minor in given:
            minor = min(minor, sum(weights))
            shares = split(minor, weights)
            weights = [weight - share for weight, share in zip(weights, shares, strict=True)]
            answer.applied.add(
                id=name,
                scope="order",
                reason=f"{name} off",
                code=code,
                amount=cny(minor),
                skus=skus,
                shares_minor=shares,
            )
        return answer

    async def TakeCoupons(
        self, request: coupons_pb2.TakeCouponsRequest, context: Any
    ) -> coupons_pb2.TakeCouponsResponse:
        await self.faults.at("TakeCoupons", "before")
        if request.order_id not in self.taken:
            if len(self.taken) >= self.limit:
                raise CouponUsedUp(code=request.codes[0])
            self.taken[request.order_id] = list(request.codes)
        await self.faults.at("TakeCoupons", "after")
        return coupons_pb2.TakeCouponsResponse()

    async def GrantVoucher(
        self, request: wallets_pb2.GrantVoucherRequest, context: Any
    ) -> wallets_pb2.GrantVoucherResponse:
        await self.faults.at("GrantVoucher", "before")
        if request.coupon not in self.coupons:
            raise CouponUsedUp(code=request.coupon)
        number = self.granted.setdefault(request.request_id, f"vch_{len(self.granted)}")
        await self.faults.at("GrantVoucher", "after")
        return wallets_pb2.GrantVoucherResponse(voucher=wallets_pb2.Voucher(id=number))

    async def ReleaseCoupons(
        self, request: coupons_pb2.ReleaseCouponsRequest, context: Any
    ) -> coupons_pb2.ReleaseCouponsResponse:
        self.taken.pop(request.order_id, None)
        return coupons_pb2.ReleaseCouponsResponse()


@dataclass
class CrmFake:
    """One purse."""

    faults: Faults
    balance: int = 500
    spent: dict[str, int] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)  # whose e-mail address or phone number

    async def SpendPoints(self, request: points_pb2.SpendPointsRequest, context: Any) -> points_pb2.SpendPointsResponse:
        await self.faults.at("SpendPoints", "before")
        if request.order_id not in self.spent:
            if self.balance < request.points:
                raise PointsShort("not so many")
            self.balance -= request.points
            self.spent[request.order_id] = request.points
        await self.faults.at("SpendPoints", "after")
        return points_pb2.SpendPointsResponse(balance=self.balance)

    async def RecogniseCustomer(
        self, request: customers_pb2.RecogniseCustomerRequest, context: Any
    ) -> customers_pb2.RecogniseCustomerResponse:
        await self.faults.at("RecogniseCustomer", "before")
        known = self.members.get(request.email) or self.members.get(request.phone)
        if not known:
            raise CustomerNotFound("nobody")
        return customers_pb2.RecogniseCustomerResponse(customer_id=known)

    async def ReturnPoints(
        self, request: points_pb2.ReturnPointsRequest, context: Any
    ) -> points_pb2.ReturnPointsResponse:
        self.balance += self.spent.pop(request.order_id, 0)
        return points_pb2.ReturnPointsResponse(balance=self.balance)


def _all(*adds: Any) -> Any:
    def add(servicer: Any, server: grpc.aio.Server) -> None:
        for each in adds:
            each(servicer, server)

    return add


def contracts() -> Iterable[tuple[str, Any]]:
    """What each neighbour answers."""
    return (
        (
            "catalog",
            _all(
                prices_pb2_grpc.add_PricesServiceServicer_to_server, stock_pb2_grpc.add_StockServiceServicer_to_server
            ),
        ),
        (
            "marketing",
            _all(
                promotions_pb2_grpc.add_PromotionsServiceServicer_to_server,
                shown_prices_pb2_grpc.add_ShownPricesServiceServicer_to_server,
                coupons_pb2_grpc.add_CouponsServiceServicer_to_server,
                wallets_pb2_grpc.add_WalletsServiceServicer_to_server,
            ),
        ),
        (
            "logistics",
            _all(
                customs_pb2_grpc.add_CustomsServiceServicer_to_server,
                addresses_pb2_grpc.add_AddressesServiceServicer_to_server,
                freight_pb2_grpc.add_FreightServiceServicer_to_server,
                shipments_pb2_grpc.add_ShipmentsServiceServicer_to_server,
                slots_pb2_grpc.add_SlotsServiceServicer_to_server,
                returns_pb2_grpc.add_ReturnParcelsServiceServicer_to_server,
                warehouses_pb2_grpc.add_WarehousesServiceServicer_to_server,
            ),
        ),
        (
            "crm",
            _all(
                points_pb2_grpc.add_PointsServiceServicer_to_server,
                customers_pb2_grpc.add_CustomersServiceServicer_to_server,
            ),
        ),
    )
