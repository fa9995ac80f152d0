"""This is where it is shown which products are past their best."""

from typing import Any, Literal

from fastapi import Request, Response
from shop.catalog.v1 import lifecycle_pb2 as pb

from gateway.answers import Json, answer, paged, word
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, page_of
from gateway.jobs import JOB, job
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking

router = feature("lifecycle")
Action = Literal["", "mark_down", "bundle", "replace", "retire"]
_PROPOSAL = {
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "Mug, blue",
    "action": "replace",
    "other_product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwy",
    "units_28_days": 6,
    "units_84_days_before": 60,
    "trend_percent": -70.0,
    "returned_percent": 3.1,
    "rating": 3.9,
    "available": 14,
    "reasons": [
        {
            "en": "sells 70 % more slowly: 6 in 28 days, after 60 in the 84 before",
            "zh": "销售放缓 70%：近 28 天售出 6 件，之前 84 天售出 60 件",
        }
    ],
    "computed_at": "2026-11-22T08:00:00.000Z",
}


def _proposal(of: pb.LifecycleProposal) -> Json:
    return {
        "product_id": of.product_id,
        "title": of.title,
        "action": word(pb.LifecycleAction.Name(of.action), "LIFECYCLE_ACTION_"),
        "other_product_id": of.other_product_id or None,
        "units_28_days": of.units,
        "units_84_days_before": of.units_before,
        "trend_percent": of.trend_bp / 100,
        "returned_percent": of.returned_bp / 100,
        "rating": of.rating_centi / 100 if of.rating_centi else None,
        "available": of.available,
        "reasons": [{"en": en, "zh": zh} for en, zh in zip(of.reasons_en, of.reasons_zh, strict=True)],
        "computed_at": of.computed_at,
    }


def _lifecycle(request: Request) -> Any:
    return request.app.state.gateway.neighbours.lifecycle


@router.post(
    "/v1/products/lifecycle-reviews",
    status_code=202,
    summary="Look for products past their best",
    responses=shown(JOB, status=202),
)
async def review_lifecycle(request: Request) -> Response:
    """Follow it at GET /v1/jobs/{id}; the run under way is answered if there is one. It is done each night too."""
    started = await ask(_lifecycle(request).ReviewLifecycle, pb.ReviewLifecycleRequest(by=asking(request).id))
    return answer(job(started.job), 202)


@router.get(
    "/v1/products/lifecycle-proposals",
    summary="What to do with products past their best",
    responses=shown({"items": [_PROPOSAL], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_lifecycle_proposals(
    request: Request, action: Action = "", limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """The worst first, with reasons: their trend, what came back, what is said of them. Nothing is done by itself."""
    wanted = pb.LifecycleAction.Value(f"LIFECYCLE_ACTION_{action.upper() or 'UNSPECIFIED'}")
    asked = pb.ListLifecycleProposalsRequest(action=wanted, page=page_of(limit, cursor))
    found = await ask_again(_lifecycle(request).ListLifecycleProposals, asked, STAFF_S)
    return paged(request, "items", [_proposal(each) for each in found.proposals], found.next_cursor)
