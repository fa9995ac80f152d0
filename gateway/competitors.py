"""This is where competitors' prices, campaigns and shares come in, are matched, and are reported beside the shop's own."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import competitors_pb2 as pb

from gateway.answers import Json, answer, money, paged
from gateway.csvrows import BrokenHeader, Row, Rows, header_of, lines_of
from gateway.described import feature, shown
from gateway.fields import (
    Body,
    Cursor,
    Limit,
    Sku,
    page_of,
)
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking
from gateway.problems import problem
from services.kit.errors import FieldError

router = feature("competitors")
NEEDED = ("competitor", "price_minor", "currency", "at")
ALLOWED = ("name", "url", "match_key", "sku", "promotion", "stock", "traffic")
_BATCH = 500
_MOST_ROWS = 50_000
_YUAN = {"currency": "CNY", "minor": 2990}
_AT = "2026-11-22T08:00:00.000Z"
_TAKEN = {
    "accepted": 1,
    "rejected": 1,
    "rows": [
        {"row": 2, "ok": True, "errors": []},
        {"row": 3, "ok": False, "errors": [{"column": "price_minor", "message": "must be a whole number"}]},
    ],
}
_PRICE = {
    "item_id": "cit_5f2b1c0d9e8f7a6b5c4d3e2f1a",
    "competitor": "Cups & Co",
    "name": "Stoneware mug",
    "price": _YUAN,
    "at": _AT,
    "promotion": "3 for 2",
    "in_stock": True,
}
_ITEM = {
    "id": "cit_5f2b1c0d9e8f7a6b5c4d3e2f1a",
    "competitor": "Cups & Co",
    "name": "Stoneware mug",
    "url": "https://cups.example/mug",
    "price": _YUAN,
    "sku": None,
    "last_at": _AT,
}
_MATCH = {"item": _ITEM, "likest": [{"sku": "MUG-01", "title": "Mug, stoneware", "score": 92}]}
_FILE = (
    "competitor,name,url,sku,price_minor,currency,at\nCups & Co,Stoneware mug,,MUG-01,2990,CNY,2026-11-22T08:00:00Z\n"
)
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": _FILE}}}}
_Cell = Annotated[str, StringConstraints(max_length=2_000)]


class PriceSeenBody(Body):
    """A price seen. What is wrong with it is answered by row, so bad ones keep no good ones out."""

    competitor: _Cell
    name: _Cell = ""
    url: _Cell = ""
    match_key: _Cell = ""
    sku: _Cell = ""
    price_minor: int
    currency: _Cell
    at: _Cell
    promotion: _Cell = ""
    stock: _Cell = ""
    traffic: _Cell = ""

    def cells(self) -> dict[str, str]:
        """As a row of a file."""
        return {name: str(value) for name, value in self.model_dump().items()}


class PricesSeenBody(Body):
    """A batch of them."""

    rows: list[PriceSeenBody] = Field(min_length=1, max_length=_BATCH)


class MatchBody(Body):
    """What an item is: one of our SKUs, or null for nothing of ours."""

    item_id: Annotated[str, StringConstraints(pattern=r"^cit_[0-9a-z]{1,40}$")]
    sku: Sku | None


def item(of: pb.CompetitorItem) -> Json:
    """An item of a competitor."""
    return {
        "id": of.id,
        "competitor": of.competitor,
        "name": of.name,
        "url": of.url or None,
        "price": money(of.price),
        "sku": of.sku or None,
        "last_at": of.last_at,
    }


class _File:
    """Rows on their way in."""

    def __init__(self, competitors: Any) -> None:
        self._competitors = competitors
        self.answers: dict[int, Json] = {}

    async def take(self, rows: Sequence[Row]) -> None:
        """Takes rows in; what could not be read is answered at once."""
        for row in rows:
            if row.problem:
                self.answers[row.number] = _answer(row.number, [{"column": "", "message": row.problem}])
        good = [row for row in rows if not row.problem]
        for start in range(0, len(good), _BATCH):
            batch = [pb.CompetitorRow(row=row.number, cells=row.cells) for row in good[start : start + _BATCH]]
            asked = pb.TakeCompetitorPricesRequest(rows=batch)
            answered = await ask_again(self._competitors.TakeCompetitorPrices, asked, STAFF_S)
            for told in answered.rows:
                errors = [{"column": error.column, "message": error.message} for error in told.errors]
                self.answers[told.row] = _answer(told.row, errors)

    def whole(self) -> Response:
        """The answer."""
        rows = [self.answers[number] for number in sorted(self.answers)]
        accepted = sum(row["ok"] for row in rows)
        return answer({"accepted": accepted, "rejected": len(rows) - accepted, "rows": rows})


def _answer(number: int, errors: list[Json]) -> Json:
    return {"row": number, "ok": not errors, "errors": errors}


@router.post("/v1/competitors/prices", summary="Report competitors' prices", responses=shown(_TAKEN, body=True))
async def take_competitor_prices(request: Request, body: PricesSeenBody) -> Response:
    """At most 500 rows, the first is row 1; each is answered. Sent twice, a row is there once."""
    taken = _File(request.app.state.gateway.neighbours.competitors)
    await taken.take([Row(number, row.cells()) for number, row in enumerate(body.rows, 1)])
    return taken.whole()


@router.post(
    "/v1/competitors/prices/import",
    summary="Report competitors' prices in a CSV file",
    responses=shown(_TAKEN, "INVALID_CSV", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", text="An answer per row."),
    openapi_extra=_CSV,
)
async def import_competitor_prices(request: Request) -> Response:
    """At most 5 MB and 50,000 rows; the header is row 1. Columns: competitor, price_minor, currency, at, and any of name,
    url, match_key, sku, promotion, stock, traffic (`search:60;ads:40`)."""
    lines = lines_of(request.stream())
    try:
        rows = Rows(header_of(await anext(lines, b""), NEEDED, ALLOWED))
    except BrokenHeader as wrong:
        return problem(request, "INVALID_CSV", errors=[FieldError("/header", str(wrong))])
    taken, count = _File(request.app.state.gateway.neighbours.competitors), 0
    async for line in lines:
        rows.feed(line)
        count += 1
        if count > _MOST_ROWS:
            return problem(request, "BODY_TOO_LARGE", f"at most {_MOST_ROWS} rows; what came before them is in")
        if count % _BATCH == 0:
            await taken.take(rows.ready())
    await taken.take(rows.ready(end=True))
    return taken.whole()


@router.get(
    "/v1/competitors/prices",
    summary="What competitors ask for the like of a SKU",
    responses=shown({"items": [_PRICE], "next_cursor": None}, "SKU_NOT_FOUND", "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_competitor_prices(
    request: Request, sku: Annotated[str, Query(max_length=64)] = "", limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """Newest first, of the items matched with it."""
    asked = pb.ListCompetitorPricesRequest(sku=sku, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.competitors.ListCompetitorPrices, asked)
    rows = [
        {name: getattr(row, name) for name in ("item_id", "competitor", "name", "at", "promotion")}
        | {"price": money(row.price), "in_stock": row.in_stock if row.HasField("in_stock") else None}
        for row in answered.prices
    ]
    return paged(request, "items", rows, answered.next_cursor)


@router.get(
    "/v1/competitors/matches",
    summary="What competitors' items may be of ours",
    responses=shown({"items": [_MATCH], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_competitor_matches(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Items nobody has matched, each with the likest titles of ours; at most 50 a page."""
    asked = pb.ListCompetitorMatchesRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.competitors.ListCompetitorMatches, asked, STAFF_S)
    rows = [
        {
            "item": item(row.item),
            "likest": [{"sku": each.sku, "title": each.title, "score": each.score} for each in row.likest],
        }
        for row in answered.matches
    ]
    return paged(request, "items", rows, answered.next_cursor)


@router.post(
    "/v1/competitors/matches",
    summary="Say what an item is",
    responses=shown(_ITEM, "COMPETITOR_ITEM_NOT_FOUND", "SKU_NOT_FOUND", body=True),
)
async def match_competitor_item(request: Request, body: MatchBody) -> Response:
    """What is reported of it, before and after, counts for that SKU from now on."""
    asked = pb.MatchCompetitorItemRequest(item_id=body.item_id, sku=body.sku or "", by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.competitors.MatchCompetitorItem, asked)
    return answer(item(answered.item))
