"""This is where a product's page is: sections in order, what a whole page has, what an endorsement may say (C07). Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.catalog.fields import Faults
from services.kit.errors import Invalid, NotFound

from .sold import Sold

MOST_SECTIONS = 30
_MOST_MEDIA = 20
_PAIR = 2
_NUMBER = re.compile(r"\d|[%％‰]|百分|[一二三四五六七八九十两]成|成千上万|[百千万萬亿億]\s*[人件单單+]")
_HOLES = ("{sold_units}", "{sold_orders}", "{sold_days}")


class SectionKind(StrEnum):
    """What a section is for; the first six in the order that leads from a need to the purchase."""

    PAIN_POINT = "pain_point"
    SOLUTION = "solution"
    BEFORE_AFTER = "before_after"
    ADVANTAGE = "advantage"
    ENDORSEMENT = "endorsement"
    CALL_TO_BUY = "call_to_buy"
    TEXT = "text"


@dataclass
class Section:
    """A part of a page."""

    kind: SectionKind
    title: str
    text: str
    media_ids: list[str]


@dataclass
class ProductPage:
    """A product's page; the id is the product's."""

    id: str
    sections: list[Section]
    by: str
    updated_at: datetime
    version: int = 0


class PageNotFound(NotFound):
    """Nobody has written this product's page yet."""


class InvalidPageContent(Invalid):
    """A page that cannot be."""


def check(sections: list[Section]) -> None:
    """Looks at a page's sections. Refuses with INVALID_PAGE_CONTENT, naming each fault."""
    faults = Faults()
    if len(sections) > MOST_SECTIONS:
        faults.add("/sections", f"must be at most {MOST_SECTIONS}")
    for number, section in enumerate(sections[:MOST_SECTIONS]):
        pointer = f"/sections/{number}"
        section.title = faults.text(f"{pointer}/title", section.title, 200)
        section.text = faults.text(f"{pointer}/text", section.text, 5_000, lines=True)
        pair = section.kind is SectionKind.BEFORE_AFTER
        if len(section.media_ids) > (_PAIR if pair else _MOST_MEDIA):
            message = "must be two: before, after" if pair else f"must be at most {_MOST_MEDIA}"
            faults.add(f"{pointer}/media_ids", message)
        if section.kind is SectionKind.ENDORSEMENT:
            for name, text in (("title", section.title), ("text", section.text)):
                if _NUMBER.search(_without_holes(text)):
                    message = f"must hold no number but {', '.join(_HOLES)}: they are filled from what was sold"
                    faults.add(f"{pointer}/{name}", message)
    faults.refuse(InvalidPageContent)


def _without_holes(text: str) -> str:
    for hole in _HOLES:
        text = text.replace(hole, "")
    return text


def missing(sections: Iterable[Section]) -> list[str]:
    """What a whole page has and this one lacks. A comparison is whole with both of its pictures."""
    there = {
        section.kind
        for section in sections
        if (len(section.media_ids) == _PAIR if section.kind is SectionKind.BEFORE_AFTER else section.text)
    }
    return [kind.value for kind in SectionKind if kind not in there and kind is not SectionKind.TEXT]


def filled(sections: Iterable[Section], sold: Sold) -> Iterator[Section]:
    """As customers see them: numbers from what was sold; what would speak of none is left out."""
    numbers = dict(zip(_HOLES, (sold.units, sold.orders, sold.days), strict=True))
    for section in sections:
        if section.kind is SectionKind.ENDORSEMENT and _without_holes(section.text + section.title) != (
            section.text + section.title
        ):
            if not sold.units:
                continue
            yield replace(section, title=_with(section.title, numbers), text=_with(section.text, numbers))
        else:
            yield section


def _with(text: str, numbers: dict[str, int]) -> str:
    for hole, number in numbers.items():
        text = text.replace(hole, str(number))
    return text
