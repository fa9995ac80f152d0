"""This is where it is shown how carriers, routes and warehouses do, and where all parcels are."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from shop.logistics.v1 import scorecards_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Cursor, Limit, page_of
from gateway.neighbours import ask_again

router = feature("scorecards")
_SHARES = ("on_time", "first_attempt", "damaged", "lost")
_TIMES = (
    *("scan_latency_s", "scan_latency_p90_s", "pickup_delay_s"),
    *("door_hours_p50", "door_hours_p90", "door_hours_p95"),
)
_CARD: Json = {
    "subject": "sandbox",
    "parcels": 412,
    **{name: {"count": 401, "of": 410, "raw": 0.978, "judged": 0.9776} for name in _SHARES},
    "score": 543,
    **dict.fromkeys(_TIMES, 36.5),
}
_ROW = {
    "warehouse": "main",
    "carrier": "sandbox",
    "states": [{"state": "shipped", "parcels": 31}],
    "late": 2,
    "stuck": 1,
    "lost": 0,
    "troubled": 1,
    "alerts": 1,
    "exceptions": 0,
}
_COUNTS = ("late", "stuck", "lost", "troubled", "alerts", "exceptions")


def _share(of: pb.Share) -> Json:
    return {"count": of.count, "of": of.of, "raw": of.raw, "judged": of.judged}


def _card(of: pb.Scorecard) -> Json:
    return {
        "subject": of.subject,
        "parcels": of.parcels,
        **{name: _share(getattr(of, name)) for name in _SHARES},
        "score": of.score,
        **{name: getattr(of, name) for name in _TIMES},
    }


def _row(of: pb.TowerRow) -> Json:
    states = [{"state": state, "parcels": count} for state, count in sorted(of.states.items())]
    head: dict[str, Any] = {"warehouse": of.warehouse or None, "carrier": of.carrier or None, "states": states}
    return head | {name: getattr(of, name) for name in _COUNTS}


@router.get(
    "/v1/carriers/scorecards",
    summary="How carriers, routes and warehouses do",
    responses=shown({"items": [_CARD], "next_cursor": None}, "INVALID_PARAMETER", "INVALID_WINDOW", "CURSOR_INVALID"),
)
async def list_scorecards(
    request: Request,
    by: Annotated[
        Literal["carrier", "route", "warehouse", "lane"],
        Query(description="`route`: warehouse>province; `lane`: carrier>province, what routing reads."),
    ] = "carrier",
    window: Annotated[Literal["28", "90"], Query(description="Days.")] = "28",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Of the parcels that left in the window. `judged` draws small numbers toward the mean m of all: (count + 20 m) / (of +
    20). `score`: 500 + 2500 (0.6 on time + 0.2 first attempt - 4 damaged - 10 lost, each less its mean), from 0 to 1000."""
    asked = pb.ListScorecardsRequest(by=by, window=int(window), page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.scorecards.ListScorecards, asked)
    return paged(request, "items", [_card(one) for one in answered.scorecards], answered.next_cursor)


@router.get(
    "/v1/logistics/tower",
    summary="Where all parcels are",
    responses=shown({"items": [_ROW]}),
)
async def show_tower(request: Request) -> Response:
    """By warehouse and carrier: how many in each state, late, stuck and lost (no word for the days of `/v1/carriers`),
    troubled (the carrier cannot go on, or nobody was there); open alerts of devices; what could not be allocated. Counted,
    not searched: a few seconds old."""
    answered = await ask_again(request.app.state.gateway.neighbours.scorecards.GetTower, pb.GetTowerRequest())
    return answer({"items": [_row(row) for row in answered.rows]})
