"""This is where promotions are made, changed, paused, listed and ended."""

from fastapi import Request, Response
from shop.marketing.v1 import promotions_pb2 as pb

from gateway.answers import answer, paged, tagged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, PathId, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.promotion_bodies import PROMOTION, PromotionBody, promotion
from gateway.roles import may
from services.kit.errors import NotAllowed

router = feature("promotions")
_OVERRIDE = {
    "id": "flo_01kb2y5v7g8h9j0kmnpqrstvwx",
    "rule": "prm_01kb2y5v7g8h9j0kmnpqrstvwx",
    "reason": "The anniversary: we pay for it",
    "at": "2026-11-22T08:00:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "below": 12,
    "worst": ["MUG-01 at ¥100.00 would be sold for ¥18.00 after …; its floor price is ¥42.86: short of it by 2486 …"],
}
FLOOR_S = 10.0  # a rule for all goods is held against all goods
FLOOR_PROBLEMS = ("BELOW_MARGIN_FLOOR", "MARGIN_UNTESTED", "TOO_MANY_RULES", "RULES_BUSY", "NOT_ALLOWED")


def reason_of(request: Request, reason: str | None) -> str:
    """Why a rule may sell below the margin floor. Refuses with `NotAllowed` unless it is the owner who says so."""
    if reason and not may(asking(request).roles, "prices.override"):
        raise NotAllowed("only the owner lets something be sold below the margin floor")
    return reason or ""


@router.post(
    "/v1/promotions",
    status_code=201,
    summary="Make a promotion",
    responses=shown(PROMOTION, "INVALID_PROMOTION", *FLOOR_PROBLEMS, status=201, body=True),
)
async def create_promotion(request: Request, body: PromotionBody) -> Response:
    """Carts see it within a second of its start. It is refused when, with all that may stack with it, it would sell a SKU
    below the margin floor; the owner may say in `margin_override_reason` why it need not be."""
    reason = reason_of(request, body.margin_override_reason)
    asked = pb.CreatePromotionRequest(promotion=body.told(), by=asking(request).id, margin_override_reason=reason)
    answered = await ask(request.app.state.gateway.neighbours.promotions.CreatePromotion, asked, FLOOR_S)
    return answer(promotion(answered.promotion), 201)


@router.get(
    "/v1/promotions",
    summary="Promotions",
    responses=shown({"items": [PROMOTION], "next_cursor": None}, "INVALID_PARAMETER"),
)
async def list_promotions(request: Request, live: bool = False, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first; `live` for those that run now."""
    asked = pb.ListPromotionsRequest(live=live, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.promotions.ListPromotions, asked)
    return paged(request, "items", [promotion(row) for row in answered.promotions], answered.next_cursor)


@router.get(
    "/v1/promotions/margin-overrides",
    summary="What the owner let through below the margin floor",
    responses=shown({"items": [_OVERRIDE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_floor_overrides(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Promotions and coupons, newest first: who, when, why, and how far below. Nothing here ever changes."""
    asked = pb.ListFloorOverridesRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.promotions.ListFloorOverrides, asked)
    plain = [name for name in _OVERRIDE if name != "worst"]
    rows = [{**{name: getattr(row, name) for name in plain}, "worst": list(row.worst)} for row in answered.overrides]
    return paged(request, "items", rows, answered.next_cursor)


@router.get("/v1/promotions/{promotion_id}", summary="A promotion", responses=shown(PROMOTION, "PROMOTION_NOT_FOUND"))
async def get_promotion(request: Request, promotion_id: PathId) -> Response:
    """With how many units of it were sold, where they are counted."""
    asked = pb.GetPromotionRequest(id=promotion_id)
    answered = await ask_again(request.app.state.gateway.neighbours.promotions.GetPromotion, asked)
    return tagged(promotion(answered.promotion), answered.promotion.version)


@router.put(
    "/v1/promotions/{promotion_id}",
    summary="Change a promotion",
    responses=shown(
        PROMOTION,
        "INVALID_PROMOTION",
        "PROMOTION_NOT_FOUND",
        "PROMOTION_OVER",
        "OTHER_KIND",
        "VERSION_MISMATCH",
        "PRECONDITION_REQUIRED",
        *FLOOR_PROBLEMS,
        body=True,
    ),
)
async def change_promotion(request: Request, promotion_id: PathId, body: PromotionBody) -> Response:
    """The whole promotion as it is to be, under the ETag that was read; held to the margin floor as a new one is. Its kind
    stays, and so do the units counted."""
    reason = reason_of(request, body.margin_override_reason)
    asked = pb.ChangePromotionRequest(
        promotion=body.told(promotion_id),
        if_version=if_version(request, required=True),
        by=asking(request).id,
        margin_override_reason=reason,
    )
    answered = await ask(request.app.state.gateway.neighbours.promotions.ChangePromotion, asked, FLOOR_S)
    return tagged(promotion(answered.promotion), answered.promotion.version)


async def _pause(request: Request, promotion_id: str, paused: bool) -> Response:
    asked = pb.PausePromotionRequest(id=promotion_id, by=asking(request).id, paused=paused)
    answered = await ask_again(request.app.state.gateway.neighbours.promotions.PausePromotion, asked)
    return tagged(promotion(answered.promotion), answered.promotion.version)


@router.post(
    "/v1/promotions/{promotion_id}/pause",
    summary="Pause a promotion",
    responses=shown(PROMOTION, "PROMOTION_NOT_FOUND", "PROMOTION_OVER"),
)
async def pause_promotion(request: Request, promotion_id: PathId) -> Response:
    """It gives nothing until it goes on; the margin floor counts it all the same."""
    return await _pause(request, promotion_id, paused=True)


@router.post(
    "/v1/promotions/{promotion_id}/resume",
    summary="Let a promotion go on",
    responses=shown(PROMOTION, "PROMOTION_NOT_FOUND", "PROMOTION_OVER"),
)
async def resume_promotion(request: Request, promotion_id: PathId) -> Response:
    """Carts see it within a second."""
    return await _pause(request, promotion_id, paused=False)


@router.post(
    "/v1/promotions/{promotion_id}/end", summary="End a promotion", responses=shown(PROMOTION, "PROMOTION_NOT_FOUND")
)
async def end_promotion(request: Request, promotion_id: PathId) -> Response:
    """Now."""
    asked = pb.EndPromotionRequest(id=promotion_id, by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.promotions.EndPromotion, asked)
    return answer(promotion(answered.promotion))
