"""This is where each KPI is worked out by hand and compared."""

import pytest
from shop.metrics.v1 import kpis_pb2, kpis_pb2_grpc

from services.kit.errors import Invalid, NotFound, Refused
from services.kit.rpc import call
from services.metrics.kpis import KPIS
from tests.house import House
from tests.metrics.story import ask, at, did, history, line, paid, record, start, told, values

ALL = ("", "")


async def test_sales_are_exact_and_currencies_never_add_up(house: House) -> None:
    metrics = await start(house)
    await told(house, history())
    # CNY: 18000 + 5000, 10000 (refunded), 7000; USD: 6000
    assert await values(metrics, "gmv") == {("", "CNY"): 40000, ("", "USD"): 6000}
    assert await values(metrics, "orders") == {ALL: 4}
    assert await values(metrics, "units") == {ALL: 8}
    assert await values(metrics, "net_sales") == {("", "CNY"): 30000, ("", "USD"): 6000}
    assert await values(metrics, "aov") == {("", "CNY"): 10000, ("", "USD"): 6000}
    assert await values(metrics, "refunds") == {("", "CNY"): 11000}
    assert await values(metrics, "refund_rate") == {("", "CNY"): 0.25, ("", "USD"): 0}
    # (40000 − 12000 − 2000 − 6000 − 3000) / 40000 and (6000 − 1500) / 6000
    assert await values(metrics, "gross_margin") == {("", "CNY"): 0.425, ("", "USD"): 0.75}
    assert await values(metrics, "member_share") == {("", "CNY"): 1, ("", "USD"): 0}
    assert await values(metrics, "checkout_refusals", by="reason") == {
        ("OUT_OF_STOCK", ""): 1,
        ("PAYMENT_DECLINED", ""): 1,
    }


async def test_sales_by_product_and_region(house: House) -> None:
    metrics = await start(house)
    await told(house, history())
    assert await values(metrics, "gmv", by="product") == {
        ("prd_a", "CNY"): 35000,
        ("prd_b", "CNY"): 5000,
        ("prd_a", "USD"): 6000,
        ("prd_b", "USD"): 0,
    }
    assert await values(metrics, "orders", by="product") == {("prd_a", ""): 4, ("prd_b", ""): 1}
    assert await values(metrics, "orders", by="region") == {("CN/Zhejiang", ""): 3, ("CN/Guangdong", ""): 1}
    assert await values(metrics, "aov", by="region") == {
        ("CN/Zhejiang", "CNY"): 15000,
        ("CN/Guangdong", "CNY"): 0,
        ("CN/Zhejiang", "USD"): 6000,
        ("CN/Guangdong", "USD"): None,
    }


async def test_customers_and_repurchase(house: House) -> None:
    metrics = await start(house)
    await told(house, history())
    assert await values(metrics, "new_customers") == {ALL: 2}
    assert await values(metrics, "active_customers") == {ALL: 2}
    assert await values(metrics, "repurchase_rate") == {ALL: 0.5}
    assert await values(metrics, "repurchase_interval") == {ALL: 86400}
    daily = await ask(metrics, "repurchase_rate", from_day="2026-11-17", to_day="2026-11-19")
    assert [(point.value, point.known) for point in daily.points] == [(0, False), (0, True), (0.5, True)]
    await told(house, [paid("ord_5", [line("a-1", 1, 100)], at(days=95), "cus_3")])
    later = await ask(metrics, "repurchase_rate", from_day="2027-02-21", to_day="2027-02-21")
    assert [(point.value, point.known) for point in later.points] == [
        (0, True)
    ]  # cus_1 and cus_2 are out of the window


async def test_fulfilment_and_delivery(house: House) -> None:
    metrics = await start(house)
    await told(house, history())
    assert await values(metrics, "fulfilment_time") == {ALL: 3 * 3600}  # 2 h and 4 h
    assert await values(metrics, "fulfilment_time", by="carrier") == {("sf", ""): 7200, ("zto", ""): 14400}
    assert await values(metrics, "shipped_in_time", by="warehouse") == {("hz1", ""): 0.5}
    assert await values(metrics, "delivery_time") == {ALL: 15 * 3600}  # 10 h and 20 h
    assert await values(metrics, "on_time_delivery") == {ALL: 0.5}
    assert await values(metrics, "on_time_delivery", by="carrier") == {("sf", ""): 1, ("zto", ""): 0}


async def test_returns_by_reason_are_of_all_units_sold(house: House) -> None:
    metrics = await start(house)
    await told(house, history())
    assert await values(metrics, "return_rate") == {ALL: 1 / 8}
    assert await values(metrics, "return_rate", by="reason") == {("size", ""): 1 / 8}
    assert await values(metrics, "return_rate", by="region") == {("CN/Zhejiang", ""): 1 / 7, ("CN/Guangdong", ""): 0}
    assert await values(metrics, "returned_units", by="product") == {("prd_a", ""): 1}


async def test_the_shelf_is_weighed_by_time(house: House) -> None:
    metrics = await start(house)
    await told(house, history())
    house.clock.advance(days=1)
    # Three SKUs are on sale for 48 h from noon of the 17th; one is gone for the last 23 h.
    assert (await values(metrics, "stock_out_rate"))[ALL] == pytest.approx(23 / (3 * 48))
    assert await values(metrics, "skus_on_sale") == {ALL: 3}
    assert await values(metrics, "sell_through") == {ALL: 1}
    # 15 units for 48 h of the 60 h, and one for 25 h of them
    turnover = await values(metrics, "stock_turnover", from_day="2026-11-17", to_day="2026-11-20")
    assert turnover[ALL] == pytest.approx(8 / ((15 * 48 + 25) / 60))


async def test_visits_and_conversion(house: House) -> None:
    metrics = await start(house)
    await record(
        metrics,
        did("page_view", "v1", channel="search"),
        did("page_view", "v2", channel="search"),
        did("view_item", "v2", skus=["a-1"], channel="direct"),
        did("add_to_cart", "v2", dwell_ms=8000),
        did("purchase", "v2"),
        did("view_item_list", "v3"),
        did("select_item", "v3"),
        did("add_to_cart", "v3"),
        did("page_view", "v3", "v3-again", channel="newsletter"),
        did("page_view", "v1", "v1-tomorrow", at=at(hours=13)),
    )
    await told(house, history())
    assert await values(metrics, "pv") == {ALL: 4}
    assert await values(metrics, "pv", by="channel") == {("search", ""): 2, ("direct", ""): 1, ("other", ""): 1}
    assert await values(metrics, "uv") == {ALL: 3}
    days = await ask(metrics, "uv", from_day="2026-11-18", to_day="2026-11-19")
    assert [point.value for point in days.points] == [3, 1]  # v1 comes on both days
    assert await values(metrics, "sessions") == {ALL: 5}
    assert await values(metrics, "bounce_rate") == {ALL: 3 / 5}
    assert await values(metrics, "dwell_time") == {ALL: 8 / 5}
    assert await values(metrics, "search_share") == {ALL: 2 / 5}
    assert await values(metrics, "ctr") == {ALL: 1}
    assert await values(metrics, "visit_conversion") == {ALL: 1 / 5}
    assert await values(metrics, "add_to_cart_rate") == {ALL: 2 / 3}
    assert await values(metrics, "payment_conversion") == {ALL: 1 / 3}
    assert await values(metrics, "cart_abandonment") == {ALL: 1 / 2}
    assert await values(metrics, "value_per_visitor") == {("", "CNY"): 13333, ("", "USD"): 2000}
    assert await values(metrics, "funnel") == {
        ("impression", ""): 1,
        ("click", ""): 2,
        ("cart", ""): 2,
        ("pay", ""): 1,
    }


async def test_the_list_names_every_kpi_and_says_what_is_not_known(house: House) -> None:
    metrics = await start(house)
    stub = kpis_pb2_grpc.KpisServiceStub(metrics.channel)
    answer = await call(stub.ListKpis, kpis_pb2.ListKpisRequest())
    assert [kpi.name for kpi in answer.kpis] == sorted(KPIS)
    today = {kpi.name: [(p.value, p.known, p.currency) for p in kpi.today] for kpi in answer.kpis}
    assert today["gmv"] == [(0, True, "CNY")]
    assert today["aov"] == [(0, False, "CNY")]
    assert today["orders"] == [(0, True, "")]
    assert today["payment_conversion"] == [(0, False, "")]


async def test_a_review_has_the_best_sellers_by_money(house: House) -> None:
    metrics = await start(house)
    await record(metrics, did("view_item", "v1", skus=["a-1"]), did("view_item", "v2", skus=["a-1", "b-1"]))
    await told(house, history())
    stub = kpis_pb2_grpc.KpisServiceStub(metrics.channel)
    week = kpis_pb2.GetReviewRequest(period=kpis_pb2.REVIEW_PERIOD_WEEK, date="2026-11-22")
    review = await call(stub.GetReview, week)
    assert (review.from_day, review.to_day) == ("2026-11-16", "2026-11-22")
    best = [(one.sku, one.units, one.paid_minor, one.currency, one.views) for one in review.top_products]
    assert best == [
        ("a-1", 3, 28000, "CNY", 2),
        ("a-2", 1, 7000, "CNY", 0),
        ("b-1", 1, 5000, "CNY", 1),
        ("a-2", 3, 6000, "USD", 0),
    ]
    assert review.top_products[0].title == "The a-1"
    gmv = next(kpi for kpi in review.kpis if kpi.name == "gmv")
    assert {point.currency: point.value for point in gmv.today} == {"CNY": 40000, "USD": 6000}
    day = await call(stub.GetReview, kpis_pb2.GetReviewRequest(period=kpis_pb2.REVIEW_PERIOD_DAY))
    assert (day.from_day, day.to_day) == ("2026-11-18", "2026-11-18")


REFUSED: list[tuple[dict[str, str], type[Refused], str]] = [
    ({"name": "profit"}, NotFound, "KPI_NOT_FOUND"),
    ({"name": ""}, NotFound, "KPI_NOT_FOUND"),
    ({"name": "gmv", "grain": "minute"}, Invalid, "INVALID_GRAIN"),
    ({"name": "gmv", "by": "customer"}, Invalid, "INVALID_DIMENSION"),
    ({"name": "uv", "by": "product"}, Invalid, "INVALID_DIMENSION"),
    ({"name": "gmv", "from_day": "2026-11-31"}, Invalid, "INVALID_RANGE"),
    ({"name": "gmv", "from_day": "20261118"}, Invalid, "INVALID_RANGE"),
    ({"name": "gmv", "from_day": "0001-01-01", "to_day": "0001-01-02"}, Invalid, "INVALID_RANGE"),
    ({"name": "gmv", "from_day": "2026-11-18", "to_day": "2026-11-17"}, Invalid, "INVALID_RANGE"),
    ({"name": "gmv", "from_day": "2025-01-01", "to_day": "2026-11-17"}, Invalid, "INVALID_RANGE"),
    ({"name": "gmv", "from_day": "2026-01-01", "to_day": "2026-11-17", "grain": "hour"}, Invalid, "INVALID_RANGE"),
]


async def test_a_question_without_an_answer_is_refused(house: House) -> None:
    metrics = await start(house)
    for question, kind, reason in REFUSED:
        with pytest.raises(kind) as refused:
            await ask(metrics, **question)
        assert refused.value.reason == reason
    with pytest.raises(Invalid):
        await call(kpis_pb2_grpc.KpisServiceStub(metrics.channel).GetReview, kpis_pb2.GetReviewRequest())


def test_every_kpi_is_a_row_of_the_capabilities() -> None:
    assert all(kpi.capability[0] == "K" and 1 <= int(kpi.capability[1:]) <= 45 for kpi in KPIS.values())
    assert all(kpi.formula and kpi.title for kpi in KPIS.values())
    assert all(name.islower() and name == kpi.name for name, kpi in KPIS.items())
