"""This is where calls about merchants come in: one method, one call into a feature."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import (
    merchant_applications_pb2,
    merchant_applications_pb2_grpc,
    merchants_pb2,
    merchants_pb2_grpc,
    requirements_pb2,
    requirements_pb2_grpc,
)

from services.kit.clock import Clock

from . import messages
from .applications import Application, Applications
from .licensing import Licensing
from .merchants import Merchant, Merchants
from .penalties import Penalties
from .requirements import Requirements


@dataclass
class MerchantsApi(merchants_pb2_grpc.MerchantsServiceServicer):
    """Who sells in the shop."""

    merchants: Merchants
    licensing: Licensing
    penalties: Penalties
    clock: Clock

    async def ListMerchants(
        self, request: merchants_pb2.ListMerchantsRequest, context: Any
    ) -> merchants_pb2.ListMerchantsResponse:
        """Merchants by id."""
        kept, more = await self.merchants.page(request.page.limit, request.page.cursor, request.merchant_id)
        return merchants_pb2.ListMerchantsResponse(merchants=[self._shown(each) for each in kept], next_cursor=more)

    async def GetMerchant(
        self, request: merchants_pb2.GetMerchantRequest, context: Any
    ) -> merchants_pb2.GetMerchantResponse:
        """One merchant."""
        kept = await self.merchants.get(request.id, request.merchant_id)
        return merchants_pb2.GetMerchantResponse(merchant=self._shown(kept, reveal=request.reveal))

    async def UpdateContact(
        self, request: merchants_pb2.UpdateContactRequest, context: Any
    ) -> merchants_pb2.UpdateContactResponse:
        """Whom to reach."""
        contact = messages.told_contact(request.contact)
        kept = await self.merchants.reach(request.id, contact, request.if_version, request.merchant_id)
        return merchants_pb2.UpdateContactResponse(merchant=self._shown(kept, reveal=True))

    async def AddLicence(
        self, request: merchants_pb2.AddLicenceRequest, context: Any
    ) -> merchants_pb2.AddLicenceResponse:
        """A licence that waits for review."""
        added = await self.licensing.add(
            request.id,
            messages.paper(request.paper),
            renews=request.renews,
            by=request.by,
            scope=request.merchant_id,
        )
        return merchants_pb2.AddLicenceResponse(licence=messages.licence(added, self.clock.now()))

    async def ReviewLicence(
        self, request: merchants_pb2.ReviewLicenceRequest, context: Any
    ) -> merchants_pb2.ReviewLicenceResponse:
        """Accepts or revokes it."""
        reviewed = await self.licensing.review(
            request.id,
            request.licence_id,
            accept=request.accept,
            reason=request.reason,
            categories=request.categories,
            by=request.by,
        )
        return merchants_pb2.ReviewLicenceResponse(licence=messages.licence(reviewed, self.clock.now()))

    async def GivePenalty(
        self, request: merchants_pb2.GivePenaltyRequest, context: Any
    ) -> merchants_pb2.GivePenaltyResponse:
        """Points against it."""
        given, again = await self.penalties.give(request.id, messages.asked_penalty(request))
        return merchants_pb2.GivePenaltyResponse(penalty=messages.penalty(given, self.clock.now()), replayed=again)

    async def AppealPenalty(
        self, request: merchants_pb2.AppealPenaltyRequest, context: Any
    ) -> merchants_pb2.AppealPenaltyResponse:
        """What the merchant says against them."""
        kept = await self.penalties.appeal(request.id, request.penalty_id, request.text, request.merchant_id)
        return merchants_pb2.AppealPenaltyResponse(penalty=messages.penalty(kept, self.clock.now()))

    async def DecidePenalty(
        self, request: merchants_pb2.DecidePenaltyRequest, context: Any
    ) -> merchants_pb2.DecidePenaltyResponse:
        """Revokes or upholds them."""
        kept = await self.penalties.settle(
            request.id, request.penalty_id, revoke=request.revoke, reason=request.reason, by=request.by
        )
        return merchants_pb2.DecidePenaltyResponse(penalty=messages.penalty(kept, self.clock.now()))

    async def CloseMerchant(
        self, request: merchants_pb2.CloseMerchantRequest, context: Any
    ) -> merchants_pb2.CloseMerchantResponse:
        """Takes everything down."""
        kept = await self.merchants.close(request.id, request.reason, request.by)
        return merchants_pb2.CloseMerchantResponse(merchant=self._shown(kept))

    async def ReopenMerchant(
        self, request: merchants_pb2.ReopenMerchantRequest, context: Any
    ) -> merchants_pb2.ReopenMerchantResponse:
        """It may sell again."""
        kept = await self.merchants.reopen(request.id, request.reason, request.by)
        return merchants_pb2.ReopenMerchantResponse(merchant=self._shown(kept))

    def _shown(self, kept: Merchant, *, reveal: bool = False) -> merchants_pb2.Merchant:
        contact = self.merchants.contact(kept, reveal=reveal)
        return messages.merchant(kept, contact, self.merchants.thresholds, self.clock.now())


@dataclass
class ApplicationsApi(merchant_applications_pb2_grpc.MerchantApplicationsServiceServicer):
    """Who would like to."""

    applications: Applications

    async def Apply(
        self, request: merchant_applications_pb2.ApplyRequest, context: Any
    ) -> merchant_applications_pb2.ApplyResponse:
        """Hands one in."""
        form = messages.form(request.form)
        kept, again = await self.applications.apply(form, request.request_id, request.fingerprint)
        return merchant_applications_pb2.ApplyResponse(application=self._shown(kept), replayed=again)

    async def AmendApplication(
        self, request: merchant_applications_pb2.AmendApplicationRequest, context: Any
    ) -> merchant_applications_pb2.AmendApplicationResponse:
        """The holder mends it."""
        kept = await self.applications.amend(request.id, messages.form(request.form), request.parts)
        return merchant_applications_pb2.AmendApplicationResponse(application=self._shown(kept))

    async def GetApplication(
        self, request: merchant_applications_pb2.GetApplicationRequest, context: Any
    ) -> merchant_applications_pb2.GetApplicationResponse:
        """One application."""
        kept = await self.applications.get(request.id)
        return merchant_applications_pb2.GetApplicationResponse(application=self._shown(kept, reveal=request.reveal))

    async def ListApplications(
        self, request: merchant_applications_pb2.ListApplicationsRequest, context: Any
    ) -> merchant_applications_pb2.ListApplicationsResponse:
        """Applications, newest first."""
        page = request.page
        kept, more = await self.applications.page(messages.state(request.state), page.limit, page.cursor)
        shown = [self._shown(each) for each in kept]
        return merchant_applications_pb2.ListApplicationsResponse(applications=shown, next_cursor=more)

    async def ReviewApplication(
        self, request: merchant_applications_pb2.ReviewApplicationRequest, context: Any
    ) -> merchant_applications_pb2.ReviewApplicationResponse:
        """Takes it up or decides it."""
        kept = await self.applications.review(request.id, messages.ruling(request))
        return merchant_applications_pb2.ReviewApplicationResponse(application=self._shown(kept, reveal=True))

    def _shown(self, kept: Application, *, reveal: bool = False) -> merchant_applications_pb2.Application:
        return messages.application(kept, self.applications.contact(kept, reveal=reveal))


@dataclass
class RequirementsApi(requirements_pb2_grpc.RequirementsServiceServicer):
    """What categories demand."""

    requirements: Requirements

    async def GetRequirements(
        self, request: requirements_pb2.GetRequirementsRequest, context: Any
    ) -> requirements_pb2.GetRequirementsResponse:
        """By itself and from above."""
        demanded = await self.requirements.of(request.category)
        return requirements_pb2.GetRequirementsResponse(requirements=messages.requirements(demanded))

    async def PutRequirements(
        self, request: requirements_pb2.PutRequirementsRequest, context: Any
    ) -> requirements_pb2.PutRequirementsResponse:
        """From now on."""
        job = await self.requirements.put(request.category, request.kinds, request.by)
        demanded = messages.requirements(await self.requirements.of(request.category))
        return requirements_pb2.PutRequirementsResponse(requirements=demanded, job_id=job.id)
