"""This is where it is said what is scarce: from live stock and what was paid, or nothing."""

import orjson
from fastapi import Request, Response
from shop.catalog.v1 import scarcity_pb2 as pb

from gateway.described import feature, shown
from gateway.fields import PathId
from gateway.neighbours import BROWSE_S, ask_again
from gateway.pages import SOLD, sold
from gateway.products import shelved

router = feature("pages")
_SCARCITY = {
    "available": 50,
    "sold_recently": SOLD,
    "texts": [{"kind": "few_left", "text": {"en": "Only 50 left", "zh": "仅剩 50 件"}}],
}


@router.get(
    "/v1/products/{product_id}/scarcity",
    summary="What is scarce about it",
    responses=shown(_SCARCITY, "PRODUCT_NOT_FOUND"),
)
async def get_scarcity(request: Request, product_id: PathId) -> Response:
    """By id or SKU. `texts` is empty when there is plenty, or nothing left: only what is true this second may be said."""
    stub = request.app.state.gateway.neighbours.scarcity

    async def fetch() -> tuple[bytes, str]:
        found = await ask_again(stub.GetScarcity, pb.GetScarcityRequest(product_id=product_id), BROWSE_S)
        texts = [{"kind": each.kind, "text": {"en": each.en, "zh": each.zh}} for each in found.remarks]
        return orjson.dumps({"available": found.available, "sold_recently": sold(found.sold), "texts": texts}), ""

    return await shelved(request, f"scarcity?{product_id}", fetch)
