"""This is where calls about channels and what comes in through them come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import channels_pb2, channels_pb2_grpc, intake_pb2, intake_pb2_grpc

from . import messages
from .channel_orders import ChannelOrders
from .channel_skus import ChannelSkus
from .channels import Channels
from .door import Door
from .outside import Settlements


@dataclass
class ChannelsApi(channels_pb2_grpc.ChannelsServiceServicer):
    """Answers shop.orders.v1.ChannelsService."""

    channels: Channels
    skus: ChannelSkus

    async def PutChannel(
        self, request: channels_pb2.PutChannelRequest, context: Any
    ) -> channels_pb2.PutChannelResponse:
        """Opens or changes one."""
        kept = await self.channels.put(messages.channel_of(request.channel), request.if_version)
        return channels_pb2.PutChannelResponse(channel=messages.channel_message(kept))

    async def GetChannel(
        self, request: channels_pb2.GetChannelRequest, context: Any
    ) -> channels_pb2.GetChannelResponse:
        """One."""
        return channels_pb2.GetChannelResponse(channel=messages.channel_message(await self.channels.get(request.code)))

    async def ListChannels(
        self, request: channels_pb2.ListChannelsRequest, context: Any
    ) -> channels_pb2.ListChannelsResponse:
        """All."""
        found = await self.channels.all()
        return channels_pb2.ListChannelsResponse(channels=[messages.channel_message(each) for each in found])

    async def MakeChannelKey(
        self, request: channels_pb2.MakeChannelKeyRequest, context: Any
    ) -> channels_pb2.MakeChannelKeyResponse:
        """A new key."""
        return channels_pb2.MakeChannelKeyResponse(key=await self.channels.new_key(request.code))

    async def PutChannelSku(
        self, request: channels_pb2.PutChannelSkuRequest, context: Any
    ) -> channels_pb2.PutChannelSkuResponse:
        """Says what it means."""
        kept = await self.skus.put(messages.channel_sku_of(request.row))
        return channels_pb2.PutChannelSkuResponse(row=messages.channel_sku_message(kept))

    async def DropChannelSku(
        self, request: channels_pb2.DropChannelSkuRequest, context: Any
    ) -> channels_pb2.DropChannelSkuResponse:
        """Forgets it."""
        await self.skus.drop(request.channel, request.channel_sku)
        return channels_pb2.DropChannelSkuResponse()

    async def ListChannelSkus(
        self, request: channels_pb2.ListChannelSkusRequest, context: Any
    ) -> channels_pb2.ListChannelSkusResponse:
        """A page."""
        rows, more = await self.skus.page(request.channel, request.page.limit, request.page.cursor)
        return channels_pb2.ListChannelSkusResponse(
            rows=[messages.channel_sku_message(row) for row in rows], next_cursor=more
        )


@dataclass
class IntakeApi(intake_pb2_grpc.IntakeServiceServicer):
    """Answers shop.orders.v1.IntakeService."""

    door: Door
    channels: Channels
    looking: ChannelOrders
    settlements: Settlements

    async def TakeOrders(self, request: intake_pb2.TakeOrdersRequest, context: Any) -> intake_pb2.TakeOrdersResponse:
        """Takes them in."""
        channel = await self.channels.letting_in(request.channel, request.key, staff=request.staff)
        taken = await self.door.take_in(channel, [messages.draft_of(each) for each in request.orders])
        return intake_pb2.TakeOrdersResponse(taken=[messages.taken_message(each) for each in taken])

    async def ListChannelOrders(
        self, request: intake_pb2.ListChannelOrdersRequest, context: Any
    ) -> intake_pb2.ListChannelOrdersResponse:
        """A page of what came in."""
        page = request.page
        found, more = await self.looking.page(
            messages.state_of(request.state), request.channel, request.reason, page.limit, page.cursor
        )
        return intake_pb2.ListChannelOrdersResponse(
            orders=[messages.record_message(each) for each in found], next_cursor=more
        )

    async def GetChannelOrder(
        self, request: intake_pb2.GetChannelOrderRequest, context: Any
    ) -> intake_pb2.GetChannelOrderResponse:
        """One, as it was sent."""
        record = await self.looking.get(request.id)
        draft = self.door.draft_of(record) if record.sealed_draft else None
        return intake_pb2.GetChannelOrderResponse(order=messages.record_message(record, draft))

    async def RetryChannelOrder(
        self, request: intake_pb2.RetryChannelOrderRequest, context: Any
    ) -> intake_pb2.RetryChannelOrderResponse:
        """Once more."""
        record = await self.door.retry(request.id, request.if_version, messages.repair_of(request))
        return intake_pb2.RetryChannelOrderResponse(order=messages.record_message(record))

    async def CloseChannelOrder(
        self, request: intake_pb2.CloseChannelOrderRequest, context: Any
    ) -> intake_pb2.CloseChannelOrderResponse:
        """Seen to elsewhere."""
        record = await self.looking.close(request.id, request.if_version, request.note, request.by)
        return intake_pb2.CloseChannelOrderResponse(order=messages.record_message(record))

    async def SettleChannel(
        self, request: intake_pb2.SettleChannelRequest, context: Any
    ) -> intake_pb2.SettleChannelResponse:
        """Compares."""
        rows = [messages.row_of(row) for row in request.rows]
        findings = await self.settlements.settle(request.channel, request.settlement, rows)
        return intake_pb2.SettleChannelResponse(rows=[messages.finding_message(each) for each in findings])

    async def ListExternalPayments(
        self, request: intake_pb2.ListExternalPaymentsRequest, context: Any
    ) -> intake_pb2.ListExternalPaymentsResponse:
        """A page of payments."""
        page = request.page
        found, more = await self.settlements.page(request.channel, request.settlement, page.limit, page.cursor)
        return intake_pb2.ListExternalPaymentsResponse(
            payments=[messages.payment_message(each) for each in found], next_cursor=more
        )
