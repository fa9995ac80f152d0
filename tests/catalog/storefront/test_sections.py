"""This is where pages are drafted and held to what is true."""

from datetime import UTC, datetime

import pytest

from services.catalog.content import Attribute, Media, Product
from services.catalog.storefront.drafts import draft, storyboard
from services.catalog.storefront.modules import InvalidModules, Module, ModuleKind
from services.catalog.storefront.modules import check as check_modules
from services.catalog.storefront.scarcity import remarks
from services.catalog.storefront.sections import InvalidPageContent, Section, SectionKind, check, filled, missing
from services.catalog.storefront.sold import Sold
from services.kit.money import Money

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NOTHING, SOME = Sold(0, 0, 30), Sold(200, 180, 30)
OURS = [f"/v1/media/med_{number:026x}" for number in range(3)]


def _product(**more: object) -> Product:
    usual: dict[str, object] = {
        "title": "青花瓷茶杯",
        "description": "手工拉坯，釉下彩。",
        "attributes": [Attribute("材质", "瓷"), Attribute("容量", "300 ml")],
        "media": [Media(url) for url in OURS],
    }
    fields = usual | more
    return Product(
        id="prd_1",
        merchant_id="self",
        category="kitchen",
        tags=[],
        variants=[],
        price=Money("CNY", 900),
        created_at=NOW,
        updated_at=NOW,
        by="stf",
        **fields,  # type: ignore[arg-type]
    )


def _endorsement(text: str) -> Section:
    return Section(SectionKind.ENDORSEMENT, "", text, [])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_draft_leads_from_the_need_to_the_purchase_with_what_the_data_say(language: str) -> None:
    sections = draft(_product(), SOME, language)
    assert [section.kind for section in sections] == [kind for kind in SectionKind if kind is not SectionKind.TEXT]
    text = {section.kind: section.text for section in sections}
    assert "材质" in text[SectionKind.PAIN_POINT]
    assert text[SectionKind.SOLUTION] == "手工拉坯，釉下彩。"
    assert text[SectionKind.ADVANTAGE].split("\n")[1].endswith("300 ml")
    assert missing(sections) == ["before_after"]  # those two pictures only people can take
    check(sections)
    assert {key for section in sections for key in section.media_ids} == {url.rpartition("/")[2] for url in OURS}


def test_what_the_data_do_not_say_is_left_empty_and_named() -> None:
    sections = draft(_product(attributes=[], description="", media=[]), NOTHING, "zh")
    assert missing(sections) == ["pain_point", "solution", "before_after", "advantage", "endorsement"]


def test_a_comparison_is_whole_with_both_pictures() -> None:
    one = Section(SectionKind.BEFORE_AFTER, "", "", ["med_1"])
    assert "before_after" in missing([one])
    one.media_ids.append("med_2")
    assert "before_after" not in missing([one])
    one.media_ids.append("med_3")
    with pytest.raises(InvalidPageContent):
        check([one])


@pytest.mark.parametrize(
    "claim",
    [
        "98 % 好评",
        "98％的人喜欢",
        "百分之九十八好评",
        "九成顾客回购",
        "超过 １０００ 人购买",
        "百万人的选择",
        "10,000+ sold",
    ],
)
def test_an_endorsement_holds_no_number_that_somebody_made_up(claim: str) -> None:
    with pytest.raises(InvalidPageContent) as refused:
        check([_endorsement(claim)])
    assert refused.value.errors[0].pointer == "/sections/0/text"
    check([Section(SectionKind.ADVANTAGE, "", claim, [])])  # a size or a weight may be said elsewhere


def test_an_endorsement_is_filled_from_what_was_sold_and_left_out_when_nothing_was() -> None:
    said = [_endorsement("{sold_orders} orders, {sold_units} units in {sold_days} days"), _endorsement("Loved.")]
    check(said)
    assert [section.text for section in filled(said, SOME)] == ["180 orders, 200 units in 30 days", "Loved."]
    assert [section.text for section in filled(said, NOTHING)] == ["Loved."]


def test_a_storyboard_is_shots_one_after_another_out_of_pictures_and_points() -> None:
    product = _product()
    shots = storyboard(product, draft(product, SOME, "zh"))
    assert [shot.at_s for shot in shots] == [sum(each.seconds for each in shots[:n]) for n in range(len(shots))]
    assert sum(shot.seconds for shot in shots) <= 30
    assert [shot.media_url for shot in shots] == [OURS[0], OURS[1], OURS[2], "", OURS[0]]
    assert [shot.caption for shot in shots][2:4] == ["材质：瓷", "容量：300 ml"]


@pytest.mark.parametrize(
    ("available", "sold", "kinds"),
    [
        (51, SOME, []),
        (50, SOME, ["few_left", "paid_and_left"]),
        (1, NOTHING, ["few_left"]),
        (0, SOME, []),
        (-1, SOME, []),
    ],
)
def test_only_what_is_scarce_is_called_scarce_and_only_with_true_numbers(
    available: int, sold: Sold, kinds: list[str]
) -> None:
    said = remarks(available, sold, few=50)
    assert [remark.kind for remark in said] == kinds
    for remark in said:
        assert str(available) in remark.en and str(available) in remark.zh
    if "paid_and_left" in kinds:
        assert said[1].zh == "近 30 天已付款 200 件，还剩 50 件"


def _pointers(*modules: Module) -> list[str]:
    return [error.pointer for error in check_modules(modules).errors]


def test_a_module_has_what_its_kind_needs_and_nothing_else() -> None:
    kind = ModuleKind
    assert _pointers(Module("a", kind.HERO, "Warm tea"), Module("b", kind.SHELF, category="tea", limit=4)) == []
    assert _pointers(Module("a", kind.POSTER), Module("b", kind.COUNTDOWN)) == [
        "/modules/0/media_id",
        "/modules/1/promotion_id",
    ]
    assert _pointers(Module("a", kind.BESTSELLERS, product_ids=["prd_1"])) == ["/modules/0/product_ids"]
    assert _pointers(Module("a", kind.NEW_ARRIVALS), Module("a", kind.NEW_ARRIVALS)) == ["/modules"]
    assert _pointers(Module("A b", kind.NEW_ARRIVALS, valid_from=NOW, valid_until=NOW)) == [
        "/modules/0/id",
        "/modules/0/valid_until",
    ]
    assert _pointers(Module("a", kind.NEW_ARRIVALS, link="//evil.example")) == ["/modules/0/link"]
    assert _pointers(Module("a", kind.NEW_ARRIVALS, link="javascript:alert(1)")) == ["/modules/0/link"]
    with pytest.raises(InvalidModules):
        check_modules([Module("a", kind.HERO)]).refuse(InvalidModules)
