"""This is where the people who look for fraud sit: the wing's calls, and buyers with devices."""

import hashlib
from typing import Any

from shop.orders.v1 import checkout_pb2, fraud_pb2, fraud_pb2_grpc, orders_pb2
from shop.type.v1.page_pb2 import Page

from services.kit.rpc import call
from tests.orders.world import World

STAFF = "stf_1"


class Desk:
    """Staff at their desk; buyers come through `buys`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stub = fraud_pb2_grpc.FraudServiceStub(world.service.channel)

    async def policy(self, **more: Any) -> fraud_pb2.FraudPolicy:
        """The policy from now on; it enforces unless told otherwise."""
        wanted = fraud_pb2.FraudPolicy(
            mode=more.pop("mode", "enforce"),
            target_ppm=more.pop("target_ppm", 1_000),
            capacity_per_day=more.pop("capacity_per_day", 50),
            review_at_bp=more.pop("review_at_bp", 1_000),
            block_at_bp=more.pop("block_at_bp", 6_000),
            adaptive=more.pop("adaptive", True),
            risky_categories=more.pop("risky_categories", []),
        )
        asked = fraud_pb2.PutFraudPolicyRequest(policy=wanted, by=STAFF, **more)
        return (await call(self.stub.PutFraudPolicy, asked)).policy

    async def standing(self) -> fraud_pb2.GetFraudPolicyResponse:
        """How things stand."""
        return await call(self.stub.GetFraudPolicy, fraud_pb2.GetFraudPolicyRequest())

    async def reviews(self, state: str = "", limit: int = 20) -> list[fraud_pb2.FraudReview]:
        """The queue."""
        asked = fraud_pb2.ListFraudReviewsRequest(state=state, page=Page(limit=limit))
        return list((await call(self.stub.ListFraudReviews, asked)).reviews)

    async def review(self, order_id: str) -> fraud_pb2.FraudReview:
        """One."""
        return (await call(self.stub.GetFraudReview, fraud_pb2.GetFraudReviewRequest(id=order_id))).review

    async def clear(self, order_id: str, if_version: int = 0, by: str = STAFF) -> fraud_pb2.FraudReview:
        """It is not fraud."""
        asked = fraud_pb2.ClearFraudReviewRequest(id=order_id, if_version=if_version, note="called", by=by)
        return (await call(self.stub.ClearFraudReview, asked)).review

    async def confirm(self, order_id: str, if_version: int = 0, by: str = STAFF) -> fraud_pb2.FraudReview:
        """It is fraud."""
        asked = fraud_pb2.ConfirmFraudReviewRequest(id=order_id, if_version=if_version, note="stolen", by=by)
        return (await call(self.stub.ConfirmFraudReview, asked)).review

    async def report(self, **said: Any) -> fraud_pb2.FraudReport:
        """Money was lost."""
        report = fraud_pb2.FraudReport(by=STAFF, **({"kind": "chargeback"} | said))
        return (await call(self.stub.ReportFraud, fraud_pb2.ReportFraudRequest(report=report))).report

    async def list_(self, **said: Any) -> fraud_pb2.FraudListing:
        """Lets in or keeps out."""
        asked = fraud_pb2.PutFraudListingRequest(by=STAFF, **({"until": "2027-06-01T00:00:00Z"} | said))
        return (await call(self.stub.PutFraudListing, asked)).listing

    async def listings(self, verdict: str = "") -> list[fraud_pb2.FraudListing]:
        """Those that hold."""
        asked = fraud_pb2.ListFraudListingsRequest(verdict=verdict)
        return list((await call(self.stub.ListFraudListings, asked)).listings)

    async def request(self, device: str = "", lines: dict[str, int] | None = None, **more: Any) -> Any:
        """A checkout from a device; `country` is where it seems to be, `billing` what is said of the card."""
        cart = await self.world.filled_cart(lines or {"A": 1}, more.get("customer_id", ""))
        hashed = hashlib.sha256(device.encode()).digest()[:16] if device else b""
        origin = checkout_pb2.Origin(device=hashed, address=b"net-1", country=more.pop("country", ""))
        return self.world.request(cart, origin=origin, **more)

    async def buys(self, device: str = "", **more: Any) -> orders_pb2.Order:
        """What somebody at a device bought."""
        return (await self.world.check_out(await self.request(device, **more))).order
