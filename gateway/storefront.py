"""This is where the front page is set up and shown."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

import orjson
from fastapi import Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import storefront_pb2 as pb
from shop.marketing.v1 import promotions_pb2

from gateway.answers import Json, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Id, LineOrEmpty, Slug, Text, Time, page_of
from gateway.neighbours import BROWSE_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.productcards import CARD, card, of_cards
from gateway.products import shelved
from services.kit.errors import Refused
from services.kit.rpc import NeighbourFailed

router = feature("storefront")
Kind = Literal["hero", "poster", "bestsellers", "new_arrivals", "shelf", "picks", "countdown"]
_PAGES = 5  # of running promotions that are looked through
_MODULE = {
    "id": "summer",
    "kind": "poster",
    "title": "Summer",
    "text": "Light and cool.",
    "media_id": "med_2b61c80f5a1d49e3a7c0d4f1b9",
    "link": "/summer",
    "category": None,
    "product_ids": ["prd_01kb2y5v7g8h9j0kmnpqrstvwx"],
    "promotion_id": None,
    "limit": None,
    "valid_from": "2026-06-01T00:00:00.000Z",
    "valid_until": "2026-09-01T00:00:00.000Z",
}
_SHOWN = {
    "id": "bestsellers",
    "kind": "bestsellers",
    "title": "爆款專區 Bestsellers",
    "text": "",
    "image_url": "/v1/media/med_2b61c80f5a1d49e3a7c0d4f1b9",
    "link": "/c/kitchen",
    "ends_at": "2026-11-23T00:00:00.000Z",
    "items": [CARD],
}


class ModuleBody(Body):
    """A module. What belongs to its kind: a poster's `media_id`, a shelf's `category`, the `product_ids` of picks, a
    countdown's `promotion_id`."""

    id: Slug
    kind: Kind
    title: LineOrEmpty = ""
    text: Text = ""
    media_id: Id | None = None
    link: Annotated[str, StringConstraints(max_length=2_000)] = ""
    category: Slug | None = None
    product_ids: list[Id] = Field(default_factory=list, max_length=24)
    promotion_id: Id | None = None
    limit: Annotated[int, Field(ge=1, le=24)] | None = None
    valid_from: Time | None = None
    valid_until: Time | None = None

    def told(self) -> pb.Module:
        """As catalog takes it."""
        return pb.Module(**{name: value for name, value in self.model_dump().items() if value is not None})


class ModulesBody(Body):
    """The modules, in order."""

    modules: list[ModuleBody] = Field(max_length=30)


def module(of: pb.Module) -> Json:
    """A module as it was set up."""
    return {
        "id": of.id,
        "kind": of.kind,
        "title": of.title,
        "text": of.text,
        "media_id": of.media_id or None,
        "link": of.link,
        "category": of.category or None,
        "product_ids": list(of.product_ids),
        "promotion_id": of.promotion_id or None,
        "limit": of.limit or None,
        "valid_from": of.valid_from or None,
        "valid_until": of.valid_until or None,
    }


def front(modules: Collection[pb.ShownModule], ends: Mapping[str, str], promotions: Mapping[str, Json]) -> Json:
    """The front page. A countdown runs to the end of a promotion that runs now, or is not shown."""
    return {
        "modules": [
            _shown(each, ends.get(each.module.promotion_id, ""), promotions)
            for each in modules
            if each.module.kind != "countdown" or ends.get(each.module.promotion_id)
        ]
    }


def _shown(of: pb.ShownModule, ends_at: str, promotions: Mapping[str, Json]) -> Json:
    return {
        "id": of.module.id,
        "kind": of.module.kind,
        "title": of.module.title,
        "text": of.module.text,
        "image_url": f"/v1/media/{of.module.media_id}" if of.module.media_id else None,
        "link": of.module.link or None,
        "ends_at": ends_at or of.module.valid_until or None,
        "items": [card(item, promotions.get(item.sku)) for item in of.items],
    }


async def _ends(promotions: Any, wanted: set[str]) -> dict[str, str]:
    """When those of these promotions end that run now and have an end; none while marketing is away."""
    ends: dict[str, str] = {}
    cursor = ""
    for _ in range(_PAGES if wanted else 0):
        asked = promotions_pb2.ListPromotionsRequest(live=True, page=page_of(100, cursor))
        try:
            answered = await ask_again(promotions.ListPromotions, asked, BROWSE_S)
        except (Refused, NeighbourFailed):
            break
        ends |= {each.id: each.ends_at for each in answered.promotions if each.id in wanted and each.ends_at}
        cursor = answered.next_cursor
        if not cursor or ends.keys() == wanted:
            break
    return ends


@router.get("/v1/storefront", summary="The front page", responses=shown({"modules": [_SHOWN]}))
async def get_storefront(request: Request) -> Response:
    """What is to be shown now, in order: modules in their time, lists with products on sale, countdowns of promotions that
    run."""
    neighbours = request.app.state.gateway.neighbours

    async def fetch() -> tuple[bytes, str]:
        answered = await ask_again(neighbours.storefront.GetStorefront, pb.GetStorefrontRequest(), BROWSE_S)
        wanted = {each.module.promotion_id for each in answered.modules if each.module.kind == "countdown"}
        promotions = await of_cards(
            request, {item.sku: item for each in answered.modules for item in each.items}.values()
        )
        return orjson.dumps(front(answered.modules, await _ends(neighbours.promotions, wanted), promotions)), ""

    return await shelved(request, "storefront", fetch)


_MODULES = {"modules": [_MODULE], "version": 4}


@router.get("/v1/storefront/modules", summary="The modules as set up", responses=shown(_MODULES))
async def get_modules(request: Request) -> Response:
    """Version 0: those of a new shop, which nobody has set up yet; `If-Match: *` writes the first."""
    answered = await ask_again(request.app.state.gateway.neighbours.storefront.GetModules, pb.GetModulesRequest())
    return _whole(answered)


@router.put(
    "/v1/storefront/modules",
    summary="Set the modules up",
    responses=shown(
        _MODULES, "INVALID_MODULES", "LISTING_REFUSED", "VERSION_MISMATCH", "PRECONDITION_REQUIRED", body=True
    ),
)
async def put_modules(request: Request, body: ModulesBody) -> Response:
    """All of them, in order. If-Match with the ETag that was read, `*` for the first."""
    seen = if_version(request, required=True)
    modules = [each.told() for each in body.modules]
    asked = pb.PutModulesRequest(modules=modules, if_version=seen, by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.storefront.PutModules, asked)
    request.app.state.gateway.shelf.drop()
    return _whole(answered)


def _whole(of: pb.GetModulesResponse | pb.PutModulesResponse) -> Response:
    return tagged({"modules": [module(each) for each in of.modules], "version": of.version}, of.version)
