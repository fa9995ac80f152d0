"""This is where calls about what a listing may say and must show come in."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    compliance_pb2,
    compliance_pb2_grpc,
    policies_pb2,
    policies_pb2_grpc,
    spec_tables_pb2,
    spec_tables_pb2_grpc,
)

from services.catalog.jobs import Jobs
from services.catalog.messages import office, promises

from . import messages
from .lists import Lists
from .prereview import Prereview
from .rescans import KIND, Rescans
from .shops import ShopPromises
from .spec_tables import Schemas


@dataclass
class ComplianceApi(compliance_pb2_grpc.ComplianceServiceServicer):
    """Words, findings, scans."""

    lists: Lists
    prereview: Prereview
    rescans: Rescans
    jobs: Jobs

    async def ListWords(
        self, request: compliance_pb2.ListWordsRequest, context: Any
    ) -> compliance_pb2.ListWordsResponse:
        """Words that stand on the list."""
        page = request.page
        words, number, more = await self.lists.page(messages.kind(request.kind), request.q, page.limit, page.cursor)
        return compliance_pb2.ListWordsResponse(
            words=[messages.word(each) for each in words], list_version=number, next_cursor=more
        )

    async def AddWord(self, request: compliance_pb2.AddWordRequest, context: Any) -> compliance_pb2.AddWordResponse:
        """Puts a word on the list."""
        word, number = await self.lists.add(messages.wanted(request.word), request.by)
        return compliance_pb2.AddWordResponse(word=messages.word(word), list_version=number)

    async def RemoveWord(
        self, request: compliance_pb2.RemoveWordRequest, context: Any
    ) -> compliance_pb2.RemoveWordResponse:
        """Takes a word off the list."""
        return compliance_pb2.RemoveWordResponse(list_version=await self.lists.remove(request.id))

    async def CheckTexts(
        self, request: compliance_pb2.CheckTextsRequest, context: Any
    ) -> compliance_pb2.CheckTextsResponse:
        """What may not be said."""
        found = await self.prereview.of_texts(request.texts, request.category)
        return compliance_pb2.CheckTextsResponse(findings=messages.findings(found))

    async def ListFindings(
        self, request: compliance_pb2.ListFindingsRequest, context: Any
    ) -> compliance_pb2.ListFindingsResponse:
        """What all gates have against a product."""
        found = await self.prereview.of_product(request.product_id, request.merchant_id)
        return compliance_pb2.ListFindingsResponse(findings=messages.findings(found))

    async def StartRescan(
        self, request: compliance_pb2.StartRescanRequest, context: Any
    ) -> compliance_pb2.StartRescanResponse:
        """Has all live listings looked at again."""
        return compliance_pb2.StartRescanResponse(job=office.job(await self.rescans.ask(request.by)))

    async def ListScans(
        self, request: compliance_pb2.ListScansRequest, context: Any
    ) -> compliance_pb2.ListScansResponse:
        """Scans, newest first."""
        scans, more = await self.jobs.page(KIND, request.page.limit, request.page.cursor)
        return compliance_pb2.ListScansResponse(scans=[office.job(each) for each in scans], next_cursor=more)


@dataclass
class SpecTablesApi(spec_tables_pb2_grpc.SpecTablesServiceServicer):
    """What spec tables must say."""

    schemas: Schemas

    async def GetSchema(
        self, request: spec_tables_pb2.GetSchemaRequest, context: Any
    ) -> spec_tables_pb2.GetSchemaResponse:
        """What a category asks for."""
        return spec_tables_pb2.GetSchemaResponse(schema=messages.schema(*await self.schemas.of(request.category)))

    async def PutSchema(
        self, request: spec_tables_pb2.PutSchemaRequest, context: Any
    ) -> spec_tables_pb2.PutSchemaResponse:
        """Sets what a category asks for."""
        rules = messages.rules(request.rules)
        kept = await self.schemas.put(request.category, rules, request.if_version, request.by)
        return spec_tables_pb2.PutSchemaResponse(schema=messages.schema(*kept))


@dataclass
class PoliciesApi(policies_pb2_grpc.PoliciesServiceServicer):
    """The shop's after-sales policy."""

    promises: ShopPromises

    async def GetPolicy(self, request: policies_pb2.GetPolicyRequest, context: Any) -> policies_pb2.GetPolicyResponse:
        """The policy."""
        return policies_pb2.GetPolicyResponse(policy=messages.policy(await self.promises.get()))

    async def PutPolicy(self, request: policies_pb2.PutPolicyRequest, context: Any) -> policies_pb2.PutPolicyResponse:
        """Sets the policy."""
        wanted = promises.policy(request.after_sales)
        kept = await self.promises.put(wanted, request.if_version, request.by)
        return policies_pb2.PutPolicyResponse(policy=messages.policy(kept))
