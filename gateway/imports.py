"""This is where a CSV file of products is taken in: streamed, in batches, with an answer per row."""

from collections.abc import AsyncIterator

from fastapi import Request, Response
from shop.catalog.v1 import products_pb2 as pb

from gateway.answers import Json, answer
from gateway.csvrows import BrokenHeader, Row, Rows, header_of, lines_of
from gateway.described import feature, shown
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.problems import problem
from services.kit.errors import FieldError

router = feature("products")
NEEDED = ("sku", "title", "category", "price_minor", "cost_minor", "currency", "weight_g", "stock")
ALLOWED = ("description", "tags", "warehouse", "image_url")
_BATCH = 500
_BATCH_S = 20.0
_MOST_ROWS = 50_000
_ANSWER = {
    "accepted": 1,
    "rejected": 1,
    "rows": [
        {"row": 2, "sku": "MUG-01", "ok": True, "errors": []},
        {"row": 3, "sku": "", "ok": False, "errors": [{"column": "sku", "message": "is missing"}]},
    ],
}
_FILE = "sku,title,category,price_minor,cost_minor,currency,weight_g,stock\nMUG-01,Mug,kitchen,2900,1100,CNY,350,40\n"
CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": _FILE}}}}


class TooManyRows(ValueError):
    """The file has more rows than are taken; what came before them may be in."""


async def batches_of(lines: AsyncIterator[bytes], rows: Rows, most: int) -> AsyncIterator[list[Row]]:
    """The file's rows, five hundred at a time as they come. Raises `TooManyRows` past `most` lines."""
    batch: list[Row] = []
    count = 0
    async for line in lines:
        rows.feed(line)
        count += 1
        if count % 100 == 0:
            batch += rows.ready()
            while len(batch) >= _BATCH:
                yield batch[:_BATCH]
                batch = batch[_BATCH:]
        if count > most:
            raise TooManyRows
    batch += rows.ready(end=True)
    for at in range(0, len(batch), _BATCH):
        yield batch[at : at + _BATCH]


def told(row: Row) -> pb.ImportRow:
    """As catalog takes it."""
    return pb.ImportRow(row=row.number, cells=row.cells, problem=row.problem)


def row_answer(of: pb.RowAnswer) -> Json:
    """What became of a row."""
    errors = [{"column": error.column, "message": error.message} for error in of.errors]
    return {"row": of.row, "sku": of.sku, "ok": of.ok, "errors": errors}


@router.post(
    "/v1/products/import",
    summary="Take products in from a CSV file",
    responses=shown(
        _ANSWER,
        "INVALID_CSV",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "ONLY_AFTER_REVIEW",
        text="An answer per row.",
    ),
    openapi_extra=CSV,
)
async def import_products(request: Request, publish: bool = False) -> Response:
    """At most 5 MB and 50,000 rows (more: POST /v1/imports). Good rows go in whatever the others hold; the same file again
    changes nothing. The header is row 1."""
    lines = lines_of(request.stream())
    try:
        header = header_of(await anext(lines, b""), NEEDED, ALLOWED)
    except BrokenHeader as wrong:
        return problem(request, "INVALID_CSV", errors=[FieldError("/header", str(wrong))])
    gateway, who, rows = request.app.state.gateway, asking(request), list[Json]()
    try:
        async for batch in batches_of(lines, Rows(header), _MOST_ROWS):
            asked = pb.ImportProductsRequest(
                rows=map(told, batch), publish=publish, by=who.id, merchant_id=who.only_merchant
            )
            # A row is an upsert: sent twice it is there once.
            answered = await ask_again(gateway.neighbours.products.ImportProducts, asked, _BATCH_S)
            rows += map(row_answer, answered.rows)
    except TooManyRows:
        return problem(request, "BODY_TOO_LARGE", f"at most {_MOST_ROWS} rows; what came before them is in")
    gateway.shelf.drop()
    accepted = sum(row["ok"] for row in rows)
    return answer({"accepted": accepted, "rejected": len(rows) - accepted, "rows": rows})
