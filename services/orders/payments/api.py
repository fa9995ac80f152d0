"""This is where calls about payments and payment methods come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import payment_methods_pb2 as methods_pb
from shop.orders.v1 import payment_methods_pb2_grpc, payments_pb2_grpc
from shop.orders.v1 import payments_pb2 as pb

from services.kit.money import Money
from services.kit.seal import Seal
from services.orders import limits
from services.orders.carts import CartKey, Carts
from services.orders.looking import Orders
from services.orders.messages.orders import order_message
from services.orders.paying import Capture
from services.orders.till import Till

from . import messages
from .asking import Asking
from .inbox import Inbox
from .methods import InvalidPaymentMethod, Methods, Offer, PaymentMethod, Sale
from .outcomes import Outcomes


@dataclass
class PaymentsApi(payments_pb2_grpc.PaymentsServiceServicer):
    """Answers shop.orders.v1.PaymentsService."""

    outcomes: Outcomes
    inbox: Inbox
    orders: Orders
    asking: Asking
    seal: Seal

    async def ConfirmPayment(self, request: pb.ConfirmPaymentRequest, context: Any) -> pb.ConfirmPaymentResponse:
        """The customer confirmed: asks the provider and goes on."""
        order = await self.outcomes.confirmed(request.order_id, request.customer_id)
        whole = order_message(order, self.seal.open(order.sealed_address, order.id))
        return pb.ConfirmPaymentResponse(order=whole)

    async def ReceiveWebhook(self, request: pb.ReceiveWebhookRequest, context: Any) -> pb.ReceiveWebhookResponse:
        """A signed webhook of the provider."""
        await self.inbox.receive(
            request.provider, request.webhook_id, request.timestamp, request.signature, request.body
        )
        return pb.ReceiveWebhookResponse()

    async def ListPaymentWebhooks(
        self, request: pb.ListPaymentWebhooksRequest, context: Any
    ) -> pb.ListPaymentWebhooksResponse:
        """Webhooks, newest first."""
        page = await self.inbox.page(request.state, request.page.limit, request.page.cursor)
        return pb.ListPaymentWebhooksResponse(
            webhooks=[messages.webhook(each) for each in page[0]], next_cursor=page[1]
        )

    async def GetPaymentWebhook(
        self, request: pb.GetPaymentWebhookRequest, context: Any
    ) -> pb.GetPaymentWebhookResponse:
        """One webhook, whole."""
        return pb.GetPaymentWebhookResponse(webhook=messages.webhook(await self.inbox.get(request.id), whole=True))

    async def ApplyPaymentWebhook(
        self, request: pb.ApplyPaymentWebhookRequest, context: Any
    ) -> pb.ApplyPaymentWebhookResponse:
        """Applies it once more."""
        applied = await self.inbox.apply(request.id)
        return pb.ApplyPaymentWebhookResponse(webhook=messages.webhook(applied, whole=True))

    async def GetPayments(self, request: pb.GetPaymentsRequest, context: Any) -> pb.GetPaymentsResponse:
        """An order's payments."""
        order = await self.orders.get(request.order_id, "", staff=True)
        return pb.GetPaymentsResponse(payments=messages.payments(order))

    async def CapturePayment(self, request: pb.CapturePaymentRequest, context: Any) -> pb.CapturePaymentResponse:
        """Takes what is authorised."""
        order = await self.asking.capture(request.order_id, request.request_id, request.by, _amount(request.amount))
        return pb.CapturePaymentResponse(payments=messages.payments(order))

    async def VoidPayment(self, request: pb.VoidPaymentRequest, context: Any) -> pb.VoidPaymentResponse:
        """Lets go of the rest."""
        order = await self.asking.void(request.order_id, request.request_id, request.by, request.reason)
        return pb.VoidPaymentResponse(payments=messages.payments(order))

    async def RefundPayment(self, request: pb.RefundPaymentRequest, context: Any) -> pb.RefundPaymentResponse:
        """Gives back."""
        lines = [(line.sku, line.quantity) for line in request.lines]
        order = await self.asking.refund(
            request.order_id, request.request_id, request.by, _amount(request.amount), lines, request.reason
        )
        return pb.RefundPaymentResponse(payments=messages.payments(order))

    async def CollectCash(self, request: pb.CollectCashRequest, context: Any) -> pb.CollectCashResponse:
        """Cash was collected."""
        order = await self.asking.collect(request.order_id, request.request_id, request.by, _amount(request.amount))
        return pb.CollectCashResponse(payments=messages.payments(order))


def _amount(of: Any) -> Money | None:
    return Money(of.currency, of.minor) if of.currency or of.minor else None


@dataclass
class PaymentMethodsApi(payment_methods_pb2_grpc.PaymentMethodsServiceServicer):
    """Answers shop.orders.v1.PaymentMethodsService."""

    methods: Methods
    carts: Carts
    till: Till

    async def OfferPaymentMethods(
        self, request: methods_pb.OfferPaymentMethodsRequest, context: Any
    ) -> methods_pb.OfferPaymentMethodsResponse:
        """Every method, for a cart."""
        if not request.cart_id:
            offers = [Offer(each, "" if each.enabled else "disabled") for each in await self.methods.all()]
            return methods_pb.OfferPaymentMethodsResponse(offers=[messages.offer(each) for each in offers])
        cart = await self.carts.get(CartKey(request.cart_id, request.customer_id))
        rung = await self.till.ring_up(cart, request.customer_id)
        sale = Sale(cart.currency, rung.priced.total, cart.region, request.customer_id)
        offers = await self.methods.offers(sale)
        return methods_pb.OfferPaymentMethodsResponse(offers=[messages.offer(each) for each in offers])

    async def ListPaymentMethods(
        self, request: methods_pb.ListPaymentMethodsRequest, context: Any
    ) -> methods_pb.ListPaymentMethodsResponse:
        """Every method as it is set."""
        return methods_pb.ListPaymentMethodsResponse(
            methods=[messages.method(each) for each in await self.methods.all()]
        )

    async def PutPaymentMethod(
        self, request: methods_pb.PutPaymentMethodRequest, context: Any
    ) -> methods_pb.PutPaymentMethodResponse:
        """Sets a method."""
        of = request.method
        if of.capture not in set(Capture):
            raise limits.refused("/capture", "not a time to capture", InvalidPaymentMethod)
        wanted = PaymentMethod(
            of.id,
            of.enabled,
            Capture(of.capture),
            of.at_expiry,
            of.lasts_days,
            of.most.currency,
            of.most.minor,
            list(of.regions),
            of.members_only,
            limits.text(request.by, "/by", 64),
        )
        return methods_pb.PutPaymentMethodResponse(
            method=messages.method(await self.methods.put(wanted, request.if_version))
        )
