"""This is where reviews and questions are put together."""

from shop.catalog.v1 import reviews_pb2_grpc

from services.catalog.core import Core
from services.catalog.store import keep
from services.kit.service import Answers, Ground, Service
from services.kit.settings import Settings

from . import store
from .api import ReviewsApi
from .painpoints import Mining
from .questions import Question, Questions
from .ratings import Rating, Ratings
from .reviews import Review, Reviews


def build(ground: Ground[Settings], core: Core) -> Service:
    """The map."""
    kept = keep(ground, "reviews", Review, store.REVIEWS, tells=False)
    asked = keep(ground, "questions", Question, store.QUESTIONS, tells=False)
    ratings = Ratings(keep(ground, "ratings", Rating, tells=False), kept)
    reviews = Reviews(kept, core.baskets, core.writing, ratings, core.notices, core.clock)
    questions = Questions(asked, core.baskets, core.writing, core.clock)
    door = ReviewsApi(reviews, ratings, questions, Mining(kept, asked, core.writing))
    return Service(
        answers=[Answers("shop.catalog.v1.ReviewsService", reviews_pb2_grpc.add_ReviewsServiceServicer_to_server, door)]
    )
