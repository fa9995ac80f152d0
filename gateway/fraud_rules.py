"""This is where staff say whom they let in or keep out, and how the shop decides about fraud."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.orders.v1 import fraud_pb2 as pb

from gateway.answers import Json, answer, money, paged, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Email, Id, Limit, LineOrEmpty, PathId, Time, Word, page_of
from gateway.fraud_reviews import YUAN, features
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("fraud")
LISTING = {
    "id": "device.1f0e2d3c4b5a69788796a5b4c3d2e1f0",
    "kind": "device",
    "verdict": "deny",
    "until": "2027-05-22T08:00:00.000Z",
    "note": "card testing",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "at": "2026-11-22T08:00:00.000Z",
}
POLICY = {
    "mode": "enforce",
    "target_ppm": 1000,
    "capacity_per_day": 50,
    "review_at_bp": 1000,
    "block_at_bp": 6000,
    "adaptive": True,
    "risky_categories": ["phones"],
    "updated_at": "2026-11-22T08:00:00.000Z",
}
_STANDING = {
    **POLICY,
    "observed": {
        "at": "2026-11-22T02:00:00.000Z",
        "losses": [{"loss": YUAN, "value": {"currency": "CNY", "minor": 99000000}, "ppm": 889}],
        "reviews_per_day": 12.5,
        "why": "CNY: 889 ppm lost, target 1000; less is lost than is borne: trouble fewer people",
    },
    "model": {
        "version": 3,
        "trained_at": "2026-11-22T02:00:00.000Z",
        "orders": 10120,
        "frauds": 120,
        "auc_bp": 9120,
        "weights": [{"name": "first_order", "value": 0.61}],
    },
}


class ListingBody(Body):
    """Whom: by a customer's id or an e-mail address, or by an order they were seen with."""

    kind: Literal["customer", "email", "device", "address", "card"]
    value: Annotated[Email | Id | None, Field(description="A `cus_…` or an e-mail address; hashed at once.")] = None
    order_id: Id | None = None
    verdict: Literal["allow", "deny"]
    until: Time
    note: LineOrEmpty = ""


class PolicyBody(Body):
    """How the shop decides. `target_ppm`: the loss that is borne, in parts per million of what is charged."""

    mode: Literal["observe", "enforce"]
    target_ppm: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    capacity_per_day: Annotated[int, Field(ge=1, le=100_000)] = 50
    review_at_bp: Annotated[int, Field(ge=100, le=5_000)] = 1_000
    block_at_bp: Annotated[int, Field(ge=2_000, le=9_900)] = 6_000
    adaptive: bool = True
    risky_categories: Annotated[list[Word], Field(max_length=100)] = Field(default_factory=list)


def _fraud(request: Request) -> Any:
    return request.app.state.gateway.neighbours.fraud


def _plain(of: Any, example: Json) -> Json:
    return {name: getattr(of, name) for name in example}


def _policy(of: pb.FraudPolicy) -> Json:
    return {**_plain(of, POLICY), "risky_categories": list(of.risky_categories)}


def _observed(of: pb.FraudObserved) -> Json:
    losses = [{"loss": money(each.loss), "value": money(each.value), "ppm": each.ppm} for each in of.losses]
    return {"at": of.at, "losses": losses, "reviews_per_day": of.reviews_per_day_cents / 100, "why": of.why}


def _model(of: pb.FraudModel) -> Json:
    plain = _plain(of, {"version": 0, "trained_at": "", "orders": 0, "frauds": 0, "auc_bp": 0})
    return {**plain, "weights": features(of.weights)}


@router.get(
    "/v1/fraud/listings",
    summary="Whom staff let in or keep out",
    responses=shown(
        {"items": [LISTING], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID", "INVALID_FRAUD_LISTING"
    ),
)
async def list_fraud_listings(
    request: Request,
    verdict: Annotated[Literal["", "allow", "deny"], Query(description="Only these.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Those that hold."""
    asked = pb.ListFraudListingsRequest(verdict=verdict, page=page_of(limit, cursor))
    answered = await ask_again(_fraud(request).ListFraudListings, asked)
    return paged(request, "items", [_plain(row, LISTING) for row in answered.listings], answered.next_cursor)


@router.post(
    "/v1/fraud/listings",
    status_code=201,
    summary="Let somebody in, or keep them out",
    responses=shown(LISTING, "INVALID_FRAUD_LISTING", "ORDER_NOT_FOUND", status=201, body=True),
)
async def put_fraud_listing(request: Request, body: ListingBody) -> Response:
    """Until a time, at most five years. What is said again replaces what was said. `deny` is stronger than `allow`, both are
    stronger than any score."""
    asked = pb.PutFraudListingRequest(
        kind=body.kind,
        value=body.value or "",
        order_id=body.order_id or "",
        verdict=body.verdict,
        until=body.until,
        note=body.note,
        by=asking(request).id,
    )
    return answer(_plain((await ask_again(_fraud(request).PutFraudListing, asked)).listing, LISTING), 201)


@router.delete(
    "/v1/fraud/listings/{listing_id}",
    status_code=204,
    summary="Forget a listing",
    responses=shown(None, "FRAUD_LISTING_NOT_FOUND", status=204),
)
async def remove_fraud_listing(request: Request, listing_id: PathId) -> Response:
    """From now on the score decides again."""
    await ask(_fraud(request).RemoveFraudListing, pb.RemoveFraudListingRequest(id=listing_id))
    return Response(status_code=204)


@router.get("/v1/fraud/policy", summary="How the shop decides, and what it loses", responses=shown(_STANDING))
async def get_fraud_policy(request: Request) -> Response:
    """The thresholds, what was lost beside what was charged in 30 days when they last moved and why they did, and the model
    with its weights in log-odds. The ETag is for If-Match."""
    now = await ask_again(_fraud(request).GetFraudPolicy, pb.GetFraudPolicyRequest())
    standing = {**_policy(now.policy), "observed": _observed(now.observed), "model": _model(now.model)}
    return tagged(standing, now.policy.version)


@router.put(
    "/v1/fraud/policy",
    summary="How the shop decides from now on",
    responses=shown(POLICY, "INVALID_FRAUD_POLICY", "VERSION_MISMATCH", "PRECONDITION_REQUIRED", body=True),
)
async def put_fraud_policy(request: Request, body: PolicyBody) -> Response:
    """`observe` scores and counts, `enforce` holds and refuses as well. With `adaptive` the two thresholds go on from here
    by themselves, once a night, towards the target. If-Match is required."""
    wanted = pb.FraudPolicy(**body.model_dump())
    version = if_version(request, required=True)
    asked = pb.PutFraudPolicyRequest(policy=wanted, if_version=version, by=asking(request).id)
    kept = (await ask(_fraud(request).PutFraudPolicy, asked)).policy
    return tagged(_policy(kept), kept.version)
