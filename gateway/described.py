"""This is where a route is described for people: examples, and which problems it may answer with.

One example serves three: it is shown, the schema is read off it, and a test compares real answers with it.
"""

from collections import defaultdict
from collections.abc import Sequence
from enum import Enum
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from gateway.permissions import Guarded
from gateway.problem_texts import TEXTS
from gateway.problems import MEDIA_TYPE

Described = dict[int | str, dict[str, Any]]
_ALWAYS = ("RATE_LIMITED", "UNAVAILABLE", "TOO_LATE", "INTERNAL")
_WITH_BODY = ("NOT_JSON", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "INVALID_BODY")
_STATUS_IN_CONTRACT = {
    "NOT_FOUND": 404,
    "SKU_TAKEN": 409,
    "EMAIL_TAKEN": 409,
    "COUPON_EXISTS": 409,
    "VERSION_MISMATCH": 412,
}


def feature(name: str) -> APIRouter:
    """A feature's routes: each asks first who may, each is named by its function."""
    tags: list[str | Enum] = [name]
    return APIRouter(tags=tags, route_class=Guarded, generate_unique_id_function=lambda route: _camel(route.name))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def shown(example: Any, *codes: str, status: int = 200, text: str = "Done.", body: bool = False) -> Described:
    """The `responses` of a route: what it answers, by example, and the codes of its problems."""
    answer: dict[str, Any] = {"description": text}
    if example is not None:
        answer["content"] = {"application/json": {"schema": schema_of(example), "example": example}}
    return {status: answer, **problems_of((*codes, *(_WITH_BODY if body else ()), *_ALWAYS))}


def problems_of(codes: Sequence[str]) -> Described:
    """Problem answers, grouped by status."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[status_in_contract(code)].append(code)
    return {status: _problem_answer(status, group) for status, group in sorted(by_status.items())}


def status_in_contract(code: str) -> int:
    """The status a code is declared with."""
    if code in _STATUS_IN_CONTRACT:
        return _STATUS_IN_CONTRACT[code]
    if fixed := TEXTS[code].status:
        return fixed
    return 404 if code.endswith("_NOT_FOUND") else 400 if code.startswith(("INVALID", "UNKNOWN", "WEAK")) else 409


def _problem_answer(status: int, codes: Sequence[str]) -> dict[str, Any]:
    examples = {
        code: {
            "value": {
                "type": f"/problems/{code.lower()}",
                "title": TEXTS[code].title,
                "status": status,
                "code": code,
                "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            }
        }
        for code in codes
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}}
    return {"description": " · ".join(TEXTS[code].title for code in codes), "content": content}


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What is the matter (RFC 9457). `type` leads to a page that says what to do.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; decide by this one."},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "trace_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "context": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def schema_of(example: Any) -> dict[str, Any]:
    """A JSON schema that the example fits; what is None in it may be anything."""
    if isinstance(example, dict):
        return {
            "type": "object",
            "properties": {name: schema_of(value) for name, value in example.items()},
            "required": list(example),
        }
    if isinstance(example, list):
        return {"type": "array", "items": schema_of(example[0]) if example else {}}
    names: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": names[type(example)]} if example is not None else {}


def operations(routes: Sequence[Any]) -> list[APIRoute]:
    """The routes people can call."""
    return [route for route in routes if isinstance(route, APIRoute)]
