"""This is where competitors and trends meet protobuf."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from shop.catalog.v1 import competitors_pb2 as pb
from shop.catalog.v1 import trends_pb2
from shop.type.v1 import money_pb2

from services.catalog.fields import Faults
from services.catalog.messages.events import money
from services.catalog.messages.products import amount
from services.catalog.pricing.competition import BANDS, Campaign, InvalidCompetitorFact, MarketShare, Report, Rival
from services.catalog.pricing.competitors import CompetitorItem, CompetitorPrice, RowTaken
from services.catalog.pricing.matching import Likeness
from services.catalog.pricing.trends import Trend, Trends
from services.kit.clock import parse_time, rfc3339
from services.kit.money import Money

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def rows_taken(rows: Sequence[RowTaken]) -> pb.TakeCompetitorPricesResponse:
    """What became of the rows."""
    return pb.TakeCompetitorPricesResponse(
        rows=[
            pb.CompetitorRowAnswer(
                row=row.number,
                ok=not row.errors,
                errors=[pb.CompetitorRowError(column=each.pointer, message=each.message) for each in row.errors],
            )
            for row in rows
        ]
    )


def price(kept: CompetitorPrice) -> pb.CompetitorPrice:
    """A price seen."""
    return pb.CompetitorPrice(
        item_id=kept.item_id,
        competitor=kept.competitor,
        name=kept.name,
        price=money(kept.price),
        at=rfc3339(kept.at),
        promotion=kept.promotion,
        in_stock=kept.in_stock,
    )


def item(kept: CompetitorItem) -> pb.CompetitorItem:
    """An item of a competitor."""
    return pb.CompetitorItem(
        id=kept.id,
        competitor=kept.competitor,
        name=kept.name,
        url=kept.url,
        price=money(kept.price),
        sku=kept.sku,
        last_at=rfc3339(kept.last_at),
    )


def match(kept: CompetitorItem, likest: Sequence[Likeness]) -> pb.CompetitorMatch:
    """An item and what it may be."""
    return pb.CompetitorMatch(
        item=item(kept), likest=[pb.Likeness(sku=each.sku, title=each.title, score=each.score) for each in likest]
    )


def campaigns(messages: Sequence[pb.CompetitorCampaign]) -> list[Campaign]:
    """Campaigns as somebody reports them. Refuses with INVALID_COMPETITOR_FACT."""
    faults, made = Faults(), list[Campaign]()
    for i, each in enumerate(messages):
        presale = _moment(faults, f"/{i}/presale_at", each.presale_at)
        starts, ends = (
            _moment(faults, f"/{i}/starts_at", each.starts_at),
            _moment(faults, f"/{i}/ends_at", each.ends_at),
        )
        if starts is None or ends is None:
            faults.add(f"/{i}/starts_at", "must say when it starts and ends")
        never = datetime.fromtimestamp(0, UTC)
        amounts = _if_any(each.threshold), _if_any(each.amount_off)
        made.append(Campaign("", each.competitor, each.title, presale, starts or never, ends or never, *amounts))
    faults.refuse(InvalidCompetitorFact)
    return made


def _moment(faults: Faults, pointer: str, text: str) -> datetime | None:
    try:
        return parse_time(text)
    except ValueError:
        faults.add(pointer, "must be an RFC 3339 time")
        return None


def _if_any(message: money_pb2.Money) -> Money | None:
    return amount(message) if message.currency else None


def shares(messages: Sequence[pb.MarketShare]) -> list[MarketShare]:
    """Shares as somebody reports them. Refuses with INVALID_COMPETITOR_FACT."""
    faults = Faults()
    for i, each in enumerate(messages):
        if not _MONTH.fullmatch(each.month):
            faults.add(f"/{i}/month", "must be YYYY-MM")
    faults.refuse(InvalidCompetitorFact)
    return [
        MarketShare("", each.competitor, each.category, each.month, each.share_bp, each.source) for each in messages
    ]


def report(made: Report) -> pb.GetCompetitorReportResponse:
    """How the shop stands."""
    return pb.GetCompetitorReportResponse(
        since=rfc3339(made.since),
        positions=[
            pb.PricePosition(
                sku=each.sku,
                title=each.title,
                category=each.category,
                price=money(each.price),
                lowest=money(Money(each.price.currency, each.lowest)),
                median=money(Money(each.price.currency, each.median)),
                competitors=each.competitors,
                index_bp=each.index_bp,
            )
            for each in made.positions
        ],
        categories=[
            pb.CategoryPosition(
                category=each.category,
                skus=each.skus,
                dearer=each.dearer,
                cheaper=each.cheaper,
                index_bp=each.index_bp,
            )
            for each in made.categories
        ],
        rivals=[_rival(each) for each in made.rivals],
        shares=[
            pb.MarketShare(
                competitor=each.competitor,
                category=each.category,
                month=each.month,
                share_bp=each.share_bp,
                source=each.source,
            )
            for each in made.shares
        ],
    )


def _rival(rival: Rival) -> pb.Rival:
    return pb.Rival(
        competitor=rival.competitor,
        items=rival.items,
        new_items=rival.new_items,
        refresh_bp=rival.refresh_bp,
        bands=[pb.PriceBand(up_to_minor=top, items=n) for top, n in zip((*BANDS, 0), rival.bands, strict=True)],
        traffic=[pb.TrafficShare(source=name, percent=share) for name, share in sorted(rival.traffic.items())],
        campaigns=rival.campaigns,
        presale_hours=rival.presale_hours,
        days_between=rival.days_between,
        thresholds=[money(each) for each in rival.thresholds],
    )


def trends(made: Trends) -> trends_pb2.GetTrendsResponse:
    """Trends."""
    return trends_pb2.GetTrendsResponse(
        first_day=made.first_day,
        last_day=made.last_day,
        days=made.days,
        rising=[_trend(each) for each in made.rising],
        falling=[_trend(each) for each in made.falling],
        hot=[_trend(each) for each in made.hot],
        tested=made.tested,
    )


def _trend(each: Trend) -> trends_pb2.Trend:
    sold = each.sold
    return trends_pb2.Trend(
        id=each.id,
        title=each.title,
        currency=each.currency,
        orders=sold.orders,
        orders_before=sold.orders_before,
        units=sold.units,
        units_before=sold.units_before,
        paid_minor=sold.paid,
        paid_minor_before=sold.paid_before,
        chance=each.chance,
        sure=each.sure,
    )
