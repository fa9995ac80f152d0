"""This is where a test of orders gets its world: the service, its neighbours faked, the sandbox provider behind a line."""

import asyncio
import hashlib
import itertools
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from shop.logistics.v1 import events_pb2 as parcels
from shop.logistics.v1 import shipments_pb2
from shop.orders.v1 import (
    aftersales_pb2_grpc,
    carts_pb2,
    carts_pb2_grpc,
    checkout_pb2,
    checkout_pb2_grpc,
    orders_pb2,
    orders_pb2_grpc,
    payments_pb2_grpc,
    returns_pb2_grpc,
)
from shop.type.v1 import address_pb2

from services.kit.clock import rfc3339
from services.kit.errors import Refused
from services.kit.rpc import call
from tests.house import House, Started, free_port

from .neighbours import CatalogFake, CrmFake, Faults, LogisticsFake, MarketingFake
from .psp import Line

ADDRESS = address_pb2.Address(
    country="CN",
    province="浙江省",
    city="杭州市",
    district="西湖区",
    street="文三路 90 号",
    name="王小明",
    phone="13812345678",
)


@dataclass
class World:
    """Orders and everybody around it."""

    house: House
    faults: Faults
    catalog: CatalogFake
    marketing: MarketingFake
    logistics: LogisticsFake
    crm: CrmFake
    psp: Line
    service: Started

    def __post_init__(self) -> None:
        self.spoken_to(self.service)

    def spoken_to(self, service: Started) -> None:
        """Speaks to this instance from now on."""
        self.service = service
        self.carts = carts_pb2_grpc.CartsServiceStub(service.channel)
        self.checkout = checkout_pb2_grpc.CheckoutServiceStub(service.channel)
        self.orders = orders_pb2_grpc.OrdersServiceStub(service.channel)
        self.payments = payments_pb2_grpc.PaymentsServiceStub(service.channel)
        self.returns = returns_pb2_grpc.ReturnsServiceStub(service.channel)
        self.aftersales = aftersales_pb2_grpc.AfterSalesServiceStub(service.channel)

    async def another_instance(self) -> None:
        """A second replica; spoken to from now on."""
        self.house.ports["orders"] = free_port()
        self.spoken_to(await self.house.start("orders", psp_url=self.psp.url))

    async def until_order(self, where: dict[str, Any], lease_s: int = 0) -> None:
        """Until the chores have made some order so; `where` names its state. Of two chores that want an order at once, one
        comes back after its lease: now and then `lease_s` go by."""
        orders = self.service.ground.database["orders"]
        async with asyncio.timeout(10):
            for looks in itertools.count(1):
                if await orders.find_one(where):
                    return
                if looks % 25 == 0:
                    self.house.clock.advance(seconds=lease_s)
                await asyncio.sleep(0.02)

    async def new_cart(self, customer_id: str = "") -> str:
        """An empty cart's id."""
        answer = await call(self.carts.CreateCart, carts_pb2.CreateCartRequest(customer_id=customer_id))
        return str(answer.cart.id)

    async def put(self, cart: str, sku: str, quantity: int, customer_id: str = "") -> carts_pb2.Cart:
        """Sets a line."""
        key = carts_pb2.CartKey(cart_id=cart, customer_id=customer_id)
        answer = await call(self.carts.SetLine, carts_pb2.SetLineRequest(key=key, sku=sku, quantity=quantity))
        return answer.cart

    async def show(self, cart: str, customer_id: str = "") -> carts_pb2.Cart:
        """The priced cart."""
        key = carts_pb2.CartKey(cart_id=cart, customer_id=customer_id)
        return (await call(self.carts.GetCart, carts_pb2.GetCartRequest(key=key))).cart

    async def add_coupon(self, cart: str, code: str, customer_id: str = "") -> carts_pb2.Cart:
        """Enters a code."""
        key = carts_pb2.CartKey(cart_id=cart, customer_id=customer_id)
        return (await call(self.carts.AddCoupon, carts_pb2.AddCouponRequest(key=key, code=code))).cart

    async def filled_cart(self, lines: dict[str, int], customer_id: str = "") -> str:
        """A cart with lines, an address and a way to be sent."""
        cart = await self.new_cart(customer_id)
        for sku, quantity in lines.items():
            await self.put(cart, sku, quantity, customer_id)
        key = carts_pb2.CartKey(cart_id=cart, customer_id=customer_id)
        await call(self.carts.SetAddress, carts_pb2.SetAddressRequest(key=key, address=ADDRESS))
        await call(self.carts.ChooseDelivery, carts_pb2.ChooseDeliveryRequest(key=key, option="standard"))
        return cart

    def request(self, cart: str, token: str = "tok_ok", key: str = "", **more: Any) -> checkout_pb2.CheckoutRequest:
        """A checkout as the gateway sends it."""
        if not more.get("customer_id"):
            more.setdefault("email", "guest@example.com")
        return checkout_pb2.CheckoutRequest(
            cart_id=cart,
            payment_method=more.pop("payment_method", "card"),
            payment_token=token,
            request_id=key or uuid.uuid4().hex,
            fingerprint=hashlib.sha256(f"{cart} {token} {more}".encode()).digest(),
            **more,
        )

    async def check_out(self, request: checkout_pb2.CheckoutRequest) -> checkout_pb2.CheckoutResponse:
        """Sends it."""
        return await call(self.checkout.Checkout, request)

    async def bought(self, lines: dict[str, int], token: str = "tok_ok", **more: Any) -> orders_pb2.Order:
        """An order."""
        cart = await self.filled_cart(lines, more.get("customer_id", ""))
        return (await self.check_out(self.request(cart, token, **more))).order

    async def order(self, order_id: str, customer_id: str = "") -> orders_pb2.Order:
        """The order now."""
        request = orders_pb2.GetOrderRequest(id=order_id, customer_id=customer_id)
        return (await call(self.orders.GetOrder, request)).order

    async def cancel(self, order_id: str, customer_id: str = "") -> orders_pb2.Order:
        """Cancels it."""
        request = orders_pb2.CancelOrderRequest(id=order_id, customer_id=customer_id, reason="changed my mind")
        return (await call(self.orders.CancelOrder, request)).order

    async def insisting(self, request: checkout_pb2.CheckoutRequest) -> checkout_pb2.CheckoutResponse:
        """As a client does: the same request until it is settled."""
        answer: checkout_pb2.CheckoutResponse = await settles(lambda: self.check_out(request))
        return answer

    async def planned(self, order: orders_pb2.Order, shipment: str = "shp_1", shipments: int = 1) -> None:
        """Logistics plans a parcel with everything in it."""
        await self.house.tell(self.plan(order, shipment, shipments), key=shipment)

    def plan(self, order: orders_pb2.Order, shipment: str = "shp_1", shipments: int = 1) -> parcels.ShipmentPlanned:
        """The event."""
        now = rfc3339(self.house.clock.now())
        lines = [shipments_pb2.ShipmentLine(sku=line.sku, quantity=line.quantity) for line in order.lines]
        return parcels.ShipmentPlanned(
            shipment_id=shipment,
            order_id=order.id,
            warehouse="main",
            carrier="sandbox",
            waybill=f"WB{shipment}",
            lines=lines,
            deliver_by=now,
            at=now,
            shipments=shipments,
        )

    def shipped(self, order: orders_pb2.Order, shipment: str = "shp_1") -> parcels.ShipmentShipped:
        """The event."""
        lines = [shipments_pb2.ShipmentLine(sku=line.sku, quantity=line.quantity) for line in order.lines]
        now = rfc3339(self.house.clock.now())
        return parcels.ShipmentShipped(shipment_id=shipment, order_id=order.id, lines=lines, at=now)

    def moved(self, order: orders_pb2.Order, state: str, revision: int, shipment: str = "shp_1") -> parcels.ParcelMoved:
        """The event."""
        now = rfc3339(self.house.clock.now())
        return parcels.ParcelMoved(
            shipment_id=shipment, order_id=order.id, state=state, occurred_at=now, revision=revision
        )

    async def delivered(self, lines: dict[str, int], **more: Any) -> orders_pb2.Order:
        """An order at the door."""
        order = await self.bought(lines, **more)
        for event in (self.plan(order), self.shipped(order), self.moved(order, "delivered", 1)):
            await self.house.tell(event, key="shp_1")
        await self.house.settled()
        return await self.order(order.id, order.customer_id)


async def settles(ask: Callable[[], Awaitable[Any]], tries: int = 60) -> Any:
    """As a client does: the same again while the answer is that it should be tried again."""
    for _ in range(tries):
        try:
            return await ask()
        except Refused as no:
            if no.reason not in _AGAIN:
                raise
        await asyncio.sleep(0.05)
    raise AssertionError("never settled")


_AGAIN = (
    "MONEY_UNFINISHED",
    "ORDER_KEEPS_CHANGING",
    "CHECKOUT_UNFINISHED",
    "KEY_IN_PROGRESS",
    "CANCEL_UNFINISHED",
    "ORDER_BUSY",
    "REFUND_UNFINISHED",
    "OVERDUE",
)
