"""This is where answers get their form: ready JSON, money, ETags, pages."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response
from shop.type.v1.address_pb2 import Address, Region
from shop.type.v1.money_pb2 import Money

Json = dict[str, Any]
_NO_STORE = (b"cache-control", b"no-store")
_JSON = (b"content-type", b"application/json")


class Ready(Response):
    """An answer in bytes, headers and all: nothing about it has to be spelt out anew."""

    body: bytes

    def __init__(self, body: bytes, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.status_code, self.body, self.raw_headers, self.background = status, body, headers, None


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that is one person's: nobody in between keeps it."""
    content = orjson.dumps(body)
    sent = [_NO_STORE, _JSON, (b"content-length", b"%d" % len(content))]
    if headers:
        sent += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return Ready(content, status, sent)


def tagged(body: object, version: int, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON with its version as ETag, to come back in If-Match."""
    return answer(body, status, {**(headers or {}), "etag": f'"v{version}"'})


def paged(request: Request, name: str, items: list[Json], next_cursor: str, more: Json | None = None) -> Response:
    """A page of a list; `Link: rel="next"` leads to the next one."""
    headers = {}
    if next_cursor:
        query = [(key, value) for key, value in request.query_params.multi_items() if key != "cursor"]
        target = f"{request.scope['path']}?{urlencode([*query, ('cursor', next_cursor)])}"
        headers["link"] = f'<{target}>; rel="next"'
    return answer({name: items, **(more or {}), "next_cursor": next_cursor or None}, headers=headers)


def money(amount: Money) -> Json:
    """`{"currency": "CNY", "minor": 900}`."""
    return {"currency": amount.currency, "minor": amount.minor}


def money_if_any(amount: Money) -> Json | None:
    """None for an amount that was never set."""
    return money(amount) if amount.currency else None


def address(of: Address) -> Json | None:
    """Where to; None when nobody said."""
    if not of.country:
        return None
    return {**region(of), "street": of.street, "name": of.name, "phone": of.phone}


def region(of: Region | Address) -> Json:
    """The part of an address that names nobody."""
    return {"country": of.country, "province": of.province, "city": of.city, "district": of.district}


def word(enum_name: str, prefix: str) -> str:
    """`ORDER_STATE_PAID` → `paid`."""
    return enum_name.removeprefix(prefix).lower()
