"""This is where somebody asks to sell, is sent back for what is missing, and becomes a merchant, once."""

import asyncio
from typing import Any

import pytest
from shop.catalog.v1 import merchant_applications_pb2 as app
from shop.catalog.v1 import merchants_pb2 as pb

from services.kit.errors import AlreadyExists, Invalid, NotFound, Refused, WrongState
from services.kit.rpc import call
from tests.catalog.counter import all_at_once, reasons
from tests.catalog.merchants.office import Office, credit_code, form


def _of_code(code: str) -> app.ApplicationForm:
    said = form()
    said.business_licence.number = code
    return said


async def test_a_wrong_credit_code_is_pointed_at(office: Office) -> None:
    code = credit_code(1)
    with pytest.raises(Invalid) as refused:
        await office.apply(_of_code(code[:-1] + ("0" if code[-1] != "0" else "1")))
    assert refused.value.reason == "INVALID_APPLICATION"
    assert [error.pointer for error in refused.value.errors] == ["/business_licence/number"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"legal_name": ""}, "/legal_name"),
        ({"contact": pb.MerchantContact(name="w", phone="12", email="w@example.com")}, "/contact/phone"),
        ({"contact": pb.MerchantContact(name="w", phone="+8613812345678", email="w")}, "/contact/email"),
        ({"special_permits": [pb.Paper(kind="business", number="1")]}, "/special_permits/0/kind"),
        (
            {"special_permits": [pb.Paper(kind="food", number="1", categories=["no"])]},
            "/special_permits/0/categories/0",
        ),
        ({"brand_authorisations": [pb.Paper()]}, "/brand_authorisations/0/brand"),
        ({"tax_registration": pb.Paper(number="1", valid_until="2020-01-01")}, "/tax_registration/valid_until"),
    ],
)
async def test_every_part_of_the_form_is_looked_at(office: Office, change: dict[str, Any], pointer: str) -> None:
    said = form()
    for name in change:
        said.ClearField(name)  # type: ignore[arg-type]
    said.MergeFrom(app.ApplicationForm(**change))
    with pytest.raises(Invalid) as refused:
        await office.apply(said)
    assert [error.pointer for error in refused.value.errors] == [pointer]


async def test_it_is_returned_mended_taken_up_and_approved(office: Office) -> None:
    applied = await office.apply(form(document=""))
    assert applied.state == app.APPLICATION_STATE_SUBMITTED
    with pytest.raises(WrongState) as lacking:
        await office.rule(applied.id, "APPROVE")
    assert [error.pointer for error in lacking.value.errors] == ["/business_licence/document"]
    missing = [app.Missing(pointer="/business_licence/document", message="请上传营业执照")]
    returned = await office.rule(applied.id, "RETURN", missing=missing)
    assert (returned.state, list(returned.missing)) == (app.APPLICATION_STATE_RETURNED, missing)
    amend = app.AmendApplicationRequest(id=applied.id, form=form(), parts=["business_licence"])
    mended = (await call(office.applications.AmendApplication, amend)).application
    assert (mended.state, list(mended.missing)) == (app.APPLICATION_STATE_SUBMITTED, [])
    assert mended.form.legal_name == applied.form.legal_name
    await office.rule(applied.id, "TAKE_UP")
    with pytest.raises(WrongState) as refused:
        await call(office.applications.AmendApplication, amend)
    assert refused.value.reason == "APPLICATION_SETTLED"
    approved = await office.rule(applied.id, "APPROVE")
    merchant = await office.get(approved.merchant_id, reveal=True)
    assert merchant.credit_code == credit_code(1)
    assert (merchant.contact.name, merchant.contact.phone) == ("王小明", "+8613812345678")
    (licence,) = merchant.licences
    assert (licence.paper.kind, licence.state) == ("business", pb.LICENCE_STATE_VALID)
    for verdict, more in (("REJECT", {"reason": "no"}), ("RETURN", {"missing": missing}), ("TAKE_UP", {})):
        with pytest.raises(WrongState):
            await office.rule(applied.id, verdict, **more)
    assert (await office.rule(applied.id, "APPROVE")).merchant_id == approved.merchant_id


async def test_of_all_who_decide_at_once_one_does(office: Office) -> None:
    applied = await office.apply(form())
    tries = [office.rule(applied.id, "APPROVE") for _ in range(5)]
    tries += [office.rule(applied.id, "REJECT", reason="no") for _ in range(5)]
    answers = await all_at_once(*tries)
    states = {answer.state for answer in answers if not isinstance(answer, Refused)}
    assert len(states) == 1
    assert set(reasons(answers)) <= {"VERSION_MISMATCH", "APPLICATION_SETTLED"}
    merchants = await office.counter.database["merchants"].count_documents(
        {"_id": {"$gt": ""}, "credit_code": {"$gt": ""}}
    )
    assert merchants == (1 if states == {app.APPLICATION_STATE_APPROVED} else 0)


async def test_a_reviewer_approves_what_they_have_read(office: Office) -> None:
    applied = await office.apply(form())
    amend = app.AmendApplicationRequest(id=applied.id, form=form(scope="珠宝"), parts=["business_licence"])
    await call(office.applications.AmendApplication, amend)
    with pytest.raises(Refused) as refused:
        await office.rule(applied.id, "APPROVE", if_version=applied.version)
    assert refused.value.reason == "VERSION_MISMATCH"


async def test_a_credit_code_is_one_merchants(office: Office) -> None:
    await office.merchant(1)
    again = await office.apply(form(1))
    with pytest.raises(AlreadyExists) as refused:
        await office.rule(again.id, "APPROVE")
    assert refused.value.reason == "MERCHANT_EXISTS"
    kept = (await call(office.applications.GetApplication, app.GetApplicationRequest(id=again.id))).application
    assert kept.state == app.APPLICATION_STATE_SUBMITTED


async def test_the_same_request_many_times_is_one_application(office: Office) -> None:
    answers = await asyncio.gather(*(office.apply(form(), "r1", b"f") for _ in range(8)))
    assert len({answer.id for answer in answers}) == 1
    with pytest.raises(Invalid) as refused:
        await office.apply(form(2), "r1", b"g")
    assert refused.value.reason == "KEY_REUSED"


async def test_whom_to_reach_is_kept_sealed_and_shown_to_who_reviews(office: Office) -> None:
    applied = await office.apply(form())
    assert (applied.form.contact.name, applied.form.contact.phone) == ("王**", "+86****5678")
    assert "wang" not in applied.form.contact.email
    reveal = app.GetApplicationRequest(id=applied.id, reveal=True)
    shown = (await call(office.applications.GetApplication, reveal)).application
    assert shown.form.contact.email == "wang@example.com"
    merchant_id = (await office.rule(applied.id, "APPROVE")).merchant_id
    assert (await office.get(merchant_id)).contact.phone == "+86****5678"
    for name in ("merchants", "merchant_applications"):
        async for document in office.counter.database[name].find({"_id": {"$gt": ""}}):
            assert not any(word in str(document) for word in ("wang", "13812345678"))
            assert "王小明".encode() not in document["contact"]


async def test_the_queue_is_read_by_state_and_page(office: Office) -> None:
    applied = [(await office.apply(form(n))).id for n in range(1, 6)]
    await office.rule(applied[0], "REJECT", reason="no")
    request = app.ListApplicationsRequest(state=app.APPLICATION_STATE_SUBMITTED)
    request.page.limit = 3
    first = await call(office.applications.ListApplications, request)
    request.page.cursor = first.next_cursor
    second = await call(office.applications.ListApplications, request)
    assert [each.id for page in (first, second) for each in page.applications] == sorted(applied[1:], reverse=True)
    assert second.next_cursor == ""
    with pytest.raises(NotFound):
        await call(office.applications.GetApplication, app.GetApplicationRequest(id="app_none"))
