"""This is where staff sell ahead: which SKUs, for what deposit, from when to when, and how many (O10).

How many are sold is kept in one document a campaign beside it, and changed by one conditional write an order: a limit is
never passed, and what an order has taken it takes and gives back once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.kit.clock import Clock
from services.kit.errors import AlreadyExists, Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.kit.store import Store
from services.orders import limits
from services.orders.carts import field_of
from services.orders.orders import Order

_MOST_SKUS = 50
_MOST_UNITS = 10_000  # of a campaign: its orders stand in one document
_MOST_OPEN = 200
_LONGEST = timedelta(days=366)
_BP = 10_000


class InvalidCampaign(Invalid):
    """Nothing can be sold ahead like that."""


class CampaignNotFound(NotFound):
    """There is no such campaign."""


class SoldAheadAlready(AlreadyExists):
    """A SKU is in one campaign at a time (metadata: sku)."""


class PreorderSoldOut(WrongState):
    """Not so many are left of what is sold ahead, or it is over (metadata: sku)."""


@dataclass
class Campaign:
    """`deposit_bp` of the goods (0: none), or `deposit_minor` a unit; neither: all is paid at once. `worth_minor`: what the
    deposit of one counts for (定金膨脹; 0: itself). `items` are SKUs and how many of each at most; `keeps`: the deposit
    is not given back to who leaves before the balance. A balance is due between `pay_from` and `pay_until`."""

    id: str
    title: str
    currency: str
    items: dict[str, int]
    opens_at: datetime
    closes_at: datetime
    ships_from: datetime
    deposit_bp: int = 0
    deposit_minor: int = 0
    worth_minor: int = 0
    pay_from: datetime | None = None
    pay_until: datetime | None = None
    keeps: bool = False
    by: str = ""
    ended_at: datetime | None = None
    version: int = 0

    @property
    def asks_deposit(self) -> bool:
        """Whether it is paid in two parts."""
        return bool(self.deposit_bp or self.deposit_minor)

    def open_at(self, at: datetime) -> bool:
        """Whether it sells then."""
        return self.ended_at is None and self.opens_at <= at < self.closes_at


@dataclass
class Quota:
    """How many of each SKU (a field's name) are left in a campaign, and what each order has taken."""

    id: str
    left: dict[str, int]
    orders: dict[str, dict[str, int]] = field(default_factory=dict)
    version: int = 0


class Campaigns:
    """The campaigns; `selling` are those this replica knows by SKU, refreshed by a chore."""

    def __init__(self, kept: Store[Campaign], quotas: Store[Quota], clock: Clock) -> None:
        self._kept, self._quotas, self._clock = kept, quotas, clock
        self.selling: dict[str, Campaign] = {}

    async def refresh(self) -> None:
        """Reads those that are not over."""
        where = {"ended_at": None, "closes_at": {"$gt": self._clock.now()}}
        found = await self._kept.find(where, sort=[("closes_at", 1)], limit=_MOST_OPEN)
        self.selling = {sku: campaign for campaign in found for sku in campaign.items}

    def of(self, sku: str) -> Campaign | None:
        """The campaign that sells a SKU ahead at this moment."""
        campaign = self.selling.get(sku)
        return campaign if campaign and campaign.open_at(self._clock.now()) else None

    def ships_from(self, sku: str) -> datetime | None:
        """From when on it is sent, if it is sold ahead at this moment."""
        campaign = self.of(sku)
        return campaign.ships_from if campaign else None

    async def open(self, campaign: Campaign) -> Campaign:
        """Keeps a new one. Refuses with INVALID_CAMPAIGN, SOLD_AHEAD_ALREADY."""
        check(campaign, self._clock.now())
        await self.refresh()
        if len({each.id for each in self.selling.values()}) >= _MOST_OPEN:
            raise limits.refused("/title", f"at most {_MOST_OPEN} at a time", InvalidCampaign)
        for sku in campaign.items:
            if sku in self.selling:
                raise SoldAheadAlready(f"{sku} is sold ahead already", sku=sku)
        campaign.id = new_id("pre")
        await self._quotas.insert(Quota(campaign.id, {field_of(sku): most for sku, most in campaign.items.items()}))
        opened = await self._kept.insert(campaign)
        await self.refresh()
        return opened

    async def end(self, campaign_id: str) -> Campaign:
        """Sells no more from now on; what is sold stays sold. Again changes nothing. Refuses with CAMPAIGN_NOT_FOUND."""
        where = {"_id": campaign_id, "ended_at": None}
        await self._kept.change(where, {"$set": {"ended_at": self._clock.now()}})
        await self.refresh()
        return await self.get(campaign_id)

    async def get(self, campaign_id: str) -> Campaign:
        """One. Refuses with CAMPAIGN_NOT_FOUND."""
        found = await self._kept.get(campaign_id) if limits.is_id(campaign_id, "pre") else None
        if found is None:
            raise CampaignNotFound("no such campaign")
        return found

    async def page(self, limit: int, cursor: str) -> tuple[list[Campaign], str]:
        """A page, newest first."""
        return await self._kept.page({"_id": {"$gt": ""}}, limit, cursor)

    async def left(self, campaign: Campaign) -> dict[str, int]:
        """How many of each SKU are left."""
        quota = await self._quotas.get(campaign.id)
        return {sku: quota.left[field_of(sku)] if quota else 0 for sku in campaign.items}

    async def hold(self, order: Order) -> None:
        """Takes an order's units, all or none, once. Refuses with PREORDER_SOLD_OUT."""
        campaign = order.preorder.campaign if order.preorder else ""
        wanted = {field_of(line.sku): line.quantity for line in order.lines}
        mine = f"orders.{order.id}"
        where: dict[str, Any] = {"_id": campaign, mine: {"$exists": False}}
        where |= {f"left.{name}": {"$gte": count} for name, count in wanted.items()}
        update = {"$inc": {f"left.{name}": -count for name, count in wanted.items()}, "$set": {mine: wanted}}
        if await self._quotas.change(where, update) is None:
            quota = await self._quotas.get(campaign)
            if quota is None or order.id not in quota.orders:
                raise PreorderSoldOut("not so many are left", sku=_short(order, quota.left if quota else {}))

    async def take(self, order: Order) -> None:
        """No till hands over what is not there."""
        raise PreorderSoldOut("it is not there yet", sku=order.lines[0].sku)

    async def release(self, order: Order) -> None:
        """Gives an order's units back; again changes nothing."""
        campaign = order.preorder.campaign if order.preorder else ""
        mine, given = f"orders.{order.id}", {field_of(line.sku): line.quantity for line in order.lines}
        update = {"$inc": {f"left.{name}": count for name, count in given.items()}, "$unset": {mine: ""}}
        await self._quotas.change({"_id": campaign, mine: {"$exists": True}}, update)


def _short(order: Order, left: Mapping[str, int]) -> str:
    return next((line.sku for line in order.lines if left.get(field_of(line.sku), 0) < line.quantity), "")


def check(campaign: Campaign, now: datetime) -> None:
    """Refuses with INVALID_CAMPAIGN what cannot be meant."""
    campaign.title = limits.text(campaign.title, "/title", 100, InvalidCampaign, needed=True)
    if not 1 <= len(campaign.items) <= _MOST_SKUS:
        raise limits.refused("/items", f"1 to {_MOST_SKUS} SKUs", InvalidCampaign)
    for sku, most in campaign.items.items():
        limits.sku(sku, "/items")
        if most < 1:
            raise limits.refused("/items", "each at least one", InvalidCampaign)
    if sum(campaign.items.values()) > _MOST_UNITS:
        raise limits.refused("/items", f"at most {_MOST_UNITS} units together", InvalidCampaign)
    _check_deposit(campaign)
    if not (campaign.opens_at < campaign.closes_at and now < campaign.closes_at <= now + _LONGEST):
        raise limits.refused("/closes_at", "after it opens, within a year", InvalidCampaign)
    if not campaign.asks_deposit:
        if campaign.pay_from or campaign.pay_until:
            raise limits.refused("/pay_from", "only with a deposit", InvalidCampaign)
        due = campaign.opens_at
    else:
        if campaign.pay_from is None or campaign.pay_until is None or campaign.pay_from >= campaign.pay_until:
            raise limits.refused("/pay_until", "a balance is due in a window", InvalidCampaign)
        if campaign.pay_until <= campaign.closes_at or campaign.pay_until > now + _LONGEST:
            raise limits.refused("/pay_until", "after the campaign closes, within a year", InvalidCampaign)
        due = campaign.pay_from
    if not due <= campaign.ships_from <= now + 2 * _LONGEST:
        raise limits.refused("/ships_from", "not before it can be paid, within two years", InvalidCampaign)


def _check_deposit(campaign: Campaign) -> None:
    if campaign.deposit_bp and campaign.deposit_minor:
        raise limits.refused("/deposit", "a share or an amount, not both", InvalidCampaign)
    if not (0 <= campaign.deposit_bp < _BP and campaign.deposit_minor >= 0):
        raise limits.refused("/deposit", "less than the price", InvalidCampaign)
    if campaign.worth_minor and not 0 < campaign.deposit_minor <= campaign.worth_minor:
        raise limits.refused("/worth", "at least the deposit a unit", InvalidCampaign)
