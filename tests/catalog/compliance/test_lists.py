"""This is where the word list is kept, version by version."""

import pytest
from shop.catalog.v1 import compliance_pb2
from shop.type.v1.page_pb2 import Page

from services.kit.errors import AlreadyExists, Invalid, NotFound
from tests.catalog.compliance.office import Office
from tests.catalog.counter import Counter, all_at_once, reasons


async def test_the_built_in_words_are_there_from_the_start(office: Office) -> None:
    assert await office.check("全网最佳", "a mug") == [("/texts/0", "最佳")]
    (word,) = (await office.words(q="绝对", page=Page(limit=1))).words
    assert (word.term, word.by, word.added_in, word.blocks) == ("绝对", "shop", 1, True)


async def test_a_word_is_found_from_when_it_is_added_until_it_is_taken_off(office: Office) -> None:
    before = (await office.words()).list_version
    added = await office.add("grandma's favourite", suggestions=["popular"], exceptions=["grandma's favourite song"])
    assert (added.list_version, added.word.added_in) == (before + 1, before + 1)
    assert await office.check("GRANDMA'S favourite mug") == [("/texts/0", "GRANDMA'S favourite")]
    assert await office.check("grandma's favourite song") == []
    assert await office.remove(added.word.id) == before + 2
    assert await office.check("grandma's favourite mug") == []
    with pytest.raises(NotFound) as refused:
        await office.remove(added.word.id)
    assert refused.value.reason == "WORD_NOT_FOUND"


async def test_a_word_stands_once_however_it_is_written(office: Office) -> None:
    answers = await all_at_once(*(office.add(term) for term in ("奇蹟", "奇迹", "奇 迹", "奇-蹟")))
    assert reasons(answers) == ["WORD_EXISTS"] * 3
    with pytest.raises(AlreadyExists):
        await office.add("ＢＥＳＴ")
    await office.category("toys")
    assert (await office.add("best", categories=["toys"])).word.categories == ["toys"]  # another matter


async def test_what_two_people_add_at_once_makes_two_versions(office: Office) -> None:
    before = (await office.words()).list_version
    answers = await all_at_once(*(office.add(f"word{n}") for n in range(6)))
    assert sorted(each.list_version for each in answers) == [before + n for n in range(1, 7)]


async def test_what_staff_took_off_stays_off_when_catalog_starts_again(counter: Counter, office: Office) -> None:
    (best,) = [word for word in (await office.words(q="best")).words if word.term == "best"]
    await office.remove(best.id)
    await counter.started.stop()
    again = Office(Counter(counter.house, await counter.house.start("catalog")))
    assert await again.check("the best mug") == []
    assert await again.check("最佳") == [("/texts/0", "最佳")]


async def test_a_word_of_a_category_holds_below_it_too(office: Office) -> None:
    await office.category("food")
    await office.category("tea", "food")
    await office.add("vigour", categories=["food"])
    assert await office.check("vigour") == []
    assert await office.check("vigour", category="tea") == [("/texts/0", "vigour")]


async def test_the_list_is_read_by_page_and_kind(office: Office) -> None:
    kind = compliance_pb2.WORD_KIND_MEDICAL_CLAIM
    first = await office.words(kind=kind, page=Page(limit=5))
    second = await office.words(kind=kind, page=Page(limit=5, cursor=first.next_cursor))
    ids = [word.id for word in (*first.words, *second.words)]
    assert len(ids) == 10
    assert ids == sorted(set(ids))
    assert {word.kind for word in (*first.words, *second.words)} == {kind}


async def test_what_cannot_be_is_refused(office: Office) -> None:
    for wrong in (office.add("x", locale="fr"), office.add("", blocks=True), office.add("x", kind=0)):
        with pytest.raises(Invalid) as refused:
            await wrong
        assert refused.value.reason == "INVALID_WORD"
    with pytest.raises(Invalid) as unknown:
        await office.add("x", categories=["nowhere"])
    assert unknown.value.reason == "UNKNOWN_CATEGORY"
    for texts in ([], ["x"] * 21, ["x" * 50_001]):
        with pytest.raises(Invalid):
            await office.check(*texts)
