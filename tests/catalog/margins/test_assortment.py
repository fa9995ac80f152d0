"""This is where roles prove that they are counted, and that traffic items are held to their band."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from shop.catalog.v1 import assortment_pb2 as pb
from shop.catalog.v1 import assortment_pb2_grpc
from shop.type.v1.page_pb2 import Page

from services.catalog.margins.assortment import Report, Role, band, judged
from services.kit.errors import Refused
from services.kit.rpc import call
from tests.catalog.counter import Counter, cny
from tests.catalog.margins.desk import Desk


@given(some.integers(1, 10**9), some.integers(0, 2 * 10**9))
def test_a_traffic_item_is_fine_from_ten_to_fifteen_percent_under_the_average(average: int, price: int) -> None:
    lowest, highest = band(average)
    fine = price * 100 <= average * 90 and price * 100 >= average * 85
    assert fine == (lowest <= price <= highest) == (judged(price, average) is None)


def test_a_shelf_of_which_sixty_percent_earn_is_on_target() -> None:
    def report(profit: int) -> Report:
        return Report(10, {Role.TRAFFIC: 0, Role.PROFIT: profit, Role.IMAGE: 0}, 0, 0, 0, 0)

    assert [warning.code for warning in report(5).warnings] == ["profit_share_low"]
    assert report(6).warnings == []
    assert report(6).profit_share_bp == 6_000


class Roles:
    """Whoever minds the roles."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.stub = assortment_pb2_grpc.AssortmentServiceStub(counter.started.channel)

    async def give(self, sku: str, role: pb.ProductRole.ValueType) -> pb.SetProductRoleResponse:
        return await call(self.stub.SetProductRole, pb.SetProductRoleRequest(id=sku, role=role, by="stf_1"))

    async def average(self, category: str, minor: int) -> None:
        average = pb.IndustryAverage(category=category, average=cny(minor), source="November's report")
        await call(self.stub.PutIndustryAverage, pb.PutIndustryAverageRequest(average=average, by="stf_1"))

    async def report(self) -> pb.GetAssortmentResponse:
        return await call(self.stub.GetAssortment, pb.GetAssortmentRequest())

    async def offenders(self, limit: int = 0) -> list[pb.AssortmentOffender]:
        """All of them, page by page."""
        found: list[pb.AssortmentOffender] = []
        cursor = ""
        while True:
            request = pb.ListAssortmentOffendersRequest(page=Page(limit=limit, cursor=cursor))
            answer = await call(self.stub.ListAssortmentOffenders, request)
            found += answer.offenders
            cursor = answer.next_cursor
            if not cursor:
                return found


@pytest.fixture
def roles(counter: Counter) -> Roles:
    return Roles(counter)


async def test_the_shelf_is_counted_by_role_and_traffic_items_by_their_price(roles: Roles) -> None:
    for sku, price in (("DEAR", 901), ("HIGH", 900), ("LOW", 850), ("CHEAP", 849)):
        await roles.counter.sell(sku, price_minor=price, cost_minor=100, category="Mugs")
        await roles.give(sku, pb.PRODUCT_ROLE_TRAFFIC)
    await roles.counter.sell("P", "Q", "I", category="Pots")
    for sku, role in (("P", pb.PRODUCT_ROLE_PROFIT), ("I", pb.PRODUCT_ROLE_IMAGE)):
        await roles.give(sku, role)
    first = await roles.report()
    assert (first.skus, first.traffic, first.profit, first.image) == (7, 4, 1, 1)
    assert (first.profit_share_bp, first.profit_target_bp, first.traffic_without_average) == (1_428, 6_000, 4)
    assert [each.code for each in first.warnings] == ["profit_share_low", "no_industry_average"]
    assert await roles.offenders() == []

    await roles.average("mugs", 500)
    await roles.average("mugs", 1_000)  # the last word counts
    then = await roles.report()
    assert (then.traffic_in_band, then.traffic_too_dear, then.traffic_too_cheap, then.traffic_without_average) == (
        2,
        1,
        1,
        0,
    )
    offenders = await roles.offenders(limit=1)
    assert [(each.sku, each.under_bp, each.warning.code) for each in offenders] == [
        ("CHEAP", 1_510, "traffic_too_cheap"),
        ("DEAR", 990, "traffic_too_dear"),
    ]
    assert offenders[0].average == cny(1_000) and "850" in offenders[0].warning.en and "850" in offenders[0].warning.zh
    await roles.give("DEAR", pb.PRODUCT_ROLE_UNSPECIFIED)
    assert (await roles.report()).traffic == 3
    await roles.counter.check()


async def test_roles_are_suggested_by_price_and_margin_for_what_has_none(roles: Roles) -> None:
    await roles.counter.sell("ANCHOR", price_minor=1_500, cost_minor=1_000, category="Mugs")
    await roles.counter.sell("DRAWS", price_minor=900, cost_minor=600, category="Mugs")
    await roles.counter.sell("EARNS", price_minor=1_000, cost_minor=600, category="Mugs")
    await roles.counter.sell("PLAIN", price_minor=1_000, cost_minor=650, category="Mugs")
    await roles.counter.sell("UNKNOWN", price_minor=900, cost_minor=0, category="Mugs")
    await roles.average("mugs", 1_000)
    answer = await call(roles.stub.SuggestRoles, pb.SuggestRolesRequest())
    assert {each.sku: each.role for each in answer.suggestions} == {
        "ANCHOR": pb.PRODUCT_ROLE_IMAGE,
        "DRAWS": pb.PRODUCT_ROLE_TRAFFIC,
        "EARNS": pb.PRODUCT_ROLE_PROFIT,
    }
    assert all(each.en and each.zh for each in answer.suggestions)
    await roles.give("EARNS", pb.PRODUCT_ROLE_IMAGE)  # a person decides otherwise
    again = await call(roles.stub.SuggestRoles, pb.SuggestRolesRequest())
    assert {each.sku for each in again.suggestions} == {"ANCHOR", "DRAWS"}


async def test_a_role_survives_an_import_and_an_edit_and_goes_for_all_skus(roles: Roles) -> None:
    await roles.counter.sell("A")
    answer = await roles.give("A", pb.PRODUCT_ROLE_PROFIT)
    assert list(answer.skus) == ["A"] and answer.product_id.startswith("prd_")
    await roles.counter.sell("A", title="Another title", price_minor=990)
    await Desk(roles.counter).set_price("A", 980)
    assert (await roles.report()).profit == 1


async def test_what_is_not_there_has_no_role_and_no_average(roles: Roles) -> None:
    wrong = (
        (roles.give("NONE", pb.PRODUCT_ROLE_PROFIT), "PRODUCT_NOT_FOUND"),
        (roles.give("NONE", 9), "INVALID_ROLE"),  # type: ignore[arg-type]
        (roles.average("nowhere", 1), "UNKNOWN_CATEGORY"),
        (roles.average("nowhere", 0), "INVALID_AVERAGE"),
    )
    for asked, reason in wrong:
        with pytest.raises(Refused) as refused:
            await asked
        assert refused.value.reason == reason
