"""This is where calls about prices come in: one method, one call into a feature."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import price_rules_pb2, price_rules_pb2_grpc

from services.kit.clock import Clock

from .messages import rules as of_rules
from .scheduling import Scheduling
from .tags import PriceTags


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
