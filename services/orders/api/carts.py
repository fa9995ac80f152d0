"""This is where calls about carts come in."""

from typing import Any

from shop.orders.v1 import carts_pb2, carts_pb2_grpc

from services.kit.seal import Seal
from services.orders import limits
from services.orders.addressing import Addressing
from services.orders.carts import Cart, Carts, coupon_code
from services.orders.losing import Losing
from services.orders.merging import Merging
from services.orders.messages.addresses import address_message, address_of
from services.orders.messages.benefits import losses_message
from services.orders.messages.carts import cart_message, delivery_message, key_of
from services.orders.slots.choosing import Choosing
from services.orders.till import Rung, Till


class CartsApi(carts_pb2_grpc.CartsServiceServicer):
    """Answers shop.orders.v1.CartsService."""

    def __init__(
        self, carts: Carts, merging: Merging, till: Till, addressing: Addressing, choosing: Choosing, seal: Seal
    ) -> None:
        self._carts, self._merging, self._till, self._seal = carts, merging, till, seal
        self._addressing, self._choosing = addressing, choosing
        self._losing = Losing(carts, till)

    async def CreateCart(self, request: carts_pb2.CreateCartRequest, context: Any) -> carts_pb2.CreateCartResponse:
        """A new, empty cart; for a customer, the one that is open already."""
        cart = await self._carts.create(request.customer_id)
        return carts_pb2.CreateCartResponse(cart=await self._shown(cart, request.customer_id))

    async def GetCart(self, request: carts_pb2.GetCartRequest, context: Any) -> carts_pb2.GetCartResponse:
        """The priced cart."""
        key = key_of(request.key)
        return carts_pb2.GetCartResponse(cart=await self._shown(await self._carts.get(key), key.customer_id))

    async def SetLine(self, request: carts_pb2.SetLineRequest, context: Any) -> carts_pb2.SetLineResponse:
        """Sets how many of a SKU; zero removes it."""
        key = key_of(request.key)
        cart = await self._carts.set_line(key, request.sku, request.quantity)
        return carts_pb2.SetLineResponse(cart=await self._shown(cart, key.customer_id))

    async def PreviewRemoval(
        self, request: carts_pb2.PreviewRemovalRequest, context: Any
    ) -> carts_pb2.PreviewRemovalResponse:
        """What the cart would lose with a line."""
        losses = await self._losing.preview(key_of(request.key), request.sku, request.quantity)
        return losses_message(losses)

    async def SetAddress(self, request: carts_pb2.SetAddressRequest, context: Any) -> carts_pb2.SetAddressResponse:
        """Sets where to."""
        key = key_of(request.key)
        cart = await self._addressing.address(key, address_of(request.address))
        return carts_pb2.SetAddressResponse(cart=await self._shown(cart, key.customer_id))

    async def ListDeliveryOptions(
        self, request: carts_pb2.ListDeliveryOptionsRequest, context: Any
    ) -> carts_pb2.ListDeliveryOptionsResponse:
        """How it can be sent there, and for how much."""
        parcel, ways = await self._till.ways(key_of(request.key))
        currency = parcel.currency if parcel else ""
        return carts_pb2.ListDeliveryOptionsResponse(options=[delivery_message(way, currency) for way in ways])

    async def ChooseDelivery(
        self, request: carts_pb2.ChooseDeliveryRequest, context: Any
    ) -> carts_pb2.ChooseDeliveryResponse:
        """Chooses one of them."""
        key = key_of(request.key)
        option = limits.text(request.option, "/option", 64)
        if request.window:
            cart = await self._choosing.choose(key, option, limits.text(request.window, "/window", 64))
        else:
            cart = await self._till.choose(key, option)
        return carts_pb2.ChooseDeliveryResponse(cart=await self._shown(cart, key.customer_id))

    async def AddCoupon(self, request: carts_pb2.AddCouponRequest, context: Any) -> carts_pb2.AddCouponResponse:
        """Enters a coupon code."""
        rung = await self._till.enter_coupon(key_of(request.key), request.code)
        return carts_pb2.AddCouponResponse(cart=self._message(rung))

    async def RemoveCoupon(
        self, request: carts_pb2.RemoveCouponRequest, context: Any
    ) -> carts_pb2.RemoveCouponResponse:
        """Takes a coupon code out."""
        key = key_of(request.key)
        cart = await self._carts.remove_coupon(key, coupon_code(request.code))
        return carts_pb2.RemoveCouponResponse(cart=await self._shown(cart, key.customer_id))

    async def SetChannel(self, request: carts_pb2.SetChannelRequest, context: Any) -> carts_pb2.SetChannelResponse:
        """Says where it is filled."""
        key = key_of(request.key)
        cart = await self._carts.fill_in(key, limits.channel(request.channel))
        return carts_pb2.SetChannelResponse(cart=await self._shown(cart, key.customer_id))

    async def MergeCarts(self, request: carts_pb2.MergeCartsRequest, context: Any) -> carts_pb2.MergeCartsResponse:
        """On sign-in: adds a guest's cart to the customer's own."""
        cart = await self._merging.merge(request.guest_cart_id, request.customer_id)
        return carts_pb2.MergeCartsResponse(cart=await self._shown(cart, request.customer_id))

    async def _shown(self, cart: Cart, customer_id: str) -> carts_pb2.Cart:
        return self._message(await self._till.show(cart, customer_id))

    def _message(self, rung: Rung) -> carts_pb2.Cart:
        address = None
        if rung.cart.sealed_address is not None:
            address = address_message(self._seal.open(rung.cart.sealed_address, rung.cart.id))
        return cart_message(rung, address)
