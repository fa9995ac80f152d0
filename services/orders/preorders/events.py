"""This is where what becomes of pre-orders becomes the events others hear."""

from datetime import datetime

from shop.orders.v1 import events_pb2

from services.kit.clock import rfc3339
from services.orders.messages.addresses import money
from services.orders.orders import Order

from .terms import Preorder


def balance_due(order: Order, preorder: Preorder, at: datetime) -> events_pb2.BalanceDue:
    """Its window is open."""
    return events_pb2.BalanceDue(
        order_id=order.id,
        customer_id=order.customer_id,
        campaign_id=preorder.campaign,
        balance=money(order.currency, order.total_minor - preorder.deposit_minor),
        pay_until=rfc3339(preorder.pay_until),
        at=rfc3339(at),
    )


def preorder_closed(order: Order, preorder: Preorder, at: datetime) -> events_pb2.PreorderClosed:
    """Its balance never came."""
    return events_pb2.PreorderClosed(
        order_id=order.id,
        customer_id=order.customer_id,
        campaign_id=preorder.campaign,
        deposit=money(order.currency, preorder.deposit_minor),
        kept=preorder.keeps,
        at=rfc3339(at),
    )
