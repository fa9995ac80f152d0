"""This is where calls about margins and roles come in."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import assortment_pb2, assortment_pb2_grpc, margins_pb2_grpc
from shop.catalog.v1 import margins_pb2 as pb

from services.kit.money import Money

from .assortment import Assortment
from .cost_models import CostModels
from .messages import margins as messages
from .messages import roles
from .overrides import Overrides
from .reviewing import Reviewing
from .searching import Shelf
from .suggesting import Suggesting
from .terms import Standing


@dataclass
class MarginsApi(margins_pb2_grpc.MarginsServiceServicer):
    """Margins."""

    models: CostModels
    overrides: Overrides
    standing: Standing
    shelf: Shelf
    reviewing: Reviewing

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

    async def GetLowestPrices(self, request: pb.GetLowestPricesRequest, context: Any) -> pb.GetLowestPricesResponse:
        """Of some SKUs."""
        found = await self.shelf.lowest(request.skus)
        prices = [
            pb.SkuFloor(sku=unit.sku, lowest_minor=margin.lowest_minor, currency=unit.price.currency)
            for unit, margin in found
        ]
        return pb.GetLowestPricesResponse(prices=prices)

    async def CheckDiscounts(self, request: pb.CheckDiscountsRequest, context: Any) -> pb.CheckDiscountsResponse:
        """What discounts would sell below the floor."""
        return messages.verdict(await self.shelf.check(messages.discounts(request.discounts)))

    async def ReviewMargins(self, request: pb.ReviewMarginsRequest, context: Any) -> pb.ReviewMarginsResponse:
        """What was earned."""
        return messages.review(await self.reviewing.review(request.days))


@dataclass
class AssortmentApi(assortment_pb2_grpc.AssortmentServiceServicer):
    """Roles."""

    assortment: Assortment
    suggesting: Suggesting

    async def SetProductRole(
        self, request: assortment_pb2.SetProductRoleRequest, context: Any
    ) -> assortment_pb2.SetProductRoleResponse:
        """Gives a role."""
        product_id, skus = await self.assortment.set_role(request.id, roles.role_of(request.role), request.by)
        return assortment_pb2.SetProductRoleResponse(product_id=product_id, skus=skus, role=request.role)

    async def GetAssortment(
        self, request: assortment_pb2.GetAssortmentRequest, context: Any
    ) -> assortment_pb2.GetAssortmentResponse:
        """How the shelf is made up."""
        return roles.report(await self.assortment.report())

    async def ListAssortmentOffenders(
        self, request: assortment_pb2.ListAssortmentOffendersRequest, context: Any
    ) -> assortment_pb2.ListAssortmentOffendersResponse:
        """A page."""
        found, cursor = await self.assortment.offenders(request.page.limit, request.page.cursor)
        offenders = [roles.offender(each) for each in found]
        return assortment_pb2.ListAssortmentOffendersResponse(offenders=offenders, next_cursor=cursor)

    async def SuggestRoles(
        self, request: assortment_pb2.SuggestRolesRequest, context: Any
    ) -> assortment_pb2.SuggestRolesResponse:
        """A page."""
        found, cursor = await self.suggesting.page(request.page.limit, request.page.cursor)
        suggestions = [roles.suggestion(each) for each in found]
        return assortment_pb2.SuggestRolesResponse(suggestions=suggestions, next_cursor=cursor)

    async def PutIndustryAverage(
        self, request: assortment_pb2.PutIndustryAverageRequest, context: Any
    ) -> assortment_pb2.PutIndustryAverageResponse:
        """Keeps one."""
        said = request.average
        price = Money(said.average.currency, said.average.minor)
        kept = await self.assortment.put_average(said.category, price, said.source, request.by)
        return assortment_pb2.PutIndustryAverageResponse(average=roles.average(kept))

    async def ListIndustryAverages(
        self, request: assortment_pb2.ListIndustryAveragesRequest, context: Any
    ) -> assortment_pb2.ListIndustryAveragesResponse:
        """A page."""
        found, cursor = await self.assortment.averages(request.page.limit, request.page.cursor)
        averages = [roles.average(each) for each in found]
        return assortment_pb2.ListIndustryAveragesResponse(averages=averages, next_cursor=cursor)
