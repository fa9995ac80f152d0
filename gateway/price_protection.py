"""This is where customers see what is protected against falling prices and claim it, and staff says how far that goes."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.orders.v1 import price_protection_pb2 as pb

from gateway.answers import Json, answer, money, paged, tagged
from gateway.described import feature, shown
from gateway.fields import SKU, Body, Cursor, Limit, Minor, PathId, Sku, Time, Word, page_of
from gateway.idempotency import key_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("price_protection")
YUAN = {"currency": "CNY", "minor": 900}
PROTECTION = {
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "covered_until": "2026-12-22T08:00:01.000Z",
    "claim_until": "2026-12-29T08:00:01.000Z",
    "mode": "automatic",
    "claimable": {"currency": "CNY", "minor": 0},
    "lines": [{"sku": "MUG-01", "title": "Mug", "units": 1, "paid": {"currency": "CNY", "minor": 2900}, "left": YUAN}],
    "payments": [
        {
            "drop_id": "drp_01kb2y5v7g8h9j0kmnpqrstvwx",
            "sku": "MUG-01",
            "units": 1,
            "price": YUAN,
            "amount": YUAN,
            "at": "2026-11-25T08:00:00.000Z",
            "paid": True,
        }
    ],
    "guarantees": [
        {"until": "2027-02-01T00:00:00.000Z", "reason": "late", "by": "stf_1", "at": "2026-11-25T08:00:00.000Z"}
    ],
}
DROP = {
    "id": "drp_01kb2y5v7g8h9j0kmnpqrstvwx",
    "sku": "MUG-01",
    "old_price": YUAN,
    "new_price": YUAN,
    "at": "2026-11-25T08:00:00.000Z",
    "cause": None,
    "state": "done",
    "why": None,
    "looked": 120,
    "entitled": 80,
    "paid": 80,
    "amount": YUAN,
    "done_at": "2026-11-25T08:00:02.000Z",
}
POLICY = {
    "mode": "automatic",
    "days": 30,
    "claim_days": 7,
    "cap_order_minor": 0,
    "cap_customer_minor": 0,
    "most_units": 20,
    "most_claims": 20,
    "window_days": 90,
    "guests": True,
    "businesses": False,
    "excluded_causes": ["flash_steps"],
    "excluded_channels": ["marketplace"],
    "excluded_categories": ["outlet"],
    "excluded_skus": ["MUG-02"],
}
_Words = Annotated[list[Word], Field(max_length=1_000)]


class ProtectionPolicyBody(Body):
    """The whole policy; what is left out is as it usually is."""

    mode: Literal["automatic", "claim", "off"] = "automatic"
    days: Annotated[int, Field(ge=1, le=365)] = 30
    claim_days: Annotated[int, Field(ge=0, le=90)] = 7
    cap_order_minor: Minor = 0
    cap_customer_minor: Minor = 0
    most_units: Annotated[int, Field(ge=1, le=99_999)] = 20
    most_claims: Annotated[int, Field(ge=1, le=1_000)] = 20
    window_days: Annotated[int, Field(ge=1, le=365)] = 90
    guests: bool = True
    businesses: bool = False
    excluded_causes: _Words = Field(default_factory=lambda: ["flash_steps"])
    excluded_channels: _Words = Field(default_factory=list)
    excluded_categories: _Words = Field(default_factory=list)
    excluded_skus: Annotated[list[Sku], Field(max_length=1_000)] = Field(default_factory=list)


class GuaranteeBody(Body):
    """What is promised."""

    until: Time
    reason: Annotated[str, Field(min_length=3, max_length=200)]


def protection(of: pb.PriceProtection) -> Json:
    """How an order stands."""
    return {
        "order_id": of.order_id,
        "covered_until": of.covered_until or None,
        "claim_until": of.claim_until or None,
        "mode": of.mode,
        "claimable": money(of.claimable),
        "lines": [
            {"sku": row.sku, "title": row.title, "units": row.units, "paid": money(row.paid), "left": money(row.left)}
            for row in of.lines
        ],
        "payments": [
            {
                "drop_id": row.drop_id,
                "sku": row.sku,
                "units": row.units,
                "price": money(row.price),
                "amount": money(row.amount),
                "at": row.at,
                "paid": row.paid,
            }
            for row in of.payments
        ],
        "guarantees": [{"until": row.until, "reason": row.reason, "by": row.by, "at": row.at} for row in of.guarantees],
    }


def drop(of: pb.PriceDrop) -> Json:
    """A drop and its sweep."""
    amounts = {name: money(getattr(of, name)) for name in ("old_price", "new_price", "amount")}
    empty = {name: getattr(of, name) or None for name in ("cause", "why", "done_at")}
    return {name: getattr(of, name) for name in DROP} | amounts | empty


def _policy(of: pb.ProtectionPolicy) -> Response:
    plain = {name: getattr(of, name) for name in POLICY if not name.startswith("excluded_")}
    words = {name: list(getattr(of, name)) for name in POLICY if name.startswith("excluded_")}
    return tagged(plain | words, of.version)


def _service(request: Request) -> Any:
    return request.app.state.gateway.neighbours.price_protection


@router.get(
    "/v1/orders/{order_id}/price-protection",
    summary="What is protected",
    responses=shown(PROTECTION, "ORDER_NOT_FOUND"),
)
async def get_price_protection(request: Request, order_id: PathId) -> Response:
    """Until when a fall counts, what could be claimed, what was given back. `left` is what comes back when the units do."""
    who = asking(request)
    asked = pb.GetPriceProtectionRequest(order_id=order_id, customer_id=who.customer_id, staff=who.staff)
    return answer(protection((await ask_again(_service(request).GetPriceProtection, asked)).protection))


@router.post(
    "/v1/orders/{order_id}/price-protection",
    summary="Claim what a fallen price owes",
    responses=shown(
        PROTECTION,
        "ORDER_NOT_FOUND",
        "NOT_PROTECTED",
        "PROTECTION_BUSY",
        "PROTECTION_UNFINISHED",
        "IDEMPOTENCY_KEY_MISSING",
    ),
)
async def claim_price_protection(request: Request, order_id: PathId) -> Response:
    """Pays the difference to the lowest price since, on what was really paid. Needs an Idempotency-Key; a drop is paid
    once a unit, whatever the key."""
    key_of(request)
    who = asking(request)
    asked = pb.ClaimPriceProtectionRequest(order_id=order_id, customer_id=who.customer_id, staff=who.staff)
    answered = await ask_again(_service(request).ClaimPriceProtection, asked, STAFF_S)
    return answer(protection(answered.protection))


@router.post(
    "/v1/orders/{order_id}/price-guarantees",
    summary="Promise that a price which falls later counts too",
    responses=shown(
        PROTECTION, "ORDER_NOT_FOUND", "NOT_PROTECTED", "INVALID_GUARANTEE", "IDEMPOTENCY_KEY_MISSING", body=True
    ),
)
async def guarantee_price(request: Request, order_id: PathId, body: GuaranteeBody) -> Response:
    """For agents: at most 180 days after payment; what falls until then is paid on request. Needs an Idempotency-Key."""
    key_of(request)
    asked = pb.GuaranteePriceRequest(order_id=order_id, until=body.until, reason=body.reason, by=asking(request).id)
    return answer(protection((await ask(_service(request).GuaranteePrice, asked)).protection))


@router.get(
    "/v1/price-protection/drops",
    summary="Prices that fell",
    responses=shown({"items": [DROP], "next_cursor": None}, "CURSOR_INVALID", "INVALID_PARAMETER"),
)
async def list_price_drops(
    request: Request,
    sku: Annotated[str, Query(pattern=f"^$|{SKU}", description="Only of this SKU.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first, each with how far its sweep is."""
    asked = pb.ListPriceDropsRequest(sku=sku, page=page_of(limit, cursor))
    answered = await ask_again(_service(request).ListPriceDrops, asked)
    return paged(request, "items", [drop(row) for row in answered.drops], answered.next_cursor)


@router.get("/v1/price-protection/policy", summary="How far prices are protected", responses=shown(POLICY))
async def get_protection_policy(request: Request) -> Response:
    """The ETag is for If-Match. Amounts in minor units of each order's currency, 0 for no cap."""
    answered = await ask_again(_service(request).GetProtectionPolicy, pb.GetProtectionPolicyRequest())
    return _policy(answered.policy)


@router.put(
    "/v1/price-protection/policy",
    summary="Say how far prices are protected",
    responses=shown(POLICY, "INVALID_PROTECTION_POLICY", "VERSION_MISMATCH", body=True),
)
async def put_protection_policy(request: Request, body: ProtectionPolicyBody) -> Response:
    """Holds for drops and claims from now on."""
    policy = pb.ProtectionPolicy(**body.model_dump(), by=asking(request).id)
    asked = pb.PutProtectionPolicyRequest(policy=policy, if_version=if_version(request))
    return _policy((await ask(_service(request).PutProtectionPolicy, asked)).policy)
