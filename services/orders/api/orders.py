"""This is where calls about checkouts, orders and payments come in."""

from typing import Any

from shop.orders.v1 import checkout_pb2, checkout_pb2_grpc, orders_pb2, orders_pb2_grpc

from services.kit.seal import Seal
from services.orders.cancellation import Cancellation
from services.orders.checkout import Checkout, Purchase
from services.orders.looking import Orders
from services.orders.messages.orders import OrderMessage, order_message, staff_message, wanted_of
from services.orders.messages.origin import origin_of
from services.orders.orders import Order


class CheckoutApi(checkout_pb2_grpc.CheckoutServiceServicer):
    """Answers shop.orders.v1.CheckoutService."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout

    async def Checkout(self, request: checkout_pb2.CheckoutRequest, context: Any) -> checkout_pb2.CheckoutResponse:
        """Prices, holds stock, takes coupon and points, charges, orders."""
        bought = await self._checkout.place(
            Purchase(
                cart_id=request.cart_id,
                customer_id=request.customer_id,
                payment_method=request.payment_method,
                payment_token=request.payment_token,
                points=request.points,
                email=request.email,
                request_id=request.request_id,
                fingerprint=request.fingerprint,
                origin=origin_of(request),
                return_insurance_minor=(
                    request.return_insurance_minor if request.HasField("return_insurance_minor") else None
                ),
            )
        )
        return checkout_pb2.CheckoutResponse(order=bought.answer, replayed=bought.replayed)


class OrdersApi(orders_pb2_grpc.OrdersServiceServicer):
    """Answers shop.orders.v1.OrdersService."""

    def __init__(self, orders: Orders, cancellation: Cancellation, seal: Seal) -> None:
        self._orders, self._cancellation, self._seal = orders, cancellation, seal

    async def GetOrder(self, request: orders_pb2.GetOrderRequest, context: Any) -> orders_pb2.GetOrderResponse:
        """One order."""
        order = await self._orders.get(request.id, request.customer_id, staff=request.staff)
        if request.staff:
            return orders_pb2.GetOrderResponse(
                order=staff_message(order, self._seal.open(order.sealed_address, order.id))
            )
        return orders_pb2.GetOrderResponse(order=_whole(order, self._seal))

    async def ListOrders(self, request: orders_pb2.ListOrdersRequest, context: Any) -> orders_pb2.ListOrdersResponse:
        """A customer's own orders, or all of them for staff; newest first, without addresses."""
        orders, cursor = await self._orders.page(
            request.customer_id,
            wanted_of(request),
            staff=request.staff,
            limit=request.page.limit,
            cursor=request.page.cursor,
        )
        shown = staff_message if request.staff else order_message
        return orders_pb2.ListOrdersResponse(orders=[shown(order) for order in orders], next_cursor=cursor)

    async def CancelOrder(self, request: orders_pb2.CancelOrderRequest, context: Any) -> orders_pb2.CancelOrderResponse:
        """Cancels what has not been shipped and gives the money back."""
        order = await self._cancellation.cancel(request.id, request.customer_id, request.reason, staff=request.staff)
        return orders_pb2.CancelOrderResponse(order=_whole(order, self._seal))

    async def ListHoldFates(
        self, request: orders_pb2.ListHoldFatesRequest, context: Any
    ) -> orders_pb2.ListHoldFatesResponse:
        """What became of orders whose stock hold ran out."""
        live = await self._orders.live(list(request.order_ids))
        keep, release = orders_pb2.HOLD_FATE_KEEP, orders_pb2.HOLD_FATE_RELEASE
        return orders_pb2.ListHoldFatesResponse(fates=[keep if lives else release for lives in live])


def _whole(order: Order, seal: Seal) -> OrderMessage:
    return order_message(order, seal.open(order.sealed_address, order.id))
