"""This is where calls about reviews and questions come in."""

from dataclasses import dataclass
from typing import Any

from shop.catalog.v1 import reviews_pb2 as pb
from shop.catalog.v1 import reviews_pb2_grpc

from . import messages
from .painpoints import Mining
from .questions import Questions, QuestionState
from .ratings import Ratings
from .reviews import Reviews, ReviewState


@dataclass
class ReviewsApi(reviews_pb2_grpc.ReviewsServiceServicer):
    """What customers think and ask."""

    reviews: Reviews
    ratings: Ratings
    questions: Questions
    mining: Mining

    async def WriteReview(self, request: pb.WriteReviewRequest, context: Any) -> pb.WriteReviewResponse:
        """Writes a review."""
        written = await self.reviews.write(
            request.product_id, request.customer_id, request.rating, request.title, request.text, request.photos
        )
        return pb.WriteReviewResponse(review=messages.review(written, staff=False))

    async def WithdrawReview(self, request: pb.WithdrawReviewRequest, context: Any) -> pb.WithdrawReviewResponse:
        """Takes it back."""
        await self.reviews.withdraw(request.product_id, request.customer_id)
        return pb.WithdrawReviewResponse()

    async def ListReviews(self, request: pb.ListReviewsRequest, context: Any) -> pb.ListReviewsResponse:
        """What customers read of a product."""
        product_id, found, more = await self.reviews.page(
            request.product_id, request.rating, request.photos, request.page.limit, request.page.cursor
        )
        return pb.ListReviewsResponse(
            reviews=[messages.review(each, staff=False) for each in found],
            rating=messages.rating(await self.ratings.of(product_id)),
            next_cursor=more,
        )

    async def HelpReview(self, request: pb.HelpReviewRequest, context: Any) -> pb.HelpReviewResponse:
        """It helped."""
        helped = await self.reviews.help(request.id, request.customer_id)
        return pb.HelpReviewResponse(review=messages.review(helped, staff=False))

    async def ListReviewQueue(self, request: pb.ListReviewQueueRequest, context: Any) -> pb.ListReviewQueueResponse:
        """What staff look at."""
        wanted = messages.state(ReviewState, request.state)
        found, more = await self.reviews.queue(wanted, request.page.limit, request.page.cursor)
        rows = [messages.review(each, staff=True) for each in found]
        return pb.ListReviewQueueResponse(reviews=rows, next_cursor=more)

    async def DecideReview(self, request: pb.DecideReviewRequest, context: Any) -> pb.DecideReviewResponse:
        """Publishes or rejects it."""
        decided = await self.reviews.decide(request.id, request.publish, request.reason, request.by)
        return pb.DecideReviewResponse(review=messages.review(decided, staff=True))

    async def ReplyToReview(self, request: pb.ReplyToReviewRequest, context: Any) -> pb.ReplyToReviewResponse:
        """The shop answers."""
        replied = await self.reviews.reply(request.id, request.text, request.by)
        return pb.ReplyToReviewResponse(review=messages.review(replied, staff=True))

    async def AskQuestion(self, request: pb.AskQuestionRequest, context: Any) -> pb.AskQuestionResponse:
        """Asks."""
        asked = await self.questions.ask(request.product_id, request.customer_id, request.text)
        return pb.AskQuestionResponse(question=messages.question(asked))

    async def AnswerQuestion(self, request: pb.AnswerQuestionRequest, context: Any) -> pb.AnswerQuestionResponse:
        """Answers."""
        answered = await self.questions.answer(request.id, request.by, request.text, staff=request.staff)
        return pb.AnswerQuestionResponse(question=messages.question(answered))

    async def ListQuestions(self, request: pb.ListQuestionsRequest, context: Any) -> pb.ListQuestionsResponse:
        """What customers read of a product."""
        found, more = await self.questions.page(request.product_id, request.page.limit, request.page.cursor)
        return pb.ListQuestionsResponse(questions=[messages.question(each) for each in found], next_cursor=more)

    async def ListQuestionQueue(
        self, request: pb.ListQuestionQueueRequest, context: Any
    ) -> pb.ListQuestionQueueResponse:
        """What staff look at."""
        wanted = messages.state(QuestionState, request.state)
        found, more = await self.questions.queue(wanted, request.page.limit, request.page.cursor)
        return pb.ListQuestionQueueResponse(questions=[messages.question(each) for each in found], next_cursor=more)

    async def DecideQuestion(self, request: pb.DecideQuestionRequest, context: Any) -> pb.DecideQuestionResponse:
        """Lets others read it, or not."""
        decided = await self.questions.decide(request.id, request.publish)
        return pb.DecideQuestionResponse(question=messages.question(decided))

    async def GetPainPoints(self, request: pb.GetPainPointsRequest, context: Any) -> pb.GetPainPointsResponse:
        """What customers complain of."""
        return messages.pain_points(await self.mining.of(request.product_id))
