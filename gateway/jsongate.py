"""This is where a JSON body is checked before anything else reads it: real JSON, no traps, bounded. Pure."""

import json
from typing import Any

import orjson

_DEPTH = 32
_KEYS = 1_000
_ELEMENTS = 10_000


class NotJson(ValueError):
    """Not JSON as RFC 8259 and this door have it; the message says why, without repeating the input."""


def check(body: bytes) -> None:
    """Raises `NotJson` unless `body` is JSON without NaN, infinities, lone surrogates, duplicate keys or depth over 32."""
    try:
        _bounded(orjson.loads(body))
        # orjson keeps the last of two equal keys without a word; two readers of one body must never disagree.
        if body.count(b":") > 1:
            json.loads(body, object_pairs_hook=_unique)
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson("the body is not JSON") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise NotJson("the body has an object with the same key twice")
    return names


def _bounded(value: Any) -> None:
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        if depth > _DEPTH:
            raise NotJson(f"the body is nested deeper than {_DEPTH}")
        below: list[Any] = []
        for item in level:
            if len(item) > (_KEYS if isinstance(item, dict) else _ELEMENTS):
                raise NotJson(f"the body has an object of more than {_KEYS} keys or a list of more than {_ELEMENTS}")
            below.extend(item.values() if isinstance(item, dict) else item)
        level = below
