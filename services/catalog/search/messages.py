"""This is where searching and what is learnt from it meet protobuf."""

from collections.abc import Sequence

from shop.catalog.v1 import discovery_pb2 as pb

from services.kit.clock import rfc3339

from .keywords import Coverage, Keyword, KeywordKind, missing_words
from .synonyms import SynonymSet
from .titles import TitleSuggestion

_KINDS = {
    pb.KEYWORD_KIND_NO_RESULT: KeywordKind.NO_RESULT,
    pb.KEYWORD_KIND_LONG_TAIL: KeywordKind.LONG_TAIL,
}


def kind(asked: int) -> KeywordKind:
    """What a report is about; popular queries unless it is said."""
    return {int(key): value for key, value in _KINDS.items()}.get(asked, KeywordKind.POPULAR)


def keywords(rows: Sequence[Keyword]) -> pb.ListKeywordsResponse:
    """A report."""
    return pb.ListKeywordsResponse(
        keywords=[
            pb.Keyword(q=row.q, asked=row.asked, empty=row.empty, titles=row.titles, score=row.score) for row in rows
        ]
    )


def coverage(title: str, rows: Sequence[Coverage]) -> pb.GetKeywordCoverageResponse:
    """Where a product has the words customers ask for."""
    return pb.GetKeywordCoverageResponse(
        title=title,
        words=[
            pb.KeywordCoverage(
                word=row.word,
                asked=row.asked,
                in_title=row.in_title,
                in_description=row.in_description,
                in_attributes=row.in_attributes,
            )
            for row in rows
        ],
        missing=missing_words(rows),
    )


def synonyms(kept: SynonymSet) -> pb.SynonymSet:
    """Words that mean the same."""
    return pb.SynonymSet(id=kept.id, terms=kept.terms, one_way=kept.one_way, version=kept.version, by=kept.by)


def suggestion(kept: TitleSuggestion) -> pb.TitleSuggestion:
    """A better title."""
    return pb.TitleSuggestion(
        id=kept.id,
        product_id=kept.product_id,
        title=kept.title,
        proposal=kept.proposal,
        added=kept.added,
        dropped=kept.dropped,
        units=kept.units,
        state=kept.state.value,
        at=rfc3339(kept.at),
    )
