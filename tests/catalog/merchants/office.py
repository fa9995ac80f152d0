"""This is where tests keep merchants over gRPC, as the shop's own people and as the merchants do."""

import asyncio
from typing import Any

from shop.catalog.v1 import (
    jobs_pb2,
    jobs_pb2_grpc,
    merchant_applications_pb2_grpc,
    merchants_pb2_grpc,
    notices_pb2,
    notices_pb2_grpc,
    products_pb2,
    requirements_pb2_grpc,
)
from shop.catalog.v1 import merchant_applications_pb2 as app
from shop.catalog.v1 import merchants_pb2 as pb
from shop.catalog.v1 import requirements_pb2 as req

from services.catalog.merchants.credit_codes import check_character
from services.kit.rpc import call
from tests.catalog.counter import Counter, cells

CONTACT = pb.MerchantContact(name="王小明", phone="138 1234 5678", email="wang@example.com")
_STEPS = (
    products_pb2.LISTING_MOVE_SUBMIT,
    products_pb2.LISTING_MOVE_APPROVE,
    products_pb2.LISTING_MOVE_PUBLISH,
)


def credit_code(number: int) -> str:
    """A good code; another one a number."""
    first = f"91350211M{number:08d}"
    return first + check_character(first)


def form(number: int = 1, **business: Any) -> app.ApplicationForm:
    """A good application."""
    paper = {
        "number": credit_code(number),
        "scope": "食品销售",
        "categories": ["goods"],
        "document": "https://cdn.example.com/licence.pdf",
    }
    return app.ApplicationForm(
        legal_name=f"厦门{number}号商贸有限公司", contact=CONTACT, business_licence=pb.Paper(**(paper | business))
    )


class Office:
    """The three doors, on a running catalog with the tree goods > food > snacks, goods > toys, and services."""

    def __init__(self, counter: Counter) -> None:
        channel = counter.started.channel
        self.counter, self.clock = counter, counter.house.clock
        self.merchants = merchants_pb2_grpc.MerchantsServiceStub(channel)
        self.applications = merchant_applications_pb2_grpc.MerchantApplicationsServiceStub(channel)
        self.requirements = requirements_pb2_grpc.RequirementsServiceStub(channel)
        self._notices = notices_pb2_grpc.NoticesServiceStub(channel)
        self._jobs = jobs_pb2_grpc.JobsServiceStub(channel)

    async def furnish(self) -> None:
        """Makes the tree."""
        tree = (("goods", ""), ("food", "goods"), ("snacks", "food"), ("toys", "goods"), ("services", ""))
        for category, parent in tree:
            node = products_pb2.Category(id=category, title=category, parent=parent)
            await call(self.counter.products.PutCategory, products_pb2.PutCategoryRequest(category=node))

    async def apply(self, said: app.ApplicationForm, request_id: str = "", fingerprint: bytes = b"") -> app.Application:
        request = app.ApplyRequest(form=said, request_id=request_id, fingerprint=fingerprint)
        answered: app.ApplyResponse = await call(self.applications.Apply, request)
        return answered.application

    async def rule(self, application_id: str, verdict: str, **more: Any) -> app.Application:
        value = app.ApplicationVerdict.Value(f"APPLICATION_VERDICT_{verdict}")
        request = app.ReviewApplicationRequest(id=application_id, verdict=value, by="stf_1", **more)
        answered: app.ReviewApplicationResponse = await call(self.applications.ReviewApplication, request)
        return answered.application

    async def merchant(self, number: int = 1, **business: Any) -> str:
        """A merchant, approved; its id."""
        applied = await self.apply(form(number, **business))
        return (await self.rule(applied.id, "APPROVE")).merchant_id

    async def get(self, merchant_id: str, scope: str = "", *, reveal: bool = False) -> pb.Merchant:
        request = pb.GetMerchantRequest(id=merchant_id, merchant_id=scope, reveal=reveal)
        answered: pb.GetMerchantResponse = await call(self.merchants.GetMerchant, request)
        return answered.merchant

    async def licence(self, merchant_id: str, kind: str, *categories: str, **paper: Any) -> pb.Licence:
        """A licence, accepted."""
        told = pb.Paper(kind=kind, number="N1", categories=categories or ["*"], **paper)
        added = (
            await call(self.merchants.AddLicence, pb.AddLicenceRequest(id=merchant_id, paper=told, by="x"))
        ).licence
        return await self.review(merchant_id, added.id, accept=True)

    async def review(self, merchant_id: str, licence_id: str, *, accept: bool, **more: Any) -> pb.Licence:
        request = pb.ReviewLicenceRequest(id=merchant_id, licence_id=licence_id, accept=accept, by="stf_1", **more)
        answered: pb.ReviewLicenceResponse = await call(self.merchants.ReviewLicence, request)
        return answered.licence

    async def penalise(self, merchant_id: str, points: int, request_id: str, **more: Any) -> pb.Penalty:
        said = {"reason": "counterfeit", "evidence": "鉴定报告", "by": "stf_1"} | more
        request = pb.GivePenaltyRequest(id=merchant_id, points=points, request_id=request_id, **said)
        answered: pb.GivePenaltyResponse = await call(self.merchants.GivePenalty, request)
        return answered.penalty

    async def demand(self, category: str, *kinds: str) -> list[tuple[str, str]]:
        request = req.PutRequirementsRequest(category=category, kinds=kinds, by="stf_1")
        answered = await call(self.requirements.PutRequirements, request)
        return [(each.kind, each.category) for each in answered.requirements]

    async def draft(self, merchant_id: str, sku: str, category: str) -> str:
        """A draft that came as a row of a file; its id."""
        row = products_pb2.ImportRow(row=2, cells=cells(sku, category=category, price_minor=2000))
        whose = "" if merchant_id == "self" else merchant_id
        request = products_pb2.ImportProductsRequest(rows=[row], by="stf_1", merchant_id=whose)
        (answer,) = (await call(self.counter.products.ImportProducts, request)).rows
        assert answer.ok, answer
        shown = products_pb2.GetProductRequest(id=sku, staff=True)
        answered: products_pb2.GetProductResponse = await call(self.counter.products.GetProduct, shown)
        return answered.product.id

    async def publish(self, product_id: str, *, from_delisted: bool = False) -> None:
        for step in _STEPS[2:] if from_delisted else _STEPS:
            request = products_pb2.MoveListingRequest(id=product_id, move=step, by="stf_1")
            await call(self.counter.products.MoveListing, request)

    async def live(self, merchant_id: str, sku: str, category: str) -> str:
        """A listing on sale; its id."""
        product_id = await self.draft(merchant_id, sku, category)
        await self.publish(product_id)
        return product_id

    async def state(self, product_id: str) -> str:
        request = products_pb2.GetProductRequest(id=product_id, staff=True)
        product = (await call(self.counter.products.GetProduct, request)).product
        return products_pb2.ListingState.Name(product.state).removeprefix("LISTING_STATE_").lower()

    async def taken_down(self, product_id: str) -> str:
        """Why it was; empty when it was not."""
        kept = await self.counter.database["products"].find_one({"_id": product_id})
        why = (kept or {}).get("taken_down") or {}
        return str(why.get("code", ""))

    async def notices(self, kind: str, merchant_id: str = "") -> list[notices_pb2.Notice]:
        request = notices_pb2.ListNoticesRequest(kind=kind, merchant_id=merchant_id)
        return list((await call(self._notices.ListNotices, request)).notices)

    async def attended(self) -> None:
        """Waits until no merchant wants attention and no job is open."""
        merchants, jobs = self.counter.database["merchants"], self.counter.database["jobs"]

        async def busy() -> bool:
            due = await merchants.find_one({"due_at": {"$lte": self.clock.now()}})
            return bool(due or await jobs.find_one({"state": {"$in": ["waiting", "running"]}}))

        async with asyncio.timeout(10):
            while await busy():
                await asyncio.sleep(0.02)

    async def jobs(self) -> list[jobs_pb2.Job]:
        return list((await call(self._jobs.ListJobs, jobs_pb2.ListJobsRequest(kind="qualifications"))).jobs)
