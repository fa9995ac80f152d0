"""This is where it is shown what is bought together."""

from typing import Annotated, Any

import orjson
from fastapi import Query, Request, Response
from shop.catalog.v1 import affinity_pb2 as pb

from gateway.answers import Json, answer, money, paged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, PathId, QueryWord, page_of
from gateway.jobs import JOB, job
from gateway.neighbours import BROWSE_S, STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.products import shelved

router = feature("affinity")
_CNY = {"currency": "CNY", "minor": 2900}
_RELATED = {
    "id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "sku": "POT-01",
    "title": "Teapot",
    "price": _CNY,
    "image_url": "https://cdn.example.com/pot.jpg",
    "together": 48,
    "confidence_percent": 32.0,
    "text": {"en": "32 % who bought this also bought Teapot", "zh": "购买此商品的顾客中有 32% 还购买了 Teapot"},
}
_PAIR = {
    "products": ["prd_01kb2y5v7g8h9j0kmnpqrstvwx", "prd_01kb2y5v7g8h9j0kmnpqrstvwy"],
    "together": 48,
    "baskets": [150, 96],
    "support_percent": 0.48,
    "confidence_percent": [32.0, 50.0],
    "lift": 33.3,
    "score": 0.331,
}
_PROPOSAL = {
    "parts": [{"sku": "MUG-01", "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx", "title": "Mug", "price": _CNY}],
    "together": 48,
    "confidence_percent": 50.0,
    "apart": {"currency": "CNY", "minor": 11_900},
    "cost": {"currency": "CNY", "minor": 5_000},
    "price": {"currency": "CNY", "minor": 10_710},
    "text": {
        "en": "50 % who bought Teapot also bought Mug, in 48 baskets",
        "zh": "购买 Teapot 的顾客中有 50% 还购买了 Mug，共 48 单",
    },
}


def _related(of: pb.RelatedProduct) -> Json:
    return {
        "id": of.product_id,
        "sku": of.sku,
        "title": of.title,
        "price": money(of.price),
        "image_url": of.image_url or None,
        "together": of.together,
        "confidence_percent": of.confidence_bp / 100,
        "text": {"en": of.en, "zh": of.zh} if of.en else None,
    }


def _pair(of: pb.AffinityPair) -> Json:
    return {
        "products": [of.first, of.second],
        "together": of.together,
        "baskets": [of.first_baskets, of.second_baskets],
        "support_percent": of.support_ppm / 10_000,
        "confidence_percent": [of.confidence_bp / 100, of.backwards_bp / 100],
        "lift": of.lift_milli / 1_000,
        "score": of.score_ppm / 1_000_000,
    }


def _proposal(of: pb.BundleProposal) -> Json:
    return {
        "parts": [
            {"sku": part.sku, "product_id": part.product_id, "title": part.title, "price": money(part.price)}
            for part in of.parts
        ],
        "together": of.together,
        "confidence_percent": of.confidence_bp / 100,
        "apart": money(of.apart),
        "cost": money(of.cost),
        "price": money(of.price),
        "text": {"en": of.en, "zh": of.zh},
    }


def _affinity(request: Request) -> Any:
    return request.app.state.gateway.neighbours.affinity


@router.get(
    "/v1/products/{product_id}/related",
    summary="What is bought with it",
    responses=shown({"items": [_RELATED]}, "PRODUCT_NOT_FOUND", "INVALID_PARAMETER"),
)
async def list_related(
    request: Request,
    product_id: PathId,
    limit: Annotated[int, Query(ge=1, le=20, description="How many at most.")] = 10,
) -> Response:
    """By id or SKU: of what is on sale and in stock, the most alike first. `text` is null while the numbers are too small
    to say so. Computed each night."""

    async def fetch() -> tuple[bytes, str]:
        asked = pb.ListRelatedRequest(product_id=product_id, limit=limit)
        found = await ask_again(_affinity(request).ListRelated, asked, BROWSE_S)
        return orjson.dumps({"items": [_related(each) for each in found.related]}), ""

    return await shelved(request, f"related?{product_id}&{limit}", fetch)


@router.post(
    "/v1/affinity/runs", status_code=202, summary="Compute what is bought together", responses=shown(JOB, status=202)
)
async def compute_affinity(request: Request) -> Response:
    """From the baskets of the last days. Follow it at GET /v1/jobs/{id}; the run under way is answered if there is one."""
    started = await ask(_affinity(request).ComputeAffinity, pb.ComputeAffinityRequest(by=asking(request).id))
    return answer(job(started.job), 202)


@router.get(
    "/v1/affinity/pairs",
    summary="Pairs that are bought together",
    responses=shown({"items": [_PAIR], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_pairs(
    request: Request, product: QueryWord = "", category: QueryWord = "", limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """The most alike first, by cosine shrunk where baskets are few. `lift` is shown and never ranked by: it favours the
    rare. The first share of `confidence_percent` is of who bought the first product."""
    asked = pb.ListPairsRequest(product_id=product, category=category, page=page_of(limit, cursor))
    found = await ask_again(_affinity(request).ListPairs, asked, STAFF_S)
    return paged(request, "items", [_pair(each) for each in found.pairs], found.next_cursor)


@router.get(
    "/v1/affinity/bundle-proposals",
    summary="Sets that might be bundles",
    responses=shown({"items": [_PROPOSAL], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_bundle_proposals(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """The surest first, with a price a tenth below apart that keeps the margin floor. Nothing is done by itself."""
    asked = pb.ListBundleProposalsRequest(page=page_of(limit, cursor))
    found = await ask_again(_affinity(request).ListBundleProposals, asked, STAFF_S)
    return paged(request, "items", [_proposal(each) for each in found.proposals], found.next_cursor)
