"""This is where calls about pre-orders come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import preorders_pb2 as pb
from shop.orders.v1 import preorders_pb2_grpc

from services.kit.clock import Clock
from services.kit.seal import Seal
from services.orders.messages.orders import order_message

from .balances import Balances
from .campaigns import Campaign, Campaigns
from .messages import campaign_message, campaign_of


@dataclass
class PreordersApi(preorders_pb2_grpc.PreordersServiceServicer):
    """Answers shop.orders.v1.PreordersService."""

    campaigns: Campaigns
    balances: Balances
    seal: Seal
    clock: Clock

    async def OpenCampaign(self, request: pb.OpenCampaignRequest, context: Any) -> pb.OpenCampaignResponse:
        """Sells ahead."""
        opened = await self.campaigns.open(campaign_of(request.campaign, request.by))
        return pb.OpenCampaignResponse(campaign=await self._message(opened))

    async def EndCampaign(self, request: pb.EndCampaignRequest, context: Any) -> pb.EndCampaignResponse:
        """Sells no more."""
        return pb.EndCampaignResponse(campaign=await self._message(await self.campaigns.end(request.id)))

    async def GetCampaign(self, request: pb.GetCampaignRequest, context: Any) -> pb.GetCampaignResponse:
        """One."""
        return pb.GetCampaignResponse(campaign=await self._message(await self.campaigns.get(request.id)))

    async def ListCampaigns(self, request: pb.ListCampaignsRequest, context: Any) -> pb.ListCampaignsResponse:
        """A page, without what is left."""
        found, more = await self.campaigns.page(request.page.limit, request.page.cursor)
        now = self.clock.now()
        return pb.ListCampaignsResponse(
            campaigns=[campaign_message(each, each.items, now) for each in found], next_cursor=more
        )

    async def PayBalance(self, request: pb.PayBalanceRequest, context: Any) -> pb.PayBalanceResponse:
        """The second part."""
        order = await self.balances.pay(
            request.order_id, request.customer_id, request.payment_token, request.request_id
        )
        address = self.seal.open(order.sealed_address, order.id)
        return pb.PayBalanceResponse(order=order_message(order, address))

    async def _message(self, campaign: Campaign) -> pb.Campaign:
        return campaign_message(campaign, await self.campaigns.left(campaign), self.clock.now())
