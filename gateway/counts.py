"""This is where shelves are counted."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import counts_pb2 as pb

from gateway.answers import Json, answer, paged, word
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, PathId, QueryWord, Sku, Slug, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking

router = feature("stock")
COUNT = {
    "id": "cnt_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "booked",
    "warehouse": "main",
    "lines": 2,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "created_at": "2026-11-22T08:00:00.000Z",
    "counters": ["stf_01kb2y5v7g8h9j0kmnpqrstvwx"],
    "closed_by": "stf_01kb2y5v7g8h9j0kmnpqrstvwy",
    "closed_at": "2026-11-22T18:00:00.000Z",
}
_LINE = {
    "sku": "MUG-01",
    "frozen": 40,
    "expected": 38,
    "counted": 37,
    "difference": -1,
    "difference_value": {"currency": "CNY", "minor": -1100},
    "counted_by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "counted_at": "2026-11-22T09:00:00.000Z",
    "outcome": "booked",
}
_PROPOSAL = {
    "warehouse": "main",
    "sku": "MUG-01",
    "abc": "A",
    "reason": "cycle",
    "due_at": "2026-11-22T08:00:00.000Z",
    "counted_at": None,
}
States = Literal["", "open", "approved", "booked", "cancelled"]


class CountBody(Body):
    """What to count: `skus`, a `category`, the first so many `proposed`, or (none of these) all that lies there."""

    warehouse: Slug = "main"
    skus: Annotated[list[Sku], Field(max_length=2_000)] = Field(default_factory=list)
    category: Slug | None = None
    proposed: Annotated[int, Field(ge=0, le=100)] = 0


class FoundBody(Body):
    """What lies there of a SKU."""

    sku: Sku
    units: Annotated[int, Field(ge=0, le=1_000_000)]


class FoundLinesBody(Body):
    """What was found."""

    lines: Annotated[list[FoundBody], Field(min_length=1, max_length=200)]


def count(of: pb.Count) -> Json:
    """A sheet."""
    return {
        "id": of.id,
        "state": word(pb.CountState.Name(of.state), "COUNT_STATE_"),
        "warehouse": of.warehouse,
        "lines": of.lines,
        "by": of.by,
        "created_at": of.created_at,
        "counters": list(of.counters),
        "closed_by": of.closed_by or None,
        "closed_at": of.closed_at or None,
    }


def _line(of: pb.CountLine) -> Json:
    return {
        "sku": of.sku,
        "frozen": of.frozen,
        "expected": of.expected if of.is_counted else None,
        "counted": of.counted if of.is_counted else None,
        "difference": of.difference,
        "difference_value": {"currency": of.currency, "minor": of.difference_minor},
        "counted_by": of.counted_by or None,
        "counted_at": of.counted_at or None,
        "outcome": of.outcome or None,
    }


def _proposal(of: pb.CountProposal) -> Json:
    return {
        "warehouse": of.warehouse,
        "sku": of.sku,
        "abc": of.abc or None,
        "reason": of.reason,
        "due_at": of.due_at,
        "counted_at": of.counted_at or None,
    }


def _counts(request: Request) -> Any:
    return request.app.state.gateway.neighbours.counts


@router.post(
    "/v1/stock/counts",
    status_code=201,
    summary="Open a count sheet",
    responses=shown(COUNT, "INVALID_COUNT", status=201, body=True),
)
async def open_count(request: Request, body: CountBody) -> Response:
    """Freezes what the books say of at most 2,000 SKUs. Sales go on meanwhile."""
    asked = pb.OpenCountRequest(
        warehouse=body.warehouse,
        skus=body.skus,
        category=body.category or "",
        proposed=body.proposed,
        by=asking(request).id,
    )
    answered = await ask(_counts(request).OpenCount, asked, STAFF_S)
    return answer(count(answered.count), 201, {"location": f"/v1/stock/counts/{answered.count.id}"})


@router.get(
    "/v1/stock/counts",
    summary="Count sheets",
    responses=shown({"items": [COUNT], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_counts(
    request: Request,
    state: Annotated[States, Query(description="Only in this state.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first."""
    wanted = pb.CountState.Value(f"COUNT_STATE_{state.upper() or 'UNSPECIFIED'}")
    asked = pb.ListCountsRequest(state=wanted, page=page_of(limit, cursor))
    answered = await ask_again(_counts(request).ListCounts, asked)
    return paged(request, "items", [count(row) for row in answered.counts], answered.next_cursor)


@router.get(
    "/v1/stock/counts/proposals",
    summary="What to count next",
    responses=shown({"items": [_PROPOSAL], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_count_proposals(
    request: Request, warehouse: QueryWord = "", limit: Limit = 20, cursor: Cursor = ""
) -> Response:
    """First what a shelf's device disputes, then class A, B and C, each as often as its class is counted."""
    asked = pb.ListCountProposalsRequest(warehouse=warehouse, page=page_of(limit, cursor))
    answered = await ask_again(_counts(request).ListCountProposals, asked)
    return paged(request, "items", [_proposal(row) for row in answered.proposals], answered.next_cursor)


@router.get("/v1/stock/counts/{count_id}", summary="One count sheet", responses=shown(COUNT, "COUNT_NOT_FOUND"))
async def get_count(request: Request, count_id: PathId) -> Response:
    """Without its lines."""
    answered = await ask_again(_counts(request).GetCount, pb.GetCountRequest(id=count_id))
    return answer(count(answered.count))


@router.get(
    "/v1/stock/counts/{count_id}/lines",
    summary="The lines of a count sheet",
    responses=shown({"items": [_LINE], "next_cursor": None}, "COUNT_NOT_FOUND", "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_count_lines(request: Request, count_id: PathId, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """By SKU: `frozen` is what the books said when the sheet was opened, `expected` when it was counted."""
    asked = pb.ListCountLinesRequest(id=count_id, page=page_of(limit, cursor))
    answered = await ask_again(_counts(request).ListCountLines, asked)
    return paged(request, "items", [_line(row) for row in answered.lines], answered.next_cursor)


@router.put(
    "/v1/stock/counts/{count_id}/lines",
    summary="Note what was found",
    responses=shown(COUNT, "COUNT_NOT_FOUND", "COUNT_CLOSED", "INVALID_COUNT", body=True),
)
async def put_count_lines(request: Request, count_id: PathId, body: FoundLinesBody) -> Response:
    """At most 200 at once. Send a line right after counting it: it is compared with the books of this moment."""
    lines = [pb.FoundUnits(sku=line.sku, units=line.units) for line in body.lines]
    asked = pb.PutCountLinesRequest(id=count_id, lines=lines, by=asking(request).id)
    return answer(count((await ask(_counts(request).PutCountLines, asked, STAFF_S)).count))


@router.post(
    "/v1/stock/counts/{count_id}/approve",
    summary="Book the differences",
    responses=shown(COUNT, "COUNT_NOT_FOUND", "COUNT_CLOSED", "SECOND_PERSON_NEEDED"),
)
async def approve_count(request: Request, count_id: PathId) -> Response:
    """Each once. Differences worth much need somebody who did not count."""
    asked = pb.ApproveCountRequest(id=count_id, by=asking(request).id)
    return answer(count((await ask_again(_counts(request).ApproveCount, asked, STAFF_S)).count))


@router.post(
    "/v1/stock/counts/{count_id}/cancel",
    summary="Call a count off",
    responses=shown(COUNT, "COUNT_NOT_FOUND", "COUNT_CLOSED"),
)
async def cancel_count(request: Request, count_id: PathId) -> Response:
    """Nothing is booked."""
    asked = pb.CancelCountRequest(id=count_id, by=asking(request).id)
    return answer(count((await ask_again(_counts(request).CancelCount, asked)).count))
