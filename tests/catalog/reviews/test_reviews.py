"""This is where customers review and ask, others read, and staff decide."""

import asyncio
from typing import Any

import pytest
from shop.catalog.v1 import products_pb2, reviews_pb2_grpc
from shop.catalog.v1 import reviews_pb2 as pb
from shop.catalog.v1.events_pb2 import NoticeRaised
from shop.orders.v1.events_pb2 import OrderedLine, OrderPaid
from shop.type.v1.page_pb2 import Page

from services.kit.errors import Exhausted, Invalid, NotAllowed, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.rpc import call
from tests.catalog.counter import Counter, all_at_once, cny, reasons


class Readers:
    """A running catalog with one product, and people who bought it."""

    def __init__(self, counter: Counter, product: str) -> None:
        self.counter, self.product = counter, product
        self.stub = reviews_pb2_grpc.ReviewsServiceStub(counter.started.channel)

    async def buyers(self, count: int) -> list[str]:
        """People who bought the product."""
        customers = [new_id("cus") for _ in range(count)]
        line = OrderedLine(sku="A", product_id=self.product, quantity=1, unit_price=cny(900), paid=cny(900))
        for customer in customers:
            paid = OrderPaid(order_id=new_id("ord"), customer_id=customer, lines=[line], goods=cny(900))
            paid.paid_at = "2026-11-20T10:00:00.000Z"
            await self.counter.house.tell(paid)
        await self.counter.house.settled()
        return customers

    async def write(self, customer: str, rating: int = 5, **more: Any) -> pb.Review:
        asked = pb.WriteReviewRequest(product_id=self.product, customer_id=customer, rating=rating, **more)
        review: pb.Review = (await call(self.stub.WriteReview, asked)).review
        return review

    async def read(self, **asked: Any) -> pb.ListReviewsResponse:
        request = pb.ListReviewsRequest(product_id=self.product, **asked)
        answer: pb.ListReviewsResponse = await call(self.stub.ListReviews, request)
        return answer

    async def queue(self, state: str = "") -> list[pb.Review]:
        return list((await call(self.stub.ListReviewQueue, pb.ListReviewQueueRequest(state=state))).reviews)


@pytest.fixture
async def readers(counter: Counter) -> Readers:
    await counter.sell("A")
    asked = products_pb2.GetProductRequest(id="A", staff=True)
    return Readers(counter, (await call(counter.products.GetProduct, asked)).product.id)


async def test_who_bought_it_is_read_at_once_and_others_wait(readers: Readers) -> None:
    (buyer,), stranger = await readers.buyers(1), new_id("cus")
    bought = await readers.write(buyer, 5, title="Good")
    assert (bought.state, bought.verified) == ("published", True)
    waiting = await readers.write(stranger, 1, title="Bad")
    assert (waiting.state, waiting.verified) == ("pending", False)
    page = await readers.read()
    assert [review.title for review in page.reviews] == ["Good"]
    assert page.reviews[0].customer_id == ""
    assert (page.rating.count, page.rating.mean_hundredths) == (1, 500)
    (queued,) = await readers.queue()
    assert (queued.id, queued.customer_id, list(queued.waits_for)) == (waiting.id, stranger, ["not_bought"])
    await call(readers.stub.DecideReview, pb.DecideReviewRequest(id=waiting.id, publish=True, by="stf"))
    assert (await readers.read()).rating.mean_hundredths == 300


async def test_a_customer_has_one_review_of_a_product_however_often_it_is_written(readers: Readers) -> None:
    (buyer,) = await readers.buyers(1)
    await all_at_once(*(readers.write(buyer, rating) for rating in (1, 2, 3, 4, 5, 5, 4, 3)))
    await readers.write(buyer, 4, title="At last")
    page = await readers.read()
    assert [(review.rating, review.title) for review in page.reviews] == [(4, "At last")]
    assert list(page.rating.stars) == [0, 0, 0, 1, 0]


async def test_the_rating_is_right_however_many_write_at_once(readers: Readers) -> None:
    buyers = await readers.buyers(12)
    await asyncio.gather(*(readers.write(buyer, 1 + n % 5) for n, buyer in enumerate(buyers)))
    await readers.write(buyers[0], 1)  # whoever counts last has seen all
    assert list((await readers.read()).rating.stars) == [3, 3, 2, 2, 2]


async def test_photo_reviews_come_first_and_pages_show_each_once(readers: Readers) -> None:
    for n, buyer in enumerate(await readers.buyers(9)):
        readers.counter.house.clock.advance(minutes=1 if n % 3 else 0)
        photos = ["https://example.com/p.jpg"] if n % 2 else []
        await readers.write(buyer, 1 + n % 5, title=str(n), photos=photos)
    seen: list[pb.Review] = []
    cursor, first = "", True
    while cursor or first:
        page = await readers.read(page=Page(limit=2, cursor=cursor))
        seen, cursor, first = [*seen, *page.reviews], page.next_cursor, False
    assert len({review.id for review in seen}) == len(seen) == 9
    assert [bool(review.photos) for review in seen] == [True] * 4 + [False] * 5
    for group in (seen[:4], seen[4:]):
        assert [review.at for review in group] == sorted((review.at for review in group), reverse=True)
    assert len((await readers.read(photos=True)).reviews) == 4
    assert {review.rating for review in (await readers.read(rating=2)).reviews} == {2}


async def test_staff_hear_of_bad_reviews_at_once_and_answer_for_all_to_read(readers: Readers) -> None:
    (buyer,) = await readers.buyers(1)
    review = await readers.write(buyer, 1, text="It leaks")
    await readers.counter.house.settled()
    (told,) = readers.counter.house.told(NoticeRaised)
    assert (told.kind, told.subject) == ("bad_review", review.id)
    assert "It leaks" in told.en
    assert "1 星" in told.zh
    await call(readers.stub.ReplyToReview, pb.ReplyToReviewRequest(id=review.id, text="We are sorry", by="stf"))
    assert (await readers.read()).reviews[0].reply.text == "We are sorry"


async def test_each_customer_helps_once_and_never_themselves(readers: Readers) -> None:
    (buyer,), others = await readers.buyers(1), [new_id("cus") for _ in range(5)]
    review = await readers.write(buyer, 5)
    ways = [pb.HelpReviewRequest(id=review.id, customer_id=each) for each in (*others, *others, buyer)]
    await all_at_once(*(call(readers.stub.HelpReview, way) for way in ways))
    assert (await readers.read()).reviews[0].helpful == 5


async def test_what_is_decided_or_withdrawn_stays_so(readers: Readers) -> None:
    (buyer,) = await readers.buyers(1)
    review = await readers.write(buyer, 5, text="call 138 0013 8000")
    assert review.state == "pending"
    with pytest.raises(Invalid):
        await call(readers.stub.DecideReview, pb.DecideReviewRequest(id=review.id, by="stf"))  # no reason
    reject = pb.DecideReviewRequest(id=review.id, reason="a phone number", by="stf")
    assert (await call(readers.stub.DecideReview, reject)).review.state == "rejected"
    with pytest.raises(WrongState) as decided:
        await call(readers.stub.DecideReview, pb.DecideReviewRequest(id=review.id, publish=True, by="stf"))
    assert decided.value.reason == "REVIEW_DECIDED"
    await readers.write(buyer, 5, text="nice")
    withdraw = pb.WithdrawReviewRequest(product_id=readers.product, customer_id=buyer)
    await call(readers.stub.WithdrawReview, withdraw)
    assert (await readers.read()).rating.count == 0
    kept = await readers.counter.database["reviews"].find_one({"_id": review.id})
    assert kept
    assert kept["text"] == ""


async def test_what_is_no_review_is_refused(readers: Readers) -> None:
    buyer = new_id("cus")
    wrong: list[dict[str, Any]] = [
        {"rating": 0},
        {"rating": 6},
        {"title": "x" * 121},
        {"text": "x" * 4_001},
        {"text": "\x00"},
        {"photos": ["javascript:alert(1)"]},
        {"photos": ["https://example.com/p.jpg"] * 10},
    ]
    for each in wrong:
        with pytest.raises(Invalid) as refused:
            await readers.write(buyer, **({"rating": 5} | each))
        assert refused.value.reason == "INVALID_REVIEW"
    readers.product = "prd_none"
    with pytest.raises(NotFound):
        await readers.write(buyer)
    for state in ("no", "PENDING"):
        with pytest.raises(Invalid):
            await readers.queue(state)


async def test_questions_are_answered_by_the_shop_and_by_those_who_bought_it(readers: Readers) -> None:
    stub, asker, (buyer,) = readers.stub, new_id("cus"), await readers.buyers(1)
    ask = pb.AskQuestionRequest(product_id=readers.product, customer_id=asker, text="Does it break?")
    question = (await call(stub.AskQuestion, ask)).question
    assert question.state == "published"

    async def answer(by: str, text: str = "No", *, staff: bool = False, to: str = question.id) -> pb.Question:
        asked = pb.AnswerQuestionRequest(id=to, by=by, staff=staff, text=text)
        answered: pb.Question = (await call(stub.AnswerQuestion, asked)).question
        return answered

    async def listed() -> list[pb.Question]:
        found = await call(stub.ListQuestions, pb.ListQuestionsRequest(product_id=readers.product))
        return list(found.questions)

    await answer("stf_1", "It does not", staff=True)
    await answer(buyer, "Mine did")
    with pytest.raises(NotAllowed) as refused:
        await answer(asker)
    assert refused.value.reason == "NOT_BOUGHT"
    with pytest.raises(Invalid):
        await answer(buyer, "加微信 abc")
    answers = (await listed())[0].answers
    assert [(each.staff, each.text) for each in answers] == [(True, "It does not"), (False, "Mine did")]
    ask.text = "write me: me@example.com"
    hidden = (await call(stub.AskQuestion, ask)).question
    assert hidden.state == "pending"
    assert len(await listed()) == 1
    with pytest.raises(NotFound):
        await answer(buyer, to=hidden.id)
    (queued,) = (await call(stub.ListQuestionQueue, pb.ListQuestionQueueRequest())).questions
    await call(stub.DecideQuestion, pb.DecideQuestionRequest(id=queued.id, publish=True))
    assert len(await listed()) == 2
    full = await all_at_once(*(answer("stf_1", f"again {n}", staff=True) for n in range(60)))
    assert reasons(full) == ["ENOUGH_ANSWERS"] * 12
    with pytest.raises(Exhausted):
        await answer(buyer)
    with pytest.raises(NotFound):
        await answer(buyer, to="que_none")


async def test_pain_points_are_mined_from_what_is_published(readers: Readers) -> None:
    buyers = await readers.buyers(6)
    for buyer, text in zip(buyers, ("The handle broke", "handle is broken", "broken handle again"), strict=False):
        await readers.write(buyer, 1, text=text)
    for buyer in buyers[3:]:
        await readers.write(buyer, 5, text="Great mug")
    await readers.write(new_id("cus"), 1, text="broken, but never bought")
    for product in (readers.product, ""):
        found = await call(readers.stub.GetPainPoints, pb.GetPainPointsRequest(product_id=product))
        assert (found.bad, found.good) == (3, 3)
        assert (found.topics[0].key, found.topics[0].bad) == ("broken", 2)
        assert any(word.key.startswith("handl") for word in found.words)
    with pytest.raises(NotFound):
        await call(readers.stub.GetPainPoints, pb.GetPainPointsRequest(product_id="prd_none"))
