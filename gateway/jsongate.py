"""This is where a JSON body is read and checked before anything else sees it: real JSON, no traps, bounded. Pure."""

import json
from typing import Any

import orjson

_DEPTH = 32
_KEYS = 1_000
_ELEMENTS = 10_000


class NotJson(ValueError):
    """Not JSON as RFC 8259 and this door have it; the message says why, without repeating the input."""


def read(body: bytes) -> Any:
    """The value. Raises `NotJson` unless `body` is JSON without NaN, infinities, lone surrogates, duplicate keys or depth
    over 32."""
    try:
        value = orjson.loads(body)
        # orjson keeps the last of two equal keys without a word; two readers of one body must never disagree. Every key
        # brings a colon, so as many keys as colons are all keys there were; else a colon in a text has to be told apart.
        if _bounded(value) != body.count(b":"):
            json.loads(body, object_pairs_hook=_unique)
        return value
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson("the body is not JSON") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise NotJson("the body has an object with the same key twice")
    return names


def _bounded(value: Any) -> int:
    # How many keys there are in all.
    level, depth, keys = [value], 0, 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        if depth > _DEPTH:
            raise NotJson(f"the body is nested deeper than {_DEPTH}")
        below: list[Any] = []
        for item in level:
            mapping = isinstance(item, dict)
            if len(item) > (_KEYS if mapping else _ELEMENTS):
                raise NotJson(f"the body has an object of more than {_KEYS} keys or a list of more than {_ELEMENTS}")
            keys += len(item) if mapping else 0
            below.extend(item.values() if isinstance(item, dict) else item)
        level = below
    return keys
