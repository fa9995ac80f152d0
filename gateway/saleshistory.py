"""This is where a CSV file of earlier sales is taken in: streamed, in batches, with an answer per row."""

from fastapi import Request, Response
from shop.catalog.v1 import forecasts_pb2 as pb

from gateway.answers import Json, answer
from gateway.csvrows import BrokenHeader, Rows, header_of, lines_of
from gateway.described import feature, shown
from gateway.imports import TooManyRows, batches_of
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.problems import problem
from services.kit.errors import FieldError

router = feature("forecasts")
NEEDED = ("day", "sku", "units", "revenue_minor", "currency")
_BATCH_S = 20.0
_MOST_ROWS = 500_000
_ANSWER = {
    "accepted": 1,
    "rejected": 1,
    "rows": [
        {"row": 2, "sku": "MUG-01", "ok": True, "errors": []},
        {"row": 3, "sku": "MUG-02", "ok": False, "errors": [{"column": "day", "message": "must be a day, YYYY-MM-DD"}]},
    ],
}
_FILE = "day,sku,units,revenue_minor,currency\n2026-10-01,MUG-01,12,34800,CNY\n"
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": _FILE}}}}


def _answer(of: pb.SalesAnswer) -> Json:
    errors = [{"column": wrong.column, "message": wrong.message} for wrong in of.errors]
    return {"row": of.row, "sku": of.sku, "ok": of.ok, "errors": errors}


@router.post(
    "/v1/sales/history",
    summary="Take earlier sales in from a CSV file",
    responses=shown(_ANSWER, "INVALID_CSV", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", text="An answer per row."),
    openapi_extra=_CSV,
)
async def import_sales(request: Request) -> Response:
    """What SKUs sold elsewhere a day, for forecasts to start from; at most 32 MB and 500,000 rows. Good rows go in whatever
    the others hold; the same day and SKU again replaces it. On days on which the shop itself sold, its own count stands."""
    lines = lines_of(request.stream())
    try:
        header = header_of(await anext(lines, b""), NEEDED, ())
    except BrokenHeader as wrong:
        return problem(request, "INVALID_CSV", errors=[FieldError("/header", str(wrong))])
    catalog, by, rows = request.app.state.gateway.neighbours.forecasts, asking(request).id, list[Json]()
    try:
        async for batch in batches_of(lines, Rows(header), _MOST_ROWS):
            told = [pb.SalesRow(row=row.number, cells=row.cells, problem=row.problem) for row in batch]
            # A row is an upsert: sent twice it is there once.
            answered = await ask_again(catalog.ImportSales, pb.ImportSalesRequest(rows=told, by=by), _BATCH_S)
            rows += map(_answer, answered.rows)
    except TooManyRows:
        return problem(request, "BODY_TOO_LARGE", f"at most {_MOST_ROWS} rows; what came before them is in")
    accepted = sum(row["ok"] for row in rows)
    return answer({"accepted": accepted, "rejected": len(rows) - accepted, "rows": rows})
