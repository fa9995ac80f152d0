"""This is where files of products too large for one call are sent: streamed in, taken in by a job, answered row by row."""

from fastapi import Request, Response
from shop.catalog.v1 import bulk_pb2 as pb

from gateway.answers import answer, paged
from gateway.csvrows import BrokenHeader, Rows, header_of, lines_of
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, PathId, page_of
from gateway.idempotency import replayed, request_id_of
from gateway.imports import ALLOWED, CSV, NEEDED, TooManyRows, batches_of, row_answer, told
from gateway.jobs import JOB, job
from gateway.neighbours import STAFF_S, ask_again
from gateway.permissions import asking
from gateway.problems import problem
from services.kit.errors import FieldError

router = feature("imports")
_MOST_ROWS = 500_000
_JOB = {**JOB, "kind": "import", "title": "100,000 rows", "counts": [{"name": "accepted", "count": 200}]}
_ROW = {"row": 3, "sku": "MUG-02", "ok": False, "errors": [{"column": "stock", "message": "is missing"}]}


@router.post(
    "/v1/imports",
    status_code=202,
    summary="Take a large file of products in",
    responses=shown(
        _JOB,
        "INVALID_CSV",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "IDEMPOTENCY_KEY_MISSING",
        "IMPORT_BEGUN",
        status=202,
        text="The job that takes it in.",
    ),
    openapi_extra=CSV,
)
async def import_file(request: Request, publish: bool = False) -> Response:
    """At most 128 MB and 500,000 rows, the columns of POST /v1/products/import; needs an Idempotency-Key. The answer's
    `Location` is the job, with its progress; GET /v1/imports/{id}/rows says what became of each row."""
    catalog, by = request.app.state.gateway.neighbours.bulk, asking(request).id
    import_id = request_id_of(request, by, "imports")
    lines = lines_of(request.stream())
    try:
        header = header_of(await anext(lines, b""), NEEDED, ALLOWED)
        rows = batches = 0
        async for batch in batches_of(lines, Rows(header), _MOST_ROWS):
            asked = pb.AddImportRowsRequest(import_id=import_id, number=batches, rows=map(told, batch), by=by)
            await ask_again(catalog.AddImportRows, asked, STAFF_S)
            rows, batches = rows + len(batch), batches + 1
    except BrokenHeader as wrong:
        return problem(request, "INVALID_CSV", errors=[FieldError("/header", str(wrong))])
    except TooManyRows:
        return problem(request, "BODY_TOO_LARGE", f"at most {_MOST_ROWS} rows; nothing has been taken in")
    if not rows:
        return problem(request, "INVALID_CSV", errors=[FieldError("/rows", "there are none")])
    begin = pb.BeginImportRequest(import_id=import_id, batches=batches, rows=rows, publish=publish, by=by)
    begun = await ask_again(catalog.BeginImport, begin, STAFF_S)
    return answer(job(begun.job), 202, {"location": f"/v1/jobs/{begun.job.id}", **replayed(begun.again)})


@router.get(
    "/v1/imports/{import_id}/rows",
    summary="What became of each row",
    responses=shown({"items": [_ROW], "next_cursor": None}, "IMPORT_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_import_rows(
    request: Request, import_id: PathId, rejected: bool = False, limit: Limit = 100, cursor: Cursor = ""
) -> Response:
    """By the job's id, in the order of the file, as far as it is done; `rejected` for those that did not go in. Kept for 30
    days."""
    asked = pb.ListImportRowsRequest(id=import_id, rejected=rejected, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.bulk.ListImportRows, asked)
    return paged(request, "items", [row_answer(row) for row in answered.rows], answered.next_cursor)
