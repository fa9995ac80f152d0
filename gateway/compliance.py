"""This is where staff keep the word list, try texts and products against it, and have what is live looked at again."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import compliance_pb2 as pb

from gateway.answers import Json, answer, paged, word
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, PathId, Slug, Text, page_of
from gateway.jobs import JOB, job
from gateway.neighbours import ask, ask_again
from gateway.permissions import asking

router = feature("compliance")
Kind = Literal["superlative", "absolute", "medical_claim", "prohibited_good", "false_scarcity", "data_claim"]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE)]
_WORD = {
    "id": "wrd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "term": "第一",
    "kind": "superlative",
    "locale": "zh",
    "suggestions": ["行业领先", "用户好评率98%"],
    "note": "say 98 % only where the reviews show it",
    "categories": ["kitchen"],
    "exceptions": ["第一次", "第一章"],
    "blocks": True,
    "added_in": 3,
    "by": "stf_01kb2y5v7g8h9j0kmnpqrstvwx",
    "added_at": "2026-11-22T08:00:00.000Z",
}
_FINDING = {
    "code": "BANNED_WORD",
    "pointer": "/title",
    "position": 4,
    "text": "第 ①",
    "message": {
        "en": '"第 ①" (= 第一) is a superlative, which article 9 of the Advertising Law forbids; say “行业领先” instead',
        "zh": "“第 ①”（即“第一”）属于《广告法》第九条禁止的极限用语，建议改为“行业领先”",
    },
    "suggestion": "行业领先",
    "blocks": True,
}
_FOUND = {"passes": False, "findings": [_FINDING]}


class WordBody(Body):
    """A word for the list, and where it is fine."""

    term: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=ONE_LINE)]
    kind: Kind
    locale: Literal["zh", "en", ""] = ""
    suggestions: list[Phrase] = Field(default_factory=list, max_length=10)
    note: Annotated[str, StringConstraints(max_length=300, pattern=ONE_LINE)] = ""
    categories: list[Slug] = Field(default_factory=list, max_length=50)
    exceptions: list[Phrase] = Field(default_factory=list, max_length=1_000)
    blocks: bool = True

    def told(self) -> pb.Word:
        """As catalog takes it."""
        return pb.Word(
            term=self.term,
            kind=_kind(self.kind),
            locale=self.locale,
            suggestions=self.suggestions,
            note=self.note,
            categories=self.categories,
            exceptions=self.exceptions,
            blocks=self.blocks,
        )


class TextsBody(Body):
    """Texts somebody thinks of using."""

    texts: Annotated[list[Text], Field(min_length=1, max_length=20)]
    category: Slug | None = None


def _kind(name: str) -> pb.WordKind.ValueType:
    return pb.WordKind.Value(f"WORD_KIND_{name.upper()}") if name else pb.WORD_KIND_UNSPECIFIED


def _word(of: pb.Word) -> Json:
    return {
        "id": of.id,
        "term": of.term,
        "kind": word(pb.WordKind.Name(of.kind), "WORD_KIND_"),
        "locale": of.locale or None,
        "suggestions": list(of.suggestions),
        "note": of.note or None,
        "categories": list(of.categories),
        "exceptions": list(of.exceptions),
        "blocks": of.blocks,
        "added_in": of.added_in,
        "by": of.by,
        "added_at": of.added_at,
    }


def _found(findings: list[pb.Finding]) -> Json:
    return {"passes": not any(each.blocks for each in findings), "findings": [finding(each) for each in findings]}


def finding(of: pb.Finding) -> Json:
    """What a gate has against something."""
    return {
        "code": of.code,
        "pointer": of.pointer,
        "position": of.position if of.HasField("position") else None,
        "text": of.text or None,
        "message": {"en": of.en, "zh": of.zh},
        "suggestion": of.suggestion or None,
        "blocks": of.blocks,
    }


@router.get(
    "/v1/compliance/words",
    summary="The word list",
    responses=shown({"items": [_WORD], "list_version": 3, "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_words(
    request: Request,
    kind: Kind | Literal[""] = "",
    q: Annotated[str, Query(max_length=60, pattern=ONE_LINE, description="How the word begins.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Response:
    """Words that stand, of one kind or all."""
    asked = pb.ListWordsRequest(kind=_kind(kind), q=q, page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.compliance.ListWords, asked)
    more = {"list_version": answered.list_version}
    return paged(request, "items", [_word(row) for row in answered.words], answered.next_cursor, more)


@router.post(
    "/v1/compliance/words",
    status_code=201,
    summary="Put a word on the list",
    responses=shown(
        {"word": _WORD, "list_version": 3},
        "INVALID_WORD",
        "UNKNOWN_CATEGORY",
        "WORD_EXISTS",
        "TOO_MANY_WORDS",
        status=201,
        body=True,
    ),
)
async def add_word(request: Request, body: WordBody) -> Response:
    """It is found whatever its width, case, script, spacing or look-alikes. Live listings are looked at again within
    seconds: what says it is taken down, and staff are told."""
    asked = pb.AddWordRequest(word=body.told(), by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.compliance.AddWord, asked)
    return answer({"word": _word(answered.word), "list_version": answered.list_version}, 201)


@router.delete(
    "/v1/compliance/words/{word_id}",
    summary="Take a word off the list",
    responses=shown({"list_version": 4}, "WORD_NOT_FOUND"),
)
async def remove_word(request: Request, word_id: PathId) -> Response:
    """What was taken down because of it stays down until somebody publishes it."""
    asked = pb.RemoveWordRequest(id=word_id)
    answered = await ask(request.app.state.gateway.neighbours.compliance.RemoveWord, asked)
    return answer({"list_version": answered.list_version})


@router.post(
    "/v1/compliance/check",
    summary="Try texts before they are used",
    responses=shown(_FOUND, "INVALID", "UNKNOWN_CATEGORY", body=True),
)
async def check_texts(request: Request, body: TextsBody) -> Response:
    """What may not be said, where it stands, why, and what to say instead. Nothing is kept."""
    asked = pb.CheckTextsRequest(texts=body.texts, category=body.category or "")
    answered = await ask_again(request.app.state.gateway.neighbours.compliance.CheckTexts, asked)
    return answer(_found(list(answered.findings)))


@router.get(
    "/v1/products/{product_id}/findings",
    summary="What there is against a product",
    responses=shown(_FOUND, "PRODUCT_NOT_FOUND"),
)
async def list_findings(request: Request, product_id: PathId) -> Response:
    """What all gates would say if it were handed in now."""
    asked = pb.ListFindingsRequest(product_id=product_id, merchant_id=asking(request).only_merchant)
    answered = await ask_again(request.app.state.gateway.neighbours.compliance.ListFindings, asked)
    return answer(_found(list(answered.findings)))


@router.post(
    "/v1/compliance/rescans",
    status_code=202,
    summary="Have live listings looked at again",
    responses=shown(JOB, status=202, text="It is under way."),
)
async def start_rescan(request: Request) -> Response:
    """By all gates. One at a time: when one is under way it goes round once more."""
    asked = pb.StartRescanRequest(by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.compliance.StartRescan, asked)
    return answer(job(answered.job), 202, {"location": f"/v1/jobs/{answered.job.id}"})


@router.get(
    "/v1/compliance/scans",
    summary="Scans of what is on sale",
    responses=shown({"items": [JOB], "next_cursor": None}, "INVALID_PARAMETER", "CURSOR_INVALID"),
)
async def list_scans(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Newest first; `counts` say how many were looked at and how many taken down."""
    asked = pb.ListScansRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.compliance.ListScans, asked)
    return paged(request, "items", [job(row) for row in answered.scans], answered.next_cursor)
