"""This is where a page and a short film are drafted from a product's data, by template, for a person to finish (C07, C09).

Nothing is invented: what the data do not say is left empty, and named as missing. The film is a list of shots.
"""

from dataclasses import dataclass

from services.catalog.content import Product
from services.catalog.media.assets import asset_id_of

from .sections import Section, SectionKind
from .sold import Sold

_POINTS = 6
_OPENING_S, _POINT_S, _CLOSING_S = 3, 3, 4
_FIRST = 400


@dataclass(frozen=True, slots=True)
class Shot:
    """A shot of a short film: from when, how long, which picture (empty: still to be taken), what is said over it."""

    at_s: int
    seconds: int
    media_url: str
    caption: str


@dataclass(frozen=True, slots=True)
class Words:
    """The template in one language."""

    worry_title: str
    worry: str
    before_after: str
    advantage: str
    colon: str
    endorsement_title: str
    endorsement: str
    call_title: str
    call: str


_WORDS = {
    "zh": Words(
        worry_title="您是否也有这样的困扰？",
        worry="选购时，{points}说不清楚，买回来才发现不合适？",
        before_after="使用前 / 使用后",
        advantage="为什么选它",
        colon="：",
        endorsement_title="大家的选择",
        endorsement="近 {sold_days} 天，{sold_orders} 笔订单买走了 {sold_units} 件。",
        call_title="现在就带它回家",
        call="喜欢就加入购物车。",
    ),
    "en": Words(
        worry_title="Does this sound familiar?",
        worry="You choose, nobody tells you about {points}, and at home it does not fit?",
        before_after="Before / after",
        advantage="Why this one",
        colon=": ",
        endorsement_title="What others chose",
        endorsement="In the last {sold_days} days {sold_orders} orders took {sold_units} of them home.",
        call_title="Take it home",
        call="If you like it, put it in the cart.",
    ),
}


def draft(product: Product, sold: Sold, language: str) -> list[Section]:
    """The sections in their order, each with what the data give. Pure."""
    words = _WORDS[language]
    points = [f"{each.name}{words.colon}{each.value}" for each in product.attributes[:_POINTS]]
    names = ("、" if language == "zh" else ", ").join(each.name for each in product.attributes[:3])
    ours = [key for media in product.media if (key := asset_id_of(media.url))]
    kind = SectionKind
    return [
        Section(kind.PAIN_POINT, words.worry_title, words.worry.replace("{points}", names) if names else "", []),
        Section(kind.SOLUTION, product.title, product.description.strip()[:_FIRST], ours[:1]),
        Section(kind.BEFORE_AFTER, words.before_after, "", []),
        Section(kind.ADVANTAGE, words.advantage, "\n".join(points), ours[1:4]),
        Section(kind.ENDORSEMENT, words.endorsement_title, words.endorsement if sold.units else "", []),
        Section(kind.CALL_TO_BUY, words.call_title, words.call, []),
    ]


def storyboard(product: Product, sections: list[Section]) -> list[Shot]:
    """A film of half a minute at most: the worry, a selling point a shot, the call. Pure."""
    by_kind = {section.kind: section for section in sections}
    pictures = [media.url for media in product.media]
    points = [point for point in by_kind[SectionKind.ADVANTAGE].text.split("\n") if point]
    captions = [(by_kind[SectionKind.PAIN_POINT].title, _OPENING_S), (product.title, _POINT_S)]
    captions += [(point, _POINT_S) for point in points]
    captions.append((by_kind[SectionKind.CALL_TO_BUY].title, _CLOSING_S))
    shots, at = list[Shot](), 0
    for number, (caption, seconds) in enumerate(captions):
        last = number == len(captions) - 1
        picture = pictures[0] if pictures and last else pictures[number] if number < len(pictures) else ""
        shots.append(Shot(at, seconds, picture, caption))
        at += seconds
    return shots
