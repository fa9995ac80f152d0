"""This is where a refusal becomes `application/problem+json` (RFC 9457), by one table of kinds and one of reasons."""

import html
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from gateway.bodies import Refusal
from gateway.problem_texts import TEXTS, Text
from services.kit.errors import (
    AlreadyExists,
    Conflict,
    Exhausted,
    FieldError,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refused,
    TooLate,
    Unavailable,
    WrongState,
    kind_of,
)
from services.kit.telemetry import trace_id

log = logging.getLogger("gateway")
MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[Refused], int] = {
    Invalid: 400,
    NotFound: 404,
    AlreadyExists: 409,
    WrongState: 409,
    Conflict: 409,
    NotSignedIn: 401,
    NotAllowed: 403,
    Exhausted: 429,
    Unavailable: 503,
    TooLate: 504,
}
_RETRY_AFTER_S = {429: "1", 503: "1", 504: "2"}
# What a refusal says beside its code, and may be shown.
_SHOWN = (
    "why",
    "left_minor",
    "sku",
    "available",
    "price",
    "warehouse",
    "code",
    "decline_code",
    "order_id",
    "currency",
    "codes",
    "replaced_by",
    "next",
    "window",
)
_OUR_OWN = {"NEIGHBOUR_AWAY": "UNAVAILABLE", "NEIGHBOUR_TOO_LATE": "TOO_LATE", "OVERDUE": "TOO_LATE"}
_SECONDS = re.compile(r"^\d{1,6}$")
router = APIRouter(tags=["problems"])


def code_of(refusal: Refused) -> tuple[str, Text]:
    """A refusal's code and its text; a reason this gateway does not know is explained as its kind."""
    reason = _OUR_OWN.get(refusal.reason, refusal.reason)
    return reason, TEXTS.get(reason) or TEXTS[kind_of(refusal).reason]


def status_of(refusal: Refused, *, if_match: bool = False) -> int:
    """The HTTP status of a refusal. A version that did not match is 412 for who sent If-Match."""
    if refusal.reason == "VERSION_MISMATCH":
        return 412 if if_match else 409
    return code_of(refusal)[1].status or STATUS[kind_of(refusal)]


def body_of(
    code: str,
    *,
    text: Text,
    status: int,
    detail: str = "",
    instance: str = "",
    language: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    context: Mapping[str, str] | None = None,
) -> bytes:
    """The problem as JSON."""
    page = code if code in TEXTS else next(name for name, known in TEXTS.items() if known is text)
    problem: dict[str, Any] = {
        "type": f"/problems/{page.lower()}",
        "title": text.title_zh if prefers_chinese(language) else text.title,
        "status": status,
        "code": code,
    }
    if detail:
        problem["detail"] = detail
    if instance:
        problem["instance"] = instance
    if trace := trace_id():
        problem["trace_id"] = trace
    if errors:
        problem["errors"] = list(errors)
    if context:
        problem["context"] = dict(context)
    return orjson.dumps(problem)


def prefers_chinese(accept_language: str) -> bool:
    """Whether `zh` is asked for before `en` (RFC 9110 weights)."""
    best: tuple[float, bool] = (0.0, False)
    for part in accept_language[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            value = float(weight or 1)
        except ValueError:
            continue
        if tag[:2].lower() in ("zh", "en") and value > best[0]:
            best = (value, tag[:2].lower() == "zh")
    return best[1]


def problem(
    request: Request,
    code: str,
    detail: str = "",
    *,
    status: int | None = None,
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    context: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what is the matter."""
    text = TEXTS[code]
    shown = status or text.status or 500
    body = body_of(
        code,
        text=text,
        status=shown,
        detail=detail,
        instance=request.scope["path"][:200],
        language=request.headers.get("accept-language", ""),
        errors=[{"pointer": error.pointer, "message": error.message} for error in errors],
        context=context,
    )
    return Response(body, shown, headers=_headers(shown, headers), media_type=MEDIA_TYPE)


def _headers(status: int, more: Mapping[str, str] | None = None) -> dict[str, str]:
    headers = {"cache-control": "no-store", **(more or {})}
    if status in _RETRY_AFTER_S:
        headers.setdefault("retry-after", _RETRY_AFTER_S[status])
    if status == 401:
        headers.setdefault("www-authenticate", 'Bearer realm="shop"')
    return headers


async def on_refused(request: Request, refusal: Exception) -> Response:
    """A service or the gateway itself said no."""
    assert isinstance(refusal, Refused)  # noqa: S101 — registered for Refused only
    code, text = code_of(refusal)
    status = status_of(refusal, if_match="if-match" in request.headers)
    headers = {}
    if _SECONDS.fullmatch(wait := refusal.meta.get("retry_after_s", "")) or code == "KEY_IN_PROGRESS":
        headers["retry-after"] = wait or "1"
    body = body_of(
        code,
        text=text,
        status=status,
        detail="" if status >= 500 else refusal.detail,
        instance=request.scope["path"][:200],
        language=request.headers.get("accept-language", ""),
        errors=[{"pointer": error.pointer, "message": error.message} for error in refusal.errors],
        context={name: refusal.meta[name] for name in _SHOWN if name in refusal.meta},
    )
    return Response(body, status, headers=_headers(status, headers), media_type=MEDIA_TYPE)


async def on_unfit(request: Request, error: Exception) -> Response:
    """What was sent does not fit the declared shape. Says where and what is expected, never what was sent."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 — registered for it only
    found = [(tuple(item["loc"]), str(item["msg"])) for item in error.errors()][:50]
    places = {loc[0] for loc, _ in found}
    if places == {"path"}:  # an id that cannot be one names nothing
        return problem(request, "NOT_FOUND")
    errors = [FieldError(_pointer(loc), message) for loc, message in found]
    if "body" in places:
        return problem(request, "INVALID_BODY", errors=errors)
    return problem(request, "INVALID_PARAMETER", errors=errors)


def _pointer(loc: Sequence[Any]) -> str:
    parts = loc[1:] if loc[0] == "body" else loc
    return "".join("/" + str(part)[:64].replace("~", "~0").replace("/", "~1") for part in parts)


async def on_http(request: Request, error: Exception) -> Response:
    """The router found no route."""
    assert isinstance(error, HTTPException)  # noqa: S101 — registered for it only
    code = {404: "NO_SUCH_ROUTE", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "BAD_REQUEST")
    return problem(request, code, headers=error.headers)


async def on_refusal(request: Request, refusal: Exception) -> Response:
    """A file turned out too large or too slow while it was read."""
    assert isinstance(refusal, Refusal)  # noqa: S101 — registered for it only
    return problem(request, refusal.code, refusal.detail, headers={"connection": "close"})


_ANSWERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Refused: on_refused,
    RequestValidationError: on_unfit,
    HTTPException: on_http,
    Refusal: on_refusal,
}
KNOWN = tuple(_ANSWERS)


async def answer_to(request: Request, error: Exception) -> Response:
    """The answer to an error of the `KNOWN` kinds."""
    kind = next(kind for kind in KNOWN if isinstance(error, kind))
    return await _ANSWERS[kind](request, error)


def install(app: FastAPI) -> None:
    """Gives the application its answers to what goes wrong."""
    for kind, on_error in _ANSWERS.items():
        app.add_exception_handler(kind, on_error)


@router.get("/problems", summary="Every problem there is", include_in_schema=False)
async def list_problems() -> Response:
    """The codes with their titles."""
    rows = [{"code": code, "type": f"/problems/{code.lower()}", "title": text.title} for code, text in TEXTS.items()]
    return Response(orjson.dumps({"problems": rows}), media_type="application/json")


@router.get("/problems/{code}", summary="What a problem means and what to do", include_in_schema=False)
async def show_problem(request: Request, code: str) -> Response:
    """The page a problem's `type` leads to: HTML, or JSON when that is asked for."""
    text = TEXTS.get(code.upper()) if code == code.lower() else None
    if text is None:
        return problem(request, "NOT_FOUND")
    if "application/json" in request.headers.get("accept", ""):
        page = {
            "code": code.upper(),
            "status": text.status,
            "title": text.title,
            "title_zh": text.title_zh,
            "todo": text.todo,
        }
        return Response(orjson.dumps(page), media_type="application/json")
    return Response(_page(code.upper(), text), media_type="text/html")


def _page(code: str, text: Text) -> str:
    status = f"HTTP {text.status}" if text.status else "its status depends on what was asked"
    title, zh, todo = html.escape(text.title), html.escape(text.title_zh), html.escape(text.todo)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{code}</title>'
        f"<h1>{title}</h1><p lang=zh>{zh}</p><p><code>{code}</code>, {status}</p><p>{todo}</p></html>"
    )
