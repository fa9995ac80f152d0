"""This is where the gateway describes itself: OpenAPI 3.1 at /openapi.json, and a page to read it that needs no network."""

from functools import lru_cache
from importlib import resources
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from gateway.described import PROBLEM_SCHEMA, operations
from gateway.permissions import ROUTES
from gateway.problems import problem

router = APIRouter(tags=["docs"])
_ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}
_STARTS = {"start.js": "/openapi.json", "start-carriers.js": "/carrier/v1/openapi.json"}
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon-32x32.png"></head>
<body><div id="ui"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/{start}"></script></body></html>"""
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
_ABOUT = """Storefront, back office and partner carriers.

Money is whole minor units. Times are RFC 3339 UTC. Lists are paged by `cursor`. What is wrong is `application/problem+json`
with a stable `code`. What must not happen twice takes an `Idempotency-Key`. What several may edit has an `ETag`."""


def describe(app: FastAPI, prefix: str = "/", title: str = "Shop", about: str = _ABOUT) -> dict[str, Any]:
    """The OpenAPI document of the routes that begin with a prefix."""
    routes = [route for route in operations(app.routes) if route.path.startswith(prefix)]
    document = get_openapi(title=title, version="1.0.0", openapi_version="3.1.0", description=about, routes=routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for left_over in ("HTTPValidationError", "ValidationError"):
        schemas.pop(left_over, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    }
    for route in routes:
        _as_shown(document, route)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete(operation, method, path)
    return document


def _as_shown(document: dict[str, Any], route: APIRoute) -> None:
    # FastAPI leaves nulls out, of examples too; ours show them.
    for method in route.methods or ():
        operation = document["paths"].get(route.path, {}).get(method.lower(), {})
        for status, answer in route.responses.items():
            if operation and "content" in answer:
                operation["responses"][str(status)]["content"] = answer["content"]


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    answers = operation["responses"]
    for status, answer in list(answers.items()):
        if "HTTPValidationError" in str(answer):  # FastAPI's own idea of a 422
            del answers[status]
    access = ROUTES[method.upper(), path]
    if not access.open:
        operation["security"] = [{"bearer": []}, *([{}] if access.guest else [])]
        if access.staff:
            operation["description"] = f"{operation.get('description', '')}\n\nStaff need `{access.staff}`.".strip()


@lru_cache(maxsize=4)
def _document(app: FastAPI) -> bytes:
    return orjson.dumps(describe(app))


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi_document(request: Request) -> Response:
    """The contract."""
    return Response(
        _document(request.app), media_type="application/json", headers={"cache-control": "public, max-age=60"}
    )


@router.get("/docs", include_in_schema=False)
async def show_docs() -> Response:
    """The contract, for people."""
    return page_of("start.js")


def page_of(start: str) -> Response:
    """The page that shows a document, begun by a script of `_STARTS`."""
    page = _PAGE.replace("{start}", start)
    return Response(page, media_type="text/html", headers={"content-security-policy": _POLICY})


@router.get("/docs/{asset}", include_in_schema=False)
async def get_docs_asset(request: Request, asset: str) -> Response:
    """What the page is made of."""
    headers = {"cache-control": "public, max-age=86400"}
    if document := _STARTS.get(asset):
        script = (
            f'window.ui = SwaggerUIBundle({{url: "{document}", dom_id: "#ui", deepLinking: true, validatorUrl: null}});'
        )
        return Response(script, media_type="text/javascript", headers=headers)
    if asset not in _ASSETS:
        return problem(request, "NOT_FOUND")
    body = resources.files("fastapi_swagger").joinpath("resources", asset).read_bytes()
    return Response(body, media_type=_ASSETS[asset], headers=headers)
