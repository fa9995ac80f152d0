"""This is where it is faked which promotions run, and what goods cost anybody then."""

from dataclasses import dataclass, field
from typing import Any

from shop.marketing.v1 import promotions_pb2 as pb
from shop.marketing.v1 import shown_prices_pb2

from .faults import Faults, cny
from .refusals import PromotionNotFound


@dataclass
class PromotionsFake:
    """What a test says."""

    faults: Faults
    rules: dict[str, pb.Promotion] = field(default_factory=dict)
    shown: dict[str, tuple[int, str]] = field(default_factory=dict)  # what a SKU costs anybody, and by which promotion

    async def GetPromotion(self, request: pb.GetPromotionRequest, context: Any) -> pb.GetPromotionResponse:
        await self.faults.at("GetPromotion", "before")
        if request.id not in self.rules:
            raise PromotionNotFound("there is none")
        return pb.GetPromotionResponse(promotion=self.rules[request.id])

    async def ListShownPrices(
        self, request: shown_prices_pb2.ListShownPricesRequest, context: Any
    ) -> shown_prices_pb2.ListShownPricesResponse:
        await self.faults.at("ListShownPrices", "before")
        prices = [
            shown_prices_pb2.ShownPrice(
                sku=item.sku, price=cny(self.shown[item.sku][0]), promotion_id=self.shown[item.sku][1]
            )
            for item in request.items
            if item.sku in self.shown
        ]
        return shown_prices_pb2.ListShownPricesResponse(prices=prices)
