"""This is where calls about words come in: synonyms, keywords, titles."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import discovery_pb2 as pb
from shop.catalog.v1 import discovery_pb2_grpc

from services.catalog.messages import office

from . import messages
from .finding import Finding
from .keywords import Keywords
from .synonyms import Synonyms, SynonymSet
from .titles import Titles


@dataclass
class DiscoveryApi(discovery_pb2_grpc.DiscoveryServiceServicer):
    """What is learnt from what customers ask for."""

    finding: Finding
    synonyms: Synonyms
    keywords: Keywords
    titles: Titles

    async def CompleteQuery(self, request: pb.CompleteQueryRequest, context: Any) -> pb.CompleteQueryResponse:
        """What somebody may go on to write."""
        return pb.CompleteQueryResponse(completions=await self.finding.complete(request.q, request.limit or 10))

    async def ListSynonyms(self, request: pb.ListSynonymsRequest, context: Any) -> pb.ListSynonymsResponse:
        """Every set."""
        return pb.ListSynonymsResponse(sets=[messages.synonyms(each) for each in await self.synonyms.all()])

    async def PutSynonyms(self, request: pb.PutSynonymsRequest, context: Any) -> pb.PutSynonymsResponse:
        """Makes or changes a set."""
        wanted = SynonymSet(request.set.id, list(request.set.terms), request.set.one_way, request.by)
        kept = await self.synonyms.put(wanted, request.if_version)
        return pb.PutSynonymsResponse(set=messages.synonyms(kept))

    async def RemoveSynonyms(self, request: pb.RemoveSynonymsRequest, context: Any) -> pb.RemoveSynonymsResponse:
        """It means nothing any more."""
        await self.synonyms.remove(request.id)
        return pb.RemoveSynonymsResponse()

    async def ListKeywords(self, request: pb.ListKeywordsRequest, context: Any) -> pb.ListKeywordsResponse:
        """A report."""
        rows = await self.keywords.report(messages.kind(request.kind), request.days or 28, request.limit)
        return messages.keywords(rows)

    async def GetKeywordCoverage(
        self, request: pb.GetKeywordCoverageRequest, context: Any
    ) -> pb.GetKeywordCoverageResponse:
        """Where a product has the words customers ask for."""
        product, rows = await self.keywords.coverage(request.product_id, request.days or 28)
        return messages.coverage(product.title, rows)

    async def ListTitleSuggestions(
        self, request: pb.ListTitleSuggestionsRequest, context: Any
    ) -> pb.ListTitleSuggestionsResponse:
        """Open proposals."""
        found, more = await self.titles.page(request.page.limit, request.page.cursor)
        rows = [messages.suggestion(each) for each in found]
        return pb.ListTitleSuggestionsResponse(suggestions=rows, next_cursor=more)

    async def SuggestTitles(self, request: pb.SuggestTitlesRequest, context: Any) -> pb.SuggestTitlesResponse:
        """Looks at the slow movers now."""
        return pb.SuggestTitlesResponse(job=office.job(await self.titles.start(request.by)))

    async def DecideTitle(self, request: pb.DecideTitleRequest, context: Any) -> pb.DecideTitleResponse:
        """Accepts or dismisses a proposal."""
        decided = await self.titles.decide(request.id, request.accept, request.by)
        return pb.DecideTitleResponse(suggestion=messages.suggestion(decided))
