"""This is where it is reported how the shop stands beside its competitors: prices, campaigns, new items, price bands, shares
of the market."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import mean, median, median_low
from typing import Any

from services.catalog.content import Product
from services.catalog.fields import MAX_MINOR, Faults
from services.catalog.skus import Sku
from services.catalog.store import Table
from services.kit.clock import Clock
from services.kit.errors import FieldError, Invalid
from services.kit.money import Money
from services.kit.store import Document

from .competitors import CompetitorItem, CompetitorPrice

OURS = ""  # the competitor that we are
BANDS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)  # minor units: up to here, and the last one above
_ITEMS = 20_000
_SHOWN = 100
_ROWS = 200


class InvalidCompetitorFact(Invalid):
    """The campaign or share is not what it must be."""


@dataclass
class Campaign:
    """A competitor's campaign: how long it sold in advance, from what on it gave something off."""

    id: str
    competitor: str
    title: str
    presale_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    threshold: Money | None
    amount_off: Money | None
    version: int = 0


@dataclass
class MarketShare:
    """What somebody measured of a competitor's share, in hundredths of a percent of a category in a month."""

    id: str
    competitor: str
    category: str
    month: str  # YYYY-MM
    share_bp: int
    source: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """A SKU's price beside theirs. `index_bp`: ours in hundredths of a percent of their median."""

    sku: str
    title: str
    category: str
    price: Money
    lowest: int
    median: int
    competitors: int
    index_bp: int


@dataclass(frozen=True, slots=True)
class CategoryPosition:
    """A category's SKUs beside theirs."""

    category: str
    skus: int
    dearer: int  # than the median
    cheaper: int
    index_bp: int  # the median over its SKUs


@dataclass
class Rival:
    """A competitor, as far as it was reported."""

    competitor: str
    items: int = 0
    new_items: int = 0  # first seen within the days
    bands: list[int] = field(default_factory=lambda: [0] * (len(BANDS) + 1))
    traffic: dict[str, int] = field(default_factory=dict)
    campaigns: int = 0
    presale_hours: float | None = None  # mean
    days_between: float | None = None  # mean, from start to start
    thresholds: list[Money] = field(default_factory=list)

    @property
    def refresh_bp(self) -> int:
        """New items of all, in hundredths of a percent."""
        return self.new_items * 10_000 // self.items if self.items else 0


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. Positions begin with the dearest of ours."""

    since: datetime
    positions: Sequence[Position]
    categories: Sequence[CategoryPosition]
    rivals: Sequence[Rival]
    shares: Sequence[MarketShare]


class Competition:
    """Takes campaigns and shares in, and reports."""

    def __init__(
        self,
        items: Table[CompetitorItem],
        prices: Table[CompetitorPrice],
        campaigns: Table[Campaign],
        shares: Table[MarketShare],
        products: Table[Product],
        skus: Table[Sku],
        clock: Clock,
    ) -> None:
        self._items, self._prices, self._campaigns, self._shares = items, prices, campaigns, shares
        self._products, self._skus, self._clock = products, skus, clock

    async def take_campaigns(self, campaigns: Sequence[Campaign]) -> int:
        """Keeps campaigns, each once; the same again changes nothing. Refuses with INVALID_COMPETITOR_FACT."""
        faults = _checked(len(campaigns))
        for i, each in enumerate(campaigns):
            each.competitor = faults.text(f"/{i}/competitor", each.competitor, 100, least=1)
            each.title = faults.text(f"/{i}/title", each.title, 200, least=1)
            if each.ends_at <= each.starts_at or (each.presale_at and each.presale_at > each.starts_at):
                faults.add(f"/{i}/ends_at", "must come after starts_at, and presale_at not after it")
            for name, amount in (("threshold", each.threshold), ("amount_off", each.amount_off)):
                if amount is not None:
                    faults.number(f"/{i}/{name}/minor", amount.minor, 0, MAX_MINOR)
            each.id = _key(each.competitor, each.title, each.starts_at.isoformat())
        faults.refuse(InvalidCompetitorFact)
        await self._campaigns.write_each([self._campaigns.putting(each) for each in campaigns])
        return len(campaigns)

    async def take_shares(self, shares: Sequence[MarketShare]) -> int:
        """Keeps shares; one said anew of the same month takes the old one's place. Refuses with INVALID_COMPETITOR_FACT."""
        faults = _checked(len(shares))
        for i, each in enumerate(shares):
            each.competitor = faults.text(f"/{i}/competitor", each.competitor, 100)
            each.category = faults.text(f"/{i}/category", each.category, 64)
            each.source = faults.text(f"/{i}/source", each.source, 200)
            faults.number(f"/{i}/share_bp", each.share_bp, 0, 10_000)
            each.id = _key(each.competitor, each.category, each.month)
        faults.refuse(InvalidCompetitorFact)
        await self._shares.write_each([self._shares.putting(each) for each in shares])
        said = [({"_id": each.id}, {"$set": {"share_bp": each.share_bp, "source": each.source}}) for each in shares]
        await self._shares.touch(said)
        return len(shares)

    async def report(self, category: str, days: int) -> Report:
        """How the shop stands, by what was seen in the last days; positions of one category or of all."""
        since = self._clock.now() - timedelta(days=days)
        fields = {"competitor": 1, "sku": 1, "price": 1, "first_at": 1}
        items = await self._items.parts({"last_at": {"$gte": since}}, fields, [("last_at", -1)], _ITEMS)
        positions = await self._positions([item for item in items if item["sku"]], category)
        positions.sort(key=lambda each: (-each.index_bp, each.sku))
        rivals = await self._rivals(items, since)
        shares = await self._shares.find({"month": {"$gt": ""}}, [("month", -1), ("_id", 1)], _ROWS)
        return Report(since, positions[:_SHOWN], _by_category(positions), rivals, shares)

    async def _positions(self, items: Sequence[Document], category: str) -> list[Position]:
        known = await self._skus.by_keys(list({item["sku"] for item in items}), {"title": 1, "category": 1, "price": 1})
        theirs: dict[str, list[int]] = defaultdict(list)
        for item in items:
            ours = known.get(item["sku"])
            if ours and ours["price"]["currency"] == item["price"]["currency"]:
                theirs[item["sku"]].append(item["price"]["minor"])
        return [
            _position(sku, known[sku], prices)
            for sku, prices in theirs.items()
            if not category or known[sku]["category"] == category
        ]

    async def _rivals(self, items: Sequence[Document], since: datetime) -> list[Rival]:
        rivals: dict[str, Rival] = {OURS: Rival(OURS)}
        for item in items:
            rival = rivals.setdefault(item["competitor"], Rival(item["competitor"]))
            rival.items += 1
            rival.new_items += item["first_at"] >= since
            rival.bands[_band(item["price"]["minor"])] += 1
        await self._count_ours(rivals[OURS], since)
        seen = await self._prices.parts(
            {"has_traffic": True, "at": {"$gte": since}}, {"competitor": 1, "traffic": 1}, [("at", 1)], _ITEMS
        )
        for price in seen:
            rivals.setdefault(price["competitor"], Rival(price["competitor"])).traffic = price["traffic"]
        a_year = self._clock.now() - timedelta(days=365)
        campaigns = await self._campaigns.find({"starts_at": {"$gte": a_year}}, [("starts_at", 1)], _ITEMS)
        for name in {campaign.competitor for campaign in campaigns}:
            _rhythm(rivals.setdefault(name, Rival(name)), [each for each in campaigns if each.competitor == name])
        return sorted(rivals.values(), key=lambda rival: rival.competitor)

    async def _count_ours(self, ours: Rival, since: datetime) -> None:
        band = {"$add": [{"$cond": [{"$gt": ["$price.minor", top]}, 1, 0]} for top in BANDS]}
        stages: list[dict[str, Any]] = [
            {"$match": {"state": "live", "price.minor": {"$gte": 0}}},
            {"$group": {"_id": band, "n": {"$sum": 1}}},
        ]
        for row in await self._products.aggregate(stages):
            ours.bands[row["_id"]] = row["n"]
        ours.items = sum(ours.bands)
        fresh: list[dict[str, Any]] = [
            {"$match": {"state": "live", "_id": {"$gte": _first_id(since)}}},
            {"$count": "n"},
        ]
        ours.new_items = sum(row["n"] for row in await self._products.aggregate(fresh))


def _first_id(since: datetime) -> str:
    """Ids sort by time: the lowest a product made since then may have."""
    alphabet, value = "0123456789abcdefghjkmnpqrstvwxyz", int(since.timestamp() * 1000) << 2
    return "prd_" + "".join(alphabet[(value >> (5 * i)) & 31] for i in range(9, -1, -1))


def _checked(rows: int) -> Faults:
    if not 1 <= rows <= _ROWS:
        raise InvalidCompetitorFact(f"1 to {_ROWS} rows", errors=[FieldError("", f"must be 1 to {_ROWS}")])
    return Faults()


def _key(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def _band(minor: int) -> int:
    return sum(minor > top for top in BANDS)


def _position(sku: str, ours: Document, theirs: Sequence[int]) -> Position:
    price, middle = Money(**ours["price"]), median_low(theirs)
    index = price.minor * 10_000 // middle
    return Position(sku, ours["title"], ours["category"], price, min(theirs), middle, len(theirs), index)


def _by_category(positions: Sequence[Position]) -> list[CategoryPosition]:
    grouped: dict[str, list[Position]] = defaultdict(list)
    for position in positions:
        grouped[position.category].append(position)
    return [
        CategoryPosition(
            category,
            len(each),
            sum(position.price.minor > position.median for position in each),
            sum(position.price.minor < position.median for position in each),
            int(median(position.index_bp for position in each)),
        )
        for category, each in sorted(grouped.items())
    ]


def _rhythm(rival: Rival, campaigns: Sequence[Campaign]) -> None:
    rival.campaigns = len(campaigns)
    presales = [(each.starts_at - each.presale_at) / timedelta(hours=1) for each in campaigns if each.presale_at]
    starts = sorted({each.starts_at for each in campaigns})
    gaps = [(later - sooner) / timedelta(days=1) for sooner, later in pairwise(starts)]
    rival.presale_hours = mean(presales) if presales else None
    rival.days_between = mean(gaps) if gaps else None
    distinct = {each.threshold for each in campaigns if each.threshold}
    rival.thresholds = sorted(distinct, key=lambda amount: (amount.currency, amount.minor))
