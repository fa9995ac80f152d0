"""This is where the partner carriers' API describes itself: a document of its own, with their routes and nothing else."""

from functools import lru_cache
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response

from gateway.docs import describe, page_of
from gateway.rights.partners import SCOPES

router = APIRouter(tags=["docs"])
PREFIX = "/carrier/v1/"
_ABOUT = """What carriers read and tell, and what they are told.

**Signing.** Send `X-Carrier-Key: <key id>` and the three headers of [Standard
Webhooks](https://www.standardwebhooks.com): `webhook-id` (yours, fresh for each call), `webhook-timestamp` (seconds
since 1970, five minutes either way) and `webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`,
with the key's secret (`whsec_` and base64). A GET has an empty body. A call that changes something always has one,
`{}` at the least, and its `webhook-id` is taken in once.

**Sandbox.** With a key of the carrier `sandbox`, `SBMAGIC-DELIVERED`, `SBMAGIC-IN-TRANSIT`, `SBMAGIC-EXCEPTION` and
so on for every state are parcels in that state: read them, fetch their labels, send scans for them. Nothing of it is
kept.

**Webhooks** are signed in the same way with the endpoint's secret. Any 2xx within 15 s is success. Else they come
again after about 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, later when `Retry-After` says so, always
under the same `webhook-id`. 410 disables the endpoint. Redirects are not followed.

Weights are grams, times RFC 3339 UTC, lists paged by `cursor`. What is wrong is `application/problem+json` with a
stable `code`."""


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    document = describe(app, prefix=PREFIX, title="Shop: partner carriers", about=_ABOUT)
    document["components"]["securitySchemes"] = {
        "carrierKey": {"type": "apiKey", "in": "header", "name": "X-Carrier-Key"},
    }
    for (method, path), scope in SCOPES.items():
        operation = document["paths"][path][method.lower()]
        operation["security"] = [{"carrierKey": []}]
        operation["description"] = f"{operation.get('description', '')}\n\nThe key needs `{scope}`.".strip()
    return document


@lru_cache(maxsize=4)
def _document(app: FastAPI) -> bytes:
    return orjson.dumps(described(app))


@router.get("/carrier/v1/openapi.json", include_in_schema=False)
async def get_carrier_document(request: Request) -> Response:
    """The carriers' contract."""
    headers = {"cache-control": "public, max-age=60"}
    return Response(_document(request.app), media_type="application/json", headers=headers)


@router.get("/carrier/v1/docs", include_in_schema=False)
async def show_carrier_docs() -> Response:
    """The carriers' contract, for people; needs no network beyond the gateway."""
    return page_of("start-carriers.js")
