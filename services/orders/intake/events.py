"""This is where what became of an order that came in becomes the events others hear."""

from datetime import datetime

from shop.orders.v1 import events_pb2

from services.kit.clock import rfc3339

from .channel_orders import ChannelOrder


def taken(record: ChannelOrder, at: datetime) -> events_pb2.ChannelOrderTaken:
    """It is an order."""
    return events_pb2.ChannelOrderTaken(
        order_id=record.order_id,
        channel=record.channel,
        kind=record.kind.value,
        channel_order_id=record.channel_order_id,
        flags=record.flags,
        at=rfc3339(at),
    )


def stuck(record: ChannelOrder, at: datetime) -> events_pb2.ChannelOrderStuck:
    """It waits for somebody."""
    return events_pb2.ChannelOrderStuck(
        id=record.id,
        channel=record.channel,
        kind=record.kind.value,
        channel_order_id=record.channel_order_id,
        reason=record.reason,
        at=rfc3339(at),
    )
