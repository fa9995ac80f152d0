"""This is where calls about prices come in: one method, one call into a feature."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    competitors_pb2,
    competitors_pb2_grpc,
    price_proposals_pb2,
    price_proposals_pb2_grpc,
    price_rules_pb2,
    price_rules_pb2_grpc,
    trends_pb2,
    trends_pb2_grpc,
)

from services.catalog.messages import office
from services.kit.clock import Clock

from .competition import Competition
from .competitors import Competitors
from .elasticities import Elasticities
from .matching import Matching
from .messages import competitors as of_competitors
from .messages import proposals as of_proposals
from .messages import rules as of_rules
from .proposals import Proposals
from .scheduling import Scheduling
from .tags import PriceTags
from .trends import Assortment


@dataclass
class PriceRulesApi(price_rules_pb2_grpc.PriceRulesServiceServicer):
    """Rules and tags."""

    scheduling: Scheduling
    tags: PriceTags
    clock: Clock

    async def CreatePriceRule(
        self, request: price_rules_pb2.CreatePriceRuleRequest, context: Any
    ) -> price_rules_pb2.CreatePriceRuleResponse:
        """Makes a rule."""
        made = await self.scheduling.create(of_rules.draft(request.rule, request.by, self.clock.now()))
        return price_rules_pb2.CreatePriceRuleResponse(rule=of_rules.rule(made))

    async def GetPriceRule(
        self, request: price_rules_pb2.GetPriceRuleRequest, context: Any
    ) -> price_rules_pb2.GetPriceRuleResponse:
        """One rule."""
        return of_rules.seen(await self.scheduling.show(request.id))

    async def ListPriceRules(
        self, request: price_rules_pb2.ListPriceRulesRequest, context: Any
    ) -> price_rules_pb2.ListPriceRulesResponse:
        """Rules, newest first."""
        rules, more = await self.scheduling.page(request.open, request.page.limit, request.page.cursor)
        return price_rules_pb2.ListPriceRulesResponse(rules=[of_rules.rule(each) for each in rules], next_cursor=more)

    async def EndPriceRule(
        self, request: price_rules_pb2.EndPriceRuleRequest, context: Any
    ) -> price_rules_pb2.EndPriceRuleResponse:
        """Ends a rule."""
        ended = await self.scheduling.end(request.id, request.by)
        return price_rules_pb2.EndPriceRuleResponse(rule=of_rules.rule(ended))

    async def GetPriceTag(
        self, request: price_rules_pb2.GetPriceTagRequest, context: Any
    ) -> price_rules_pb2.GetPriceTagResponse:
        """A price as a page shows it."""
        return price_rules_pb2.GetPriceTagResponse(tag=of_rules.tag(await self.tags.of(request.sku)))


@dataclass
class PriceProposalsApi(price_proposals_pb2_grpc.PriceProposalsServiceServicer):
    """Formulas, proposals, elasticities."""

    proposals: Proposals
    elasticities: Elasticities

    async def CreatePriceFormula(
        self, request: price_proposals_pb2.CreatePriceFormulaRequest, context: Any
    ) -> price_proposals_pb2.CreatePriceFormulaResponse:
        """Makes a formula."""
        made, job = await self.proposals.create_formula(of_proposals.draft(request.formula, request.by))
        return price_proposals_pb2.CreatePriceFormulaResponse(formula=of_proposals.formula(made), job=office.job(job))

    async def ListPriceFormulas(
        self, request: price_proposals_pb2.ListPriceFormulasRequest, context: Any
    ) -> price_proposals_pb2.ListPriceFormulasResponse:
        """Formulas, newest first."""
        found, more = await self.proposals.formulas(request.page.limit, request.page.cursor)
        formulas = [of_proposals.formula(each) for each in found]
        return price_proposals_pb2.ListPriceFormulasResponse(formulas=formulas, next_cursor=more)

    async def EndPriceFormula(
        self, request: price_proposals_pb2.EndPriceFormulaRequest, context: Any
    ) -> price_proposals_pb2.EndPriceFormulaResponse:
        """Ends a formula."""
        ended = await self.proposals.end_formula(request.id)
        return price_proposals_pb2.EndPriceFormulaResponse(formula=of_proposals.formula(ended))

    async def WorkOutProposals(
        self, request: price_proposals_pb2.WorkOutProposalsRequest, context: Any
    ) -> price_proposals_pb2.WorkOutProposalsResponse:
        """Works out anew."""
        if request.formula_id:
            job = await self.proposals.begin(request.formula_id, request.by)
        else:
            job = await self.elasticities.begin(request.by)
        return price_proposals_pb2.WorkOutProposalsResponse(job=office.job(job))

    async def ListPriceProposals(
        self, request: price_proposals_pb2.ListPriceProposalsRequest, context: Any
    ) -> price_proposals_pb2.ListPriceProposalsResponse:
        """Proposals nobody has decided on."""
        found, more = await self.proposals.page(request.kind, request.page.limit, request.page.cursor)
        proposals = [of_proposals.proposal(each) for each in found]
        return price_proposals_pb2.ListPriceProposalsResponse(proposals=proposals, next_cursor=more)

    async def ApplyPriceProposals(
        self, request: price_proposals_pb2.ApplyPriceProposalsRequest, context: Any
    ) -> price_proposals_pb2.ApplyPriceProposalsResponse:
        """Sets the prices proposed."""
        rows = await self.proposals.apply(request.ids, request.by)
        return price_proposals_pb2.ApplyPriceProposalsResponse(rows=[of_proposals.applied(row) for row in rows])

    async def GetElasticity(
        self, request: price_proposals_pb2.GetElasticityRequest, context: Any
    ) -> price_proposals_pb2.GetElasticityResponse:
        """How demand answers a price."""
        return of_proposals.elasticity(await self.elasticities.show(request.sku))


@dataclass
class CompetitorsApi(competitors_pb2_grpc.CompetitorsServiceServicer):
    """What others ask."""

    competitors: Competitors
    matching: Matching
    competition: Competition

    async def TakeCompetitorPrices(
        self, request: competitors_pb2.TakeCompetitorPricesRequest, context: Any
    ) -> competitors_pb2.TakeCompetitorPricesResponse:
        """Takes prices in."""
        rows = [(row.row, dict(row.cells)) for row in request.rows]
        return of_competitors.rows_taken(await self.competitors.take_in(rows))

    async def ListCompetitorPrices(
        self, request: competitors_pb2.ListCompetitorPricesRequest, context: Any
    ) -> competitors_pb2.ListCompetitorPricesResponse:
        """What was seen of a SKU's like."""
        seen, more = await self.competitors.page(request.sku, request.page.limit, request.page.cursor)
        prices = [of_competitors.price(each) for each in seen]
        return competitors_pb2.ListCompetitorPricesResponse(prices=prices, next_cursor=more)

    async def ListCompetitorMatches(
        self, request: competitors_pb2.ListCompetitorMatchesRequest, context: Any
    ) -> competitors_pb2.ListCompetitorMatchesResponse:
        """Items nobody has matched."""
        found, more = await self.matching.page(request.page.limit, request.page.cursor)
        matches = [of_competitors.match(*each) for each in found]
        return competitors_pb2.ListCompetitorMatchesResponse(matches=matches, next_cursor=more)

    async def MatchCompetitorItem(
        self, request: competitors_pb2.MatchCompetitorItemRequest, context: Any
    ) -> competitors_pb2.MatchCompetitorItemResponse:
        """Says which SKU an item is."""
        matched = await self.matching.match(request.item_id, request.sku, request.by)
        return competitors_pb2.MatchCompetitorItemResponse(item=of_competitors.item(matched))

    async def TakeCompetitorCampaigns(
        self, request: competitors_pb2.TakeCompetitorCampaignsRequest, context: Any
    ) -> competitors_pb2.TakeCompetitorCampaignsResponse:
        """Takes campaigns in."""
        taken = await self.competition.take_campaigns(of_competitors.campaigns(request.campaigns))
        return competitors_pb2.TakeCompetitorCampaignsResponse(taken=taken)

    async def TakeMarketShares(
        self, request: competitors_pb2.TakeMarketSharesRequest, context: Any
    ) -> competitors_pb2.TakeMarketSharesResponse:
        """Takes shares in."""
        taken = await self.competition.take_shares(of_competitors.shares(request.shares))
        return competitors_pb2.TakeMarketSharesResponse(taken=taken)

    async def GetCompetitorReport(
        self, request: competitors_pb2.GetCompetitorReportRequest, context: Any
    ) -> competitors_pb2.GetCompetitorReportResponse:
        """How the shop stands."""
        return of_competitors.report(await self.competition.report(request.category, request.days or 28))


@dataclass
class TrendsApi(trends_pb2_grpc.TrendsServiceServicer):
    """What sells more, and what less."""

    assortment: Assortment

    async def GetTrends(self, request: trends_pb2.GetTrendsRequest, context: Any) -> trends_pb2.GetTrendsResponse:
        """Rising, falling, hot."""
        return of_competitors.trends(await self.assortment.trends(request.by_category, request.days or 28))
