"""This is where staff look at what was held or refused for fear of fraud, decide, and say what was lost."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from shop.orders.v1 import fraud_pb2 as pb

from gateway.answers import Json, answer, money, paged, tagged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Id, Limit, LineOrEmpty, MoneyBody, PathId, money_or_none, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("fraud")
States = Literal["", "open", "clearing", "cleared", "confirming", "confirmed", "cancelled", "blocked"]
YUAN = {"currency": "CNY", "minor": 88000}
_REASON = {
    "signal": "device_declined_1h",
    "points": 198,
    "text": {"en": "8 attempts from this device declined or refused within an hour", "zh": "该设备1 小时内有 8 次被拒"},
}
REVIEW = {
    "id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "state": "open",
    "score_bp": 2140,
    "total": YUAN,
    "customer_id": "cus_01kb2y5v7g8h9j0kmnpqrstvwx",
    "reasons": [_REASON],
    "marks": ["card.1f0e2d3c4b5a69788796a5b4c3d2e1f0"],
    "model": 3,
    "at": "2026-11-22T08:00:00.000Z",
    "decided_at": "",
    "by": "",
    "note": "",
}
_WHOLE = {**REVIEW, "features": [{"name": "device_declined_1h", "value": 2.197}]}
REPORT = {
    "order_id": "ord_01kb2y5v7g8h9j0kmnpqrstvwx",
    "kind": "chargeback",
    "loss": YUAN,
    "reference": "CB-2026-1107",
    "note": "",
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "at": "2026-11-22T08:00:00.000Z",
}


class DecisionBody(Body):
    """Why."""

    note: LineOrEmpty = ""


class ReportBody(Body):
    """What was lost: all that was charged and not given back, unless `loss` says otherwise."""

    order_id: Id
    kind: Literal["chargeback", "confirmed_fraud"] = "chargeback"
    loss: MoneyBody | None = None
    reference: Annotated[LineOrEmpty, "The bank's number of the dispute."] = ""
    note: LineOrEmpty = ""


def _fraud(request: Request) -> Any:
    return request.app.state.gateway.neighbours.fraud


def _reason(of: pb.FraudReason) -> Json:
    return {"signal": of.signal, "points": of.points, "text": {"en": of.text_en, "zh": of.text_zh}}


def review(of: pb.FraudReview) -> Json:
    """A review, without its features."""
    plain = {name: getattr(of, name) for name in REVIEW if name not in ("total", "reasons", "marks")}
    reasons = [_reason(each) for each in of.reasons]
    return {**plain, "total": money(of.total), "reasons": reasons, "marks": list(of.marks)}


def features(of: Any) -> list[Json]:
    """Names and values."""
    return [{"name": each.name, "value": each.value} for each in of]


def _whole(of: pb.FraudReview) -> Response:
    return tagged({**review(of), "features": features(of.features)}, of.version)


@router.get(
    "/v1/fraud/reviews",
    summary="What was held or refused",
    responses=shown(
        {"items": [REVIEW], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID", "INVALID_FRAUD_REVIEW"
    ),
)
async def list_fraud_reviews(
    request: Request,
    state: Annotated[States, Query(description="`open`: the queue; `blocked`: refused before the charge.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first."""
    asked = pb.ListFraudReviewsRequest(state=state, page=page_of(limit, cursor))
    answered = await ask_again(_fraud(request).ListFraudReviews, asked)
    return paged(request, "items", [review(row) for row in answered.reviews], answered.next_cursor)


@router.get(
    "/v1/fraud/reviews/{order_id}", summary="One, with its reasons", responses=shown(_WHOLE, "FRAUD_REVIEW_NOT_FOUND")
)
async def get_fraud_review(request: Request, order_id: PathId) -> Response:
    """The score is the probability of fraud in basis points; `points` are what a reason adds to the log-odds, in hundredths;
    `features` is all the score was made from. The ETag is for If-Match."""
    answered = await ask_again(_fraud(request).GetFraudReview, pb.GetFraudReviewRequest(id=order_id))
    return _whole(answered.review)


_DECIDING = ("FRAUD_REVIEW_NOT_FOUND", "FRAUD_REVIEW_CLOSED", "VERSION_MISMATCH", "PRECONDITION_REQUIRED")


@router.post(
    "/v1/fraud/reviews/{order_id}/clear",
    summary="It is not fraud",
    responses=shown(_WHOLE, *_DECIDING, "INVALID_FRAUD_REVIEW", body=True),
)
async def clear_fraud_review(request: Request, order_id: PathId, body: DecisionBody) -> Response:
    """The order is let go and sent. Of a checkout that was refused, the customer and the e-mail address are let in for 30
    days. If-Match is required; the same again answers as the first time."""
    version = if_version(request, required=True)
    asked = pb.ClearFraudReviewRequest(id=order_id, if_version=version, note=body.note, by=asking(request).id)
    return _whole((await ask_again(_fraud(request).ClearFraudReview, asked, STAFF_S)).review)


@router.post(
    "/v1/fraud/reviews/{order_id}/confirm",
    summary="It is fraud",
    responses=shown(_WHOLE, *_DECIDING, "INVALID_FRAUD_REVIEW", "CANCEL_UNFINISHED", "ORDER_BUSY", body=True),
)
async def confirm_fraud_review(request: Request, order_id: PathId, body: DecisionBody) -> Response:
    """The order is cancelled, its money goes back, and whoever it was is kept out for 180 days. What has left already is
    written down as lost. If-Match is required; the same again answers as the first time, or goes on."""
    version = if_version(request, required=True)
    asked = pb.ConfirmFraudReviewRequest(id=order_id, if_version=version, note=body.note, by=asking(request).id)
    return _whole((await ask_again(_fraud(request).ConfirmFraudReview, asked, STAFF_S)).review)


@router.post(
    "/v1/fraud/reports",
    status_code=201,
    summary="Money was lost",
    responses=shown(REPORT, "ORDER_NOT_FOUND", "INVALID_FRAUD_REPORT", "FRAUD_REPORTED_ALREADY", status=201, body=True),
)
async def report_fraud(request: Request, body: ReportBody) -> Response:
    """A chargeback, or an order that was let pass and turned out to be fraud: it counts against the loss rate (K36), the
    next training learns from it, and whoever it was is kept out. Once an order: the same again answers as the first time."""
    said = pb.FraudReport(
        order_id=body.order_id,
        kind=body.kind,
        loss=money_or_none(body.loss),
        reference=body.reference,
        note=body.note,
        by=asking(request).id,
    )
    kept = (await ask(_fraud(request).ReportFraud, pb.ReportFraudRequest(report=said))).report
    plain = {name: getattr(kept, name) for name in REPORT if name != "loss"}
    return answer({**plain, "loss": money(kept.loss)}, 201)
