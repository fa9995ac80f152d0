"""This is where a CSV file of customs data is taken in, with an answer per row."""

from fastapi import Request, Response
from shop.logistics.v1 import customs_pb2 as pb
from shop.type.v1.money_pb2 import Money

from gateway.answers import Json, answer
from gateway.csvrows import BrokenHeader, Row, Rows, header_of, lines_of
from gateway.described import feature, shown
from gateway.imports import TooManyRows, batches_of
from gateway.neighbours import ask_again
from gateway.permissions import asking
from gateway.problems import problem
from services.kit.errors import FieldError

router = feature("customs")
NEEDED = ("sku", "hs_code", "origin", "description")
ALLOWED = ("material", "use", "battery", "declared_minor", "declared_currency")
_BATCH_S = 20.0
_MOST_ROWS = 50_000
_AT_ONCE = 500
_ANSWER = {
    "accepted": 1,
    "rejected": 1,
    "rows": [
        {"row": 3, "sku": "MUG-02", "ok": False, "errors": [{"column": "hs_code", "message": "6, 8 or 10 digits"}]},
    ],
}
_FILE = "sku,hs_code,origin,description,material,use,battery\nMUG-01,691200,CN,Ceramic mug,stoneware,tableware,none\n"
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": _FILE}}}}


def _goods(row: Row) -> pb.CustomsGoods:
    cells = {name: cell.strip() for name, cell in row.cells.items()}
    minor, currency = cells.pop("declared_minor", ""), cells.pop("declared_currency", "")
    worth = int(minor) if minor.isascii() and minor.isdigit() and len(minor) < 14 else -1 if minor else 0
    told = pb.CustomsGoods(declared=Money(currency=currency, minor=worth))
    for name, cell in cells.items():
        setattr(told, name, cell)
    return told


def _refused(row: Row, errors: list[Json]) -> Json:
    return {"row": row.number, "sku": row.cells.get("sku", ""), "ok": not errors, "errors": errors}


@router.post(
    "/v1/customs/goods/imports",
    summary="Take customs data in from a CSV file",
    responses=shown(_ANSWER, "INVALID_CSV", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", text="An answer per row."),
    openapi_extra=_CSV,
)
async def import_customs_goods(request: Request) -> Response:
    """At most 50,000 rows. Good rows go in whatever the others hold; a SKU again replaces what stood there. `rows` are those
    that were refused."""
    lines = lines_of(request.stream())
    try:
        header = header_of(await anext(lines, b""), NEEDED, ALLOWED)
    except BrokenHeader as wrong:
        return problem(request, "INVALID_CSV", errors=[FieldError("/header", str(wrong))])
    customs, by, answers = request.app.state.gateway.neighbours.customs, asking(request).id, list[Json]()
    try:
        async for batch in batches_of(lines, Rows(header), _MOST_ROWS):
            answers += [_refused(row, [{"column": "", "message": row.problem}]) for row in batch if row.problem]
            good = [row for row in batch if not row.problem]
            for start in range(0, len(good), _AT_ONCE):
                some = good[start : start + _AT_ONCE]
                asked = pb.ImportCustomsGoodsRequest(goods=map(_goods, some), by=by)
                answered = await ask_again(customs.ImportCustomsGoods, asked, _BATCH_S)
                for row, taken in zip(some, answered.taken, strict=False):
                    errors = [{"column": one.field, "message": one.message} for one in taken.faults]
                    answers.append(_refused(row, errors))
    except TooManyRows:
        return problem(request, "BODY_TOO_LARGE", f"at most {_MOST_ROWS} rows; what came before them is in")
    accepted = sum(row["ok"] for row in answers)
    refused = [row for row in answers if not row["ok"]]
    return answer({"accepted": accepted, "rejected": len(refused), "rows": refused})
