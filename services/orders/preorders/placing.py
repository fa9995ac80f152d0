"""This is where an order becomes a pre-order: through the normal door, for its goods are sold ahead at this moment.

The screen costs nothing while nothing is sold ahead. An order of goods of one campaign is charged its deposit; everything
else (address, coupons, points, idempotency) is as for every order.
"""

from datetime import datetime

from services.kit.clock import Clock
from services.kit.errors import WrongState
from services.kit.money import split
from services.orders.checkout import Purchase
from services.orders.orders import AT_STORE, Order
from services.orders.paying import CARD, WALLETS, Capture, Paying
from services.orders.pricing import Discount, Share, Total
from services.orders.screens import Hold
from services.orders.sorting import PREORDER

from .campaigns import Campaign, Campaigns
from .terms import Preorder, Stage

_BP = 10_000


class PreorderAlone(WrongState):
    """What is sold ahead is ordered by itself, the goods of one campaign together (metadata: sku)."""


class PreorderPrepaid(WrongState):
    """What is sold ahead is paid by card or wallet."""


class Placing:
    """The screen of pre-orders."""

    def __init__(self, campaigns: Campaigns, clock: Clock) -> None:
        self._campaigns, self._clock = campaigns, clock

    async def look(self, order: Order, purchase: Purchase) -> None:
        """Refuses with PREORDER_ALONE, PREORDER_PREPAID."""
        if not self._campaigns.selling or order.fulfilment in AT_STORE:  # it lies there
            return
        found = [self._campaigns.of(line.sku) for line in order.lines]
        campaign = next((each for each in found if each), None)
        if campaign is None:
            return
        for line, each in zip(order.lines, found, strict=True):
            if each is None or each.id != campaign.id:
                raise PreorderAlone("what is sold ahead is ordered by itself", sku=line.sku)
        if order.paying and order.paying.cash:
            raise PreorderPrepaid("what is sold ahead is paid by card or wallet")
        # What was paid in another shop, or is bought on terms, has no deposit.
        ours = purchase.payment_method in (CARD, *WALLETS)
        make(order, campaign, purchase.payment_method if ours else "", self._clock.now())


def make(order: Order, campaign: Campaign, method: str, at: datetime) -> None:
    """Makes an order a pre-order; `method` empty: all of it is paid at once, elsewhere."""
    deposit = deposit_of(order, campaign) if method else 0
    if deposit and campaign.worth_minor:
        units = sum(line.quantity for line in order.lines)
        _take_off(order, campaign, (campaign.worth_minor - campaign.deposit_minor) * units)
    whole = not 0 < deposit < order.total_minor
    order.preorder = Preorder(
        campaign=campaign.id,
        stage=Stage.PAID if whole else Stage.OWING,
        deposit_minor=order.total_minor if whole else deposit,
        ships_from=campaign.ships_from,
        pay_from=None if whole else campaign.pay_from,
        pay_until=None if whole else campaign.pay_until,
        keeps=campaign.keeps,
    )
    if method and (not whole or order.deferred):
        order.paying = Paying(method, Capture.PAYMENT, first_minor=0 if whole else deposit)
    order.classes = sorted({*order.classes, PREORDER})
    order.holds.append(Hold(PREORDER, "Its goods are not there yet, or it is not all paid.", at, pauses=True))


def deposit_of(order: Order, campaign: Campaign) -> int:
    """The deposit (minor units): so much a unit, or a share of the goods, rounded up."""
    if campaign.deposit_minor:
        return campaign.deposit_minor * sum(line.quantity for line in order.lines)
    return -(-order.goods_minor * campaign.deposit_bp // _BP)


def _take_off(order: Order, campaign: Campaign, minor: int) -> None:
    """What the deposit counts for beyond itself, as a discount that says so; the amounts still add up."""
    paid = [line.paid for line in order.lines]
    off = min(minor, sum(paid))
    if off <= 0:
        return
    shares = split(off, paid)
    for line, share in zip(order.lines, shares, strict=True):
        line.discount_minor += share
    fallen = [Share(line.sku, share) for line, share in zip(order.lines, shares, strict=True) if share]
    order.discounts.append(Discount(campaign.id, "order", "定金膨脹 The deposit counts for more", "", off, fallen))
    before = {total.type: total.minor for total in order.totals}
    before["order_discount"] = before.get("order_discount", 0) - off
    before["total"] -= off
    order.totals = [
        Total(name, minor) for name, minor in _in_order(before).items() if minor or name != "order_discount"
    ]


def _in_order(totals: dict[str, int]) -> dict[str, int]:
    """The discount stands after the discount on items, the total at the end."""
    first = [name for name in ("subtotal", "items_discount", "order_discount") if name in totals]
    return {name: totals[name] for name in [*first, *(each for each in totals if each not in first)]}
