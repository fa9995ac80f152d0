"""This is where what orders tells comes in: points and tiers follow from it. Guests have neither."""

from datetime import datetime, timedelta

from shop.orders.v1 import events_pb2
from shop.type.v1 import money_pb2

from services.kit.clock import parse_time
from services.kit.errors import Invalid
from services.kit.events import Told
from services.kit.money import Money

from .points import Points
from .wallet import GivenTier, Refund


class OrdersHeard:
    """What crm does about orders."""

    def __init__(self, points: Points) -> None:
        self._points = points

    async def on_order_paid(self, event: events_pb2.OrderPaid, told: Told) -> None:
        """Counts it towards the tier."""
        if event.customer_id:
            await self._points.order_paid(event.customer_id, event.order_id, _money(event.goods))

    async def on_order_delivered(self, event: events_pb2.OrderDelivered, told: Told) -> None:
        """Gives its points."""
        if event.customer_id:
            at = _moment(event.delivered_at)
            await self._points.order_delivered(event.customer_id, event.order_id, _money(event.goods), at)

    async def on_refund_issued(self, event: events_pb2.RefundIssued, told: Told) -> None:
        """Takes the points of the goods back."""
        if event.customer_id:
            refund = Refund(event.refund_id, event.goods.minor, _moment(event.at))
            await self._points.refund_issued(event.customer_id, event.order_id, refund, _money(event.goods).currency)

    async def on_compensation_granted(self, event: events_pb2.CompensationGranted, told: Told) -> None:
        """Gives its points, or its tier for as long as it says."""
        if event.customer_id and (event.points or event.tier):
            at = _moment(event.at)
            gift = GivenTier(event.tier, at + timedelta(days=event.tier_days)) if event.tier else None
            await self._points.compensated(event.customer_id, event.compensation_id, event.points, at, gift)


def _money(amount: money_pb2.Money) -> Money:
    return Money(amount.currency, amount.minor)


def _moment(text: str) -> datetime:
    moment = parse_time(text)
    if moment is None:
        raise Invalid("an event without its time")
    return moment
