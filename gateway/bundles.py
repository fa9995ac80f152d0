"""This is where several goods become one that is sold, and where it is shown what is in it."""

from typing import Annotated, Any

import orjson
from fastapi import Request, Response
from pydantic import Field
from shop.catalog.v1 import bundles_pb2 as pb

from gateway.answers import Json, money, tagged
from gateway.described import feature, shown
from gateway.fields import Body, PathId, PathSku, Sku
from gateway.neighbours import BROWSE_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version
from gateway.products import shelved

router = feature("bundles")
_PART = {
    "sku": "MUG-01",
    "quantity": 2,
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "Mug, blue",
    "price": {"currency": "CNY", "minor": 2900},
    "available": 25,
}
_SHOWN = {
    "sku": "TEA-SET",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwy",
    "title": "Tea for two",
    "parts": [_PART],
    "price": {"currency": "CNY", "minor": 9900},
    "apart": {"currency": "CNY", "minor": 11700},
    "saving": {"currency": "CNY", "minor": 1800},
    "available": 12,
}
_BUNDLE = _SHOWN | {"cost": {"currency": "CNY", "minor": 5200}, "version": 3}


class PartBody(Body):
    """So many of a SKU go into one bundle."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=1_000)] = 1


class BundleBody(Body):
    """What the SKU is made of: ordinary SKUs of the same merchant, no bundles."""

    parts: Annotated[list[PartBody], Field(min_length=2, max_length=20)]


def bundle(of: pb.Bundle) -> Json:
    """A bundle, as customers see it."""
    return {
        "sku": of.sku,
        "product_id": of.product_id,
        "title": of.title,
        "parts": [_part(each) for each in of.parts],
        "price": money(of.price),
        "apart": money(of.apart),
        "saving": money(of.saving),
        "available": of.available,
    }


def _part(of: pb.BundlePart) -> Json:
    return {
        "sku": of.sku,
        "quantity": of.quantity,
        "product_id": of.product_id,
        "title": of.title,
        "price": money(of.price),
        "available": of.available,
    }


def _for_staff(of: pb.Bundle) -> Response:
    return tagged(bundle(of) | {"cost": money(of.cost), "version": of.version}, of.version)


def _bundles(request: Request) -> Any:
    return request.app.state.gateway.neighbours.bundles


@router.put(
    "/v1/skus/{sku}/bundle",
    summary="Make a bundle of a SKU",
    responses=shown(
        _BUNDLE,
        *("SKU_NOT_FOUND", "INVALID_BUNDLE", "BUNDLE_IN_USE", "LISTING_RETIRED", "LISTING_REFUSED", "VERSION_MISMATCH"),
        body=True,
    ),
)
async def put_bundle(request: Request, sku: PathSku, body: BundleBody) -> Response:
    """Of one that never had stock and was never ordered. It has no stock of its own: as many can be ordered as the scarcest
    part allows. With If-Match only if nobody has changed its product since."""
    who = asking(request)
    asked = pb.PutBundleRequest(
        sku=sku,
        parts=[pb.BundlePart(sku=part.sku, quantity=part.quantity) for part in body.parts],
        if_version=if_version(request),
        by=who.id,
        merchant_id=who.only_merchant,
    )
    return _for_staff((await ask(_bundles(request).PutBundle, asked)).bundle)


@router.get(
    "/v1/skus/{sku}/bundle",
    summary="What a bundle is made of",
    responses=shown(_BUNDLE, "SKU_NOT_FOUND", "BUNDLE_NOT_FOUND"),
)
async def get_bundle(request: Request, sku: PathSku) -> Response:
    """Its parts, what they cost apart and the shop, and what who buys it saves."""
    asked = pb.GetBundleRequest(sku=sku, merchant_id=asking(request).only_merchant)
    return _for_staff((await ask_again(_bundles(request).GetBundle, asked)).bundle)


@router.delete(
    "/v1/skus/{sku}/bundle",
    status_code=204,
    summary="Make an ordinary SKU of a bundle",
    responses=shown(
        None, "SKU_NOT_FOUND", "BUNDLE_NOT_FOUND", "BUNDLE_IN_USE", "VERSION_MISMATCH", status=204, text="It is none."
    ),
)
async def delete_bundle(request: Request, sku: PathSku) -> Response:
    """As long as nobody has ordered it."""
    asked = pb.DeleteBundleRequest(sku=sku, if_version=if_version(request), merchant_id=asking(request).only_merchant)
    await ask(_bundles(request).DeleteBundle, asked)
    return Response(status_code=204)


@router.get(
    "/v1/products/{product_id}/bundle",
    summary="What is in a product that is a bundle",
    responses=shown({"items": [_SHOWN]}, "PRODUCT_NOT_FOUND", "BUNDLE_NOT_FOUND"),
)
async def show_bundle(request: Request, product_id: PathId) -> Response:
    """By id or SKU; one entry a variant that is a bundle, with what its parts cost apart and what it saves."""

    async def fetch() -> tuple[bytes, str]:
        asked = pb.ShowBundlesRequest(product_id=product_id)
        found = await ask_again(_bundles(request).ShowBundles, asked, BROWSE_S)
        return orjson.dumps({"items": [bundle(each) for each in found.bundles]}), ""

    return await shelved(request, f"bundle?{product_id}", fetch)
