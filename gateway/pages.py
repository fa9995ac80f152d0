"""This is where the detail pages of products are drafted, written and shown."""

from typing import Literal

import orjson
from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import pages_pb2 as pb

from gateway.answers import Json, answer, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Id, LineOrEmpty, PathId, Text
from gateway.neighbours import BROWSE_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.products import shelved
from gateway.roles import may

router = feature("pages")
Kind = Literal["pain_point", "solution", "before_after", "advantage", "endorsement", "call_to_buy", "text"]
_PICTURE = {"id": "med_2b61c80f5a1d49e3a7c0d4f1b9", "url": "/v1/media/med_2b61c80f5a1d49e3a7c0d4f1b9"}
_SECTION = {"kind": "solution", "title": "Mug, blue", "text": "Keeps tea warm for an hour.", "media": [_PICTURE]}
SOLD = {"units": 200, "orders": 180, "days": 30}
PAGE = {
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "sections": [_SECTION],
    "complete": False,
    "missing": ["pain_point"],
    "sold_recently": SOLD,
    "updated_at": "2026-11-22T08:00:00.000Z",
    "version": 3,
}
_SHOT = {"at_s": 0, "seconds": 3, "media_url": "/v1/media/med_2b61c80f5a1d49e3a7c0d4f1b9", "caption": "Mug, blue"}
_DRAFT = {"sections": [_SECTION], "complete": False, "missing": ["before_after"], "storyboard": [_SHOT]}


class SectionBody(Body):
    """A part of a page. `media`: ids of pictures; of a comparison two, before and after."""

    kind: Kind
    title: LineOrEmpty = ""
    text: Text = ""
    media: list[Id] = Field(default_factory=list, max_length=20)


class PageBody(Body):
    """A page: its sections in order."""

    sections: list[SectionBody] = Field(max_length=30)


def section(of: pb.PageSection) -> Json:
    """A part of a page."""
    media = [{"id": key, "url": f"/v1/media/{key}"} for key in of.media_ids]
    return {"kind": of.kind, "title": of.title, "text": of.text, "media": media}


def sold(of: pb.SoldRecently) -> Json:
    """What was sold lately."""
    return {"units": of.units, "orders": of.orders, "days": of.days}


def page(of: pb.ProductPage) -> Json:
    """A product's page."""
    return {
        "product_id": of.product_id,
        "sections": [section(each) for each in of.sections],
        "complete": not of.missing,
        "missing": list(of.missing),
        "sold_recently": sold(of.sold),
        "updated_at": of.updated_at,
        "version": of.version,
    }


@router.get(
    "/v1/products/{product_id}/page",
    summary="A product's detail page",
    responses=shown(PAGE, "PRODUCT_NOT_FOUND", "PAGE_NOT_FOUND"),
)
async def get_page(request: Request, product_id: PathId) -> Response:
    """Customers see that of what is on sale, with the numbers of its endorsement filled from what was sold; staff see any as
    it was written, and what it still lacks."""
    pages, who = request.app.state.gateway.neighbours.pages, asking(request)
    staff = who.staff and may(who.roles, "products.read")
    asked = pb.GetPageRequest(product_id=product_id, staff=staff, merchant_id=who.only_merchant)
    if staff:
        written = (await ask_again(pages.GetPage, asked, BROWSE_S)).page
        return tagged(page(written), written.version)

    async def fetch() -> tuple[bytes, str]:
        answered = await ask_again(pages.GetPage, asked, BROWSE_S)
        return orjson.dumps(page(answered.page)), ""

    return await shelved(request, f"page?{product_id}", fetch)


@router.put(
    "/v1/products/{product_id}/page",
    summary="Write a product's detail page",
    responses=shown(
        PAGE,
        "PRODUCT_NOT_FOUND",
        "INVALID_PAGE_CONTENT",
        "LISTING_REFUSED",
        "VERSION_MISMATCH",
        "PRECONDITION_REQUIRED",
        body=True,
    ),
)
async def put_page(request: Request, product_id: PathId, body: PageBody) -> Response:
    """If-Match with the ETag that was read, `*` for the first. What it says passes the gates a description passes. An
    endorsement holds no number but `{sold_units}`, `{sold_orders}` and `{sold_days}`, filled when it is shown."""
    who = asking(request)
    asked = pb.PutPageRequest(
        product_id=product_id,
        sections=[
            pb.PageSection(kind=each.kind, title=each.title, text=each.text, media_ids=each.media)
            for each in body.sections
        ],
        if_version=if_version(request, required=True),
        by=who.id,
        merchant_id=who.only_merchant,
    )
    written = (await ask(request.app.state.gateway.neighbours.pages.PutPage, asked)).page
    request.app.state.gateway.shelf.drop()
    return tagged(page(written), written.version)


@router.post(
    "/v1/products/{product_id}/detail-draft",
    summary="Draft a detail page",
    responses=shown(_DRAFT, "PRODUCT_NOT_FOUND", "INVALID_PARAMETER"),
)
async def draft_page(request: Request, product_id: PathId, language: Literal["zh", "en"] = "zh") -> Response:
    """From need to purchase, out of the product's own data; what they do not say is left empty and named as missing. Nothing
    is kept: a person edits it and puts it. The storyboard is a list of shots for a short film, to be filmed by people."""
    asked = pb.DraftPageRequest(product_id=product_id, language=language, merchant_id=asking(request).only_merchant)
    made = await ask_again(request.app.state.gateway.neighbours.pages.DraftPage, asked)
    shots = [
        {"at_s": each.at_s, "seconds": each.seconds, "media_url": each.media_url or None, "caption": each.caption}
        for each in made.storyboard
    ]
    return answer(
        {
            "sections": [section(each) for each in made.sections],
            "complete": not made.missing,
            "missing": list(made.missing),
            "storyboard": shots,
        }
    )
