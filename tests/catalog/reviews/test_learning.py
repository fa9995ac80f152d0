"""This is where it is looked at what customers' texts say, without a server."""

import pytest

from services.catalog.reviews.moderation import reasons_to_wait
from services.catalog.reviews.painpoints import mine
from services.catalog.reviews.ratings import Rating


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("Lovely mug, holds 300 ml and keeps warm for 2 hours", []),
        ("很好看，杯子比想象的大，值得购买", []),
        ("Ordered 2, size 38-40, price 129.00", []),
        ("call me 138 0013 8000", ["contact"]),
        ("mail me@example.com", ["contact"]),
        ("see https://spam.example", ["contact"]),
        ("加我微信 abc", ["advertising"]),
        ("ＶＸ：abc", ["advertising"]),
        ("刷單返現", ["advertising"]),
        ("fuck this", ["insult"]),
        ("goooooooooood", ["gibberish"]),
        ("操你 www.x.cn", ["contact", "insult"]),
    ],
)
def test_what_should_be_looked_at_first_waits(text: str, reasons: list[str]) -> None:
    assert reasons_to_wait(text) == reasons


def test_a_rating_says_no_more_than_the_reviews_do() -> None:
    rating = Rating("prd_1", [1, 0, 2, 3, 4])
    assert (rating.count, rating.mean_hundredths, rating.positive_bp) == (10, 390, 7_000)
    assert (Rating("prd_1").count, Rating("prd_1").mean_hundredths, Rating("prd_1").positive_bp) == (0, 0, 0)
    assert Rating("prd_1", [0, 0, 1, 0, 2]).positive_bp == 6_666  # rounded down: 98 % is said from 98 % on


def test_complaints_are_found_by_topic_and_by_the_words_bad_reviews_have_alone() -> None:
    bad = [
        "Arrived broken, the handle cracked",
        "Handle came off after a week, poorly made",
        "the handle is flimsy",
        "色差太大，颜色和图片不一样",
        "包装破损，杯子碎了",
    ]
    good = ["Lovely colour, great mug", "Great mug for tea", "The mug keeps warm", "很好看", "Great present"] * 4
    found = mine(bad, good)
    topics = {point.key: (point.bad, point.good) for point in found.topics}
    assert topics["broken"] == (2, 0)
    assert topics["quality"] == (2, 0)
    assert topics["colour"] == (1, 4)
    assert found.topics[0].bad >= found.topics[-1].bad
    assert found.words[0].key.startswith("handl")
    assert (found.words[0].bad, found.words[0].good) == (3, 0)
    assert all(point.key != "great" for point in found.words)
    assert found.topics[0].quotes
    assert found.topics[0].zh


def test_where_nobody_complains_nothing_is_found() -> None:
    assert mine([], ["fine"]).topics == []
    assert mine([], []).words == []
    assert mine(["only once"], []).words == []  # a word used once leads nothing
