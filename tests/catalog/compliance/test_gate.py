"""This is where a listing is held against what it must show and may not say."""

from typing import Any

import pytest
from shop.catalog.v1 import products_pb2 as pb
from shop.catalog.v1 import spec_tables_pb2

from services.kit.errors import Conflict, Invalid, NotFound, WrongState
from tests.catalog.compliance.office import Office
from tests.catalog.counter import Counter, all_at_once, cells, cny, reasons
from tests.catalog.test_products import patch, show, step

BLOCK = pb.TrustBlock
RULE = spec_tables_pb2.SpecRule
TEXT, CHOICE, NUMBER = (
    spec_tables_pb2.SPEC_KIND_TEXT,
    spec_tables_pb2.SPEC_KIND_CHOICE,
    spec_tables_pb2.SPEC_KIND_NUMBER,
)


async def test_a_draft_that_shows_too_little_is_refused_with_all_it_lacks(counter: Counter, office: Office) -> None:
    bare = await office.draft(attributes=[], media=[])
    assert await office.against(bare.id) == [("PHOTO_MISSING", "/media"), ("SPEC_TABLE_MISSING", "/attributes")]
    with pytest.raises(WrongState) as refused:
        await step(counter, bare.id, "submit")
    assert refused.value.reason == "LISTING_REFUSED"
    assert {error.pointer for error in refused.value.errors} == {"/media", "/attributes"}
    media = [{"url": "https://pictures.example/1.jpg"}]
    await patch(counter, bare.id, {"media": media, "attributes": {"material": "cotton"}})
    assert (await step(counter, bare.id, "submit")).state == pb.LISTING_STATE_IN_REVIEW


async def test_in_development_a_row_of_a_file_needs_neither_photo_nor_spec_table(
    counter: Counter, office: Office
) -> None:
    await counter.sell("A")
    product = await show(counter, "A", staff=True)
    assert await office.against(product.id) == []
    assert (await patch(counter, product.id, {"title": "Another thing"})).title == "Another thing"


async def test_every_text_people_read_is_looked_at_and_each_finding_says_where(
    counter: Counter, office: Office
) -> None:
    said: dict[str, Any] = {
        "title": "茶杯 苐 ① 品牌",
        "description": "Soft.\nThe b.e.s.t shirt",
        "tags": ["顶级"],
        "attributes": [pb.Attribute(name="最好", value="绝*对")],
        "media": [pb.Media(url="https://pictures.example/1.jpg", alt="best shirt")],
        "handling_notice": "永久保修",
        "trust_blocks": [BLOCK(kind=pb.TRUST_KIND_PHOTO_REVIEWS, text="销量冠军")],
        "after_sales": pb.AfterSales(text="包治百病", return_days=7),
        "variants": [pb.Variant(sku="X", price=cny(1), options=[pb.Attribute(name="size", value="best")])],
    }
    product = await office.draft(**said)
    banned = {pointer for code, pointer in await office.against(product.id) if code == "BANNED_WORD"}
    assert banned == {
        "/title",
        "/description",
        "/tags/0",
        "/attributes/0/name",
        "/attributes/0/value",
        "/media/0/alt",
        "/handling_notice",
        "/trust_blocks/0/text",
        "/variants/0/options/0/value",
    }
    assert ("MEDICAL_CLAIM", "/after_sales/text") in await office.against(product.id)
    with pytest.raises(WrongState) as refused:
        await step(counter, product.id, "submit")
    message = next(error.message for error in refused.value.errors if error.pointer == "/title")
    assert '"苐 ① 品牌" (= 第一品牌) is a superlative' in message
    assert "建议改为“行业领先”" in message


async def test_what_is_on_sale_is_not_changed_to_say_what_may_not_be_said(counter: Counter, office: Office) -> None:
    await counter.sell("A")
    product = await show(counter, "A", staff=True)
    with pytest.raises(WrongState):
        await patch(counter, product.id, {"title": "最佳茶杯"})
    good, bad = await counter.take_in(cells("B", title="最近到货"), cells("C", title="最佳茶杯"))
    assert good.ok
    assert [error.column for error in bad.errors] == ["title"]


async def test_advice_keeps_nothing_off_sale(counter: Counter, office: Office) -> None:
    await office.add("lovely", blocks=False)
    product = await office.draft(title="A lovely shirt")
    assert await office.against(product.id) == [("BANNED_WORD", "/title")]
    assert (await step(counter, product.id, "submit")).state == pb.LISTING_STATE_IN_REVIEW


async def test_a_trust_block_must_be_true_and_shown(counter: Counter, office: Office) -> None:
    blocks = [
        BLOCK(kind=pb.TRUST_KIND_NO_REASON_RETURN),
        BLOCK(kind=pb.TRUST_KIND_FREIGHT_INSURANCE),
        BLOCK(kind=pb.TRUST_KIND_ISO9001, text="ISO 9001:2015"),
        BLOCK(kind=pb.TRUST_KIND_QC_REPORT, media_url="https://pictures.example/qc.pdf"),
    ]
    product = await office.draft(trust_blocks=blocks)
    untrue = [("CLAIM_UNTRUE", "/trust_blocks/1"), ("EVIDENCE_MISSING", "/trust_blocks/2/media_url")]
    assert await office.against(product.id) == untrue
    own = {"after_sales": {"text": "Ours", "return_days": 3, "freight_insurance": True}}
    shown = await patch(counter, product.id, own)
    assert (shown.after_sales.return_days, shown.after_sales.own) == (3, True)
    assert await office.against(product.id) == [("CLAIM_UNTRUE", "/trust_blocks/0"), untrue[1]]
    back = await patch(counter, product.id, {"after_sales": {"return_days": 15}})  # what is left out stays
    assert (back.after_sales.text, back.after_sales.freight_insurance) == ("Ours", True)
    assert not (await patch(counter, product.id, {"after_sales": None})).after_sales.own


async def test_the_shops_policy_holds_where_a_product_says_nothing_else(counter: Counter, office: Office) -> None:
    policy = await office.policy()
    assert (policy.after_sales.return_days, policy.by, policy.version) == (7, "shop", 1)
    product = await office.draft()
    assert (product.after_sales.text, product.after_sales.own) == (policy.after_sales.text, False)
    await office.set_policy(text="", return_days=7, seen=1)
    assert await office.against(product.id) == [("AFTER_SALES_MISSING", "/after_sales")]
    with pytest.raises(Conflict):
        await office.set_policy(text="x", seen=1)
    with pytest.raises(Invalid) as refused:
        await office.set_policy(text="x", return_days=366)
    assert refused.value.reason == "INVALID_POLICY"


async def test_a_schema_is_inherited_and_a_nearer_line_replaces_a_farther_one(counter: Counter, office: Office) -> None:
    await office.category("kitchen")
    await office.category("mugs", "kitchen")
    await office.ask_for("kitchen", RULE(name="material", kind=TEXT, required=True), RULE(name="capacity", kind=NUMBER))
    narrower = RULE(name="Capacity", kind=NUMBER, required=True, units=["ml"], most=1_000)
    mugs = await office.ask_for("mugs", narrower)
    assert [(each.rule.name, each.category) for each in mugs.effective] == [
        ("material", "kitchen"),
        ("Capacity", "mugs"),
    ]
    product = await office.draft("cups")
    await patch(counter, product.id, {"category": "mugs", "attributes": {"capacity": "2000 ml"}})
    assert await office.against(product.id) == [
        ("SPEC_INVALID", "/attributes/0/value"),
        ("SPEC_MISSING", "/attributes"),
    ]
    await patch(counter, product.id, {"attributes": {"capacity": "300 ml", "material": "clay"}})
    assert await office.against(product.id) == []


async def test_of_editors_who_saw_one_schema_one_is_heard(office: Office) -> None:
    await office.category("kitchen")
    assert (await office.schema("kitchen")).version == 0
    firsts = await all_at_once(*(office.ask_for("kitchen", RULE(name=f"r{n}", kind=TEXT)) for n in range(5)))
    assert set(reasons(firsts)) <= {"VERSION_MISMATCH"}
    seen = (await office.schema("kitchen")).version
    again = await all_at_once(*(office.ask_for("kitchen", RULE(name=f"s{n}", kind=TEXT), seen=seen) for n in range(5)))
    assert reasons(again) == ["VERSION_MISMATCH"] * 4
    for wrong in (
        RULE(name="", kind=TEXT),
        RULE(name="a", kind=CHOICE),
        RULE(name="a", kind=NUMBER, units=["1"]),
        RULE(name="a"),
    ):
        with pytest.raises(Invalid) as refused:
            await office.ask_for("kitchen", wrong)
        assert refused.value.reason == "INVALID_SCHEMA"
    with pytest.raises(Invalid):
        await office.schema("nowhere")


async def test_findings_of_what_is_not_there_are_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        await office.against("prd_none")
