"""This is where tests speak to the compliance gate over gRPC."""

from typing import Any, cast

from shop.catalog.v1 import (
    compliance_pb2,
    compliance_pb2_grpc,
    jobs_pb2,
    jobs_pb2_grpc,
    notices_pb2,
    notices_pb2_grpc,
    policies_pb2,
    policies_pb2_grpc,
    products_pb2,
    spec_tables_pb2,
    spec_tables_pb2_grpc,
)

from services.kit.rpc import call
from tests.catalog.counter import Counter
from tests.catalog.test_products import shirt

# What this gate says; others stand beside it.
CODES = {
    *("BANNED_WORD", "MEDICAL_CLAIM", "PROHIBITED_GOOD", "FALSE_SCARCITY", "UNPROVEN_CLAIM", "TITLE_MISSING"),
    *("CATEGORY_MISSING", "VARIANTS_MISSING", "AFTER_SALES_MISSING", "CLAIM_UNTRUE", "EVIDENCE_MISSING"),
    *("PHOTO_MISSING", "SPEC_TABLE_MISSING", "SPEC_MISSING", "SPEC_INVALID"),
}


class Office:
    """Staff of a running catalog."""

    def __init__(self, counter: Counter) -> None:
        self.counter, channel = counter, counter.started.channel
        self.compliance = compliance_pb2_grpc.ComplianceServiceStub(channel)
        self.spec_tables = spec_tables_pb2_grpc.SpecTablesServiceStub(channel)
        self.policies = policies_pb2_grpc.PoliciesServiceStub(channel)
        self.jobs = jobs_pb2_grpc.JobsServiceStub(channel)
        self.notices = notices_pb2_grpc.NoticesServiceStub(channel)

    async def add(self, term: str, **more: Any) -> compliance_pb2.AddWordResponse:
        """Puts a word on the list."""
        wanted: dict[str, Any] = {"kind": compliance_pb2.WORD_KIND_SUPERLATIVE, "blocks": True} | more
        request = compliance_pb2.AddWordRequest(word=compliance_pb2.Word(term=term, **wanted), by="stf_1")
        return await call(self.compliance.AddWord, request, timeout_s=10)

    async def remove(self, word_id: str) -> int:
        """Takes a word off the list; the list's version."""
        request = compliance_pb2.RemoveWordRequest(id=word_id)
        return (await call(self.compliance.RemoveWord, request)).list_version

    async def words(self, **asked: Any) -> compliance_pb2.ListWordsResponse:
        """Words on the list."""
        return await call(self.compliance.ListWords, compliance_pb2.ListWordsRequest(**asked))

    async def check(self, *texts: str, category: str = "") -> list[tuple[str, str]]:
        """Where what was found."""
        request = compliance_pb2.CheckTextsRequest(texts=texts, category=category)
        found = (await call(self.compliance.CheckTexts, request)).findings
        return [(each.pointer, each.text) for each in found]

    async def against(self, product_id: str) -> list[tuple[str, str]]:
        """What this gate has against a product: code and pointer."""
        request = compliance_pb2.ListFindingsRequest(product_id=product_id)
        found = (await call(self.compliance.ListFindings, request)).findings
        return sorted((each.code, each.pointer) for each in found if each.code in CODES)

    async def scanned(self, done: int = 1) -> list[jobs_pb2.Job]:
        """The scans, newest first, once that many are over."""
        while True:
            scans = (await call(self.compliance.ListScans, compliance_pb2.ListScansRequest())).scans
            over = [each for each in scans if each.state == jobs_pb2.JOB_STATE_DONE]
            if len(over) >= done and len(over) == len(scans):
                return over
            await self.counter.house.settled()

    async def told(self, kind: str = "listing_taken_down") -> list[notices_pb2.Notice]:
        """What staff are told."""
        return list((await call(self.notices.ListNotices, notices_pb2.ListNoticesRequest(kind=kind))).notices)

    async def schema(self, category: str) -> spec_tables_pb2.CategorySchema:
        """What a category asks for."""
        return (await call(self.spec_tables.GetSchema, spec_tables_pb2.GetSchemaRequest(category=category))).schema

    async def ask_for(
        self, category: str, *rules: spec_tables_pb2.SpecRule, seen: int = 0
    ) -> spec_tables_pb2.CategorySchema:
        """Sets what a category asks for."""
        request = spec_tables_pb2.PutSchemaRequest(category=category, rules=rules, if_version=seen, by="stf_1")
        return (await call(self.spec_tables.PutSchema, request)).schema

    async def policy(self) -> policies_pb2.ShopPolicy:
        """The shop's policy."""
        return (await call(self.policies.GetPolicy, policies_pb2.GetPolicyRequest())).policy

    async def set_policy(self, seen: int = 0, **policy: Any) -> policies_pb2.ShopPolicy:
        """Sets the shop's policy."""
        wanted = products_pb2.AfterSales(**policy)
        request = policies_pb2.PutPolicyRequest(after_sales=wanted, if_version=seen, by="stf_1")
        return (await call(self.policies.PutPolicy, request)).policy

    async def category(self, category: str, parent: str = "") -> None:
        """Makes a category."""
        wanted = products_pb2.Category(id=category, title=category, parent=parent)
        await call(self.counter.products.PutCategory, products_pb2.PutCategoryRequest(category=wanted))

    async def draft(self, category: str = "shirts", **more: Any) -> products_pb2.Product:
        """A draft nothing is against, unless said otherwise."""
        await self.category(category)
        product = shirt(category=category)
        for name, value in more.items():
            cast(Any, product).ClearField(name)
            product.MergeFrom(products_pb2.Product(**{name: value}))
        request = products_pb2.CreateProductRequest(product=product, by="stf_1")
        return (await call(self.counter.products.CreateProduct, request)).product
