"""This is where staff read what they should know of and see to."""

from fastapi import Request, Response
from shop.catalog.v1 import notices_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, PathId, QueryWord, page_of
from gateway.neighbours import ask_again
from gateway.permissions import asking

router = feature("notices")
NOTICE = {
    "id": "ntc_01kb2y5v7g8h9j0kmnpqrstvwx",
    "kind": "licence_expiring",
    "subject": "lic_01kb2y5v7g8h9j0kmnpqrstvwx",
    "text": {"en": "A licence ends in 30 days", "zh": "许可证将在 30 天后到期"},
    "at": "2026-11-22T08:00:00.000Z",
    "open": True,
    "seen_by": None,
    "seen_at": None,
}


def notice(of: pb.Notice) -> Json:
    """Something staff should know."""
    return {
        "id": of.id,
        "kind": of.kind,
        "subject": of.subject,
        "text": {"en": of.en, "zh": of.zh},
        "at": of.at,
        "open": of.open,
        "seen_by": of.seen_by or None,
        "seen_at": of.seen_at or None,
    }


@router.get(
    "/v1/notices",
    summary="What staff should know",
    responses=shown({"items": [NOTICE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_notices(
    request: Request, kind: QueryWord = "", open: bool = False, limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """Newest first; `open` for those nobody has seen to."""
    asked = pb.ListNoticesRequest(
        kind=kind, open=open, page=page_of(limit, cursor), merchant_id=asking(request).only_merchant
    )
    answered = await ask_again(request.app.state.gateway.neighbours.notices.ListNotices, asked)
    return paged(request, "items", [notice(row) for row in answered.notices], answered.next_cursor)


@router.post("/v1/notices/{notice_id}/seen", summary="Seen to", responses=shown(NOTICE, "NOTICE_NOT_FOUND"))
async def see_notice(request: Request, notice_id: PathId) -> Response:
    """The first who says so is kept."""
    who = asking(request)
    asked = pb.SeeNoticeRequest(id=notice_id, by=who.id, merchant_id=who.only_merchant)
    answered = await ask_again(request.app.state.gateway.neighbours.notices.SeeNotice, asked)
    return answer(notice(answered.notice))
