"""This is where customers ask about a product and the shop, or somebody who bought it, answers (C16)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.catalog.baskets import Basket
from services.catalog.fields import Faults
from services.catalog.products import Products
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import Exhausted, Invalid, NotAllowed, NotFound
from services.kit.ids import new_id
from services.kit.store import decode_cursor, encode_cursor, found

from .moderation import reasons_to_wait

_MOST, _ANSWERS = 100, 50


class InvalidQuestion(Invalid):
    """Not what a question or an answer is."""


class QuestionNotFound(NotFound):
    """There is no such question."""


class NotBought(NotAllowed):
    """Only the shop and those who bought it answer."""


class EnoughAnswers(Exhausted):
    """A question has at most fifty answers."""


class QuestionState(StrEnum):
    """Whether others read it."""

    PENDING = "pending"
    PUBLISHED = "published"
    REJECTED = "rejected"


@dataclass
class ProductAnswer:
    """An answer; `staff` when the shop gives it."""

    id: str
    by: str
    staff: bool
    text: str
    at: datetime


@dataclass
class Question:
    """What a customer wants to know of a product. `answered` is when the last answer came."""

    id: str
    product_id: str
    customer_id: str
    text: str
    at: datetime
    state: QuestionState
    waits_for: list[str] = field(default_factory=list)
    answers: list[ProductAnswer] = field(default_factory=list)
    version: int = 0


class Questions:
    """Takes questions and answers in and shows them."""

    def __init__(self, questions: Table[Question], baskets: Table[Basket], products: Products, clock: Clock) -> None:
        self._questions, self._baskets, self._products, self._clock = questions, baskets, products, clock

    async def ask(self, product_id: str, customer_id: str, text: str) -> Question:
        """Asks. Refuses with PRODUCT_NOT_FOUND, INVALID_QUESTION."""
        text = _checked(text)
        product = (await self._products.show(product_id, staff=False))[0]
        waits = reasons_to_wait(text)
        state = QuestionState.PENDING if waits else QuestionState.PUBLISHED
        question = Question(new_id("que"), product.id, customer_id, text, self._clock.now(), state, waits)
        return await self._questions.insert(question)

    async def answer(self, question_id: str, by: str, text: str, *, staff: bool) -> Question:
        """Answers. Refuses with QUESTION_NOT_FOUND, NOT_BOUGHT, ENOUGH_ANSWERS, INVALID_QUESTION.

        A customer's text that should be looked at first is refused: answers are not kept waiting.
        """
        text = _checked(text)
        question = found(await self._questions.get(question_id), QuestionNotFound("there is no such question"))
        if not staff:
            bought = {"customer_id": by, "lines.product_id": question.product_id}
            if question.state is not QuestionState.PUBLISHED:
                raise QuestionNotFound("there is no such question")
            if not await self._baskets.parts(bought, {"_id": 1}, limit=1):
                raise NotBought("those who bought it answer")
            if waits := reasons_to_wait(text):
                faults = Faults()
                faults.add("/text", f"must be without {', '.join(waits)}")
                faults.refuse(InvalidQuestion)
        answer = {"id": new_id("ans"), "by": by, "staff": staff, "text": text, "at": self._clock.now()}
        where = {"_id": question_id, f"answers.{_ANSWERS - 1}": {"$exists": False}}
        answered = await self._questions.change(where, {"$push": {"answers": answer}})
        if answered is None:
            raise EnoughAnswers("it has fifty answers")
        return answered

    async def decide(self, question_id: str, publish: bool) -> Question:
        """Staff let others read it, or not. Refuses with QUESTION_NOT_FOUND."""
        state = QuestionState.PUBLISHED if publish else QuestionState.REJECTED
        decided = await self._questions.change({"_id": question_id}, {"$set": {"state": state.value, "waits_for": []}})
        return found(decided, QuestionNotFound("there is no such question"))

    async def page(self, product_id: str, limit: int, cursor: str) -> tuple[list[Question], str]:
        """What customers read of a product, newest first. Refuses with PRODUCT_NOT_FOUND, CURSOR_INVALID."""
        product = (await self._products.show(product_id, staff=False))[0]
        return await self._page({"product_id": product.id, "state": QuestionState.PUBLISHED.value}, limit, cursor)

    async def queue(self, state: QuestionState, limit: int, cursor: str) -> tuple[list[Question], str]:
        """What staff look at. Refuses with CURSOR_INVALID."""
        return await self._page({"state": state.value}, limit, cursor)

    async def _page(self, where: dict[str, object], limit: int, cursor: str) -> tuple[list[Question], str]:
        size = min(limit or 20, _MOST)
        if cursor:
            where["_id"] = {"$lt": decode_cursor(cursor, 1)[0]}
        items = await self._questions.find(where, [("_id", -1)], size + 1)
        return items[:size], encode_cursor(items[size - 1].id) if len(items) > size else ""


def _checked(text: str) -> str:
    faults = Faults()
    text = faults.text("/text", text, 1_000, least=2, lines=True)
    faults.refuse(InvalidQuestion)
    return text
