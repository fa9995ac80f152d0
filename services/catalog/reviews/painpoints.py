"""This is where it is found out what customers complain of: topics by a word list, and words bad reviews use most of all.

The words are ranked by log-odds with a Dirichlet prior (Monroe, Colaresi, Quinn 2008, "Fightin' Words"): z = δ / sd(δ), so
that a word used once does not lead. A review says a word once, however often. Pure but for the reading.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log, sqrt

from services.catalog.products import Products
from services.catalog.store import Table
from services.catalog.words import is_han, normalised, words_of
from services.kit.store import Document

from .questions import Question
from .reviews import BAD, GOOD, Review

_READ = 2_000  # newest reviews looked at
_SHOWN, _QUOTES, _QUOTED = 12, 3, 160
_PRIOR = 0.5
_LEAST_Z = 1.0
# What customers complain of, by the words they use for it: topic → (English, Chinese, words).
TOPICS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "size": (
        "Size",
        "尺码",
        ("尺码", "偏大", "偏小", "太大", "太小", "size", "too small", "too big", "tight", "loose"),
    ),
    "colour": ("Colour", "色差", ("色差", "颜色", "褪色", "掉色", "colour", "color", "faded")),
    "quality": ("Quality", "质量", ("质量", "做工", "粗糙", "劣质", "quality", "poorly made", "flimsy", "cheap")),
    "broken": ("Broken", "破损", ("破损", "碎了", "坏了", "裂", "broken", "cracked", "smashed", "damaged", "defect")),
    "smell": ("Smell", "异味", ("异味", "味道大", "刺鼻", "smell", "odour", "stinks")),
    "packaging": ("Packaging", "包装", ("包装", "盒子", "packaging", "package", "box")),
    "delivery": ("Delivery", "物流", ("物流", "快递", "发货慢", "太慢", "delivery", "late", "slow", "courier")),
    "description": (
        "Not as described",
        "描述不符",
        ("不符", "与图片", "图文", "not as described", "misleading", "photo"),
    ),
    "service": ("Service", "客服", ("客服", "态度", "不理", "service", "rude", "ignored")),
    "price": ("Price", "价格", ("降价", "太贵", "不值", "price", "overpriced", "expensive")),
}


@dataclass
class PainPoint:
    """Something customers complain of: how many bad reviews and questions say it, how many good ones, and what they say."""

    key: str
    en: str
    zh: str
    bad: int
    good: int
    score: float
    quotes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PainPoints:
    """What was found in so many bad and good reviews."""

    bad: int
    good: int
    topics: Sequence[PainPoint]
    words: Sequence[PainPoint]


class Mining:
    """Reads reviews for what hurts."""

    def __init__(self, reviews: Table[Review], questions: Table[Question], products: Products) -> None:
        self._reviews, self._questions, self._products = reviews, questions, products

    async def of(self, product_id: str) -> PainPoints:
        """Of one product, or of the whole shop when it is empty. Refuses with PRODUCT_NOT_FOUND."""
        about: Document = {"product_id": (await self._products.get(product_id)).id} if product_id else {}
        fields = {"rating": 1, "title": 1, "text": 1}
        where = about | {"state": "published"}
        order = [("at", -1), ("_id", -1)] if product_id else [("at", -1)]
        reviews = await self._reviews.parts(where, fields, order, _READ)
        bad = [f"{row['title']} {row['text']}" for row in reviews if row["rating"] <= BAD]
        good = [f"{row['title']} {row['text']}" for row in reviews if row["rating"] >= GOOD]
        if product_id:
            asked = await self._questions.parts(where, {"text": 1}, [("_id", -1)], _READ)
            bad += [row["text"] for row in asked]
        return mine(bad, good)


def mine(bad: Sequence[str], good: Sequence[str]) -> PainPoints:
    """Topics and words that bad texts have more than good ones, the clearest first."""
    return PainPoints(len(bad), len(good), _topics(bad, good), _words(bad, good))


def _topics(bad: Sequence[str], good: Sequence[str]) -> list[PainPoint]:
    points = []
    for key, (en, zh, words) in TOPICS.items():
        said = [text for text in bad if _says(text, words)]
        if said:
            praised = sum(_says(text, words) for text in good)
            share = len(said) / len(bad)
            points.append(PainPoint(key, en, zh, len(said), praised, round(share, 4), _quotes(said)))
    return sorted(points, key=lambda point: (-point.bad, point.key))


def _says(text: str, words: Iterable[str]) -> bool:
    plain = normalised(text)
    return any(word in plain for word in words)


def _words(bad: Sequence[str], good: Sequence[str]) -> list[PainPoint]:
    in_bad, in_good = _counted(bad), _counted(good)
    points = []
    for word, count in in_bad.items():
        other = in_good[word]
        a, b = count + _PRIOR, other + _PRIOR
        odds = log(a / (len(bad) - count + _PRIOR)) - log(b / (len(good) - other + _PRIOR))
        z = odds / sqrt(1 / a + 1 / b)
        if z >= _LEAST_Z and count > 1:
            points.append(PainPoint(word, word, word, count, other, round(z, 3), _quotes(_with(word, bad))))
    return sorted(points, key=lambda point: (-point.score, point.key))[:_SHOWN]


def _counted(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in set(words_of(text)) if _tells(word))


def _tells(word: str) -> bool:
    """Single characters and short words say too little."""
    return len(word) > 1 if is_han(word) else len(word) > 3


def _with(word: str, texts: Sequence[str]) -> list[str]:
    return [text for text in texts if word in words_of(text)]


def _quotes(texts: Sequence[str]) -> list[str]:
    return [text.strip()[:_QUOTED] for text in texts[:_QUOTES]]
