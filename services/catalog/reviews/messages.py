"""This is where reviews, questions and what is learnt from them meet protobuf."""

from collections.abc import Sequence
from typing import TypeVar

from shop.catalog.v1 import reviews_pb2 as pb

from services.kit.clock import rfc3339
from services.kit.errors import FieldError, Invalid

from .painpoints import PainPoint, PainPoints
from .questions import Question, QuestionState
from .ratings import Rating
from .reviews import Review, ReviewState

S = TypeVar("S", ReviewState, QuestionState)


def state(kind: type[S], word: str) -> S:
    """The state a word names; `pending` when empty. Refuses with INVALID."""
    try:
        return kind(word or "pending")
    except ValueError:
        words = ", ".join(each.value for each in kind)
        raise Invalid("no such state", errors=[FieldError("/state", f"must be one of {words}")]) from None


def review(kept: Review, *, staff: bool) -> pb.Review:
    """A review; who wrote it and why it waits only for staff."""
    shown = pb.Review(
        id=kept.id,
        product_id=kept.product_id,
        rating=kept.rating,
        title=kept.title,
        text=kept.text,
        photos=kept.photos,
        verified=kept.verified,
        at=rfc3339(kept.at),
        state=kept.state.value,
        helpful=kept.helpful,
        reply=pb.Reply(text=kept.reply.text, by=kept.reply.by, at=rfc3339(kept.reply.at)) if kept.reply else None,
    )
    if staff:
        shown.MergeFrom(
            pb.Review(
                customer_id=kept.customer_id,
                waits_for=kept.waits_for,
                decided_by=kept.decided_by,
                reason=kept.reason,
            )
        )
    return shown


def rating(kept: Rating) -> pb.Rating:
    """A product's rating."""
    return pb.Rating(
        count=kept.count,
        mean_hundredths=kept.mean_hundredths,
        positive_bp=kept.positive_bp,
        stars=kept.stars,
        photos=kept.photos,
    )


def question(kept: Question) -> pb.Question:
    """A question and its answers."""
    return pb.Question(
        id=kept.id,
        product_id=kept.product_id,
        text=kept.text,
        at=rfc3339(kept.at),
        state=kept.state.value,
        waits_for=kept.waits_for,
        answers=[
            pb.QuestionAnswer(id=each.id, staff=each.staff, text=each.text, at=rfc3339(each.at))
            for each in kept.answers
        ],
    )


def pain_points(found: PainPoints) -> pb.GetPainPointsResponse:
    """What customers complain of."""
    return pb.GetPainPointsResponse(
        bad=found.bad, good=found.good, topics=_points(found.topics), words=_points(found.words)
    )


def _points(points: Sequence[PainPoint]) -> list[pb.PainPoint]:
    return [
        pb.PainPoint(
            key=each.key,
            en=each.en,
            zh=each.zh,
            bad=each.bad,
            good=each.good,
            score=each.score,
            quotes=each.quotes,
        )
        for each in points
    ]
