"""This is where an event becomes a fact: its day, its numbers, its few words. Nothing that names anybody passes.

Each function makes the fact of one type of event; `FACTS` is the table of them. The `reference` is what can happen only
once (an order is paid once, whatever is told again); events without one are told apart by their id alone.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from google.protobuf.message import Message
from shop.catalog.v1 import events_pb2 as catalog
from shop.crm.v1 import events_pb2 as crm
from shop.logistics.v1 import events_pb2 as logistics
from shop.marketing.v1 import events_pb2 as marketing
from shop.orders.v1 import events_pb2 as orders
from shop.type.v1.address_pb2 import Region

from services.kit.clock import parse_time
from services.kit.errors import Invalid
from services.kit.events import Told
from services.metrics.facts import Fact

Values = dict[str, Any]


class TimeMissing(Invalid):
    """The event does not say when."""


def _moment(text: str) -> datetime | None:
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        return None


def when(text: str, told: Told) -> datetime:
    """When it happened; when it was told, if the event does not say: an order is paid all the same."""
    at = _moment(text) or _moment(told.at)
    if at is None:
        raise TimeMissing(f"{told.id} says no time")
    return at


def region_of(region: Region) -> str:
    """Country and province."""
    return "/".join(part for part in (region.country, region.province) if part)


def lines_of(lines: Iterable[orders.OrderedLine]) -> list[Values]:
    """Lines as facts keep them."""
    return [
        {
            "product": line.product_id,
            "sku": line.sku,
            "title": line.title,
            "units": line.quantity,
            "paid_minor": line.paid.minor,
            "cost_minor": line.cost.minor * line.quantity,
        }
        for line in lines
    ]


def units_of(lines: Iterable[Any]) -> int:
    """All units together."""
    return sum(line.quantity for line in lines)


def _took(since: str, until: datetime) -> Values:
    """Seconds since a time that may not be known; `timed` counts those where it is."""
    begun = _moment(since)
    return {"timed": int(begun is not None), "seconds": int((until - begun).total_seconds()) if begun else 0}


def _kept(promise: str, at: datetime) -> Values:
    """Whether a promise that may not have been made was kept; `promised` counts those that were made."""
    by = _moment(promise)
    return {"promised": int(by is not None), "on_time": int(by is not None and at <= by)}


def _order_paid(event: orders.OrderPaid, told: Told) -> Fact:
    lines = lines_of(event.lines)
    values: Values = {
        "currency": event.goods.currency or event.total.currency,
        "goods_minor": event.goods.minor,
        "member_minor": event.goods.minor if event.customer_id else 0,
        "total_minor": event.total.minor,
        "freight_minor": event.freight.minor,
        "discount_minor": event.discount.minor,
        "cost_minor": sum(line["cost_minor"] for line in lines),
        "units": units_of(event.lines),
        "customer": event.customer_id,
        "channel": event.channel or "storefront",
        "region": region_of(event.region),
        "lines": lines,
    }
    return Fact(told.id, "order_paid", when(event.paid_at, told), event.order_id, values)


def _checkout_refused(event: orders.CheckoutRefused, told: Told) -> Fact:
    values = {"reason": event.reason, "currency": event.total.currency, "total_minor": event.total.minor}
    return Fact(told.id, "checkout_refused", when(event.at, told), event.order_id, values)


def _order_cancelled(event: orders.OrderCancelled, told: Told) -> Fact:
    values = {
        "reason": event.reason,
        "currency": event.total.currency,
        "total_minor": event.total.minor,
        "units": units_of(event.lines),
        "lines": lines_of(event.lines),
    }
    return Fact(told.id, "order_cancelled", when(event.at, told), event.order_id, values)


def _refund_issued(event: orders.RefundIssued, told: Told) -> Fact:
    values = {
        "reason": event.reason,
        "currency": event.amount.currency,
        "amount_minor": event.amount.minor,
        "goods_minor": event.goods.minor,
        "units": units_of(event.lines),
        "region": region_of(event.region),
        "lines": lines_of(event.lines),
    }
    return Fact(told.id, "refund_issued", when(event.at, told), event.refund_id, values)


def _order_delivered(event: orders.OrderDelivered, told: Told) -> Fact:
    at = when(event.delivered_at, told)
    values = _took(event.paid_at, at) | _kept(event.deliver_by, at)
    return Fact(told.id, "order_delivered", at, event.order_id, values)


def _return_requested(event: orders.ReturnRequested, told: Told) -> Fact:
    values = {
        "reason": event.reason,
        "kind": event.kind,
        "group": event.group,
        "blames": event.blames,
        "carriers": list(event.carriers),
        "warehouses": list(event.warehouses),
        "region": region_of(event.region),
        "units": units_of(event.lines),
        "lines": lines_of(event.lines),
    }
    return Fact(told.id, "return_requested", when(event.at, told), event.return_id, values)


def _return_received(event: orders.ReturnReceived, told: Told) -> Fact:
    values = {"warehouse": event.warehouse, "units": units_of(event.lines), "sound": int(event.sound)}
    return Fact(told.id, "return_received", when(event.at, told), event.return_id, values)


def _shipment_planned(event: logistics.ShipmentPlanned, told: Told) -> Fact:
    values = {"carrier": event.carrier, "warehouse": event.warehouse, "units": units_of(event.lines)}
    return Fact(told.id, "shipment_planned", when(event.at, told), event.shipment_id, values)


def _shipment_packed(event: logistics.ShipmentPacked, told: Told) -> Fact:
    return Fact(told.id, "shipment_packed", when(event.at, told), event.shipment_id)


def _shipment_shipped(event: logistics.ShipmentShipped, told: Told) -> Fact:
    at = when(event.at, told)
    values = {"carrier": event.carrier, "warehouse": event.warehouse, "units": units_of(event.lines)}
    values |= _took(event.paid_at, at) | _kept(event.ship_by, at)
    return Fact(told.id, "shipment_shipped", at, event.shipment_id, values)


def _shipment_cancelled(event: logistics.ShipmentCancelled, told: Told) -> Fact:
    values = {"warehouse": event.warehouse, "units": units_of(event.lines)}
    return Fact(told.id, "shipment_cancelled", when(event.at, told), event.shipment_id, values)


def _parcel_moved(event: logistics.ParcelMoved, told: Told) -> Fact:
    at = when(event.occurred_at, told)
    if event.state == "delivered":
        values = {"carrier": event.carrier} | _took(event.shipped_at, at) | _kept(event.deliver_by, at)
        return Fact(told.id, "parcel_delivered", at, event.shipment_id, values)
    moved = {"carrier": event.carrier, "state": event.state}
    return Fact(told.id, "parcel_moved", at, f"{event.shipment_id} {event.state}", moved)


def _product_changed(event: catalog.ProductChanged, told: Told) -> Fact:
    values = {"product": event.product_id, "skus": sorted(set(event.skus)), "live": int(event.live)}
    return Fact(told.id, "listing", when(event.at, told), "", values)


def _price_changed(event: catalog.PriceChanged, told: Told) -> Fact:
    values = {
        "sku": event.sku,
        "product": event.product_id,
        "currency": event.new_price.currency,
        "old_minor": event.old_price.minor,
        "new_minor": event.new_price.minor,
    }
    return Fact(told.id, "price_changed", when(event.at, told), "", values)


def _stock_moved(event: catalog.StockMoved, told: Told) -> Fact:
    values = {
        "sku": event.sku,
        "product": event.product_id,
        "warehouse": event.warehouse,
        "reason": event.reason,
        "quantity": event.quantity,
        "moved": abs(event.quantity),
        "on_hand": event.on_hand,
        "available": event.available,
    }
    return Fact(told.id, "stock_moved", when(event.at, told), "", values)


def _availability_changed(event: catalog.AvailabilityChanged, told: Told) -> Fact:
    values = {"sku": event.sku, "product": event.product_id, "in_stock": int(event.in_stock)}
    return Fact(told.id, "availability", when(event.at, told), "", values)


def _customer_registered(event: crm.CustomerRegistered, told: Told) -> Fact:
    return Fact(told.id, "customer_registered", when(event.at, told), event.customer_id)


def _points_moved(event: crm.PointsMoved, told: Told) -> Fact:
    values = {"reason": event.reason, "points": event.points, "moved": abs(event.points)}
    return Fact(told.id, "points_moved", when(event.at, told), "", values)


def plain(type_: str) -> Callable[[Any, Told], Fact]:
    """Of an event only that it happened, at its `at`."""

    def fact(event: Any, told: Told) -> Fact:
        return Fact(told.id, type_, when(event.at, told))

    return fact


FACTS: dict[type[Message], Callable[[Any, Told], Fact]] = {
    orders.OrderPaid: _order_paid,
    orders.CheckoutRefused: _checkout_refused,
    orders.OrderCancelled: _order_cancelled,
    orders.RefundIssued: _refund_issued,
    orders.OrderDelivered: _order_delivered,
    orders.OrderReleased: plain("order_released"),
    orders.ReturnRequested: _return_requested,
    orders.ReturnReceived: _return_received,
    logistics.ShipmentPlanned: _shipment_planned,
    logistics.ShipmentPacked: _shipment_packed,
    logistics.ShipmentShipped: _shipment_shipped,
    logistics.ShipmentCancelled: _shipment_cancelled,
    logistics.ParcelMoved: _parcel_moved,
    logistics.FreightChanged: plain("freight_changed"),
    catalog.ProductChanged: _product_changed,
    catalog.PriceChanged: _price_changed,
    catalog.StockMoved: _stock_moved,
    catalog.AvailabilityChanged: _availability_changed,
    catalog.NoticeRaised: plain("notice_raised"),
    crm.CustomerRegistered: _customer_registered,
    crm.PointsMoved: _points_moved,
    marketing.PromotionChanged: plain("promotion_changed"),
    marketing.CouponChanged: plain("coupon_changed"),
}
