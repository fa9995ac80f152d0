"""This is where calls about fraud come in."""

from dataclasses import dataclass
from typing import Any

from shop.orders.v1 import fraud_pb2, fraud_pb2_grpc

from services.kit.clock import Clock, parse_time

from . import messages
from .listings import InvalidFraudListing, Listings
from .policy import Policies
from .reports import Reports
from .reviews import Reviews
from .screening import Models
from .trails import Listing


@dataclass
class FraudApi(fraud_pb2_grpc.FraudServiceServicer):
    """Answers shop.orders.v1.FraudService."""

    reviews: Reviews
    reports: Reports
    listings: Listings
    policies: Policies
    models: Models
    clock: Clock

    async def ListFraudReviews(
        self, request: fraud_pb2.ListFraudReviewsRequest, context: Any
    ) -> fraud_pb2.ListFraudReviewsResponse:
        """What was held or refused."""
        rows, cursor = await self.reviews.page(request.state, request.page.limit, request.page.cursor)
        return fraud_pb2.ListFraudReviewsResponse(reviews=[messages.review(row) for row in rows], next_cursor=cursor)

    async def GetFraudReview(
        self, request: fraud_pb2.GetFraudReviewRequest, context: Any
    ) -> fraud_pb2.GetFraudReviewResponse:
        """One, whole."""
        found = await self.reviews.get(request.id)
        return fraud_pb2.GetFraudReviewResponse(review=messages.review(found, whole=True))

    async def ClearFraudReview(
        self, request: fraud_pb2.ClearFraudReviewRequest, context: Any
    ) -> fraud_pb2.ClearFraudReviewResponse:
        """It is not fraud."""
        done = await self.reviews.clear(request.id, request.if_version, request.note, request.by)
        return fraud_pb2.ClearFraudReviewResponse(review=messages.review(done, whole=True))

    async def ConfirmFraudReview(
        self, request: fraud_pb2.ConfirmFraudReviewRequest, context: Any
    ) -> fraud_pb2.ConfirmFraudReviewResponse:
        """It is fraud."""
        done = await self.reviews.confirm(request.id, request.if_version, request.note, request.by)
        return fraud_pb2.ConfirmFraudReviewResponse(review=messages.review(done, whole=True))

    async def ReportFraud(self, request: fraud_pb2.ReportFraudRequest, context: Any) -> fraud_pb2.ReportFraudResponse:
        """Money was lost."""
        said = request.report
        loss = messages.money_if_any(said.loss)
        kept = await self.reports.report(said.order_id, said.kind, loss, said.reference, said.note, said.by)
        return fraud_pb2.ReportFraudResponse(report=messages.report(kept))

    async def ListFraudListings(
        self, request: fraud_pb2.ListFraudListingsRequest, context: Any
    ) -> fraud_pb2.ListFraudListingsResponse:
        """Whom staff let in or keep out."""
        rows, cursor = await self.listings.page(request.verdict, request.page.limit, request.page.cursor)
        return fraud_pb2.ListFraudListingsResponse(listings=[messages.listing(row) for row in rows], next_cursor=cursor)

    async def PutFraudListing(
        self, request: fraud_pb2.PutFraudListingRequest, context: Any
    ) -> fraud_pb2.PutFraudListingResponse:
        """Lets in, or keeps out."""
        try:
            until = parse_time(request.until)
        except ValueError:
            until = None
        if until is None:
            raise InvalidFraudListing("say until when")
        said = Listing(request.verdict, until, request.by, request.note[:500], self.clock.now())
        kept = await self.listings.put(request.kind, request.value, request.order_id, said)
        return fraud_pb2.PutFraudListingResponse(listing=messages.listing(kept))

    async def RemoveFraudListing(
        self, request: fraud_pb2.RemoveFraudListingRequest, context: Any
    ) -> fraud_pb2.RemoveFraudListingResponse:
        """Forgets it."""
        await self.listings.remove(request.id)
        return fraud_pb2.RemoveFraudListingResponse()

    async def GetFraudPolicy(
        self, request: fraud_pb2.GetFraudPolicyRequest, context: Any
    ) -> fraud_pb2.GetFraudPolicyResponse:
        """How things stand."""
        policy = await self.policies.made()
        return fraud_pb2.GetFraudPolicyResponse(
            policy=messages.policy(policy, self.policies.mode_of(policy)),
            observed=messages.observed(policy.observed),
            model=messages.model(self.models.now),
        )

    async def PutFraudPolicy(
        self, request: fraud_pb2.PutFraudPolicyRequest, context: Any
    ) -> fraud_pb2.PutFraudPolicyResponse:
        """How it is decided from now on."""
        kept = await self.policies.put(messages.policy_of(request.policy), request.if_version, request.by)
        return fraud_pb2.PutFraudPolicyResponse(policy=messages.policy(kept, self.policies.mode_of(kept)))
