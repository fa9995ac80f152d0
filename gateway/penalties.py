"""This is where penalty points are given to merchants, appealed against, upheld and taken back."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import merchants_pb2 as pb

from gateway.answers import answer
from gateway.described import feature, shown
from gateway.fields import Body, Id, PathId
from gateway.idempotency import fingerprint_of, replayed, request_id_of
from gateway.merchants import PENALTY, ReasonBody, penalty
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking

router = feature("merchants")
_PATH = "/v1/merchants/{merchant_id}/penalties"
Said = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Reason = Literal[
    "prohibited_goods",
    "counterfeit",
    "infringement",
    "false_advertising",
    "unqualified",
    "quality",
    "fake_transactions",
    "late_dispatch",
    "bad_service",
    "data_abuse",
    "other",
]


class PenaltyBody(Body):
    """Points, why, and what shows it."""

    points: Annotated[int, Field(ge=1, le=48)]
    reason: Reason
    evidence: Said
    product_id: Id | None = None


class AppealBody(Body):
    """Why the points are wrong."""

    text: Said


@router.post(
    _PATH,
    status_code=201,
    summary="Give penalty points",
    responses=shown(
        PENALTY,
        "MERCHANT_NOT_FOUND",
        "MERCHANT_CLOSED",
        "INVALID_PENALTY",
        "KEY_REUSED",
        "IDEMPOTENCY_KEY_MISSING",
        status=201,
        body=True,
    ),
)
async def give_penalty(request: Request, merchant_id: PathId, body: PenaltyBody) -> Response:
    """They count for twelve months. From 12 on the merchant is warned, from 24 suspended (its listings come down), from 48
    closed. Needs an Idempotency-Key."""
    by = asking(request).id
    asked = pb.GivePenaltyRequest(
        id=merchant_id,
        points=body.points,
        reason=body.reason,
        evidence=body.evidence,
        product_id=body.product_id or "",
        request_id=request_id_of(request, by, f"merchants.penalise.{merchant_id}"),
        fingerprint=fingerprint_of(request),
        by=by,
    )
    answered = await ask_again(request.app.state.gateway.neighbours.merchants.GivePenalty, asked)
    return answer(penalty(answered.penalty), 201, replayed(answered.replayed))


@router.post(
    _PATH + "/{penalty_id}/appeal",
    summary="Appeal against points",
    responses=shown(
        PENALTY, "MERCHANT_NOT_FOUND", "PENALTY_NOT_FOUND", "PENALTY_SETTLED", "INVALID_PENALTY", body=True
    ),
)
async def appeal_penalty(request: Request, merchant_id: PathId, penalty_id: PathId, body: AppealBody) -> Response:
    """The merchant's, once; the owner decides."""
    asked = pb.AppealPenaltyRequest(
        id=merchant_id, penalty_id=penalty_id, text=body.text, merchant_id=asking(request).only_merchant
    )
    answered = await ask(request.app.state.gateway.neighbours.merchants.AppealPenalty, asked)
    return answer(penalty(answered.penalty))


async def _decide(request: Request, merchant_id: str, penalty_id: str, reason: str, *, revoke: bool) -> Response:
    asked = pb.DecidePenaltyRequest(
        id=merchant_id, penalty_id=penalty_id, revoke=revoke, reason=reason, by=asking(request).id
    )
    answered = await ask(request.app.state.gateway.neighbours.merchants.DecidePenalty, asked)
    return answer(penalty(answered.penalty))


_DECIDED = shown(PENALTY, "MERCHANT_NOT_FOUND", "PENALTY_NOT_FOUND", "PENALTY_SETTLED", "INVALID_PENALTY", body=True)


@router.post(_PATH + "/{penalty_id}/revoke", summary="Take points back", responses=_DECIDED)
async def revoke_penalty(request: Request, merchant_id: PathId, penalty_id: PathId, body: ReasonBody) -> Response:
    """The owner's, with a reason. What the points alone had closed or suspended may sell again."""
    return await _decide(request, merchant_id, penalty_id, body.reason, revoke=True)


@router.post(_PATH + "/{penalty_id}/uphold", summary="Uphold points", responses=_DECIDED)
async def uphold_penalty(request: Request, merchant_id: PathId, penalty_id: PathId, body: ReasonBody) -> Response:
    """The owner's, with a reason: an appeal did not convince."""
    return await _decide(request, merchant_id, penalty_id, body.reason, revoke=False)
