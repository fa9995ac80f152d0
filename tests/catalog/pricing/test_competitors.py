"""This is where competitors' prices come in, are matched, and move proposals."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from shop.catalog.v1 import competitors_pb2 as pb
from shop.catalog.v1 import competitors_pb2_grpc, jobs_pb2, jobs_pb2_grpc, price_proposals_pb2, price_proposals_pb2_grpc
from shop.catalog.v1.price_rules_pb2 import Selection
from shop.catalog.v1.prices_pb2 import GetPriceHistoryRequest, SetPriceRequest
from shop.type.v1.page_pb2 import Page

from services.catalog.pricing.matching import likeness
from services.catalog.words import words_of
from services.kit.clock import rfc3339
from services.kit.errors import Invalid, NotFound
from services.kit.rpc import call
from tests.catalog.counter import Counter, cny
from tests.catalog.pricing.ruler import Ruler


class Market:
    """The doors of the pricing wing that look outside."""

    def __init__(self, counter: Counter) -> None:
        self.counter, self.clock = counter, counter.house.clock
        channel = counter.started.channel
        self.competitors = competitors_pb2_grpc.CompetitorsServiceStub(channel)
        self.proposals = price_proposals_pb2_grpc.PriceProposalsServiceStub(channel)
        self.jobs = jobs_pb2_grpc.JobsServiceStub(channel)

    def seen(self, competitor: str, minor: object, *, days_ago: float = 0, **more: str) -> dict[str, str]:
        at = rfc3339(self.clock.now() - timedelta(days=days_ago))
        return {"competitor": competitor, "price_minor": str(minor), "currency": "CNY", "at": at} | more

    async def report(self, *rows: Mapping[str, str]) -> list[bool]:
        return [row.ok for row in (await self.take(*rows)).rows]

    async def take(self, *rows: Mapping[str, str]) -> pb.TakeCompetitorPricesResponse:
        sent = [pb.CompetitorRow(row=n, cells=cells) for n, cells in enumerate(rows, 2)]
        return await call(self.competitors.TakeCompetitorPrices, pb.TakeCompetitorPricesRequest(rows=sent))

    async def prices(self, sku: str, **page: Any) -> pb.ListCompetitorPricesResponse:
        asked = pb.ListCompetitorPricesRequest(sku=sku, page=Page(**page))
        return await call(self.competitors.ListCompetitorPrices, asked)

    async def done(self, job: jobs_pb2.Job) -> jobs_pb2.Job:
        """The job, once it is over: the running catalog works."""
        async with asyncio.timeout(10):
            while job.state not in (jobs_pb2.JOB_STATE_DONE, jobs_pb2.JOB_STATE_FAILED):
                await asyncio.sleep(0.02)
                job = (await call(self.jobs.GetJob, jobs_pb2.GetJobRequest(id=job.id))).job
        assert job.state == jobs_pb2.JOB_STATE_DONE, job
        return job

    async def formula(self, **parts: Any) -> str:
        formula = price_proposals_pb2.PriceFormula(**({"title": "Usual"} | parts))
        request = price_proposals_pb2.CreatePriceFormulaRequest(formula=formula, by="stf")
        made = await call(self.proposals.CreatePriceFormula, request)
        await self.done(made.job)
        return str(made.formula.id)

    async def proposed(self, kind: str = "") -> dict[str, price_proposals_pb2.PriceProposal]:
        asked = price_proposals_pb2.ListPriceProposalsRequest(kind=kind)
        listed = await call(self.proposals.ListPriceProposals, asked)
        return {each.sku: each for each in listed.proposals}

    async def apply(self, *ids: str) -> list[tuple[str, str]]:
        asked = price_proposals_pb2.ApplyPriceProposalsRequest(ids=ids, by="stf_7")
        answered = await call(self.proposals.ApplyPriceProposals, asked)
        return [(row.sku, row.reason) for row in answered.rows]


@pytest.fixture
async def market(counter: Counter) -> Market:
    """A running catalog, and what lies outside it."""
    return Market(counter)


async def test_good_rows_go_in_and_each_bad_one_is_named(market: Market) -> None:
    await market.counter.sell("A")
    good = market.seen("Cups", 850, sku="A", name="Mug", traffic="search:60;ads:40")
    bad = (
        market.seen("", 850, sku="A"),
        market.seen("Cups", "8.50", sku="A"),
        market.seen("Cups", 850, sku="NOWHERE"),
        market.seen("Cups", 850),
        market.seen("Cups", 850, sku="A", traffic="all"),
        market.seen("Cups", 850, sku="A", stock="perhaps"),
        market.seen("Cups", 850, sku="A", at="yesterday"),
        market.seen("Cups", 850, sku="A", currency="yuan"),
    )
    answered = (await market.take(good, *bad)).rows
    assert [row.ok for row in answered] == [True] + [False] * 8
    columns = [row.errors[0].column for row in answered[1:]]
    assert columns == ["competitor", "price_minor", "sku", "name", "traffic", "stock", "at", "currency"]
    with pytest.raises(Invalid) as refused:
        await market.take(*[good] * 501)
    assert refused.value.reason == "TOO_MANY_ROWS"


async def test_the_same_rows_again_change_nothing_and_late_ones_hide_nothing(market: Market) -> None:
    await market.counter.sell("A")
    rows = [market.seen("Cups", 900 - n, days_ago=n, name="Mug", sku="A") for n in (0, 2, 1)]
    for _ in range(2):
        assert await market.report(*rows) == [True] * 3
    assert await market.report(market.seen("Cups", 700, days_ago=9, name="Mug")) == [True]
    listed = await market.prices("A", limit=3)
    assert [price.price.minor for price in listed.prices] == [900, 899, 898]
    rest = await market.prices("A", limit=3, cursor=listed.next_cursor)
    assert [price.price.minor for price in rest.prices] == [700]
    (item,) = await market.counter.database["competitor_items"].find({"sku": "A"}).to_list(5)
    assert item["price"]["minor"] == 900
    assert item["last_at"] - item["first_at"] == timedelta(days=9)


async def test_an_item_is_likened_by_its_title_and_matched_by_a_person(market: Market) -> None:
    await market.counter.sell("MUG", title="青花瓷茶杯 Blue porcelain tea cup 300ml")
    await market.counter.sell("PAN", title="Iron frying pan 28cm")
    await market.report(
        market.seen("Cups", 880, name="Porcelain blue tea cup (300ml) 青花瓷茶杯"),
        market.seen("Cups", 100, name="Zebra"),
    )
    matches = (await call(market.competitors.ListCompetitorMatches, pb.ListCompetitorMatchesRequest())).matches
    likest = {match.item.name[:5]: [each.sku for each in match.likest] for match in matches}
    assert likest == {"Porce": ["MUG"], "Zebra": []}
    items = {match.item.name[:5]: match.item.id for match in matches}
    for name, sku in (("Porce", "MUG"), ("Zebra", "")):
        said = pb.MatchCompetitorItemRequest(item_id=items[name], sku=sku, by="stf")
        assert (await call(market.competitors.MatchCompetitorItem, said)).item.sku == sku
    assert not (await call(market.competitors.ListCompetitorMatches, pb.ListCompetitorMatchesRequest())).matches
    assert [price.price.minor for price in (await market.prices("MUG")).prices] == [880]
    for wrong in (pb.MatchCompetitorItemRequest(item_id="cit_0"), pb.MatchCompetitorItemRequest(item_id="x", sku="NO")):
        with pytest.raises(NotFound):
            await call(market.competitors.MatchCompetitorItem, wrong)


def test_words_in_another_order_are_the_same_title() -> None:
    mug = words_of("Blue porcelain tea cup")
    assert likeness(mug, words_of("tea cup, porcelain, blue")) == 100
    assert likeness(mug, words_of("Blue porcelain tea pot")) > likeness(mug, words_of("Iron frying pan"))


async def test_proposals_follow_cost_and_market_and_change_nothing_by_themselves(market: Market) -> None:
    await market.counter.sell("A", "B", price_minor=900, cost_minor=400)
    await market.report(
        market.seen("X", 790, sku="A"),
        market.seen("Y", 820, sku="A"),
        market.seen("Z", 500, sku="A", days_ago=40),  # too long ago
        market.seen("W", 450, sku="A", stock="no"),  # sold out
    )
    await market.formula(
        kind=price_proposals_pb2.PRICE_FORMULA_KIND_COST_PLUS, selection=Selection(skus=["A"]), profit_bp=10_000
    )
    everything = Selection(categories=["home-garden"])
    market_kind = price_proposals_pb2.PRICE_FORMULA_KIND_MARKET
    formula = await market.formula(kind=market_kind, selection=everything, factor_bp=9_900)
    assert (await market.proposed("cost_plus"))["A"].price.minor == 800
    proposed = await market.proposed("market")
    assert {sku: each.price.minor for sku, each in proposed.items()} == {"A": 782}  # B has no like
    assert (proposed["A"].before.minor, proposed["A"].cost.minor) == (900, 400)
    assert "2 competitors' prices" in proposed["A"].why

    assert await market.apply(proposed["A"].id, "ppl_none") == [("A", ""), ("", "PROPOSAL_NOT_FOUND")]
    history = (await call(market.counter.prices.GetPriceHistory, GetPriceHistoryRequest(sku="A"))).entries
    assert [(each.price.minor, each.by) for each in history] == [(782, "stf_7"), (900, "staff")]
    assert await market.apply(proposed["A"].id) == [("A", "PROPOSAL_NOT_FOUND")]  # decided on
    stale = (await market.proposed("cost_plus"))["A"]
    assert await market.apply(stale.id) == [("A", "VERSION_MISMATCH")]

    again = price_proposals_pb2.WorkOutProposalsRequest(formula_id=formula, by="stf")
    job = await market.done((await call(market.proposals.WorkOutProposals, again)).job)
    assert {row.name: row.count for row in job.counts} == {"proposed": 0}  # it costs that already
    await call(market.proposals.EndPriceFormula, price_proposals_pb2.EndPriceFormulaRequest(id=formula))
    listed = await call(market.proposals.ListPriceFormulas, price_proposals_pb2.ListPriceFormulasRequest())
    assert [each.kind for each in listed.formulas] == [price_proposals_pb2.PRICE_FORMULA_KIND_COST_PLUS]


async def test_while_a_rule_runs_a_proposal_is_of_the_regular_price(market: Market) -> None:
    await market.counter.sell("A", price_minor=1000, cost_minor=400)
    ruler = Ruler(market.counter)
    rule = await ruler.rule("A")
    await ruler.look()
    kind = price_proposals_pb2.PRICE_FORMULA_KIND_COST_PLUS
    await market.formula(kind=kind, selection=Selection(skus=["A"]), profit_bp=12_500)
    proposal = (await market.proposed())["A"]
    assert (proposal.before.minor, proposal.price.minor) == (1000, 900)
    assert await market.apply(proposal.id) == [("A", "")]
    await market.counter.house.settled()
    await ruler.look()
    assert await ruler.price("A") == 720
    await ruler.end(rule)
    await ruler.look()
    assert await ruler.price("A") == 900


async def test_the_report_says_how_the_shop_stands(market: Market) -> None:
    counter, now = market.counter, market.clock.now()
    await counter.sell("A", price_minor=1200)
    await counter.sell("B", price_minor=900)
    await counter.sell("T", price_minor=500, category="Toys")
    await market.report(
        market.seen("X", 1000, sku="A", days_ago=1, traffic="search:70;ads:30"),
        market.seen("Y", 1100, sku="A"),
        market.seen("X", 1000, sku="B"),
        market.seen("X", 2500, name="Old thing", days_ago=100),
        market.seen("X", 2500, name="Old thing"),
    )
    campaigns = [
        pb.CompetitorCampaign(
            competitor="X",
            title=f"Sale {n}",
            presale_at=rfc3339(now - timedelta(days=days, hours=48)),
            starts_at=rfc3339(now - timedelta(days=days)),
            ends_at=rfc3339(now - timedelta(days=days - 1)),
            threshold=cny(19900 + n * 100),
            amount_off=cny(3000),
        )
        for n, days in enumerate((60, 30))
    ]
    for _ in range(2):
        taken = pb.TakeCompetitorCampaignsRequest(campaigns=campaigns)
        assert (await call(market.competitors.TakeCompetitorCampaigns, taken)).taken == 2
    for share in (1700, 1850):
        shares = [pb.MarketShare(competitor="X", category="toys", month="2026-10", share_bp=share)]
        await call(market.competitors.TakeMarketShares, pb.TakeMarketSharesRequest(shares=shares))
    report = await call(market.competitors.GetCompetitorReport, pb.GetCompetitorReportRequest())
    assert [(each.sku, each.median.minor, each.index_bp) for each in report.positions] == [
        ("A", 1000, 12_000),
        ("B", 1000, 9_000),
    ]
    (home,) = report.categories
    assert (home.skus, home.dearer, home.cheaper, home.index_bp) == (2, 1, 1, 10_500)
    ours, x, y = report.rivals
    assert (ours.competitor, ours.items) == ("", 3)
    assert (x.items, x.new_items, x.refresh_bp, y.items) == (3, 2, 6_666, 1)
    assert [band.items for band in x.bands] == [2, 0, 1, 0, 0, 0, 0, 0]
    assert {share.source: share.percent for share in x.traffic} == {"search": 70, "ads": 30}
    assert (x.campaigns, x.presale_hours, x.days_between) == (2, 48.0, 30.0)
    assert [each.minor for each in x.thresholds] == [19_900, 20_000]
    assert [share.share_bp for share in report.shares] == [1850]


async def test_a_share_of_no_month_and_a_campaign_that_ends_before_it_starts_stay_out(market: Market) -> None:
    now = market.clock.now()
    wrong = pb.TakeMarketSharesRequest(shares=[pb.MarketShare(month="2026-13", share_bp=1)])
    with pytest.raises(Invalid):
        await call(market.competitors.TakeMarketShares, wrong)
    backwards = pb.CompetitorCampaign(
        competitor="X", title="Sale", starts_at=rfc3339(now), ends_at=rfc3339(now - timedelta(days=1))
    )
    with pytest.raises(Invalid) as refused:
        await call(market.competitors.TakeCompetitorCampaigns, pb.TakeCompetitorCampaignsRequest(campaigns=[backwards]))
    assert refused.value.reason == "INVALID_COMPETITOR_FACT"


async def test_a_proposal_that_moved_is_left_alone(market: Market) -> None:
    await market.counter.sell("A", cost_minor=400)
    kind = price_proposals_pb2.PRICE_FORMULA_KIND_COST_PLUS
    await market.formula(kind=kind, selection=Selection(skus=["A"]), profit_minor=100)
    proposal = (await market.proposed())["A"]
    await call(market.counter.prices.SetPrice, SetPriceRequest(sku="A", price=cny(950), by="stf"))
    assert await market.apply(proposal.id) == [("A", "VERSION_MISMATCH")]
