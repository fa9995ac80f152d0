"""This is where customers ask about goods, and the shop or those who bought them answer."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import StringConstraints
from shop.catalog.v1 import reviews_pb2 as pb

from gateway.answers import Json, answer, paged
from gateway.described import feature, shown
from gateway.fields import Body, Cursor, Limit, PathId, page_of
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking

router = feature("questions")
Asked = Annotated[str, StringConstraints(min_length=2, max_length=1_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
_ANSWER = {"id": "ans_01kb2y5v7g8h9j0k", "staff": True, "text": "300 ml.", "at": "2026-11-22T08:00:00.000Z"}
_QUESTION = {
    "id": "que_01kb2y5v7g8h9j0kmnpqrstvwx",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "text": "How much does it hold?",
    "at": "2026-11-22T08:00:00.000Z",
    "state": "published",
    "waits_for": ["contact"],
    "answers": [_ANSWER],
}


class QuestionBody(Body):
    """A question, or an answer to one."""

    text: Asked


def question(of: pb.Question) -> Json:
    """A question and its answers."""
    answers = [{name: getattr(each, name) for name in _ANSWER} for each in of.answers]
    plain = {name: getattr(of, name) for name in ("id", "product_id", "text", "at", "state")}
    return {**plain, "waits_for": list(of.waits_for), "answers": answers}


@router.post(
    "/v1/products/{product_id}/questions",
    status_code=201,
    summary="Ask about a product",
    responses=shown(_QUESTION, "PRODUCT_NOT_FOUND", "INVALID_QUESTION", status=201, body=True),
)
async def ask_question(request: Request, product_id: PathId, body: QuestionBody) -> Response:
    """Others read it at once, unless its text should be looked at first."""
    asked = pb.AskQuestionRequest(product_id=product_id, customer_id=asking(request).id, text=body.text)
    answered = await ask(request.app.state.gateway.neighbours.reviews.AskQuestion, asked)
    return answer(question(answered.question), 201)


@router.get(
    "/v1/products/{product_id}/questions",
    summary="What customers asked",
    responses=shown({"items": [_QUESTION], "next_cursor": None}, "PRODUCT_NOT_FOUND", "CURSOR_INVALID"),
)
async def list_questions(request: Request, product_id: PathId, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first, with their answers."""
    asked = pb.ListQuestionsRequest(product_id=product_id, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.ListQuestions, asked)
    return paged(request, "items", [question(row) for row in answered.questions], answered.next_cursor)


@router.get(
    "/v1/questions",
    summary="Questions to look at",
    responses=shown({"items": [_QUESTION], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_question_queue(
    request: Request,
    state: Literal["pending", "published", "rejected"] = "pending",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Newest first."""
    asked = pb.ListQuestionQueueRequest(state=state, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.ListQuestionQueue, asked)
    return paged(request, "items", [question(row) for row in answered.questions], answered.next_cursor)


@router.post(
    "/v1/questions/{question_id}/answers",
    status_code=201,
    summary="Answer a question",
    responses=shown(
        _QUESTION, "QUESTION_NOT_FOUND", "NOT_BOUGHT", "ENOUGH_ANSWERS", "INVALID_QUESTION", status=201, body=True
    ),
)
async def answer_question(request: Request, question_id: PathId, body: QuestionBody) -> Response:
    """The shop's staff, or a customer who bought the product."""
    who = asking(request)
    asked = pb.AnswerQuestionRequest(id=question_id, by=who.id, staff=who.staff, text=body.text)
    answered = await ask(request.app.state.gateway.neighbours.reviews.AnswerQuestion, asked)
    return answer(question(answered.question), 201)


async def _decide_question(request: Request, question_id: str, publish: bool) -> Response:
    asked = pb.DecideQuestionRequest(id=question_id, publish=publish)
    answered = await ask_again(request.app.state.gateway.neighbours.reviews.DecideQuestion, asked)
    return answer(question(answered.question))


@router.post(
    "/v1/questions/{question_id}/publish", summary="Let it be read", responses=shown(_QUESTION, "QUESTION_NOT_FOUND")
)
async def publish_question(request: Request, question_id: PathId) -> Response:
    """Customers read it from now on."""
    return await _decide_question(request, question_id, True)


@router.post(
    "/v1/questions/{question_id}/reject",
    summary="Keep it from being read",
    responses=shown(_QUESTION, "QUESTION_NOT_FOUND"),
)
async def reject_question(request: Request, question_id: PathId) -> Response:
    """Customers do not read it."""
    return await _decide_question(request, question_id, False)
