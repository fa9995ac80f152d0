"""This is where only what a merchant is licensed for goes on sale, and comes down when the licence does."""

from datetime import UTC, datetime

import pytest
from shop.catalog.v1 import jobs_pb2, products_pb2
from shop.catalog.v1 import merchants_pb2 as pb
from shop.catalog.v1 import requirements_pb2 as req

from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.rpc import call
from tests.catalog.counter import cells
from tests.catalog.merchants.office import Office


async def _refused(office: Office, merchant_id: str, sku: str, category: str) -> list[str]:
    """Submits a fresh listing; what the gate says against it, pointers and texts."""
    product_id = await office.draft(merchant_id, sku, category)
    with pytest.raises(WrongState) as refused:
        await office.publish(product_id)
    assert refused.value.reason == "LISTING_REFUSED"
    assert {error.pointer for error in refused.value.errors} <= {"/category", "/merchant_id"}
    return [*refused.value.meta["codes"].split(",")]


async def test_what_a_category_demands_all_below_it_demand(office: Office) -> None:
    assert await office.demand("food", "food") == [("food", "food")]
    assert await office.demand("snacks", "ccc") == [("ccc", "snacks"), ("food", "food")]
    answered = await call(office.requirements.GetRequirements, req.GetRequirementsRequest(category="toys"))
    assert not answered.requirements
    with pytest.raises(Invalid):
        await office.demand("food", "magic")
    with pytest.raises(Invalid):
        await office.demand("nowhere", "food")


async def test_each_reason_has_its_code(office: Office) -> None:
    merchant_id = await office.merchant()  # business licence for `goods`
    await office.demand("food", "food")
    assert await _refused(office, merchant_id, "A", "snacks") == ["QUALIFICATION_MISSING"]
    assert await _refused(office, merchant_id, "B", "services") == ["OUTSIDE_SCOPE"]
    assert await _refused(office, "mer_nobody", "C", "toys") == ["MERCHANT_UNKNOWN"]
    await office.publish(await office.draft(merchant_id, "D", "toys"))
    await office.licence(merchant_id, "food", "toys")
    assert await _refused(office, merchant_id, "E", "snacks") == ["OUTSIDE_SCOPE"]
    await office.licence(merchant_id, "food", "food")
    await office.publish(await office.draft(merchant_id, "F", "snacks"))


async def test_the_shop_itself_needs_a_licence_where_a_category_demands_one(office: Office) -> None:
    await office.live("self", "A", "snacks")
    await office.demand("food", "food")
    assert await _refused(office, "self", "B", "snacks") == ["QUALIFICATION_MISSING"]
    await office.licence("self", "food", "food")
    await office.live("self", "C", "snacks")


async def test_a_row_of_a_file_that_would_go_on_sale_is_looked_at(office: Office) -> None:
    await office.demand("food", "food")
    rows = await office.counter.take_in(cells("A", category="toys"), cells("B", category="food"))
    assert [row.ok for row in rows] == [True, False]
    assert "食品经营许可证" in rows[1].errors[0].message
    assert rows[1].errors[0].column == "category"


async def test_a_new_demand_takes_down_what_lacks_it_and_the_job_says_how_much(office: Office) -> None:
    licensed, bare = await office.merchant(1), await office.merchant(2)
    await office.licence(licensed, "food", "food")
    stays, goes = await office.live(licensed, "A", "snacks"), await office.live(bare, "B", "snacks")
    elsewhere = await office.live(bare, "C", "toys")
    await office.demand("food", "food")
    await office.attended()
    assert [await office.state(each) for each in (stays, goes, elsewhere)] == ["live", "delisted", "live"]
    assert await office.taken_down(goes) == "QUALIFICATION_MISSING"
    (job,) = await office.jobs()
    assert (job.state, job.done, job.total) == (jobs_pb2.JOB_STATE_DONE, 2, 2)
    assert [(count.name, count.count) for count in job.counts] == [("taken_down", 1)]


async def test_a_licence_that_lapses_takes_its_listings_down_until_it_is_renewed(office: Office) -> None:
    office.clock.at = datetime(2026, 11, 22, 4, tzinfo=UTC)
    merchant_id = await office.merchant()
    await office.demand("food", "food")
    permit = await office.licence(merchant_id, "food", "food", valid_until="2026-12-31")
    snack, toy = await office.live(merchant_id, "A", "snacks"), await office.live(merchant_id, "B", "toys")
    for day, said in (((12, 2), 1), ((12, 3), 1), ((12, 25), 2), ((12, 31), 3)):
        office.clock.at = datetime(2026, *day, 4, tzinfo=UTC)
        await office.attended()
        assert len(await office.notices("licence_expiring")) == said
        assert len(await office.notices("licence_expiring", merchant_id)) == said
    assert await office.state(snack) == "live"
    office.clock.at = datetime(2027, 1, 1, 4, tzinfo=UTC)
    await office.attended()
    assert [await office.state(each) for each in (snack, toy)] == ["delisted", "live"]
    assert await office.taken_down(snack) == "LICENCE_EXPIRED"
    (notice,) = await office.notices("licence_expired", merchant_id)
    assert (notice.subject, "食品经营许可证" in notice.zh) == (permit.id, True)
    assert len(await office.notices("listing_taken_down", merchant_id)) == 1
    with pytest.raises(WrongState):
        await office.publish(snack, from_delisted=True)
    renewal = pb.AddLicenceRequest(id=merchant_id, renews=permit.id, paper=pb.Paper(valid_until="2031-12-31"), by="x")
    renewed = (await call(office.merchants.AddLicence, renewal)).licence
    assert (renewed.state, renewed.paper.kind) == (pb.LICENCE_STATE_PENDING, "food")
    with pytest.raises(WrongState):
        await office.publish(snack, from_delisted=True)
    await office.review(merchant_id, renewed.id, accept=True)
    await office.publish(snack, from_delisted=True)
    assert await office.taken_down(snack) == ""


async def test_one_that_is_renewed_in_time_lapses_silently(office: Office) -> None:
    office.clock.at = datetime(2026, 11, 22, 4, tzinfo=UTC)
    merchant_id = await office.merchant()
    await office.demand("food", "food")
    permit = await office.licence(merchant_id, "food", "food", valid_until="2026-12-31")
    snack = await office.live(merchant_id, "A", "snacks")
    renewal = pb.AddLicenceRequest(id=merchant_id, renews=permit.id, paper=pb.Paper(valid_until="2031-12-31"), by="x")
    await office.review(merchant_id, (await call(office.merchants.AddLicence, renewal)).licence.id, accept=True)
    office.clock.at = datetime(2027, 1, 2, tzinfo=UTC)
    await office.attended()
    assert await office.state(snack) == "live"
    assert await office.notices("licence_expiring") == await office.notices("licence_expired") == []


async def test_a_revoked_licence_takes_its_listings_down(office: Office) -> None:
    merchant_id = await office.merchant()
    await office.demand("food", "food")
    permit = await office.licence(merchant_id, "food", "food")
    snack = await office.live(merchant_id, "A", "snacks")
    with pytest.raises(Invalid):
        await office.review(merchant_id, permit.id, accept=False)  # why?
    revoked = await office.review(merchant_id, permit.id, accept=False, reason="forged")
    assert (revoked.state, revoked.reason) == (pb.LICENCE_STATE_REVOKED, "forged")
    await office.attended()
    assert await office.state(snack) == "delisted"


async def test_a_merchants_licences_are_added_by_itself_and_by_nobody_else(office: Office) -> None:
    ann, bo = await office.merchant(1), await office.merchant(2)
    told = pb.Paper(kind="food", number="N1", categories=["food"])
    for renews in ("", (await office.get(ann)).licences[0].id):
        request = pb.AddLicenceRequest(id=ann, paper=told, renews=renews, by="x", merchant_id=bo)
        with pytest.raises(NotFound) as refused:
            await call(office.merchants.AddLicence, request)
        assert refused.value.reason == "MERCHANT_NOT_FOUND"
    for method, asked in (
        (office.merchants.GetMerchant, pb.GetMerchantRequest(id=ann, merchant_id=bo, reveal=True)),
        (office.merchants.UpdateContact, pb.UpdateContactRequest(id=ann, merchant_id=bo)),
        (office.merchants.AppealPenalty, pb.AppealPenaltyRequest(id=ann, penalty_id="p", text="t", merchant_id=bo)),
    ):
        with pytest.raises(NotFound) as refused:
            await call(method, asked)
        assert refused.value.reason == "MERCHANT_NOT_FOUND"
    listed = await call(office.merchants.ListMerchants, pb.ListMerchantsRequest(merchant_id=bo))
    assert [each.id for each in listed.merchants] == [bo]
    everybody = await call(office.merchants.ListMerchants, pb.ListMerchantsRequest())
    assert {each.id for each in everybody.merchants} == {ann, bo, "self"}


async def test_a_contact_changes_where_it_says_so(office: Office) -> None:
    merchant_id = await office.merchant()
    request = pb.UpdateContactRequest(id=merchant_id, contact=pb.MerchantContact(phone="+8613900000000"))
    changed = (await call(office.merchants.UpdateContact, request)).merchant
    assert (changed.contact.name, changed.contact.phone) == ("王小明", "+8613900000000")
    request.contact.phone = "nobody"
    with pytest.raises(Invalid):
        await call(office.merchants.UpdateContact, request)


async def test_an_edit_of_what_is_on_sale_stays_within_the_scope(office: Office) -> None:
    merchant_id = await office.merchant()
    toy = await office.live(merchant_id, "A", "toys")
    edit = products_pb2.UpdateProductRequest(id=toy, patch=b'{"category":"services"}', by="x", merchant_id=merchant_id)
    with pytest.raises(WrongState) as refused:
        await call(office.counter.products.UpdateProduct, edit)
    assert refused.value.meta["codes"] == "OUTSIDE_SCOPE"
