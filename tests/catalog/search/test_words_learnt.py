"""This is where typos, synonyms and unfinished words are understood, and where it is learnt what customers ask for."""

import asyncio

import pytest
from shop.catalog.v1 import discovery_pb2 as pb
from shop.catalog.v1 import discovery_pb2_grpc, jobs_pb2, jobs_pb2_grpc, products_pb2
from shop.type.v1.page_pb2 import Page

from services.catalog.search.queries import Queries, QueryDay
from services.catalog.search.titles import better_title
from services.catalog.store import Table
from services.kit.errors import Conflict, Invalid, NotFound, WrongState
from services.kit.rpc import call
from tests.catalog.counter import Counter, cells

GOODS = [
    cells("PHONE", title="Android mobile phone", description="with headphones"),
    cells("LAMP", title="Christmas lamp"),
    cells("TEA", title="龍井綠茶", description="Longjing tea"),
    cells("CUP", title="Porcelain teacup"),
]


@pytest.fixture
async def filled(counter: Counter) -> Counter:
    assert all(answer.ok for answer in await counter.take_in(*GOODS))
    return counter


def words(counter: Counter) -> "discovery_pb2_grpc.DiscoveryServiceAsyncStub":
    return discovery_pb2_grpc.DiscoveryServiceStub(counter.started.channel)


def skus(found: products_pb2.SearchProductsResponse) -> list[str]:
    return sorted(item.sku for item in found.items)


@pytest.mark.parametrize(
    ("typo", "finds", "meant"),
    [
        ("chrismas", ["LAMP"], "christmas"),
        ("chirstmas lamp", ["LAMP"], "christmas lamp"),
        ("porcelian", ["CUP"], "porcelain"),
        ("androd phone", ["PHONE"], "android phone"),
        ("lmap", ["LAMP"], "lamp"),
        ("zzzzzz", [], ""),
        ("tae", [], ""),  # three letters are no typo of anything
        ("christmas", ["LAMP"], ""),
    ],
)
async def test_a_typo_finds_what_was_meant_and_says_so(
    filled: Counter, typo: str, finds: list[str], meant: str
) -> None:
    found = await filled.search(q=typo)
    assert (skus(found), found.did_you_mean) == (finds, meant)


async def test_traditional_and_simplified_characters_find_each_other(filled: Counter) -> None:
    assert skus(await filled.search(q="龙井")) == skus(await filled.search(q="龍井")) == ["TEA"]
    assert skus(await filled.search(q="绿茶")) == ["TEA"]


async def test_synonyms_find_each_other_one_way_or_both(filled: Counter) -> None:
    stub = words(filled)
    assert skus(await filled.search(q="手机")) == []
    both = pb.PutSynonymsRequest(set=pb.SynonymSet(id="phones", terms=["mobile phone", "手机", "handset"]), by="stf")
    kept = (await call(stub.PutSynonyms, both)).set
    filled.house.clock.advance(seconds=6)
    for asked in ("手机", "手機", "handset", "mobile phone", "handsets android"):
        assert skus(await filled.search(q=asked)) == ["PHONE"], asked
    one_way = pb.SynonymSet(id="lights", terms=["light", "lamp"], one_way=True)
    await call(stub.PutSynonyms, pb.PutSynonymsRequest(set=one_way, by="stf"))
    filled.house.clock.advance(seconds=6)
    assert skus(await filled.search(q="light")) == ["LAMP"]
    assert [each.id for each in (await call(stub.ListSynonyms, pb.ListSynonymsRequest())).sets] == ["lights", "phones"]
    both.if_version = kept.version + 1
    with pytest.raises(Conflict):
        await call(stub.PutSynonyms, both)
    await call(stub.RemoveSynonyms, pb.RemoveSynonymsRequest(id="phones"))
    with pytest.raises(NotFound):
        await call(stub.RemoveSynonyms, pb.RemoveSynonymsRequest(id="phones"))
    filled.house.clock.advance(seconds=6)
    assert skus(await filled.search(q="手机")) == []
    for terms in (["one"], ["a", "!!"], ["x"] * 31):
        with pytest.raises(Invalid) as refused:
            await call(stub.PutSynonyms, pb.PutSynonymsRequest(set=pb.SynonymSet(id="s", terms=terms), by="stf"))
        assert refused.value.reason == "INVALID_SYNONYMS"


async def test_what_is_being_typed_is_made_whole(filled: Counter) -> None:
    async def completions(typed: str) -> list[str]:
        return list((await call(words(filled).CompleteQuery, pb.CompleteQueryRequest(q=typed))).completions)

    assert "christmas lamp" in await completions("christmas la")
    assert (await completions("por"))[0].startswith("por")
    assert await completions("") == await completions("l") == []


async def test_attributes_are_facets_and_filters(filled: Counter) -> None:
    product = (await filled.search(q="teacup")).items[0].id
    patch = b'{"attributes":[{"name":"material","value":"porcelain"},{"name":"size","value":"M"}]}'
    await call(filled.products.UpdateProduct, products_pb2.UpdateProductRequest(id=product, patch=patch, by="stf"))
    facets = {facet.name: facet.values[0].value for facet in (await filled.search()).facets}
    assert facets["attribute:material"] == "porcelain"
    attribute = products_pb2.Attribute(name="material", value="porcelain")
    assert skus(await filled.search(attributes=[attribute])) == ["CUP"]
    assert skus(await filled.search(attributes=[attribute, products_pb2.Attribute(name="size", value="L")])) == []


async def _ask(counter: Counter, *queries: tuple[str, int]) -> None:
    for query, times in queries:
        for _ in range(times):
            await counter.search(q=query)
    table = Table(
        counter.database, "queries", QueryDay, counter.started.ground.relay, (), counter.started.ground.turnstile
    )
    async with asyncio.timeout(10):
        while not await table.parts({"day": {"$gt": ""}, "q": queries[-1][0]}, {"_id": 1}):
            await asyncio.sleep(0.05)


async def _report(counter: Counter, kind: pb.KeywordKind.ValueType) -> list[tuple[str, int, int, int]]:
    answer = await call(words(counter).ListKeywords, pb.ListKeywordsRequest(kind=kind))
    return [(row.q, row.asked, row.empty, row.titles) for row in answer.keywords]


async def test_it_is_counted_what_is_asked_for_what_finds_nothing_and_what_nobody_else_has(filled: Counter) -> None:
    asked = (
        ("Mobile Phone", 3),
        ("christmas lamp", 2),
        ("unicorn saddle", 2),
        ("me@example.com", 4),
        ("13812345678", 1),
    )
    await _ask(filled, *asked, ("lamp", 1))
    assert await _report(filled, pb.KEYWORD_KIND_POPULAR) == [
        ("mobile phone", 3, 0, 1),
        ("christmas lamp", 2, 0, 1),
        ("unicorn saddle", 2, 2, 0),
        ("lamp", 1, 0, 1),
    ]
    assert await _report(filled, pb.KEYWORD_KIND_NO_RESULT) == [("unicorn saddle", 2, 2, 0)]
    long_tail = await _report(filled, pb.KEYWORD_KIND_LONG_TAIL)
    assert [row[0] for row in long_tail] == ["unicorn saddle", "mobile phone", "christmas lamp"]
    filled.house.clock.advance(days=40)
    assert await _report(filled, pb.KEYWORD_KIND_POPULAR) == []
    with pytest.raises(Invalid):
        await call(words(filled).ListKeywords, pb.ListKeywordsRequest(days=1_000))


async def test_counting_is_bounded_and_adds_up(counter: Counter) -> None:
    ground = counter.started.ground
    table = Table(ground.database, "queries", QueryDay, ground.relay, (), ground.turnstile)
    first, second = Queries(table, counter.house.clock), Queries(table, counter.house.clock)
    for n in range(6_000):
        first.asked(f"query {n}", n % 2)
    second.asked("query 1", 0)
    await asyncio.gather(first.write(), second.write())
    await first.write()  # nothing new: nothing is added
    assert await table.collection.estimated_document_count() == 5_000
    (one,) = await table.parts({"_id": f"{counter.house.clock.now().date()}|query 1"}, {"asked": 1, "empty": 1})
    assert (one["asked"], one["empty"]) == (2, 1)


def test_a_better_title_swaps_a_word_nobody_asks_for_for_one_they_do() -> None:
    from collections import Counter as Count

    asked = Count({"mug": 9, "ceram": 5, "gift": 1, "tea": 3})
    words_found = ["lovely", "love", "mug", "ceramic", "ceram", "gift", "12oz"]
    better = better_title("Lovely mug 12oz", words_found, ["lovely", "love", "mug", "12oz"], asked)
    assert better == ("mug 12oz ceramic gift", ["ceramic", "gift"], ["Lovely"])
    assert better_title("Mug", ["mug"], ["mug"], asked) == ("Mug", [], [])
    assert better_title("Lovely", words_found, ["lovely", "love"], asked)[0] == "Lovely mug ceramic"


async def test_slow_movers_get_titles_proposed_and_a_person_decides(filled: Counter) -> None:
    stub, clock = words(filled), filled.house.clock
    await filled.take_in(cells("SLOW", title="Splendid Thing lamp", description="a reading light for the desk"))
    clock.advance(days=20)
    await _ask(filled, ("reading lamp", 4), ("desk lamp", 3))
    coverage = await call(stub.GetKeywordCoverage, pb.GetKeywordCoverageRequest(product_id=await _id(filled, "SLOW")))
    assert {row.word: (row.asked, row.in_title) for row in coverage.words}["lamp"] == (7, True)
    assert set(coverage.missing) == {"read", "desk"}
    job = (await call(stub.SuggestTitles, pb.SuggestTitlesRequest(by="stf"))).job
    jobs = jobs_pb2_grpc.JobsServiceStub(filled.started.channel)
    async with asyncio.timeout(10):
        while (await call(jobs.GetJob, jobs_pb2.GetJobRequest(id=job.id))).job.state != jobs_pb2.JOB_STATE_DONE:
            await asyncio.sleep(0.05)
    page = await call(stub.ListTitleSuggestions, pb.ListTitleSuggestionsRequest(page=Page(limit=50)))
    (made,) = [each for each in page.suggestions if each.title == "Splendid Thing lamp"]
    assert set(made.added) == {"reading", "desk"}
    assert set(made.dropped) == {"Splendid", "Thing"}
    accept = pb.DecideTitleRequest(id=made.id, accept=True, by="stf")
    assert (await call(stub.DecideTitle, accept)).suggestion.state == "accepted"
    assert skus(await filled.search(q="desk lamp")) == ["SLOW"]
    with pytest.raises(WrongState) as decided:
        await call(stub.DecideTitle, accept)
    assert decided.value.reason == "SUGGESTION_DECIDED"
    with pytest.raises(NotFound):
        await call(stub.DecideTitle, pb.DecideTitleRequest(id="prd_none.2026-W01", by="stf"))


async def _id(counter: Counter, sku: str) -> str:
    product = (await call(counter.products.GetProduct, products_pb2.GetProductRequest(id=sku, staff=True))).product
    return str(product.id)
