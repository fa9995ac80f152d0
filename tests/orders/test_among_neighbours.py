"""This is where orders meets its real neighbours: bought, sent, delivered, returned; bought and cancelled; raced for."""

import asyncio

import pytest
from shop.catalog.v1 import products_pb2, products_pb2_grpc, stock_pb2, stock_pb2_grpc
from shop.logistics.v1 import shipments_pb2, shipments_pb2_grpc
from shop.logistics.v1.events_pb2 import ShipmentPlanned
from shop.marketing.v1 import coupons_pb2, coupons_pb2_grpc
from shop.orders.v1 import orders_pb2
from shop.type.v1 import money_pb2

from services.kit.errors import Refused
from services.kit.rpc import call
from tests.house import House

from .neighbours import CatalogFake, CrmFake, Faults, LogisticsFake, MarketingFake
from .psp import line
from .world import World


class Town:
    """Every service but metrics, for real."""

    def __init__(self, world: World) -> None:
        self.world, self.house = world, world.house

    async def product(self, sku: str, stock: int) -> None:
        """Puts something on sale at ¥50."""
        cells = {
            "sku": sku,
            "title": f"Teacup {sku}",
            "category": "Kitchen",
            "price_minor": "5000",
            "cost_minor": "2500",
            "currency": "CNY",
            "weight_g": "300",
            "stock": str(stock),
        }
        row = products_pb2.ImportRow(row=2, cells=cells)
        stub = products_pb2_grpc.ProductsServiceStub(self.house.started["catalog"].channel)
        request = products_pb2.ImportProductsRequest(rows=[row], publish=True, by="stf_1")
        answer = await call(stub.ImportProducts, request)
        assert [row.ok for row in answer.rows] == [True]

    async def stock(self, sku: str) -> tuple[int, int]:
        """On hand and available."""
        stub = stock_pb2_grpc.StockServiceStub(self.house.started["catalog"].channel)
        [found] = (await call(stub.GetStock, stock_pb2.GetStockRequest(skus=[sku]))).stocks
        return sum(w.on_hand for w in found.warehouses), found.available

    async def ship(self, order_id: str) -> None:
        """Packs and ships what is planned for it."""
        stub = shipments_pb2_grpc.ShipmentsServiceStub(self.house.started["logistics"].channel)
        found = await call(stub.ListShipments, shipments_pb2.ListShipmentsRequest(order_id=order_id))
        for shipment in found.shipments:
            await call(stub.PackShipment, shipments_pb2.PackShipmentRequest(id=shipment.id, by="stf_1"))
            await call(stub.ShipShipment, shipments_pb2.ShipShipmentRequest(id=shipment.id, by="stf_1"))


@pytest.fixture
async def town(house: House):  # type: ignore[no-untyped-def]
    """The real neighbours and the sandbox provider."""
    faults = Faults()
    async with line(faults) as psp:
        for name in ("catalog", "marketing", "logistics", "crm"):
            await house.start(name)
        service = await house.start("orders", psp_url=psp.url)
        fakes = CatalogFake(faults), MarketingFake(faults), LogisticsFake(faults), CrmFake(faults)
        yield Town(World(house, faults, *fakes, psp, service))
        await service.stop()


async def test_bought_planned_shipped_and_too_late_to_cancel(town: Town) -> None:
    await town.product("CUP-1", 10)
    order = await town.world.bought({"CUP-1": 3})
    assert order.state == orders_pb2.ORDER_STATE_PAID
    await town.house.settled()
    assert (await town.world.order(order.id)).expectations[0].waybill
    assert len(town.house.told(ShipmentPlanned)) == 1
    await town.ship(order.id)
    await town.house.settled()
    sent = await town.world.order(order.id)
    assert (sent.state, sent.lines[0].fulfilled) == (orders_pb2.ORDER_STATE_SHIPPED, 3)
    assert await town.stock("CUP-1") == (7, 7)
    with pytest.raises(Refused) as refused:
        await town.world.cancel(order.id)
    assert refused.value.reason == "TOO_LATE_TO_CANCEL"


async def test_cancelled_after_planning_everything_is_back(town: Town) -> None:
    await town.product("CUP-2", 10)
    order = await town.world.bought({"CUP-2": 3})
    await town.house.settled()
    assert (await town.world.cancel(order.id)).state == orders_pb2.ORDER_STATE_CANCELLED
    await town.house.settled()
    assert await town.stock("CUP-2") == (10, 10)


async def _raced_for(town: Town, carts: list[str]) -> tuple[list[orders_pb2.Order], set[str]]:
    """Everybody at once; who got an order, and why the others did not. What was charged is what was ordered."""
    world = town.world
    answers = await asyncio.gather(*(world.insisting(world.request(cart)) for cart in carts), return_exceptions=True)
    paid = [answer.order for answer in answers if not isinstance(answer, BaseException)]
    await town.house.settled()
    charged = [payment for order in paid for payment in await world.psp.payments(order.id)]
    assert [payment["captured_minor"] for payment in charged] == [order.totals[-1].amount.minor for order in paid]
    assert sum(entry["amount_minor"] for entry in await world.psp.ledger() if entry["kind"] == "capture") == sum(
        order.totals[-1].amount.minor for order in paid
    )
    return paid, {no.reason for no in answers if isinstance(no, Refused)}


async def test_twelve_buyers_of_five_units_make_five_orders(town: Town) -> None:
    await town.product("CUP-4", 5)
    paid, reasons = await _raced_for(town, [await town.world.filled_cart({"CUP-4": 1}) for _ in range(12)])
    assert (len(paid), reasons) == (5, {"OUT_OF_STOCK"})
    assert (await town.stock("CUP-4"))[1] == 0


async def test_eight_buyers_with_a_coupon_for_three_make_three_orders(town: Town) -> None:
    await town.product("CUP-5", 50)
    coupons = coupons_pb2_grpc.CouponsServiceStub(town.house.started["marketing"].channel)
    off = money_pb2.Money(currency="CNY", minor=500)
    coupon = coupons_pb2.Coupon(code="SAVE", title="off", amount_off=off, limit=3)
    await call(coupons.CreateCoupon, coupons_pb2.CreateCouponRequest(coupon=coupon, by="stf_1"))
    carts = [await town.world.filled_cart({"CUP-5": 1}) for _ in range(8)]
    for cart in carts:
        await town.world.add_coupon(cart, "save")
    paid, reasons = await _raced_for(town, carts)
    assert (len(paid), reasons) == (3, {"COUPON_USED_UP"})
    assert {order.discounts[0].code for order in paid} == {"SAVE"}
    assert (await town.stock("CUP-5"))[1] == 47
