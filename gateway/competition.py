"""This is where competitors' campaigns and shares of the market come in, and where it is read how the shop stands."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field, StringConstraints
from shop.catalog.v1 import competitors_pb2 as pb

from gateway.answers import Json, answer, money
from gateway.described import feature, shown
from gateway.fields import Body, Line, LineOrEmpty, MoneyBody, QueryWord, Time, Word, money_or_none
from gateway.neighbours import STAFF_S, ask_again

router = feature("competitors")
_YUAN = {"currency": "CNY", "minor": 2990}
_AT = "2026-11-22T08:00:00.000Z"
_SHARE = {"competitor": "Cups & Co", "category": "kitchen", "month": "2026-10", "share_bp": 1850, "source": "a survey"}
_REPORT = {
    "since": _AT,
    "positions": [
        {
            "sku": "MUG-01",
            "title": "Mug",
            "category": "kitchen",
            "price": {"currency": "CNY", "minor": 3500},
            "lowest": _YUAN,
            "median": _YUAN,
            "competitors": 3,
            "index_bp": 11705,
        }
    ],
    "categories": [{"category": "kitchen", "skus": 40, "dearer": 12, "cheaper": 25, "index_bp": 9650}],
    "rivals": [
        {
            "competitor": "Cups & Co",
            "items": 120,
            "new_items": 6,
            "refresh_bp": 500,
            "bands": [{"up_to_minor": 1000, "items": 30}],
            "traffic": [{"source": "search", "percent": 60}],
            "campaigns": 4,
            "presale_hours": 72.0,
            "days_between": 30.5,
            "thresholds": [{"currency": "CNY", "minor": 19900}],
        }
    ],
    "shares": [_SHARE],
}
_Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class CampaignBody(Body):
    """A campaign."""

    competitor: Line
    title: Line
    presale_at: Time | None = None
    starts_at: Time
    ends_at: Time
    threshold: MoneyBody | None = None
    amount_off: MoneyBody | None = None

    def told(self) -> pb.CompetitorCampaign:
        """As catalog takes it."""
        return pb.CompetitorCampaign(
            competitor=self.competitor,
            title=self.title,
            presale_at=self.presale_at or "",
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            threshold=money_or_none(self.threshold),
            amount_off=money_or_none(self.amount_off),
        )


class CampaignsBody(Body):
    """Campaigns."""

    campaigns: list[CampaignBody] = Field(min_length=1, max_length=200)


class ShareBody(Body):
    """A share of the market; an empty competitor is the shop itself, an empty category the whole market."""

    competitor: LineOrEmpty = ""
    category: Word | None = None
    month: _Month
    share_bp: Annotated[int, Field(ge=0, le=10_000)]
    source: LineOrEmpty = ""


class SharesBody(Body):
    """Shares."""

    shares: list[ShareBody] = Field(min_length=1, max_length=200)


@router.post(
    "/v1/competitors/campaigns",
    summary="Report competitors' campaigns",
    responses=shown({"taken": 1}, "INVALID_COMPETITOR_FACT", body=True),
)
async def take_competitor_campaigns(request: Request, body: CampaignsBody) -> Response:
    """The same again changes nothing."""
    asked = pb.TakeCompetitorCampaignsRequest(campaigns=[campaign.told() for campaign in body.campaigns])
    answered = await ask_again(request.app.state.gateway.neighbours.competitors.TakeCompetitorCampaigns, asked)
    return answer({"taken": answered.taken})


@router.post(
    "/v1/competitors/shares",
    summary="Report shares of the market",
    responses=shown({"taken": 1}, "INVALID_COMPETITOR_FACT", body=True),
)
async def take_market_shares(request: Request, body: SharesBody) -> Response:
    """What is said anew of the same month takes the old one's place."""
    shares = [pb.MarketShare(**(share.model_dump() | {"category": share.category or ""})) for share in body.shares]
    asked = pb.TakeMarketSharesRequest(shares=shares)
    answered = await ask_again(request.app.state.gateway.neighbours.competitors.TakeMarketShares, asked)
    return answer({"taken": answered.taken})


@router.get("/v1/competitors/report", summary="How the shop stands", responses=shown(_REPORT, "INVALID_PARAMETER"))
async def get_competitor_report(
    request: Request, category: QueryWord = "", days: Annotated[int, Query(ge=1, le=365)] = 28
) -> Response:
    """Prices beside theirs (the dearest of ours first), by category, and each competitor's items, new ones, price bands,
    campaigns of a year, traffic and share; the shop's own row has a null competitor."""
    asked = pb.GetCompetitorReportRequest(category=category, days=days)
    of = await ask_again(request.app.state.gateway.neighbours.competitors.GetCompetitorReport, asked, STAFF_S)
    return answer(
        {
            "since": of.since,
            "positions": [_position(row) for row in of.positions],
            "categories": [{name: getattr(row, name) for name in _CATEGORY} for row in of.categories],
            "rivals": [_rival(row) for row in of.rivals],
            "shares": [{name: getattr(row, name) or None for name in _SHARE} for row in of.shares],
        }
    )


_CATEGORY = ("category", "skus", "dearer", "cheaper", "index_bp")


def _position(of: pb.PricePosition) -> Json:
    plain = {name: getattr(of, name) for name in ("sku", "title", "category", "competitors", "index_bp")}
    return plain | {"price": money(of.price), "lowest": money(of.lowest), "median": money(of.median)}


def _rival(of: pb.Rival) -> Json:
    return {
        "competitor": of.competitor or None,
        "items": of.items,
        "new_items": of.new_items,
        "refresh_bp": of.refresh_bp,
        "bands": [{"up_to_minor": band.up_to_minor or None, "items": band.items} for band in of.bands],
        "traffic": [{"source": share.source, "percent": share.percent} for share in of.traffic],
        "campaigns": of.campaigns,
        "presale_hours": of.presale_hours if of.HasField("presale_hours") else None,
        "days_between": of.days_between if of.HasField("days_between") else None,
        "thresholds": [money(each) for each in of.thresholds],
    }
