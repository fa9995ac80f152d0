"""This is where customers review what they bought and ask about it, and where staff look after both."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import reviews_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, LineOrEmpty, PathId, Url, page_of
from gateway.neighbours import STAFF_S, ask, ask_again
from gateway.permissions import asking

router = feature("reviews")
_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Said = Annotated[str, StringConstraints(max_length=4_000, pattern=_LINES)]
Replied = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=_LINES)]
_REPLY = {"text": "Thank you!", "at": "2026-11-22T08:00:00.000Z"}
_REVIEW = {
    "id": "rev_01kb2y5v7g8h9j0kmnpqrstvwx.01kb2y5v7g8h9j0kmnpqrstvwx",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "rating": 5,
    "title": "Keeps warm",
    "text": "For an hour, at least.",
    "photos": ["https://cdn.example.com/mine.jpg"],
    "verified": True,
    "at": "2026-11-22T08:00:00.000Z",
    "state": "published",
    "helpful": 3,
    "reply": _REPLY,
}
_FOR_STAFF = {
    **_REVIEW,
    "customer_id": "cus_01kb2y5v7g8h9j0kmnpqrstvwx",
    "waits_for": ["contact"],
    "decided_by": None,
    "reason": None,
}
_RATING = {"count": 12, "mean": 4.58, "positive_ratio": 0.9167, "stars": [0, 1, 0, 2, 9], "photos": 4}
_POINT = {
    "key": "broken",
    "name": {"en": "Broken", "zh": "破损"},
    "bad": 7,
    "good": 1,
    "score": 0.35,
    "quotes": ["Arrived broken"],
}
_PAIN = {"bad": 20, "good": 130, "topics": [_POINT], "words": [_POINT]}


class ReviewBody(Body):
    """What a customer thinks. The same customer's review of the same product is written anew."""

    rating: Annotated[int, Field(ge=1, le=5)]
    title: Annotated[LineOrEmpty, Field(max_length=120)] = ""
    text: Said = ""
    photos: Annotated[list[Url], Field(max_length=9)] = Field(default_factory=list)


class ReasonBody(Body):
    """Why."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]


class ReplyBody(Body):
    """What the shop answers."""

    text: Replied


def review(of: pb.Review, *, staff: bool = False) -> Json:
    """A review."""
    plain = ("id", "product_id", "rating", "title", "text", "verified", "at", "state", "helpful")
    reply = {"text": of.reply.text, "at": of.reply.at} if of.reply.text else None
    shown_to_all = {**{name: getattr(of, name) for name in plain}, "photos": list(of.photos), "reply": reply}
    if not staff:
        return shown_to_all
    more = {"customer_id": of.customer_id, "waits_for": list(of.waits_for)}
    return {**shown_to_all, **more, "decided_by": of.decided_by or None, "reason": of.reason or None}


def rating(of: pb.Rating) -> Json:
    """A product's rating."""
    mean, positive = of.mean_hundredths / 100, of.positive_bp / 10_000
    return {"count": of.count, "mean": mean, "positive_ratio": positive, "stars": list(of.stars), "photos": of.photos}


def _point(of: pb.PainPoint) -> Json:
    named = {"key": of.key, "name": {"en": of.en, "zh": of.zh}}
    return {**named, "bad": of.bad, "good": of.good, "score": of.score, "quotes": list(of.quotes)}


@router.put(
    "/v1/products/{product_id}/review",
    summary="Review a product",
    responses=shown(_REVIEW, "PRODUCT_NOT_FOUND", "INVALID_REVIEW", body=True),
)
async def write_review(request: Request, product_id: PathId, body: ReviewBody) -> Response:
    """One a customer and product. Of somebody who bought it, it is read at once, unless its text must be looked at."""
    asked = pb.WriteReviewRequest(
        product_id=product_id,
        customer_id=asking(request).id,
        rating=body.rating,
        title=body.title,
        text=body.text,
        photos=body.photos,
    )
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.WriteReview, asked)
    return answer(review(answered.review))


@router.delete(
    "/v1/products/{product_id}/review",
    status_code=204,
    summary="Take a review back",
    responses=shown(None, "REVIEW_NOT_FOUND", status=204),
)
async def withdraw_review(request: Request, product_id: PathId) -> Response:
    """What was written is forgotten."""
    asked = pb.WithdrawReviewRequest(product_id=product_id, customer_id=asking(request).id)
    await ask(request.app.state.gateway.neighbours.reviews.WithdrawReview, asked)
    return Response(status_code=204)


@router.get(
    "/v1/products/{product_id}/reviews",
    summary="What customers think",
    responses=shown(
        {"items": [_REVIEW], "rating": _RATING, "next_cursor": None}, "PRODUCT_NOT_FOUND", "CURSOR_INVALID"
    ),
)
async def list_reviews(
    request: Request,
    product_id: PathId,
    stars: Annotated[int, Query(ge=0, le=5, description="Only of so many stars; 0 for all.")] = 0,
    photos: bool = False,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Reviews with photos first, then the newest; and the rating over all of them."""
    asked = pb.ListReviewsRequest(product_id=product_id, rating=stars, photos=photos, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.ListReviews, asked)
    rows = [review(row) for row in answered.reviews]
    return paged(request, "items", rows, answered.next_cursor, {"rating": rating(answered.rating)})


@router.post(
    "/v1/product-reviews/{review_id}/helpful", summary="It helped", responses=shown(_REVIEW, "REVIEW_NOT_FOUND")
)
async def help_review(request: Request, review_id: PathId) -> Response:
    """Each customer counts once; their own review does not."""
    asked = pb.HelpReviewRequest(id=review_id, customer_id=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.HelpReview, asked)
    return answer(review(answered.review))


@router.get(
    "/v1/product-reviews",
    summary="Reviews to look at",
    responses=shown({"items": [_FOR_STAFF], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_review_queue(
    request: Request,
    state: Literal["pending", "published", "rejected", "withdrawn"] = "pending",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Oldest first."""
    asked = pb.ListReviewQueueRequest(state=state, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.ListReviewQueue, asked)
    return paged(request, "items", [review(row, staff=True) for row in answered.reviews], answered.next_cursor)


_DECIDED = ("REVIEW_NOT_FOUND", "REVIEW_DECIDED", "INVALID_REVIEW")


@router.post(
    "/v1/product-reviews/{review_id}/publish", summary="Let it be read", responses=shown(_FOR_STAFF, *_DECIDED)
)
async def publish_review(request: Request, review_id: PathId) -> Response:
    """Customers read it from now on."""
    asked = pb.DecideReviewRequest(id=review_id, publish=True, by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.DecideReview, asked)
    return answer(review(answered.review, staff=True))


@router.post(
    "/v1/product-reviews/{review_id}/reject",
    summary="Keep it from being read",
    responses=shown(_FOR_STAFF, *_DECIDED, body=True),
)
async def reject_review(request: Request, review_id: PathId, body: ReasonBody) -> Response:
    """With a reason that is kept."""
    asked = pb.DecideReviewRequest(id=review_id, reason=body.reason, by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.DecideReview, asked)
    return answer(review(answered.review, staff=True))


@router.post(
    "/v1/product-reviews/{review_id}/reply",
    summary="Answer a review",
    responses=shown(_FOR_STAFF, "REVIEW_NOT_FOUND", "INVALID_REVIEW", body=True),
)
async def reply_to_review(request: Request, review_id: PathId, body: ReplyBody) -> Response:
    """For all to read; again, it takes the place of the first."""
    asked = pb.ReplyToReviewRequest(id=review_id, text=body.text, by=asking(request).id)
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.ReplyToReview, asked)
    return answer(review(answered.review, staff=True))


async def _pain_points(request: Request, product_id: str) -> Response:
    asked = pb.GetPainPointsRequest(product_id=product_id)
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.GetPainPoints, asked, STAFF_S)
    topics, words = ([_point(row) for row in rows] for rows in (answered.topics, answered.words))
    return answer({"bad": answered.bad, "good": answered.good, "topics": topics, "words": words})


@router.get(
    "/v1/products/{product_id}/pain-points",
    summary="What customers complain of",
    responses=shown(_PAIN, "PRODUCT_NOT_FOUND"),
)
async def get_pain_points(request: Request, product_id: PathId) -> Response:
    """Mined from a product's bad reviews and its questions: topics by their share, and words that bad reviews use
    more than good ones (`score` is the z of their log-odds)."""
    return await _pain_points(request, product_id)


@router.get("/v1/product-reviews/pain-points", summary="What all customers complain of", responses=shown(_PAIN))
async def get_all_pain_points(request: Request) -> Response:
    """The same over the newest 2,000 reviews of the whole shop."""
    return await _pain_points(request, "")
