"""This is where a CSV file of products is taken in: streamed, in batches, with an answer per row."""

from collections.abc import AsyncIterator
from typing import Any

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
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": _FILE}}}}


class _Import:
    """One file on its way in."""

    def __init__(self, catalog: Any, publish: bool, by: str) -> None:
        self._catalog, self._publish, self._by = catalog, publish, by
        self.answers: dict[int, Json] = {}
        self._batch: list[Row] = []

    async def take(self, rows: list[Row]) -> None:
        """Takes rows in; what could not be read is answered at once."""
        for row in rows:
            if row.problem:
                self.answers[row.number] = _answer(row.number, "", [{"column": "", "message": row.problem}])
            else:
                self._batch.append(row)
            if len(self._batch) >= _BATCH:
                await self.flush()

    async def flush(self) -> None:
        """Sends the batch."""
        if not self._batch:
            return
        rows = [pb.ImportRow(row=row.number, cells=row.cells) for row in self._batch]
        self._batch = []
        asked = pb.ImportProductsRequest(rows=rows, publish=self._publish, by=self._by)
        # A row is an upsert: sent twice it is there once.
        answered = await ask_again(self._catalog.ImportProducts, asked, _BATCH_S)
        for row in answered.rows:
            errors = [{"column": error.column, "message": error.message} for error in row.errors]
            self.answers[row.row] = _answer(row.row, row.sku, errors, ok=row.ok)


def _answer(number: int, sku: str, errors: list[Json], *, ok: bool = False) -> Json:
    return {"row": number, "sku": sku, "ok": ok, "errors": errors}


@router.post(
    "/v1/products/import",
    summary="Take products in from a CSV file",
    responses=shown(_ANSWER, "INVALID_CSV", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", text="An answer per row."),
    openapi_extra=_CSV,
)
async def import_products(request: Request, publish: bool = False) -> Response:
    """At most 5 MB and 50,000 rows. Good rows go in whatever the others hold; the same file again changes nothing. The
    header is row 1."""
    lines = lines_of(request.stream())
    try:
        header = header_of(await anext(lines, b""), NEEDED, ALLOWED)
    except BrokenHeader as wrong:
        return problem(request, "INVALID_CSV", errors=[FieldError("/header", str(wrong))])
    taken = _Import(request.app.state.gateway.neighbours.products, publish, asking(request).id)
    if not await _read(lines, Rows(header), taken):
        return problem(request, "BODY_TOO_LARGE", f"at most {_MOST_ROWS} rows; what came before them is in")
    request.app.state.gateway.shelf.drop()
    rows = [taken.answers[number] for number in sorted(taken.answers)]
    accepted = sum(row["ok"] for row in rows)
    return answer({"accepted": accepted, "rejected": len(rows) - accepted, "rows": rows})


async def _read(lines: AsyncIterator[bytes], rows: Rows, taken: _Import) -> bool:
    count = 0
    async for line in lines:
        rows.feed(line)
        count += 1
        if count % 100 == 0:
            await taken.take(rows.ready())
        if count > _MOST_ROWS:
            return False
    await taken.take(rows.ready(end=True))
    await taken.flush()
    return True
