"""This is where calls about margins come in."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import margins_pb2 as pb
from shop.catalog.v1 import margins_pb2_grpc

from . import messages
from .cost_models import CostModels
from .overrides import Overrides
from .searching import Shelf
from .terms import Standing


@dataclass
class MarginsApi(margins_pb2_grpc.MarginsServiceServicer):
    """Margins."""

    models: CostModels
    overrides: Overrides
    standing: Standing
    shelf: Shelf

    async def GetCostModel(self, request: pb.GetCostModelRequest, context: Any) -> pb.GetCostModelResponse:
        """What a scope says."""
        model, rates = await self.models.get(request.scope)
        return pb.GetCostModelResponse(model=messages.cost_model(model), rates=messages.rates(rates))

    async def PutCostModel(self, request: pb.PutCostModelRequest, context: Any) -> pb.PutCostModelResponse:
        """Replaces it."""
        said = messages.said_by(request.model)
        kept = await self.models.put(request.model.scope, said, request.if_version, request.by)
        return pb.PutCostModelResponse(model=messages.cost_model(kept))

    async def SetMarginFloor(self, request: pb.SetMarginFloorRequest, context: Any) -> pb.SetMarginFloorResponse:
        """Sets the floor."""
        kept = await self.models.set_floor(request.floor_bp, request.if_version, request.by)
        return pb.SetMarginFloorResponse(model=messages.cost_model(kept))

    async def ListCostChanges(self, request: pb.ListCostChangesRequest, context: Any) -> pb.ListCostChangesResponse:
        """A page."""
        changes, cursor = await self.models.history(request.scope, request.page.limit, request.page.cursor)
        return pb.ListCostChangesResponse(changes=map(messages.cost_change, changes), next_cursor=cursor)

    async def GetMargin(self, request: pb.GetMarginRequest, context: Any) -> pb.GetMarginResponse:
        """What a product's SKUs earn."""
        product_id, found = await self.standing.of_product(request.id)
        margins = [messages.margin(unit, unit.margin(terms), terms) for unit, terms in found]
        return pb.GetMarginResponse(product_id=product_id, margins=margins)

    async def ListBelowFloor(self, request: pb.ListBelowFloorRequest, context: Any) -> pb.ListBelowFloorResponse:
        """A page."""
        found, cursor = await self.shelf.below(request.page.limit, request.page.cursor)
        return pb.ListBelowFloorResponse(margins=[messages.margin(*each) for each in found], next_cursor=cursor)

    async def GiveMarginOverride(
        self, request: pb.GiveMarginOverrideRequest, context: Any
    ) -> pb.GiveMarginOverrideResponse:
        """Gives leave."""
        expires_at = messages.time_of(request.expires_at)
        leave, currency = messages.leave_of(request), request.until_price.currency
        entry = await self.overrides.give(request.sku, request.reason, leave, currency, expires_at, request.by)
        return pb.GiveMarginOverrideResponse(override=messages.override(entry))

    async def EndMarginOverride(
        self, request: pb.EndMarginOverrideRequest, context: Any
    ) -> pb.EndMarginOverrideResponse:
        """Ends it."""
        await self.overrides.end(request.sku, request.by)
        return pb.EndMarginOverrideResponse()

    async def ListMarginOverrides(
        self, request: pb.ListMarginOverridesRequest, context: Any
    ) -> pb.ListMarginOverridesResponse:
        """A page."""
        in_force, entries, cursor = await self.overrides.history(request.sku, request.page.limit, request.page.cursor)
        return pb.ListMarginOverridesResponse(
            in_force=in_force, entries=map(messages.override, entries), next_cursor=cursor
        )

    async def CheckDiscounts(self, request: pb.CheckDiscountsRequest, context: Any) -> pb.CheckDiscountsResponse:
        """What discounts would sell below the floor."""
        return messages.verdict(await self.shelf.check(messages.discounts(request.discounts)))
