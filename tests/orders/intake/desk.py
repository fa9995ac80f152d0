"""This is where tests of the intake get somebody at the desk: a channel of each kind, and orders as they send them."""

import asyncio
from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import channels_pb2, channels_pb2_grpc, intake_pb2, intake_pb2_grpc
from shop.type.v1 import money_pb2, page_pb2

from services.kit.rpc import call
from tests.orders.world import ADDRESS, World

ORDERED = intake_pb2.CHANNEL_ORDER_STATE_ORDERED
EXCEPTION = intake_pb2.CHANNEL_ORDER_STATE_EXCEPTION
TAKING = intake_pb2.CHANNEL_ORDER_STATE_TAKING


def line(sku: str, quantity: int = 1, paid: int = 0) -> intake_pb2.ChannelLine:
    """A line by our SKU, or by the channel's name where that has a colon."""
    name = {"channel_sku": sku} if ":" in sku else {"sku": sku}
    return intake_pb2.ChannelLine(quantity=quantity, paid_minor=paid, **name)


def sold(number: str, *lines: intake_pb2.ChannelLine, **more: Any) -> intake_pb2.ChannelOrderDraft:
    """An order of a marketplace: paid there, freight included; it adds up."""
    freight = more.setdefault("freight_minor", 600)
    more.setdefault("total", money_pb2.Money(currency="CNY", minor=sum(each.paid_minor for each in lines) + freight))
    more.setdefault("payment_method", "external")
    more.setdefault("address", ADDRESS)
    return intake_pb2.ChannelOrderDraft(channel_order_id=number, lines=lines, **more)


def rung(number: str, *lines: intake_pb2.ChannelLine, **more: Any) -> intake_pb2.ChannelOrderDraft:
    """A sale of a till."""
    return sold(number, *lines, payment_method="cash", freight_minor=0, address=None, **more)


@dataclass
class Desk:
    """Who takes orders in."""

    world: World

    def __post_init__(self) -> None:
        self.spoken_to()

    def spoken_to(self) -> None:
        """Speaks to the instance the world speaks to."""
        self.channels = channels_pb2_grpc.ChannelsServiceStub(self.world.service.channel)
        self.intake = intake_pb2_grpc.IntakeServiceStub(self.world.service.channel)

    async def open(self, code: str, kind: str, **more: Any) -> None:
        """A channel."""
        channel = channels_pb2.Channel(code=code, title=code.title(), kind=kind, open=True, **more)
        await call(self.channels.PutChannel, channels_pb2.PutChannelRequest(channel=channel))

    async def all_open(self) -> "Desk":
        """One of each kind that differs."""
        await self.open("taobao", "marketplace")
        await self.open("mini", "mini_program")
        await self.open("till", "store", warehouse="main")
        return self

    async def take(self, channel: str, *orders: intake_pb2.ChannelOrderDraft) -> list[intake_pb2.TakenOrder]:
        """Takes a batch in."""
        request = intake_pb2.TakeOrdersRequest(channel=channel, staff=True, orders=orders)
        return list((await call(self.intake.TakeOrders, request, timeout_s=20)).taken)

    async def one(self, channel: str, order: intake_pb2.ChannelOrderDraft) -> intake_pb2.TakenOrder:
        """Takes one in."""
        return (await self.take(channel, order))[0]

    async def insist(self, channel: str, order: intake_pb2.ChannelOrderDraft) -> intake_pb2.TakenOrder:
        """As a channel does: again until it is settled."""
        for _ in range(200):
            taken = await self.one(channel, order)
            if not taken.refusal:
                return taken
            assert taken.refusal in ("KEY_IN_PROGRESS", "CHECKOUT_UNFINISHED"), taken
            await asyncio.sleep(0.02)
        raise AssertionError("never settled")

    async def record(self, key: str) -> intake_pb2.ChannelOrder:
        """What came in, as it was sent."""
        return (await call(self.intake.GetChannelOrder, intake_pb2.GetChannelOrderRequest(id=key))).order

    async def listed(self, **where: Any) -> list[intake_pb2.ChannelOrder]:
        """What came in."""
        answer = await call(self.intake.ListChannelOrders, intake_pb2.ListChannelOrdersRequest(**where))
        return list(answer.orders)

    async def retry(self, key: str, **repair: Any) -> intake_pb2.ChannelOrder:
        """An exception once more."""
        return (await call(self.intake.RetryChannelOrder, intake_pb2.RetryChannelOrderRequest(id=key, **repair))).order

    async def payments(self, **where: Any) -> list[intake_pb2.ExternalPayment]:
        """Money taken outside."""
        answer = await call(
            self.intake.ListExternalPayments,
            intake_pb2.ListExternalPaymentsRequest(page=page_pb2.Page(limit=100), **where),
        )
        return list(answer.payments)
