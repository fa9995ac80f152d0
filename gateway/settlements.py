"""This is where settlement files are brought, and what they and our books differ by is listed and explained."""

import hashlib
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import StringConstraints
from shop.orders.v1 import settlements_pb2 as pb

from gateway.answers import Json, answer, money, money_if_any, paged
from gateway.csvrows import BrokenHeader, Row, Rows, header_of, lines_of
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, PathId, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.problems import problem
from services.kit.errors import FieldError

router = feature("settlements")
NEEDED = ("line_id", "type", "payment_id", "reference", "key", "amount_minor", "fee_minor", "currency", "occurred_at")
ALLOWED = ("payout_id", "payout_at")
_BATCH, _MOST_ROWS = 500, 100_000
_YUAN, _NONE = {"currency": "CNY", "minor": 1600}, {"currency": "CNY", "minor": 0}
SETTLEMENT = {
    "id": "stl_sandbox0f3b",
    "provider": "sandbox",
    "state": "done",
    "done": 200,
    "rows": 200,
    "counts": [{"outcome": "matched", "count": 200}],
    "from": "2026-11-22T00:00:00.000Z",
    "to": "2026-11-22T23:59:00.000Z",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "created_at": "2026-11-23T08:00:00.000Z",
    "done_at": "2026-11-23T08:00:01.000Z",
}
LINE = {
    "row": 2,
    "line_id": "stl-1",
    "type": "capture",
    "outcome": "matched",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "amount": _YUAN,
    "fee": _NONE,
    "problem": None,
}
DIFFERENCE = {
    "id": "dif_0f3b",
    "kind": "amount_differs",
    "state": "open",
    "settlement_id": "stl_sandbox0f3b",
    "line_id": "stl-1",
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "key": "capture:ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "ours": _YUAN,
    "theirs": _NONE,
    "note": None,
    "by": None,
    "at": "2026-11-23T08:00:01.000Z",
}
PAYOUT = {
    "id": "po-20261122",
    "provider": "sandbox",
    "settlement_id": "stl_sandbox0f3b",
    "captured": _YUAN,
    "refunded": _NONE,
    "fees": _NONE,
    "net": _YUAN,
    "stated": _YUAN,
    "difference": _NONE,
    "captures": 1,
    "days_to_payout": 1.2,
    "paid_out_at": "2026-11-23T00:00:00.000Z",
}
_FILE = ",".join((*NEEDED, *ALLOWED)) + "\nstl-1,capture,pay_1,ord_1,ord_1,1600,10,CNY,2026-11-22T08:00:00Z,po-1,\n"
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": _FILE}}}}
_MONEY = {"amount", "fee", "ours", "theirs", "captured", "refunded", "fees", "net", "stated", "difference"}
Outcomes = Literal[
    "",
    "matched",
    "missing_here",
    "amount_differs",
    "currency_differs",
    "fee_differs",
    "duplicate",
    "repeated",
    "broken",
]


class ExplainBody(Body):
    """Why it differs."""

    note: Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _told(of: Any, example: Json) -> Json:
    told: Json = {}
    for name in example:
        value = getattr(of, name)
        told[name] = money_if_any(value) if name == "stated" else money(value) if name in _MONEY else value
        if value == "":
            told[name] = None
    return told


def _settlement(of: pb.Settlement) -> Json:
    counts = [{"outcome": each.outcome, "count": each.count} for each in of.counts]
    return {**{name: getattr(of, name) or None for name in SETTLEMENT}, "done": of.done, "counts": counts}


def _settlements(request: Request) -> Any:
    return request.app.state.gateway.neighbours.settlements


@router.post(
    "/v1/settlements",
    status_code=202,
    summary="Take a settlement file in",
    responses=shown(
        SETTLEMENT,
        "INVALID_CSV",
        "INVALID_SETTLEMENT",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        status=202,
        text="The file, and how far it is.",
    ),
    openapi_extra=_CSV,
)
async def import_settlement(
    request: Request,
    provider: Annotated[
        Literal["sandbox", "cash"], Query(description="`cash`: what carriers hand over of cash on delivery.")
    ] = "sandbox",
) -> Response:
    """At most 32 MB and 100,000 rows. The same file again, and the same line in another file, change nothing. Every row is
    compared with our own captures, refunds and fees to the cent; GET /v1/settlements/{id}/lines says what became of it."""
    content = b"".join([part async for part in request.stream()])
    digest = hashlib.sha256(content).hexdigest()
    try:
        rows = await _rows_of(content)
    except BrokenHeader as wrong:
        return problem(request, "INVALID_CSV", errors=[FieldError("/header", str(wrong))])
    if not 0 < len(rows) <= _MOST_ROWS:
        return problem(request, "INVALID_CSV", errors=[FieldError("/rows", f"1 to {_MOST_ROWS}")])
    for at in range(0, len(rows), _BATCH):
        cells = [pb.SettlementCells(row=r.number, cells=r.cells, problem=r.problem) for r in rows[at : at + _BATCH]]
        asked = pb.AddSettlementRowsRequest(digest=digest, provider=provider, rows=cells)
        await ask_again(_settlements(request).AddSettlementRows, asked, STAFF_S)
    begin = pb.BeginSettlementRequest(digest=digest, provider=provider, rows=len(rows), by=asking(request).id)
    begun = (await ask_again(_settlements(request).BeginSettlement, begin, STAFF_S)).settlement
    return answer(_settlement(begun), 202, {"location": f"/v1/settlements/{begun.id}"})


async def _rows_of(content: bytes) -> list[Row]:
    async def whole() -> Any:
        yield content

    lines = lines_of(whole())
    rows = Rows(header_of(await anext(lines, b""), NEEDED, ALLOWED))
    async for line in lines:
        rows.feed(line)
    return rows.ready(end=True)


@router.get(
    "/v1/settlements",
    summary="Settlement files",
    responses=shown({"items": [SETTLEMENT], "next_cursor": None}, "CURSOR_INVALID"),
)
async def list_settlements(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """By id."""
    answered = await ask_again(
        _settlements(request).ListSettlements, pb.ListSettlementsRequest(page=page_of(limit, cursor))
    )
    return paged(request, "items", [_settlement(row) for row in answered.settlements], answered.next_cursor)


@router.get(
    "/v1/settlements/{settlement_id}",
    summary="One settlement file",
    responses=shown(SETTLEMENT, "SETTLEMENT_NOT_FOUND"),
)
async def get_settlement(request: Request, settlement_id: PathId) -> Response:
    """How far it is, and what came of its rows."""
    answered = await ask_again(_settlements(request).GetSettlement, pb.GetSettlementRequest(id=settlement_id))
    return answer(_settlement(answered.settlement))


@router.get(
    "/v1/settlements/{settlement_id}/lines",
    summary="What became of each line",
    responses=shown({"items": [LINE], "next_cursor": None}, "SETTLEMENT_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_settlement_lines(
    request: Request,
    settlement_id: PathId,
    outcome: Annotated[Outcomes, Query(description="Only these.")] = "",
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Response:
    """In the order of the file, as far as it is done."""
    asked = pb.ListSettlementRowsRequest(id=settlement_id, outcome=outcome, page=page_of(limit, cursor))
    answered = await ask_again(_settlements(request).ListSettlementRows, asked)
    return paged(request, "items", [_told(row, LINE) for row in answered.rows], answered.next_cursor)


@router.get(
    "/v1/settlement-differences",
    summary="What differs",
    responses=shown({"items": [DIFFERENCE], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_settlement_differences(
    request: Request,
    state: Annotated[Literal["", "open", "explained", "resolved"], Query(description="Only these.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Missing here, missing at the provider, another amount, currency or fee, twice, or a payout that does not add up."""
    asked = pb.ListSettlementDifferencesRequest(state=state, page=page_of(limit, cursor))
    answered = await ask_again(_settlements(request).ListSettlementDifferences, asked)
    return paged(request, "items", [_told(row, DIFFERENCE) for row in answered.differences], answered.next_cursor)


@router.post(
    "/v1/settlement-differences/{difference_id}/explain",
    summary="Say why it differs",
    responses=shown(DIFFERENCE, "DIFFERENCE_NOT_FOUND", "INVALID_SETTLEMENT", body=True),
)
async def explain_settlement_difference(request: Request, difference_id: PathId, body: ExplainBody) -> Response:
    """What is resolved stays so."""
    asked = pb.ExplainSettlementDifferenceRequest(id=difference_id, note=body.note, by=asking(request).id)
    answered = await ask(_settlements(request).ExplainSettlementDifference, asked)
    return answer(_told(answered.difference, DIFFERENCE))


@router.get(
    "/v1/payouts",
    summary="What was paid out",
    responses=shown({"items": [PAYOUT], "next_cursor": None}, "CURSOR_INVALID"),
)
async def list_payouts(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """What it should have been, what the provider says, what differs, and how many days our money was with it."""
    answered = await ask_again(_settlements(request).ListPayouts, pb.ListPayoutsRequest(page=page_of(limit, cursor)))
    return paged(request, "items", [_told(row, PAYOUT) for row in answered.payouts], answered.next_cursor)
