"""This is where pictures are uploaded, shown, listed, retouched, and declared whose they are."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import media_pb2 as pb

from gateway.answers import Json, Ready, paged, tagged
from gateway.bodies import header
from gateway.described import feature, problems_of, shown
from gateway.fields import Body, Cursor, Id, Limit, Line, LineOrEmpty, PathId, QueryWord, Time, page_of
from gateway.idempotency import replayed
from gateway.neighbours import BROWSE_S, PIXELS_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.roles import may

router = feature("media")
Purpose = Literal["main", "detail", "factory", "evidence"]
Operation = Literal["white_background", "square_crop", "resize_800", "autocontrast"]
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_STAFF = "private, no-store"
_TYPES = ("image/jpeg", "image/png", "image/webp")
MEDIA = {
    "id": "med_2b61c80f5a1d49e3a7c0d4f1b9",
    "url": "/v1/media/med_2b61c80f5a1d49e3a7c0d4f1b9",
    "merchant_id": "self",
    "purpose": "main",
    "alt": "A blue mug",
    "media_type": "image/jpeg",
    "size": 98150,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "facts": {
        "width": 1200,
        "height": 1200,
        "white_border": 1.0,
        "white_share": 0.62,
        "sharpness": 410.5,
        "blank": False,
        "mark": None,
    },
    "rights": {
        "kind": "licensed",
        "holder": "Studio Lan",
        "licence_ref": "L-2026-118",
        "valid_until": "2027-11-22T00:00:00.000Z",
        "evidence_id": "med_77aa0f5a1d49e3a7c0d4f1b92b",
        "declared_by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
        "declared_at": "2026-11-22T08:00:00.000Z",
    },
    "made_from": None,
    "operations": ["white_background"],
    "main_image": {
        "fit": False,
        "findings": [
            {
                "code": "MAIN_IMAGE_TOO_SMALL",
                "text": {
                    "en": "is 600×600 px, must be at least 800×800",
                    "zh": "尺寸为 600×600 像素，至少须为 800×800",
                },
                "suggestion": "POST /v1/media/med_2b61c80f5a1d49e3a7c0d4f1b9/retouch",
            }
        ],
    },
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "created_at": "2026-11-22T08:00:00.000Z",
    "version": 2,
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD = {"requestBody": {"required": True, "content": dict.fromkeys(_TYPES, _BINARY)}}
_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": dict.fromkeys(_TYPES, _BINARY)},
    304: {"description": "The caller has it."},
    **problems_of(("MEDIA_NOT_FOUND", "INVALID_MEDIA", "RATE_LIMITED", "UNAVAILABLE", "TOO_LATE", "INTERNAL")),
}


class RightsBody(Body):
    """By what right the picture is shown. A licence or an authorisation needs its number and its evidence."""

    kind: Literal["original", "licensed", "brand_authorised"]
    holder: Line
    licence_ref: LineOrEmpty = ""
    valid_until: Time | None = None
    evidence_id: Id | None = None


class RetouchBody(Body):
    """What to do; nothing named does all, which makes a main picture out of most photos."""

    operations: list[Operation] = Field(default_factory=list, max_length=4)


def media(of: pb.Asset) -> Json:
    """A picture with all that is known of it."""
    facts = of.facts
    return {
        "id": of.id,
        "url": f"/v1/media/{of.id}",
        "merchant_id": of.merchant_id,
        "purpose": of.purpose,
        "alt": of.alt,
        "media_type": of.media_type,
        "size": of.size,
        "sha256": of.sha256,
        "facts": {
            "width": facts.width,
            "height": facts.height,
            "white_border": facts.white_border,
            "white_share": facts.white_share,
            "sharpness": facts.sharpness,
            "blank": facts.blank,
            "mark": facts.mark or None,
        },
        "rights": _rights(of.rights) if of.HasField("rights") else None,
        "made_from": of.made_from or None,
        "operations": list(of.operations),
        "main_image": {"fit": not of.main_findings, "findings": [_finding(each) for each in of.main_findings]},
        "by": of.by,
        "created_at": of.created_at,
        "version": of.version,
    }


def _finding(of: pb.MediaFinding) -> Json:
    return {"code": of.code, "text": {"en": of.en, "zh": of.zh}, "suggestion": of.suggestion}


def _rights(of: pb.MediaRights) -> Json:
    return {
        "kind": of.kind,
        "holder": of.holder,
        "licence_ref": of.licence_ref or None,
        "valid_until": of.valid_until or None,
        "evidence_id": of.evidence_id or None,
        "declared_by": of.declared_by,
        "declared_at": of.declared_at,
    }


def _whole(of: pb.Asset, status: int = 200, *, again: bool = False) -> Response:
    location = {"location": f"/v1/media/{of.id}/details"} if status == 201 else {}
    return tagged(media(of), of.version, status, {**location, **replayed(again)})


@router.post(
    "/v1/media",
    status_code=201,
    summary="Upload a picture",
    responses=shown(
        MEDIA,
        "INVALID_PARAMETER",
        "INVALID_MEDIA",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        status=201,
        text="The picture, measured.",
    ),
    openapi_extra=_UPLOAD,
)
async def upload_media(
    request: Request,
    purpose: Purpose = "detail",
    alt: Annotated[str, Query(max_length=300, description="What it shows, in words.")] = "",
) -> Response:
    """At most 5 MB. What a camera wrote into the file is taken out. The same file again answers the first picture. Evidence
    is for staff only; all others may be seen by everybody who knows the address."""
    who, content = asking(request), await request.body()
    asked = pb.UploadMediaRequest(content=content, purpose=purpose, alt=alt, by=who.id, merchant_id=who.merchant)
    answered = await ask_again(request.app.state.gateway.neighbours.media.UploadMedia, asked, PIXELS_S)
    return _whole(answered.media, 201, again=answered.replayed)


@router.get("/v1/media/{media_id}", summary="A picture", response_class=Response, responses=_SHOWN)
async def show_media(request: Request, media_id: PathId, width: Literal["", "200", "400", "800"] = "") -> Response:
    """In one of three widths, or as it is. What an address shows never changes."""
    who = asking(request)
    asked = pb.ShowMediaRequest(
        id=media_id,
        width=int(width or 0),
        seen=header(request.scope, b"if-none-match").strip().removeprefix("W/").strip('"')[:64],
        staff=who.staff and may(who.roles, "products.read"),
        merchant_id=who.only_merchant,
    )
    shown_now = await ask_again(request.app.state.gateway.neighbours.media.ShowMedia, asked, BROWSE_S)
    headers = [(b"etag", f'"{shown_now.etag}"'.encode())]
    headers.append((b"cache-control", (_FOR_EVER if shown_now.public else _FOR_STAFF).encode()))
    if shown_now.unchanged:
        return Ready(b"", 304, headers)
    headers += [(b"content-type", shown_now.media_type.encode()), (b"content-length", b"%d" % len(shown_now.content))]
    return Ready(shown_now.content, 200, headers)


@router.get(
    "/v1/media",
    summary="The media library",
    responses=shown({"items": [MEDIA], "next_cursor": None}, "INVALID_PARAMETER", "INVALID_MEDIA", "CURSOR_INVALID"),
)
async def list_media(request: Request, purpose: QueryWord = "", limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first, for one purpose or all."""
    asked = pb.ListMediaRequest(purpose=purpose, merchant_id=asking(request).merchant, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.media.ListMedia, asked)
    return paged(request, "items", [media(row) for row in answered.media], answered.next_cursor)


@router.get(
    "/v1/media/{media_id}/details",
    summary="What is known of a picture",
    responses=shown(MEDIA, "MEDIA_NOT_FOUND"),
)
async def get_media(request: Request, media_id: PathId) -> Response:
    """What was measured, by what right it is shown, and what it lacks as a main picture."""
    asked = pb.GetMediaRequest(id=media_id, merchant_id=asking(request).only_merchant)
    answered = await ask_again(request.app.state.gateway.neighbours.media.GetMedia, asked)
    return _whole(answered.media)


@router.delete(
    "/v1/media/{media_id}",
    status_code=204,
    summary="Throw a picture away",
    responses=shown(None, "MEDIA_NOT_FOUND", "MEDIA_IN_USE", status=204),
)
async def delete_media(request: Request, media_id: PathId) -> Response:
    """Once no listing, page, module or declaration refers to it."""
    asked = pb.DeleteMediaRequest(id=media_id, merchant_id=asking(request).only_merchant)
    await ask(request.app.state.gateway.neighbours.media.DeleteMedia, asked)
    return Response(status_code=204)


@router.put(
    "/v1/media/{media_id}/rights",
    summary="Declare by what right a picture is shown",
    responses=shown(MEDIA, "MEDIA_NOT_FOUND", "INVALID_RIGHTS", "VERSION_MISMATCH", body=True),
)
async def set_rights(request: Request, media_id: PathId, body: RightsBody) -> Response:
    """The last declaration holds. A listing is not put on sale with a picture nobody declared, or whose licence has ended;
    staff are told 30 days before one ends. If-Match with the ETag of the details guards against another's declaration."""
    rights = pb.MediaRights(
        kind=body.kind,
        holder=body.holder,
        licence_ref=body.licence_ref,
        valid_until=body.valid_until or "",
        evidence_id=body.evidence_id or "",
        declared_by=asking(request).id,
    )
    asked = pb.SetMediaRightsRequest(
        id=media_id, rights=rights, if_version=if_version(request), merchant_id=asking(request).only_merchant
    )
    return _whole((await ask(request.app.state.gateway.neighbours.media.SetMediaRights, asked)).media)


@router.post(
    "/v1/media/{media_id}/retouch",
    status_code=201,
    summary="Make a main picture out of a photo",
    responses=shown(MEDIA, "MEDIA_NOT_FOUND", "INVALID_MEDIA", status=201, body=True),
)
async def retouch_media(request: Request, media_id: PathId, body: RetouchBody) -> Response:
    """A new picture; the first stays. White background, square with the goods in the middle, at least 800 × 800, contrast.
    A person looks at it before it goes into a listing: goods as pale as their background are cut badly."""
    who = asking(request)
    asked = pb.RetouchMediaRequest(id=media_id, operations=body.operations, by=who.id, merchant_id=who.only_merchant)
    answered = await ask_again(request.app.state.gateway.neighbours.media.RetouchMedia, asked, PIXELS_S)
    return _whole(answered.media, 201, again=answered.replayed)
