"""This is where words are looked after: what customers may go on to write, synonyms, keywords, titles of slow movers."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import Field
from shop.catalog.v1 import discovery_pb2 as pb

from gateway.answers import Json, answer, paged, tagged
from gateway.described import feature, shown
from gateway.fields import ONE_LINE, Body, Cursor, Limit, PathId, Word, page_of
from gateway.jobs import JOB, job
from gateway.neighbours import BROWSE_S, STAFF_S, ask, ask_again
from gateway.permissions import asking
from gateway.preconditions import if_version

router = feature("search")
_SET = {"id": "phones", "terms": ["mobile phone", "手机"], "one_way": False, "version": 2, "by": "stf_01kb2y5v7g8h9j0k"}
_KEYWORD = {"q": "blue mug", "asked": 40, "empty": 2, "titles": 3, "score": 10.0}
_COVERED = {"word": "mug", "asked": 40, "in_title": True, "in_description": False, "in_attributes": False}
_SUGGESTION = {
    "id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx.2026-W48",
    "product_id": "prd_01kb2y5v7g8h9j0kmnpqrstvwx",
    "title": "Lovely mug",
    "proposal": "mug ceramic",
    "added": ["ceramic"],
    "dropped": ["Lovely"],
    "units": 0,
    "state": "open",
    "at": "2026-11-22T08:00:00.000Z",
}
_KINDS = {
    "popular": pb.KEYWORD_KIND_POPULAR,
    "no_result": pb.KEYWORD_KIND_NO_RESULT,
    "long_tail": pb.KEYWORD_KIND_LONG_TAIL,
}
Days = Annotated[int, Query(ge=1, le=365, description="Over how many days.")]


class SynonymsBody(Body):
    """Terms that mean the same; with `one_way` only the first finds the others."""

    terms: Annotated[list[Word], Field(min_length=2, max_length=30)]
    one_way: bool = False


def synonyms(of: pb.SynonymSet) -> Json:
    """Words that mean the same."""
    return {"id": of.id, "terms": list(of.terms), "one_way": of.one_way, "version": of.version, "by": of.by}


def suggestion(of: pb.TitleSuggestion) -> Json:
    """A better title."""
    plain = {name: getattr(of, name) for name in ("id", "product_id", "title", "proposal", "units", "state", "at")}
    return {**plain, "added": list(of.added), "dropped": list(of.dropped)}


@router.get(
    "/v1/search/completions",
    summary="What may be meant",
    responses=shown({"items": ["blue mug"]}, "INVALID_PARAMETER", "INDEX_BUILDING"),
)
async def complete_query(
    request: Request, q: Annotated[str, Query(max_length=200, pattern=ONE_LINE)] = "", limit: Limit = 10
) -> Response:
    """Whole queries for one that is being typed, from words of titles on sale, the most frequent first."""
    asked = pb.CompleteQueryRequest(q=q, limit=limit)
    answered = await ask_again(request.app.state.gateway.neighbours.discovery.CompleteQuery, asked, BROWSE_S)
    return answer({"items": list(answered.completions)})


@router.get("/v1/search/synonyms", summary="Words that mean the same", responses=shown({"items": [_SET]}))
async def list_synonyms(request: Request) -> Response:
    """Every set, by id."""
    answered = await ask_again(request.app.state.gateway.neighbours.discovery.ListSynonyms, pb.ListSynonymsRequest())
    return answer({"items": [synonyms(each) for each in answered.sets]})


@router.put(
    "/v1/search/synonyms/{set_id}",
    summary="Say which words mean the same",
    responses=shown(_SET, "INVALID_SYNONYMS", "VERSION_MISMATCH", body=True),
)
async def put_synonyms(request: Request, set_id: PathId, body: SynonymsBody) -> Response:
    """Makes or changes a set (If-Match, if it is not to be overwritten unseen); searches know it within five seconds."""
    gateway = request.app.state.gateway
    wanted = pb.SynonymSet(id=set_id, terms=body.terms, one_way=body.one_way)
    asked = pb.PutSynonymsRequest(set=wanted, if_version=if_version(request), by=asking(request).id)
    answered = await ask(gateway.neighbours.discovery.PutSynonyms, asked)
    gateway.shelf.drop()
    return tagged(synonyms(answered.set), answered.set.version)


@router.delete(
    "/v1/search/synonyms/{set_id}",
    status_code=204,
    summary="Forget a set",
    responses=shown(None, "SYNONYMS_NOT_FOUND", status=204),
)
async def remove_synonyms(request: Request, set_id: PathId) -> Response:
    """Its words mean what they mean again."""
    gateway = request.app.state.gateway
    await ask(gateway.neighbours.discovery.RemoveSynonyms, pb.RemoveSynonymsRequest(id=set_id))
    gateway.shelf.drop()
    return Response(status_code=204)


@router.get(
    "/v1/search/keywords",
    summary="What customers ask for",
    responses=shown({"items": [_KEYWORD]}, "INVALID_PARAMETER", "INDEX_BUILDING"),
)
async def list_keywords(
    request: Request,
    kind: Literal["popular", "no_result", "long_tail"] = "popular",
    days: Days = 28,
    limit: Limit = 50,
) -> Response:
    """`popular`; `no_result`, which found nothing; `long_tail`: two words and more, asked for much and had by few titles
    (`score` = asked / (1 + titles))."""
    asked = pb.ListKeywordsRequest(kind=_KINDS[kind], days=days, limit=limit)
    answered = await ask_again(request.app.state.gateway.neighbours.discovery.ListKeywords, asked, STAFF_S)
    return answer({"items": [{name: getattr(row, name) for name in _KEYWORD} for row in answered.keywords]})


@router.get(
    "/v1/products/{product_id}/seo",
    summary="The words of a product",
    responses=shown({"title": "Blue mug", "words": [_COVERED], "missing": ["ceramic"]}, "PRODUCT_NOT_FOUND"),
)
async def get_seo(request: Request, product_id: PathId, days: Days = 28) -> Response:
    """Words customers ask for that the product has, where it has them, and which its title lacks."""
    asked = pb.GetKeywordCoverageRequest(product_id=product_id, days=days)
    answered = await ask_again(request.app.state.gateway.neighbours.discovery.GetKeywordCoverage, asked, STAFF_S)
    words = [{name: getattr(row, name) for name in _COVERED} for row in answered.words]
    return answer({"title": answered.title, "words": words, "missing": list(answered.missing)})


@router.get(
    "/v1/search/title-suggestions",
    summary="Better titles for slow movers",
    responses=shown({"items": [_SUGGESTION], "next_cursor": None}, "CURSOR_INVALID"),
)
async def list_title_suggestions(request: Request, limit: Limit = 20, cursor: Cursor = "") -> Response:
    """Those nobody has decided on. They are made weekly, and by POST."""
    asked = pb.ListTitleSuggestionsRequest(page=page_of(limit, cursor))
    answered = await ask_again(request.app.state.gateway.neighbours.discovery.ListTitleSuggestions, asked)
    return paged(request, "items", [suggestion(row) for row in answered.suggestions], answered.next_cursor)


@router.post(
    "/v1/search/title-suggestions",
    status_code=202,
    summary="Look at the slow movers now",
    responses=shown({**JOB, "kind": "title_suggestions"}, status=202, text="The job that looks."),
)
async def suggest_titles(request: Request) -> Response:
    """A job; one at a time."""
    asked = pb.SuggestTitlesRequest(by=asking(request).id)
    answered = await ask(request.app.state.gateway.neighbours.discovery.SuggestTitles, asked)
    return answer(job(answered.job), 202, {"location": f"/v1/jobs/{answered.job.id}"})


_DECIDED = shown(_SUGGESTION, "SUGGESTION_NOT_FOUND", "SUGGESTION_DECIDED", "VERSION_MISMATCH", "LISTING_REFUSED")


async def _decide(request: Request, suggestion_id: str, accept: bool) -> Response:
    gateway = request.app.state.gateway
    asked = pb.DecideTitleRequest(id=suggestion_id, accept=accept, by=asking(request).id)
    answered = await ask(gateway.neighbours.discovery.DecideTitle, asked)
    gateway.shelf.drop()
    return answer(suggestion(answered.suggestion))


@router.post("/v1/search/title-suggestions/{suggestion_id}/accept", summary="Take the title", responses=_DECIDED)
async def accept_title(request: Request, suggestion_id: PathId) -> Response:
    """The product gets it, if it has not changed since; the gates look at it as at any edit."""
    return await _decide(request, suggestion_id, True)


@router.post("/v1/search/title-suggestions/{suggestion_id}/dismiss", summary="Leave the title", responses=_DECIDED)
async def dismiss_title(request: Request, suggestion_id: PathId) -> Response:
    """The product keeps the one it has."""
    return await _decide(request, suggestion_id, False)
